//! Tenants, agents, keys.

use rust_decimal::Decimal;

use super::super::tenancy::{
    Agent, AgentChange, AgentStatus, ApiKey, Tenant, change_agent, insert_agent, insert_key,
    insert_tenant, load, revoke_key,
};
use super::super::{AgentId, ApiKeyId, Digest, StoreError, TenantId};
use super::Place;

#[tokio::test]
async fn what_is_written_is_loaded() {
    let place = Place::new();
    let store = place.store().await;
    let tenant = Tenant {
        id: TenantId::random().unwrap(),
        name: "acme".to_owned(),
        default_floor: None,
        created_us: 1,
    };
    let agent = Agent {
        id: AgentId::random().unwrap(),
        tenant: tenant.id,
        name: "default".to_owned(),
        status: AgentStatus::Active,
        default_floor: Some(Decimal::new(700, 3)),
        allowed_models: Some(vec!["a/b".to_owned(), "m@p".to_owned()]),
        created_us: 2,
    };
    let key = ApiKey {
        id: ApiKeyId::random().unwrap(),
        agent: agent.id,
        hash: Digest::of(b"secret"),
        created_us: 3,
        revoked_us: None,
    };
    let mut tx = store.begin().await.unwrap();
    insert_tenant(&mut tx, &tenant).await.unwrap();
    insert_agent(&mut tx, &agent).await.unwrap();
    insert_key(&mut tx, &key).await.unwrap();
    let twice = insert_key(
        &mut tx,
        &ApiKey {
            id: ApiKeyId::random().unwrap(),
            ..key.clone()
        },
    )
    .await;
    assert!(matches!(twice, Err(StoreError::Duplicate { .. })));
    tx.commit().await.unwrap();

    let all = load(&store).await.unwrap();
    assert_eq!(
        (&all.tenants, &all.agents, &all.keys),
        (&vec![tenant], &vec![agent.clone()], &vec![key.clone()])
    );
    assert_eq!(all.agents[0].default_floor.unwrap().to_string(), "0.700");

    let mut tx = store.begin().await.unwrap();
    let change = AgentChange {
        status: Some(AgentStatus::Suspended),
        ..AgentChange::default()
    };
    let changed = change_agent(&mut tx, agent.id, change).await.unwrap();
    assert_eq!(
        changed,
        Agent {
            status: AgentStatus::Suspended,
            ..agent.clone()
        }
    );
    let change = AgentChange {
        default_floor: Some(None),
        allowed_models: Some(None),
        ..AgentChange::default()
    };
    let changed = change_agent(&mut tx, agent.id, change.clone())
        .await
        .unwrap();
    assert_eq!(
        (
            changed.status,
            changed.default_floor,
            changed.allowed_models
        ),
        (AgentStatus::Suspended, None, None)
    );
    let missing = change_agent(&mut tx, AgentId::random().unwrap(), change).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    revoke_key(&mut tx, key.id, 9).await.unwrap();
    tx.commit().await.unwrap();
    assert!(load(&store).await.unwrap().keys.is_empty());
}
