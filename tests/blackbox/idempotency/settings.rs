//! What an operator sets.

use ainfera_tests::upstream::Upstream;

use super::{kept, keyed, message, replayed, setup};

#[tokio::test]
async fn an_answer_over_the_limit_is_not_kept_and_its_key_is_free() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream).start().await;
    let probe = |stream| {
        let client = gateway.client();
        async move {
            let answer = client
                .post_bytes("/v1/messages", message("hi", stream))
                .await;
            answer.body.len()
        }
    };
    let (whole, streamed) = (probe(false).await, probe(true).await);
    assert!(streamed > whole);
    for (limit, fit) in [(whole - 1, 0), (whole, 1), (streamed - 1, 1), (streamed, 2)] {
        let config = format!("\n[idempotency]\nmax_answer_bytes = {limit}\n");
        let gateway = setup(&upstream).config(&config).start().await;
        for stream in [false, true] {
            let client = keyed(&gateway, &format!("{stream}"));
            let body = message("hi", stream);
            let asked = upstream.requests().len();
            let first = client.post_bytes("/v1/messages", body.clone()).await;
            let again = client.post_bytes("/v1/messages", body).await;
            assert_eq!((first.status, again.status), (200, 200));
            let made = upstream.requests().len() - asked;
            assert_eq!(made, if replayed(&again) { 1 } else { 2 });
        }
        assert_eq!(kept(&gateway), (fit, fit), "limit {limit}");
    }
}

#[tokio::test]
async fn switched_off_the_header_means_nothing() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .config("\n[idempotency]\nenabled = false\n")
        .start()
        .await;
    for key in ["k", "k", "two words"] {
        let answer = keyed(&gateway, key)
            .post_bytes("/v1/messages", message("hi", false))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!replayed(&answer));
    }
    assert_eq!(upstream.requests().len(), 3);
    assert_eq!(kept(&gateway), (0, 0));
}

#[tokio::test]
async fn the_time_is_as_configured() {
    let upstream = Upstream::start();
    let gateway = setup(&upstream)
        .config("\n[idempotency]\nhours = 2\n")
        .start()
        .await;
    keyed(&gateway, "k")
        .post_bytes("/v1/messages", message("hi", false))
        .await;
    let sql = "SELECT (k.expires_us - o.at_us) / 1000000 AS seconds FROM idempotency_keys k
               JOIN call_opened o ON o.key = k.call";
    let seconds = gateway.records().number(sql);
    // From when the call came, which may be a while before it is on record.
    assert!((7_140..=7_210).contains(&seconds), "{seconds} s");
}
