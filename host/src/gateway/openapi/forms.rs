//! Forms of schemas that no derive has.

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

/// A reference to the component that `T` is.
pub fn reference<T: utoipa::ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

/// A text that is always `text`.
pub fn constant(text: &'static str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([text]))
        .into()
}

/// Declares texts that are always the same, for fields that say what an object
/// is.
macro_rules! constants {
    ($($name:ident = $text:literal;)+) => {$(
        pub struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::gateway::openapi::forms::constant($text)
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

/// Declares something that has one of several forms, which may overlap: what a
/// derive makes of an enum may not.
macro_rules! any_of {
    ($(#[doc = $doc:literal])+ $name:ident = $($form:ident)|+) => {
        pub struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::schema::AnyOfBuilder::new()
                    .description(Some(concat!($($doc),+).trim_start()))
                    $(.item($crate::gateway::openapi::forms::reference::<$form>()))+
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn schemas(
                schemas: &mut Vec<(
                    String,
                    utoipa::openapi::RefOr<utoipa::openapi::Schema>,
                )>,
            ) {
                use utoipa::PartialSchema;
                $(
                    schemas.push(($form::name().into(), $form::schema()));
                    $form::schemas(schemas);
                )+
            }
        }
    };
}

pub(super) use {any_of, constants};
