//! What every upload has to leave true, whatever its bytes are. Shared by the
//! fuzzer and by the black-box tests.

use std::sync::LazyLock;

use ainfera::lifecycle::verify;
use ainfera::policy::{PolicyEngine, text};

static ENGINE: LazyLock<PolicyEngine> =
    LazyLock::new(|| PolicyEngine::new().expect("the engine of this machine"));

/// It is verified, or rejected with reasons that can be shown.
pub fn component(data: &[u8]) {
    match verify(&ENGINE, data, &|name| name == "sim-small") {
        Ok(verified) => assert!(verified.report.findings.cases > 0),
        Err(rejected) => {
            assert!(!rejected.reasons.is_empty(), "rejected without a reason");
            for reason in rejected.reasons {
                let shown = [Some(&reason.message), reason.input.as_ref()];
                for text in shown.into_iter().flatten() {
                    assert!(!text.is_empty(), "{reason:?}");
                    assert!(text::is_visible(&text.replace('\n', "")), "{text:?}");
                }
            }
        }
    }
}
