//! A core module becomes a component.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};

/// Why a core module can't be made a component.
#[derive(Debug, thiserror::Error)]
pub(super) enum EncodeError {
    /// It carries no world with exports, or several.
    #[error("it exports no slot, or more than one; call exactly one of the SDK's export macros")]
    Slot,
    /// It is no valid module, lacks an export of its world, or imports something.
    #[error("not a policy module: {0}")]
    Invalid(String),
}

/// Makes a component of a core module that carries its WIT world, as
/// `wit-bindgen` leaves it. The same module gives the same bytes.
///
/// # Errors
/// See [`EncodeError`].
pub(super) fn encode(core: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let invalid = |error| EncodeError::Invalid(format!("{error:#}"));
    let (module, bindgen) = metadata::decode(core).map_err(invalid)?;
    // The SDK carries the imports of every slot's world. Only the world that the
    // module exports becomes the component's, or it would name foreign types.
    let worlds = &bindgen.resolve.worlds;
    let mut exported = worlds
        .iter()
        .filter(|(id, world)| *id != bindgen.world && !world.exports.is_empty());
    let (Some(mut module), Some((world, _)), None) = (module, exported.next(), exported.next())
    else {
        return Err(EncodeError::Slot);
    };
    embed_component_metadata(
        &mut module,
        &bindgen.resolve,
        world,
        StringEncoding::UTF8,
        false,
    )
    .and_then(|()| {
        ComponentEncoder::default()
            .validate(true)
            .module(&module)?
            .encode()
    })
    .map_err(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_module_with_a_slot_becomes_a_component() {
        let empty = b"\0asm\x01\0\0\0";
        assert!(matches!(encode(empty), Err(EncodeError::Slot)));
        assert!(matches!(encode(b"ELF"), Err(EncodeError::Invalid(_))));
        let component = b"\0asm\x0d\0\x01\0";
        assert!(matches!(encode(component), Err(EncodeError::Invalid(_))));
    }
}
