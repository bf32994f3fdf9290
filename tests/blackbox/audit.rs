//! The audit: chains that whoever reads them can verify.

use std::collections::HashMap;

use ainfera_tests::client::ask;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::plugins;
use ainfera_tests::records::hex;
use ainfera_tests::sign::Founder;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Reads all chains page by page and recomputes every link; events by name.
async fn verify(gateway: &Gateway) -> HashMap<String, usize> {
    let admin = gateway.admin();
    let chains = admin.get_ok("audit/chains").await;
    let mut names = HashMap::new();
    let mut links = HashMap::from([(None, vec!["00".repeat(32)])]);
    for chain in chains["chains"].as_array().expect("a list") {
        let number = chain["chain"].as_i64().expect("a number");
        let mut link = chain["previous_link"].as_str().expect("hex").to_owned();
        let previous = &links[&chain["previous_chain"].as_i64()];
        assert!(previous.contains(&link), "chain {number} continues another");
        let mut seen = vec![link.clone()];
        loop {
            let path = format!("audit?chain={number}&after={}&limit=7", seen.len() - 1);
            let answer = admin.get(&path).await;
            // The body's own bytes, as the page has them.
            let page: Value = answer.json();
            let events = page["events"].as_array().expect("events");
            for event in events {
                let body = &event["body"];
                let bytes = body.to_string();
                assert!(answer.text().contains(&bytes), "canonical: {bytes}");
                let digest = Sha256::digest(&bytes);
                assert_eq!(event["digest"], hex(&digest), "{bytes}");
                assert_eq!(event["seq"], seen.len(), "{bytes}");
                let both = [&unhex(&link)[..], &digest[..]].concat();
                link = hex(&Sha256::digest(both));
                assert_eq!(event["link"], link, "chain {number}: {bytes}");
                seen.push(link.clone());
                let name = body["event"].as_str().expect("a name").to_owned();
                *names.entry(name).or_default() += 1;
            }
            if events.is_empty() {
                break;
            }
        }
        links.insert(Some(number), seen);
    }
    names
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16);
    pairs.map(|pair| byte(pair).expect("hex")).collect()
}

#[tokio::test]
async fn every_chain_verifies_across_restarts_and_a_kill() {
    let catalog = Catalog::new().simulated("sim").single("m", "sim", "1", "1");
    let mut gateway = Setup::new().catalog(&catalog).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    let steep = plugins::dist("preference-dial-steep");
    founder.activate(&gateway, "preference-dial", steep).await;
    for round in 1..=3 {
        for model in ["ainfera-inference", "m", "ainfera-auto"] {
            gateway.client().messages_ok(&ask(model, "hi")).await;
        }
        gateway.client().messages(&ask("nobody", "hi")).await;
        let names = verify(&gateway).await;
        assert_eq!(names["inference.routed"], 3 * round, "{names:?}");
        assert_eq!(names["inference.completed"], 3 * round);
        assert_eq!(names["policy.activated"], 2);
        // A kill, that is.
        gateway = gateway.restart().await;
    }
    verify(&gateway).await;
}
