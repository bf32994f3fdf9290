//! What every span and metric says of the gateway that sent it.

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::Resource;

/// `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`, over the gateway's own.
pub(super) fn own() -> Resource {
    let set = Resource::builder().build();
    let given = |name: &'static str| set.get(&Key::from_static_str(name));
    // The SDK's word for a service that was given no name.
    let named = |name: &Value| !name.as_str().starts_with("unknown_service");
    let mut own = Vec::new();
    if !given("service.name").as_ref().is_some_and(named) {
        own.push(KeyValue::new("service.name", "ainfera"));
    }
    if given("service.version").is_none() {
        own.push(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    }
    // Else the metrics of several replicas would be taken for one's.
    if given("service.instance.id").is_none() {
        own.push(KeyValue::new("service.instance.id", instance()));
    }
    Resource::builder().with_attributes(own).build()
}

/// A random UUID (RFC 9562, version 4), or the process's id without random
/// bytes.
fn instance() -> String {
    match getrandom::u64().and_then(|high| Ok((high, getrandom::u64()?))) {
        Err(_) => std::process::id().to_string(),
        Ok((high, low)) => {
            let high = high & !0xf000 | 0x4000;
            let low = low & !(0b11 << 62) | 1 << 63;
            let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
            let (d, e) = (low >> 48, low & 0xffff_ffff_ffff);
            format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_a_uuid_of_its_own() {
        let (one, other) = (instance(), instance());
        assert_ne!(one, other);
        let parts: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{one}");
        assert_eq!(one.as_bytes().get(14), Some(&b'4'), "{one}");
        assert!(
            matches!(one.as_bytes().get(19), Some(b'8' | b'9' | b'a' | b'b')),
            "{one}"
        );
    }
}
