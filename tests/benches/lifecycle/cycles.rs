//! Uploads, activations and rollbacks, one after the other, and the memory of the
//! gateway meanwhile.

use ainfera_tests::gateway::Gateway;
use ainfera_tests::sign::Founder;

use crate::components;
use crate::procfs::resident_kib;

/// The share of the cycles after which everything that is kept is there.
const SETTLED: usize = 5;

/// Resident memory in MiB: when it has settled, at most after that, and at the end.
pub struct Memory {
    pub settled: f64,
    pub most: f64,
    pub end: f64,
}

/// So many cycles, each with a component that was never seen.
pub async fn run(gateway: &Gateway, founder: &Founder, cycles: usize) -> Memory {
    let admin = gateway.admin();
    let mib = || resident_kib(gateway.pid()) as f64 / 1024.0;
    let (mut settled, mut most) = (0.0, 0.0_f64);
    for cycle in 0..cycles {
        let base = admin.generation().await;
        founder
            .activate(gateway, "preference-dial", components::small())
            .await;
        admin.rollback(base).await;
        if cycle == cycles / SETTLED {
            settled = mib();
        }
        if cycle >= cycles / SETTLED {
            most = most.max(mib());
        }
        if cycle % 100 == 99 {
            eprintln!("{} cycles of {cycles}: {:.0} MiB", cycle + 1, mib());
        }
    }
    Memory {
        settled,
        most,
        end: mib(),
    }
}
