//! Tenants, agents, keys.

use rust_decimal::Decimal;

use super::super::keys::{self, ApiKey};
use super::super::tenancy::{
    Agent, AgentChange, AgentStatus, Tenant, TenantChange, agents, change_agent, change_tenant,
    get_agent, get_tenant, insert_agent, insert_tenant, load, tenants,
};
use super::super::{AgentId, ApiKeyId, Digest, Key, StoreError, TenantId};
use super::place::{Place, on_both};

on_both! {
    what_is_written_is_loaded,
    tenants_and_keys_change,
}

async fn what_is_written_is_loaded(place: &Place) {
    let store = place.store().await;
    let tenant = Tenant {
        id: TenantId::random().unwrap(),
        name: "acme".to_owned(),
        default_floor: None,
        credit_limit_nanousd: Some(5),
        created_us: 1,
    };
    let agent = Agent {
        id: AgentId::random().unwrap(),
        tenant: tenant.id,
        name: "default".to_owned(),
        status: AgentStatus::Active,
        default_floor: Some(Decimal::new(700, 3)),
        allowed_models: Some(vec!["a/b".to_owned(), "m@p".to_owned()]),
        call_cap_nanousd: Some(6),
        day_cap_nanousd: Some(7),
        created_us: 2,
    };
    let key = ApiKey {
        id: ApiKeyId::random().unwrap(),
        agent: agent.id,
        hash: Digest::of(b"secret"),
        prefix: Some("ak_01".to_owned()),
        created_us: 3,
        revoked_us: None,
        expires_us: None,
        requests_per_minute: Some(60),
        burst: None,
    };
    let mut tx = store.begin().await.unwrap();
    insert_tenant(&mut tx, &tenant).await.unwrap();
    insert_agent(&mut tx, &agent).await.unwrap();
    keys::insert(&mut tx, &key).await.unwrap();
    let twice = keys::insert(
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
        call_cap_nanousd: Some(None),
        day_cap_nanousd: Some(Some(8)),
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
    assert_eq!(
        (changed.call_cap_nanousd, changed.day_cap_nanousd),
        (None, Some(8))
    );
    let missing = change_agent(&mut tx, AgentId::random().unwrap(), change).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    let revoked = keys::revoke(&mut tx, key.id, 9).await.unwrap();
    assert_eq!(revoked.revoked_us, Some(9));
    let again = keys::revoke(&mut tx, key.id, 10).await.unwrap();
    assert_eq!(again.revoked_us, Some(9), "the first time stays");
    tx.commit().await.unwrap();
    assert!(load(&store).await.unwrap().keys.is_empty());
}

async fn tenants_and_keys_change(place: &Place) {
    let store = place.store().await;
    let tenant = |id| Tenant {
        id: TenantId(Key(id)),
        name: format!("t{id}"),
        default_floor: None,
        credit_limit_nanousd: None,
        created_us: 1,
    };
    let agent = |id, tenant| Agent {
        id: AgentId(Key(id)),
        tenant: TenantId(Key(tenant)),
        name: "a".to_owned(),
        status: AgentStatus::Active,
        default_floor: None,
        allowed_models: None,
        call_cap_nanousd: None,
        day_cap_nanousd: None,
        created_us: 2,
    };
    let key = |id, agent, text: &str| ApiKey {
        id: ApiKeyId(Key(id)),
        agent: AgentId(Key(agent)),
        hash: Digest::of(text.as_bytes()),
        prefix: None,
        created_us: 3,
        revoked_us: None,
        expires_us: None,
        requests_per_minute: None,
        burst: None,
    };
    let mut tx = store.begin().await.unwrap();
    for id in [1, 2] {
        insert_tenant(&mut tx, &tenant(id)).await.unwrap();
        insert_agent(&mut tx, &agent(id + 10, id)).await.unwrap();
    }
    let homeless = insert_agent(&mut tx, &agent(20, 9)).await;
    assert!(matches!(
        homeless,
        Err(StoreError::Missing { what: "tenant" })
    ));
    for (id, agent, text) in [(100, 11, "one"), (101, 11, "two"), (102, 12, "three")] {
        keys::insert(&mut tx, &key(id, agent, text)).await.unwrap();
    }
    let change = TenantChange {
        name: Some("new".to_owned()),
        default_floor: Some(Some(Decimal::new(60, 2))),
        credit_limit_nanousd: Some(Some(0)),
    };
    let changed = change_tenant(&mut tx, TenantId(Key(1)), change)
        .await
        .unwrap();
    assert_eq!(changed.name, "new");
    assert_eq!(changed.credit_limit_nanousd, Some(0));
    let limited = keys::limit(&mut tx, ApiKeyId(Key(100)), Some(5), Some(2))
        .await
        .unwrap();
    assert_eq!(
        (limited.requests_per_minute, limited.burst),
        (Some(5), Some(2))
    );
    for (asked, at) in [(50, 50), (70, 50), (40, 40)] {
        let expiring = keys::expire(&mut tx, ApiKeyId(Key(101)), asked)
            .await
            .unwrap();
        assert_eq!(expiring.expires_us, Some(at), "never later than before");
    }
    let missing = keys::expire(&mut tx, ApiKeyId(Key(9)), 1).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    tx.commit().await.unwrap();

    assert_eq!(tenants(&store).await.unwrap(), [changed.clone(), tenant(2)]);
    assert_eq!(get_tenant(&store, changed.id).await.unwrap(), changed);
    assert_eq!(agents(&store, None).await.unwrap().len(), 2);
    let theirs = agents(&store, Some(TenantId(Key(2)))).await.unwrap();
    assert_eq!(theirs, [agent(12, 2)]);
    assert_eq!(
        get_agent(&store, AgentId(Key(12))).await.unwrap(),
        theirs[0]
    );
    let keys = keys::of_agent(&store, AgentId(Key(11))).await.unwrap();
    let ids: Vec<_> = keys.iter().map(|key| key.id.0.0).collect();
    assert_eq!(ids, [100, 101]);
}
