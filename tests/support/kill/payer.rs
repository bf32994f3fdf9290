//! The operator, who pays in for the tenant all the while: each payment again and
//! again until it is acknowledged.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Door;
use crate::client::Admin;

/// Between two payments, and before one is tried again.
const PAUSE: Duration = Duration::from_millis(25);

/// The tenant whose calls are made, and the payments to it.
pub(super) struct Payer(JoinHandle<usize>);

impl Payer {
    /// Limits what the one tenant and agent may spend, so that each call's funds are
    /// looked at, though by more than they ever come to; and pays in from now on.
    pub(super) async fn start(admin: &Admin, door: watch::Receiver<Door>) -> Self {
        let agent = admin.only_agent().await;
        let limits = json!({"day_cap_usd": "100000", "call_cap_usd": "100"});
        let agent = admin.patch_ok(&format!("agents/{agent}"), &limits).await;
        let tenant = agent["tenant"].as_str().expect("a tenant").to_owned();
        let limit = json!({"credit_limit_usd": "100000"});
        admin.patch_ok(&format!("tenants/{tenant}"), &limit).await;
        Self(tokio::spawn(pay(format!("tenants/{tenant}/top-ups"), door)))
    }

    /// How many payments were acknowledged, once the door is shut.
    pub(super) async fn finish(self) -> usize {
        self.0.await.expect("a payer who was told what is so")
    }
}

/// What is paid in with the payment of this number, in nano-dollars: each another.
pub(super) fn amount(number: usize) -> i64 {
    i64::try_from(number).expect("few") * 1_000 + 7
}

async fn pay(path: String, mut door: watch::Receiver<Door>) -> usize {
    let mut number = 0;
    // The last one, too, is tried until it is acknowledged.
    let mut acknowledged = true;
    loop {
        let Door {
            admin, up, closing, ..
        } = door.borrow_and_update().clone();
        if closing && acknowledged {
            return number;
        }
        if !up {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let amount = format!("0.{:09}", amount(number));
        let body = json!({"amount_usd": amount, "reference": format!("payment {number}")});
        let answer = admin.try_post(&path, &body).await;
        acknowledged = match answer.map(|answer| (answer.status, answer.text())) {
            Some((200 | 201, _)) => true,
            // The database is not there.
            Some((500..600, _)) | None => false,
            Some((status, text)) => panic!("payment {number}: {status} {text}"),
        };
        number += usize::from(acknowledged);
        tokio::time::sleep(PAUSE).await;
    }
}
