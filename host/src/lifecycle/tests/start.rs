//! Starts, and what the operator's variables do.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_activates_the_reference_set() {
    let house = House::new().await;
    let snapshot = house.life.active().load();
    assert_eq!(snapshot.active.number, 1);
    assert!(snapshot.last_good.is_none() && !snapshot.gates.routing_preference_live);
    assert_eq!(house.quality(), "0.60");
    let events = ["plugin.uploaded", "plugin.verified"].repeat(3);
    assert_eq!(
        house.events().await,
        [events, vec!["policy.activated"]].concat()
    );
    // A second start adds nothing.
    house.again(&Options::default()).await.unwrap();
    assert_eq!(house.events().await.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_opens_by_variable_only_where_it_was_never_set() {
    let house = House::new().await;
    let live = |life: &Lifecycle| life.active().load().gates.routing_preference_live;
    let with = |value: &str| Options {
        preference_live: Some(value.to_owned()),
        ..Options::default()
    };
    assert!(house.again(&with("yes")).await.is_err());
    assert!(!live(&house.again(&with("0")).await.unwrap()));
    assert!(live(&house.again(&with("1")).await.unwrap()));
    let held = house.again(&with("0")).await.unwrap();
    assert!(
        !live(&held)
            && matches!(
                held.set_gate(ROUTING_PREFERENCE_LIVE, true, "test").await,
                Err(GateError::Held)
            )
    );
    let open = house.again(&Options::default()).await.unwrap();
    assert!(live(&open));
    assert!(
        open.set_gate(ROUTING_PREFERENCE_LIVE, false, "test")
            .await
            .unwrap()
            && !live(&open)
    );
    assert!(
        !open
            .set_gate(ROUTING_PREFERENCE_LIVE, false, "test")
            .await
            .unwrap()
    );
    assert!(matches!(
        open.set_gate("other", true, "test").await,
        Err(GateError::Unknown(_))
    ));
    assert!(!live(&house.again(&with("1")).await.unwrap()));
    assert_eq!(house.events().await[7..], ["gate.changed", "gate.changed"]);
}
