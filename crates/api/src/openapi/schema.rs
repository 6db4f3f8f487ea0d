//! Schemas as a reader wants them.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{AdditionalProperties, AllOf, ArrayItems, Object};
use utoipa::openapi::{RefOr, Schema};

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Makes one object of what Rust flattens into one, says that objects have no
/// other fields, and lets descriptions flow, which in the code have lines.
pub(super) fn tidy(schemas: &mut Schemas) {
    let known = schemas.clone();
    for schema in schemas.values_mut() {
        if let RefOr::T(schema) = schema {
            if let Schema::AllOf(parts) = schema {
                *schema = Schema::Object(merged(parts, &known));
            }
            close(schema);
        }
        each(schema, &mut |description| {
            *description = description.replace('\n', " ");
        });
    }
    // What was merged into others stands for nothing of its own.
    schemas.remove("EventFilters");
}

fn merged(parts: &AllOf, known: &Schemas) -> Object {
    let mut whole = Object::new();
    whole.description.clone_from(&parts.description);
    for part in &parts.items {
        let part = match part {
            RefOr::T(part) => Some(part),
            RefOr::Ref(it) => {
                let name = it.ref_location.rsplit('/').next().unwrap_or_default();
                match known.get(name) {
                    Some(RefOr::T(part)) => Some(part),
                    _ => None,
                }
            }
        };
        if let Some(Schema::Object(part)) = part {
            whole.properties.extend(part.properties.clone());
            whole.required.extend(part.required.clone());
        }
    }
    whole
}

fn close(schema: &mut Schema) {
    if let Schema::Object(object) = schema
        && !object.properties.is_empty()
        && object.additional_properties.is_none()
    {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
}

/// Each description in `schema`.
fn each(schema: &mut RefOr<Schema>, change: &mut impl FnMut(&mut String)) {
    let schema = match schema {
        RefOr::Ref(it) => return change(&mut it.description),
        RefOr::T(schema) => schema,
    };
    match schema {
        Schema::Object(it) => {
            it.description.as_mut().map(&mut *change);
            for property in it.properties.values_mut() {
                each(property, change);
            }
        }
        Schema::Array(it) => {
            it.description.as_mut().map(&mut *change);
            if let ArrayItems::RefOrSchema(items) = &mut it.items {
                each(items, change);
            }
        }
        Schema::OneOf(it) => {
            it.description.as_mut().map(&mut *change);
            it.items.iter_mut().for_each(|it| each(it, change));
        }
        Schema::AnyOf(it) => {
            it.description.as_mut().map(&mut *change);
            it.items.iter_mut().for_each(|it| each(it, change));
        }
        Schema::AllOf(it) => {
            it.description.as_mut().map(&mut *change);
            it.items.iter_mut().for_each(|it| each(it, change));
        }
        // Whatever comes with a newer OpenAPI.
        _ => {}
    }
}
