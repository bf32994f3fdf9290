//! The run: one gateway with traffic, and one for what would fill the other's records.

use std::time::{Duration, Instant};

use ainfera_tests::client::Method;
use ainfera_tests::gateway::{Catalog, Gateway, Setup};
use ainfera_tests::sign::Founder;
use serde_json::{Value, json};

use crate::report::{Report, Upload};
use crate::traffic::{beside, record};
use crate::{Plan, components, cycles, swap};

const DIAL: &str = "preference-dial";

/// Time of traffic with nothing beside it.
const STEADY: Duration = Duration::from_secs(5);

/// Measures everything.
pub async fn run(plan: &Plan) -> Report {
    let (gateway, founder) = start().await;
    let client = gateway.client();
    record(&client, plan.decisions).await;
    let mut report = Report::new(plan);
    for _ in 0..plan.uploads {
        steady(&gateway, plan, &mut report).await;
        let upload = upload(&gateway, plan, components::of_60_kb()).await;
        report.lean.push(upload);
    }
    for file in &plan.interpreted {
        let component = std::fs::read(file).expect("an interpreted component");
        steady(&gateway, plan, &mut report).await;
        let upload = upload(&gateway, plan, component).await;
        report.interpreted.push(upload);
    }
    eprintln!("{} swaps", plan.swaps);
    founder.activate(&gateway, DIAL, components::small()).await;
    steady(&gateway, plan, &mut report).await;
    let swaps = swaps(&gateway, plan.swaps);
    let (took, times) = beside(&client, plan.rate, swaps).await;
    report.swap_us = took;
    report.swapping = times;
    drop(gateway);

    let (gateway, founder) = start().await;
    for _ in 0..20 {
        report
            .activated_us
            .push(activated_us(&gateway, &founder).await);
    }
    report.memory = Some(cycles::run(&gateway, &founder, plan.cycles).await);
    report.read_ns = tokio::task::spawn_blocking(swap::read).await.ok();
    report
}

async fn start() -> (Gateway, Founder) {
    let catalog = Catalog::new()
        .simulated("sim")
        .single("perfect", "sim", "1", "1");
    let gateway = Setup::new().live().catalog(&catalog).start().await;
    let founder = Founder::new(7);
    founder.enrol(&gateway.admin()).await;
    (gateway, founder)
}

async fn steady(gateway: &Gateway, plan: &Plan, report: &mut Report) {
    let rest = tokio::time::sleep(STEADY);
    let ((), times) = beside(&gateway.client(), plan.rate, rest).await;
    report.steady.extend(times);
}

/// From the first byte of the upload to the proposal's report, beside traffic.
async fn upload(gateway: &Gateway, plan: &Plan, component: Vec<u8>) -> Upload {
    let bytes = component.len();
    eprintln!("a component of {bytes} bytes");
    let admin = gateway.admin();
    let work = async {
        let started = Instant::now();
        let wait = [("prefer", "wait=120")];
        let answer = admin.send(Method::POST, "plugins", &wait, component).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let verified = started.elapsed();
        let plugin = answer.json();
        let slots = json!({"slots": {text(&plugin, "slot"): plugin["digest"]}});
        let answer = admin
            .send(Method::POST, "changes", &wait, slots.to_string())
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        (verified, started.elapsed())
    };
    let ((verified, proposed), times) = beside(&gateway.client(), plan.rate, work).await;
    Upload {
        bytes,
        verified,
        proposed,
        times,
    }
}

/// Swaps back and forth; what the gateway says each took.
async fn swaps(gateway: &Gateway, swaps: usize) -> Vec<u64> {
    let admin = gateway.admin();
    let mut active = admin.generation().await;
    let mut took = Vec::new();
    for _ in 0..swaps {
        let body = json!({"to_generation": active - 1, "expected_generation": active});
        let answer = admin.post("policy/rollback", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let activated = answer.json();
        took.extend(activated["took_us"].as_u64());
        active = activated["generation"].as_i64().expect("a generation");
    }
    took
}

/// From the commit of a signed change to the set that decides.
async fn activated_us(gateway: &Gateway, founder: &Founder) -> u64 {
    let admin = gateway.admin();
    let digest = admin.upload_ok(components::small()).await;
    let change = admin.propose(DIAL, &digest).await;
    let envelope = founder.envelope(&Founder::statement(&change));
    let answer = admin.post("authorizations", &envelope).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["took_us"].as_u64().expect("a time")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("a text")
}
