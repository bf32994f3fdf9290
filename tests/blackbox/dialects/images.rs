//! Images in what the user says.

use ainfera_tests::upstream::Behaviour;
use ainfera_tests::world::World;
use serde_json::json;

use super::pairings;

#[tokio::test]
async fn images_go_as_data_and_as_addresses_in_their_order() {
    let world = World::shared().await;
    for pairing in pairings(&world, &Behaviour::text("a square")) {
        let heard = pairing
            .hear_whole(json!({"messages": [{"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image", "source":
                    {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                {"type": "text", "text": "And this?"},
                {"type": "image", "source":
                    {"type": "url", "url": "https://example.com/x.png?a=b&c=d"}},
            ]}]}))
            .await;
        assert_eq!(heard.text(), "a square");
    }
}

#[tokio::test]
async fn an_offer_that_takes_no_images_is_no_candidate() {
    use ainfera_tests::client::Dialect;
    use ainfera_tests::gateway::{Catalog, Offer, Setup};
    use ainfera_tests::upstream::Upstream;

    let upstream = Upstream::start();
    let catalog = Catalog::new()
        .anthropic("a", &upstream.url())
        .openai("b", &upstream.openai_url())
        .model("blind", "0.60")
        .offer(
            Offer::new("blind", "a", "up-blind")
                .price("1")
                .line("images = false"),
        )
        .single("seeing", "b", "0.60", "2");
    let gateway = Setup::new().catalog(&catalog).start().await;
    let image = json!({"type": "image", "source":
        {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}});
    let mut request = ainfera_tests::client::ask("ainfera-inference", "hi");
    request["messages"] = json!([{"role": "user", "content": [image]}]);
    for dialect in Dialect::ALL {
        for stream in [false, true] {
            let heard = gateway.client().hear(dialect, &request, stream).await;
            assert_eq!(heard.headers["x-ainfera-model"], "seeing@b", "{dialect:?}");
        }
    }
    assert!(upstream.requests_for("up-blind").is_empty());
}
