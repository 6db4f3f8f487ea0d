use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::telemetry::plan::Column;

fn now() -> Timestamp {
    "2026-11-24T12:00:00.250Z".parse().unwrap()
}

fn span(from: &str, to: &str, resolution: &str) -> Result<(String, String, i64), String> {
    let given = |text: &'static str| (!text.is_empty()).then_some(text);
    let leak = |text: &str| given(Box::leak(text.to_owned().into_boxed_str()));
    let wish = Wish {
        from: leak(from),
        to: leak(to),
        fields: None,
        resolution: leak(resolution),
    };
    let span = wish.span(now()).map_err(|it| it.to_string())?;
    Ok((span.from.to_string(), span.to.to_string(), span.resolution))
}

#[test]
fn a_span_is_rounded_to_whole_steps_around_it() {
    for (from, to, resolution, expected) in [
        // A day until now, in steps of which 300 suffice.
        (
            "",
            "",
            "",
            ("2026-11-23T12:00:00Z", "2026-11-24T12:05:00Z", 300),
        ),
        // As asked for.
        (
            "2026-11-24T11:00:00Z",
            "2026-11-24T12:00:00Z",
            "60",
            ("2026-11-24T11:00:00Z", "2026-11-24T12:00:00Z", 60),
        ),
        // Never less than what was asked for.
        (
            "2026-11-24T11:00:59.9Z",
            "2026-11-24T11:59:00.1Z",
            "60",
            ("2026-11-24T11:00:00Z", "2026-11-24T12:00:00Z", 60),
        ),
        // Of another time zone; a length that divides nothing.
        (
            "2026-11-24T12:00:00+01:00",
            "2026-11-24T12:00:00Z",
            "7",
            ("2026-11-24T10:59:57Z", "2026-11-24T12:00:02Z", 7),
        ),
        // The longest, and the shortest.
        (
            "2026-08-23T12:00:00Z",
            "2026-11-24T12:00:00Z",
            "",
            ("2026-08-23T12:00:00Z", "2026-11-24T12:00:00Z", 43_200),
        ),
        (
            "2026-11-24T12:00:00Z",
            "2026-11-24T12:00:00.001Z",
            "",
            ("2026-11-24T12:00:00Z", "2026-11-24T12:00:01Z", 1),
        ),
        (
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:01Z",
            "",
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z", 1),
        ),
    ] {
        let (start, end, step) = expected;
        let expected = Ok((start.to_owned(), end.to_owned(), step));
        assert_eq!(
            span(from, to, resolution),
            expected,
            "{from} {to} {resolution}"
        );
    }
}

#[test]
fn a_span_that_makes_no_sense_is_refused_with_what_would() {
    let day = "2026-11-23T12:00:00Z";
    for (from, to, resolution, said) in [
        ("yesterday", "", "", "`from` must be a time of RFC 3339"),
        ("", "2026-11-24", "", "`to` must be a time of RFC 3339"),
        (
            "",
            "2026-11-24T12:00:00",
            "",
            "`to` must be a time of RFC 3339",
        ),
        ("2026-11-24T12:00:01Z", "", "", "`from` must be before `to`"),
        (day, day, "", "`from` must be before `to`"),
        (
            "2026-08-23T11:59:59Z",
            "2026-11-24T12:00:00Z",
            "",
            "at most 93 days",
        ),
        ("1969-12-31T23:59:59Z", "", "", "between 1970 and 9999"),
        ("", "9999-12-29T00:00:00Z", "", "between 1970 and 9999"),
        (day, "", "0", "from 1 to 86400"),
        (day, "", "-60", "from 1 to 86400"),
        (day, "", "+60", "from 1 to 86400"),
        (day, "", "1.5", "from 1 to 86400"),
        (day, "", "86401", "from 1 to 86400"),
        (day, "", "99999999999999999999", "from 1 to 86400"),
        (day, "", "60", "at least 87 seconds"),
    ] {
        let err = span(from, to, resolution).unwrap_err();
        assert!(err.contains(said), "{from} {to} {resolution}: {err}");
    }
    assert!(span(day, "", "87").is_ok(), "what the error names is taken");
}

#[test]
fn fields_are_those_of_the_model() {
    let details = json!({"telemetry": {
        "temperature": {"type": "number"},
        "mode": {"type": "string"},
        "level": {"type": "integer"},
    }});
    let model = Model::of(details.as_object().unwrap()).unwrap();
    let asked = |fields| {
        let wish = Wish {
            fields,
            ..Wish::default()
        };
        let fields = wish
            .fields(&model, &columns())
            .map_err(|it| it.to_string())?;
        let shown = fields.into_iter().map(|it| (it.name, it.kind, it.column));
        Ok::<_, String>(shown.collect::<Vec<_>>())
    };
    let temperature = (
        "temperature".to_owned(),
        FieldKind::Number,
        Some("temperature".to_owned()),
    );
    // Another kind than the column's: it lies among the extra ones.
    let level = ("level".to_owned(), FieldKind::Integer, None);
    let mode = ("mode".to_owned(), FieldKind::String, None);
    assert_eq!(
        asked(None),
        Ok(vec![level.clone(), mode, temperature.clone()])
    );
    assert_eq!(
        asked(Some("temperature,level")),
        Ok(vec![level, temperature])
    );
    for (fields, said) in [
        ("", "it has `level`, `mode`, `temperature`"),
        ("humidity", "it has `level`, `mode`, `temperature`"),
        ("level,,mode", "it has `level`"),
        ("level,level", "each field once"),
        ("x') OR ('a", "it has `level`"),
        ("a,b,c,d,e,f,g,h,i,j,k", "at most 10 fields, not 11"),
    ] {
        let err = asked(Some(fields)).unwrap_err();
        assert!(err.contains(said), "{fields}: {err}");
    }
}

#[test]
fn a_product_that_describes_nothing_has_numbers_of_any_name() {
    let asked = |fields| {
        let wish = Wish {
            fields,
            ..Wish::default()
        };
        wish.fields(&Model::default(), &columns())
    };
    let found = asked(Some("temperature,x.y")).unwrap();
    assert!(
        found
            .iter()
            .all(|it| it.column.is_none() && it.kind == FieldKind::Number)
    );
    assert!(
        asked(None)
            .unwrap_err()
            .to_string()
            .contains("must be given")
    );
    for fields in ["", "a b", "a'b", "a\"b", "a]b", "é"] {
        assert!(asked(Some(fields)).is_err(), "{fields}");
    }
}

#[test]
fn what_was_before_the_owner_is_cut_off_in_whole_steps() {
    let second = |second: i64| Timestamp::from_second(900 + second).unwrap();
    let span = Span {
        from: second(0),
        to: second(600),
        resolution: 300,
    };
    let last = Span {
        from: second(300),
        ..span
    };
    for (start, left) in [
        (-5, Some(span)),
        (299, Some(span)),
        (300, Some(last)),
        (599, Some(last)),
        (600, None),
    ] {
        assert_eq!(span.since(second(start)), left, "{start}");
    }
}

fn columns() -> Columns {
    let column = |name: &str, kind| {
        let column = Column {
            name: name.to_owned(),
            twin: None,
            kind,
        };
        (name.to_owned(), column)
    };
    Columns(
        [
            column("temperature", FieldKind::Number),
            column("level", FieldKind::Number),
        ]
        .into(),
    )
}

proptest! {
    /// Whatever is asked for is in the span, in few steps; asking for the span itself
    /// changes nothing, so that an answer can be used again.
    #[test]
    fn a_span_holds_what_was_asked_for(
        from in 0_i64..4_000_000_000_000,
        length in 1_i64..93 * 86_400_000,
        step in proptest::option::of(1_i64..=86_400),
    ) {
        let time = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
        let (from, to) = (time(from), time(from + length));
        let (first, last) = (from.to_string(), to.to_string());
        let step = step.map(|it| it.to_string());
        let wish = Wish { from: Some(&first), to: Some(&last), fields: None, resolution: step.as_deref() };
        let Ok(span) = wish.span(now()) else {
            prop_assert!(step.is_some(), "without a resolution there is one");
            return Ok(());
        };
        prop_assert!(span.from <= from && to <= span.to);
        let steps = span.to.duration_since(span.from).as_secs() / span.resolution;
        prop_assert!((1..=MOST_POINTS + 1).contains(&steps), "{steps}");
        prop_assert_eq!(span.from.as_second() % span.resolution, 0);
        prop_assert_eq!(span.to.as_second() % span.resolution, 0);
    }
}
