//! What `wit-bindgen` makes of `wit/policy.wit`: the types once, and for each
//! slot a module with its `Guest` trait and `export!` macro.
#![allow(missing_docs, unsafe_code, unused_qualifications)]

pub use alias_resolver::ainfera::policy::types;

pub mod alias_resolver {
    wit_bindgen_rust_macro::generate!({
        path: "../../wit",
        world: "alias-resolver",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
        additional_derives_ignore: ["decimal"],
        runtime_path: "ainfera_policy::runtime",
        pub_export_macro: true,
        default_bindings_module: "ainfera_policy::bindings::alias_resolver",
        disable_run_ctors_once_workaround: true,
        disable_custom_section_link_helpers: true,
    });
}

pub mod preference_dial {
    wit_bindgen_rust_macro::generate!({
        path: "../../wit",
        world: "preference-dial",
        with: { "ainfera:policy/types@1.0.0": crate::bindings::types },
        runtime_path: "ainfera_policy::runtime",
        pub_export_macro: true,
        default_bindings_module: "ainfera_policy::bindings::preference_dial",
        disable_run_ctors_once_workaround: true,
        disable_custom_section_link_helpers: true,
    });
}

pub mod floor_clamp {
    wit_bindgen_rust_macro::generate!({
        path: "../../wit",
        world: "floor-clamp",
        with: { "ainfera:policy/types@1.0.0": crate::bindings::types },
        runtime_path: "ainfera_policy::runtime",
        pub_export_macro: true,
        default_bindings_module: "ainfera_policy::bindings::floor_clamp",
        disable_run_ctors_once_workaround: true,
        disable_custom_section_link_helpers: true,
    });
}
