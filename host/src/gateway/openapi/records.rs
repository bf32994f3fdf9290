//! An agent's own records, as they are documented.

use std::collections::BTreeMap;

use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use super::answers::own;
use super::errors::Case;
use crate::gateway::error::ApiError;
use crate::gateway::records::audit::AuditPage;
use crate::gateway::records::inference::InferenceRecord;
use crate::gateway::records::receipt::ReceiptRecord;
use crate::gateway::records::{audit, inference, receipt};

/// One try of one offer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
pub struct InferenceAttempt {
    #[schema(examples("sim-small@simulated"))]
    offer: String,
    /// What came of it.
    #[schema(examples("ok", "skipped_open", "status", "timeout"))]
    outcome: String,
    /// The provider's HTTP status, where it answered with one.
    #[schema(required = false)]
    http_status: u16,
    /// Microseconds until that.
    latency_us: i64,
}

/// What `GET /v1/inferences/{id}` answers.
pub struct InferenceRecords;

impl IntoResponses for InferenceRecords {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let unknown = Case {
            error: inference::unknown,
            when: "the key's agent made no such call",
        };
        own::<InferenceRecord<'static>>(
            &[unknown],
            "The call as it is recorded; `pending` while it runs.",
            serde_json::from_str(EXAMPLE).ok(),
        )
    }
}

/// What `GET /v1/receipts/{id}` answers.
pub struct ReceiptRecords;

impl IntoResponses for ReceiptRecords {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let unknown = Case {
            error: receipt::unknown,
            when: "the key's agent made no such call",
        };
        let free = Case {
            error: receipt::free,
            when: "nothing was charged for the call",
        };
        own::<ReceiptRecord<'static>>(
            &[unknown, free],
            "What was held for the call and charged; `pending` while it runs.",
            serde_json::from_str(RECEIPT).ok(),
        )
    }
}

/// What `GET /v1/agents/{id}/audit` answers.
pub struct AuditPages;

impl IntoResponses for AuditPages {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let unknown = Case {
            error: audit::unknown,
            when: "the agent is not the key's",
        };
        let page = Case {
            error: || ApiError::invalid("`limit` must be an integer from 1 to 1000"),
            when: "there is no such page",
        };
        own::<AuditPage>(
            &[unknown, page],
            "A page of the audit log that verifies on its own.",
            None,
        )
    }
}

const EXAMPLE: &str = r#"{"id":"inf_03792578ec401000","object":"inference.record","request_id":"req_03792578ec401000","agent_id":"agt_0379257700000001","route":"/v1/messages","stream":true,"status":"succeeded","model":"sim-medium@simulated","provider":"simulated","opened_at":"2026-11-22T12:00:00.25Z","closed_at":"2026-11-22T12:00:00.5Z","latency_us":250000,"first_token_us":4100,"http_status":200,"stop_reason":"end_turn","usage":{"input_tokens":31,"output_tokens":24,"cache_read_tokens":0,"cache_write_tokens":0,"source":"reported"},"cost_usd":"0.0000196","attempts":[{"offer":"sim-medium@simulated","outcome":"ok","http_status":200,"latency_us":4000}],"decision":{"router":"policy","requested":"ainfera-inference","target":"ainfera-inference","generation":1,"base_floor":"0.50","dialled":"0.50","floor":"0.50","catalog_version":1,"candidates":[{"offer":"sim-medium@simulated","quality":"0.65","estimate_nanousd":19600}],"choice":"sim-medium@simulated"}}"#;

const RECEIPT: &str = r#"{"id":"rcp_03792578ec401000","object":"receipt","status":"settled","request_id":"req_03792578ec401000","inference_id":"inf_03792578ec401000","agent_id":"agt_0379257700000001","outcome":"succeeded","model":"sim-medium@simulated","provider":"simulated","opened_at":"2026-11-22T12:00:00.25Z","settled_at":"2026-11-22T12:00:00.5Z","held_usd":"0.0021","charged_usd":"0.0000196","released_usd":"0.0020804","usage":{"input_tokens":31,"output_tokens":24,"cache_read_tokens":0,"cache_write_tokens":0,"source":"reported"},"prices":{"catalog_version":1,"input_usd":"0.1","output_usd":"0.4","cache_read_usd":"0.1","cache_write_usd":"0.1"}}"#;
