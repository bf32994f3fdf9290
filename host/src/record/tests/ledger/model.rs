//! A reference that is plain sums, beside the writer and its database.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::super::super::audit::{Event, EventName, append};
use super::super::super::{
    Hold, NotOpened, OpenCall, Outcome, Progress, Records, Shortfall, Status, day_of,
};
use super::super::{Place, routed};
use crate::catalog::NanoUsd;
use crate::ledger::verify;
use crate::store::ledger::{self, Account, TopUp};
use crate::store::tenancy::{self, Agent, AgentStatus, Tenant};
use crate::store::{AgentId, Key, Store, TenantId, TopUpId, now_us};

/// Tenants of two agents each.
const TENANTS: i64 = 2;
const DAY_US: i64 = 86_400_000_000;

/// What limits tenants and agents.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    credit: Vec<Option<i64>>,
    day: Vec<Option<i64>>,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    TopUp {
        tenant: i64,
        amount: i64,
    },
    Open {
        agent: i64,
        day: i64,
        hold: i64,
    },
    Refuse {
        agent: i64,
    },
    Close {
        which: usize,
        how: Status,
        cost: Option<i64>,
        began: bool,
    },
    Drop {
        which: usize,
        cost: Option<i64>,
        began: bool,
    },
    /// As good as a kill.
    Restart,
}

pub(super) fn limits() -> impl Strategy<Value = Limits> {
    let limit = || prop::option::of(0..3_000_i64);
    let credit = prop::collection::vec(limit(), 2);
    let day = prop::collection::vec(limit(), 4);
    (credit, day).prop_map(|(credit, day)| Limits { credit, day })
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let how = prop::sample::select(vec![
        Status::Succeeded,
        Status::Interrupted,
        Status::Failed,
        Status::Cancelled,
    ]);
    let cost = || prop::option::of(0..900_i64);
    prop_oneof![
        2 => (0..TENANTS, -500..2_000_i64).prop_map(|(tenant, amount)| Step::TopUp { tenant, amount }),
        8 => (0..2 * TENANTS, 0..2_i64, 0..700_i64)
            .prop_map(|(agent, day, hold)| Step::Open { agent, day, hold }),
        1 => (0..2 * TENANTS).prop_map(|agent| Step::Refuse { agent }),
        5 => (any::<usize>(), how, cost(), any::<bool>())
            .prop_map(|(which, how, cost, began)| Step::Close { which, how, cost, began }),
        1 => (any::<usize>(), cost(), any::<bool>())
            .prop_map(|(which, cost, began)| Step::Drop { which, cost, began }),
        1 => Just(Step::Restart),
    ]
}

/// A call that the model has open.
struct Running {
    call: OpenCall,
    tenant: i64,
    day: (i64, i64),
    hold: i64,
}

pub(super) struct World {
    place: Place,
    store: Store,
    /// None while it starts again.
    records: Option<Records>,
    limits: Limits,
    running: Vec<Running>,
    /// By tenant: available, held, charged, paid in.
    accounts: BTreeMap<i64, [i64; 4]>,
    /// By agent and day: charged, held.
    days: BTreeMap<(i64, i64), [i64; 2]>,
    top_ups: i64,
    began_us: i64,
}

fn tenant_of(agent: i64) -> i64 {
    agent / 2
}

fn tenant_id(tenant: i64) -> TenantId {
    TenantId(Key(100 + tenant))
}

fn agent_id(agent: i64) -> AgentId {
    AgentId(Key(200 + agent))
}

impl World {
    pub(super) async fn new(limits: Limits) -> Self {
        let place = Place::new();
        let (store, records) = place.start().await;
        let mut tx = store.begin().await.unwrap();
        for tenant in 0..TENANTS {
            let tenant = Tenant {
                id: tenant_id(tenant),
                name: "t".to_owned(),
                default_floor: None,
                credit_limit_nanousd: None,
                created_us: 0,
            };
            tenancy::insert_tenant(&mut tx, &tenant).await.unwrap();
        }
        for agent in 0..2 * TENANTS {
            let agent = Agent {
                id: agent_id(agent),
                tenant: tenant_id(tenant_of(agent)),
                name: "a".to_owned(),
                status: AgentStatus::Active,
                default_floor: None,
                allowed_models: None,
                call_cap_nanousd: None,
                day_cap_nanousd: None,
                created_us: 0,
            };
            tenancy::insert_agent(&mut tx, &agent).await.unwrap();
        }
        tx.commit().await.unwrap();
        Self {
            place,
            store,
            records: Some(records),
            limits,
            running: Vec::new(),
            accounts: BTreeMap::new(),
            days: BTreeMap::new(),
            top_ups: 0,
            began_us: now_us(),
        }
    }

    pub(super) async fn act(&mut self, step: Step) {
        match step {
            Step::TopUp { tenant, amount } => self.top_up(tenant, amount).await,
            Step::Open { agent, day, hold } => self.open(agent, day, hold).await,
            Step::Refuse { agent } => {
                let mut opened = routed(self.records());
                opened.tenant = tenant_id(tenant_of(agent));
                opened.agent = agent_id(agent);
                opened.dispatched = false;
                let outcome = Outcome::because(Status::Refused, "cap_exceeded");
                let refused = self.records().refuse(opened, outcome, Progress::default());
                refused.await.unwrap();
            }
            Step::Close {
                which,
                how,
                cost,
                began,
            } => {
                if let Some(mut running) = self.take(which) {
                    note(&mut running.call, cost, began);
                    let charged = match how {
                        Status::Succeeded | Status::Interrupted => cost.unwrap_or(0),
                        Status::Cancelled if began => cost.unwrap_or(0),
                        _ => 0,
                    };
                    self.settle(&running, charged);
                    let outcome = Outcome::because(how, "x");
                    running.call.close(outcome).await.unwrap();
                }
            }
            Step::Drop { which, cost, began } => {
                if let Some(mut running) = self.take(which) {
                    note(&mut running.call, cost, began);
                    let charged = cost.filter(|_| began).unwrap_or(0);
                    self.settle(&running, charged);
                    drop(running.call);
                }
            }
            Step::Restart => self.restart().await,
        }
    }

    async fn top_up(&mut self, tenant: i64, amount: i64) {
        self.top_ups += 1;
        let top_up = TopUp {
            id: TopUpId(self.records().key()),
            at_us: now_us(),
            tenant: tenant_id(tenant),
            amount_nanousd: amount,
            reference: self.top_ups.to_string(),
            note: None,
            actor: "model".to_owned(),
        };
        let event = Event::new(
            EventName::LedgerToppedUp,
            json!({"amount_usd": NanoUsd(amount).to_string(), "top_up": top_up.id}),
        );
        let mut tx = self.store.begin().await.unwrap();
        ledger::top_up(&mut tx, &top_up).await.unwrap();
        append(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
        let account = self.accounts.entry(tenant).or_default();
        account[0] += amount;
        account[3] += amount;
    }

    async fn open(&mut self, agent: i64, day: i64, hold: i64) {
        let tenant = tenant_of(agent);
        let credit_limit = self.limits.credit[usize::try_from(tenant).unwrap()];
        let day_cap = self.limits.day[usize::try_from(agent).unwrap()];
        let mut opened = routed(self.records());
        opened.tenant = tenant_id(tenant);
        opened.agent = agent_id(agent);
        opened.at_us = self.began_us + day * DAY_US;
        opened.hold = Some(Hold::new(hold, credit_limit, day_cap));
        let day = (agent, day_of(opened.at_us));
        // A dropped call may still be on its way.
        self.records().flush().await.unwrap();
        let result = self.records().open(opened).await;
        let account = self.accounts.entry(tenant).or_default();
        let spent = self.days.entry(day).or_default();
        let funds = credit_limit.map(|limit| account[0] + limit);
        let cap = day_cap.map(|cap| cap - spent[0] - spent[1]);
        let expected = match (funds, cap) {
            (Some(left), _) if hold > left => Some(Shortfall::Funds { needed: hold, left }),
            (_, Some(left)) if hold > left => Some(Shortfall::DayCap { needed: hold, left }),
            _ => None,
        };
        match (result, expected) {
            (Ok(call), None) => {
                account[0] -= hold;
                account[1] += hold;
                spent[1] += hold;
                self.running.push(Running {
                    call,
                    tenant,
                    day,
                    hold,
                });
            }
            (Err(why), Some(expected)) => assert_eq!(why, NotOpened::Short(expected)),
            (opened, expected) => panic!("{opened:?}, and the model says {expected:?}"),
        }
    }

    fn take(&mut self, which: usize) -> Option<Running> {
        let count = self.running.len();
        (count > 0).then(|| self.running.swap_remove(which % count))
    }

    fn settle(&mut self, running: &Running, charged: i64) {
        let Running {
            tenant, day, hold, ..
        } = *running;
        let account = self.accounts.entry(tenant).or_default();
        account[0] += hold - charged;
        account[1] -= hold;
        account[2] += charged;
        let spent = self.days.entry(day).or_default();
        spent[0] += charged;
        spent[1] -= hold;
    }

    /// What runs is abandoned: charged nothing, its holds released.
    async fn restart(&mut self) {
        for running in std::mem::take(&mut self.running) {
            self.settle(&running, 0);
            std::mem::forget(running.call);
        }
        self.records().stop().await;
        // And with it the lock.
        self.records = None;
        let (store, records) = self.place.start().await;
        self.store = store;
        self.records = Some(records);
    }

    fn records(&self) -> &Records {
        self.records.as_ref().unwrap()
    }

    pub(super) async fn compare(&self) {
        self.records().flush().await.unwrap();
        for (tenant, [available, held, charged, paid_in]) in &self.accounts {
            let expected = Account {
                available_nanousd: *available,
                held_nanousd: *held,
                charged_nanousd: *charged,
                paid_in_nanousd: *paid_in,
            };
            assert_eq!(account(&self.store, tenant_id(*tenant)).await, expected);
        }
        for ((agent, day), [charged, held]) in &self.days {
            let mut tx = self.store.snapshot().await.unwrap();
            let tenant = tenant_id(tenant_of(*agent));
            let days = ledger::days(&mut tx, tenant, *day).await.unwrap();
            let found = days.iter().find(|found| found.agent == agent_id(*agent));
            let found = found.map(|found| [found.charged_nanousd, found.held_nanousd]);
            assert_eq!(found, Some([*charged, *held]));
        }
        let report = verify(&self.store).await.unwrap();
        assert_eq!(report.problems, []);
        assert_eq!(report.pending, self.running.len() as u64);
    }
}

fn note(call: &mut OpenCall, cost: Option<i64>, began: bool) {
    let progress = call.progress();
    progress.cost_nanousd = cost;
    progress.first_token_us = began.then_some(1);
}

pub(super) async fn account(store: &Store, tenant: TenantId) -> Account {
    let mut tx = store.snapshot().await.unwrap();
    ledger::account(&mut tx, tenant).await.unwrap()
}
