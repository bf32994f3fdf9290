//! What a hint's numbers may be, as it is documented.

use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

/// A floor: a decimal in [0, 1], or a tier's name.
pub fn quality() -> RefOr<Schema> {
    let tier = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["good", "frontier"]));
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^(0(\.[0-9]{1,18})?|1(\.0{1,18})?)$"));
    let number = ObjectBuilder::new()
        .schema_type(Type::Number)
        .minimum(Some(0.0))
        .maximum(Some(1.0));
    AnyOfBuilder::new()
        .description(Some(
            "The least quality, exactly as given: a decimal in [0, 1] with at most 18 fractional digits, as a string or a number, or a tier: `good` (0.50), `frontier` (0.85). It wins over `routing_preference`.",
        ))
        .examples(["0.60"])
        .item(tier)
        .item(text)
        .item(number)
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .into()
}

/// An amount in US dollars.
pub fn cost() -> RefOr<Schema> {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^[0-9]{1,9}(\.[0-9]{1,18})?$"));
    let number = ObjectBuilder::new()
        .schema_type(Type::Number)
        .minimum(Some(0.0));
    AnyOfBuilder::new()
        .description(Some(
            "The most that the call may be estimated to cost, in US dollars, as a string or a number.",
        ))
        .examples(["0.05"])
        .item(text)
        .item(number)
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .into()
}
