//! Whether a value is one that a schema describes: as JSON Schema has it, but
//! that what the schema does not name may not be there.

use serde_json::Value;

/// # Errors
/// Where it does not fit, and why.
pub fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(place) = schema["$ref"].as_str() {
        let referred = document.pointer(place.trim_start_matches('#'));
        let referred = referred.ok_or_else(|| format!("there is no {place}"))?;
        return fits(document, referred, value).map_err(|why| format!("{place}: {why}"));
    }
    if schema["allOf"].is_array() {
        return fits(document, &merged(document, schema), value);
    }
    for forms in ["oneOf", "anyOf"] {
        if let Some(forms) = schema[forms].as_array() {
            let mut misses = Vec::new();
            for form in forms {
                match fits(document, form, value) {
                    Ok(()) => return Ok(()),
                    Err(why) => misses.push(why),
                }
            }
            return Err(format!("fits no form: {}", misses.join("; ")));
        }
    }
    if let Some(texts) = schema["enum"].as_array()
        && !texts.contains(value)
    {
        return Err(format!("{value} is none of {texts:?}"));
    }
    let types: Vec<_> = match &schema["type"] {
        Value::Null => return Ok(()),
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if !types.iter().any(|name| is(name, value)) {
        return Err(format!("{value} is no {types:?}"));
    }
    match value {
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| fits(document, &schema["items"], item)),
        Value::Object(members) => {
            let named = schema["properties"].as_object();
            for (key, member) in members {
                match named.map(|named| named.get(key)) {
                    // A map; an object of any kind.
                    None if schema["additionalProperties"].is_object() => {
                        fits(document, &schema["additionalProperties"], member)
                            .map_err(|why| format!("`{key}`: {why}"))?;
                    }
                    None => {}
                    Some(None) => return Err(format!("`{key}` is not described")),
                    Some(Some(schema)) => {
                        fits(document, schema, member).map_err(|why| format!("`{key}`: {why}"))?
                    }
                }
            }
            let required = schema["required"].as_array().into_iter().flatten();
            for key in required.filter_map(Value::as_str) {
                if !members.contains_key(key) {
                    return Err(format!("`{key}` is not there"));
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// An object with all that the parts of an `allOf` name.
fn merged(document: &Value, schema: &Value) -> Value {
    if let Some(place) = schema["$ref"].as_str() {
        let referred = document.pointer(place.trim_start_matches('#'));
        return merged(document, referred.unwrap_or(&Value::Null));
    }
    let Some(parts) = schema["allOf"].as_array() else {
        return schema.clone();
    };
    let parts: Vec<_> = parts.iter().map(|part| merged(document, part)).collect();
    let properties = parts
        .iter()
        .filter_map(|part| part["properties"].as_object())
        .flatten()
        .map(|(key, part)| (key.clone(), part.clone()));
    let required = parts.iter().filter_map(|part| part["required"].as_array());
    serde_json::json!({
        "type": "object",
        "properties": properties.collect::<serde_json::Map<_, _>>(),
        "required": required.flatten().collect::<Vec<_>>(),
    })
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
