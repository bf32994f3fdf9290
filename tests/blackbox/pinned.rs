//! Pinned calls: a vendor slug goes to that model, streamed exactly as not.

use ainfera_tests::client::{Dialect, ask};
use ainfera_tests::gateway::{Catalog, Offer, Setup};
use ainfera_tests::upstream::Upstream;
use ainfera_tests::world::World;

#[tokio::test]
async fn pinned_goes_to_that_model_at_every_vendor_streamed_or_not() {
    let world = World::shared().await;
    for lane in world.each() {
        for dialect in Dialect::ALL {
            for stream in [false, true] {
                let heard = world.client().hear(dialect, &lane.ask(), stream).await;
                let text = format!("Answer of {}.", lane.upstream_model);
                assert_eq!(heard.text(), text, "{dialect:?}");
                let id = heard.request_id();
                let records = world.gateway.records();
                let rows = records.outcomes_of(&id);
                assert!(rows.is_empty(), "a pinned call is no routed call");
                let events = records.audit_of("inference.routed", &id);
                assert_eq!(events.len(), 1);
                assert_eq!(events[0]["router"], "direct");
                assert_eq!(records.inferences_of(&id).len(), 1);
            }
        }
    }
}

#[tokio::test]
async fn a_slug_goes_to_its_cheapest_active_offer_and_slug_at_provider_to_that_one() {
    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .anthropic("b", &upstream.url())
        .anthropic("c", &upstream.url())
        .model("m", "0.60")
        .offer(Offer::new("m", "a", "up-a").price("3"))
        .offer(Offer::new("m", "b", "up-b").price("2"))
        .offer(Offer::new("m", "c", "up-c").price("1").dark());
    let gateway = Setup::new().catalog(&catalog).start().await;
    for (name, offer) in [("m", "m@b"), ("m@a", "m@a"), ("m@b", "m@b")] {
        let (answer, _) = gateway.client().messages_ok(&ask(name, "hi")).await;
        assert_eq!(answer.header("x-ainfera-model"), Some(offer), "{name}");
    }
    let dark = gateway.client().messages(&ask("m@c", "hi")).await;
    assert_eq!(
        dark.status,
        404,
        "a dark offer is not called: {}",
        dark.text()
    );
    assert!(upstream.requests_for("up-c").is_empty());
}
