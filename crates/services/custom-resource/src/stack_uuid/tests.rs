use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::fakes::{Calls, Row, request};
use crate::maker::Failure;

/// The UUID that a request is answered with.
async fn make(row: &Row<String>, kind: &str) -> Result<Option<String>, Failure> {
    let request = request(kind, resource::STACK_UUID, &Value::Null);
    let mut told = DrawUuid(row.clone()).make(&request).await?;
    Ok(told.remove("Uuid"))
}

#[tokio::test]
async fn the_uuid_is_the_same_for_the_life_of_the_stack_and_another_in_the_next() {
    let row = Row::new(&Calls::all());
    let mut lives = BTreeSet::new();
    for _ in 0..3 {
        let drawn = make(&row, "Create").await.unwrap().unwrap();
        assert_eq!(Uuid::parse_str(&drawn).unwrap().get_version_num(), 4);
        for kind in ["Update", "Create", "Update"] {
            assert_eq!(make(&row, kind).await.unwrap().as_ref(), Some(&drawn));
        }
        for _ in 0..2 {
            assert_eq!(make(&row, "Delete").await.unwrap(), None);
        }
        assert!(lives.insert(drawn));
    }
}

#[tokio::test]
async fn a_failure_at_any_call_is_made_good_by_the_next_request() {
    for calls in 0..2 {
        let works = Calls::all();
        let row = Row::new(&works);
        works.break_after(calls);
        assert!(make(&row, "Create").await.is_err());
        works.work();
        let drawn = make(&row, "Create").await.unwrap();

        works.break_after(calls);
        drop(make(&row, "Update").await);
        works.work();
        assert_eq!(make(&row, "Update").await.unwrap(), drawn);

        works.break_after(calls);
        drop(make(&row, "Delete").await);
        works.work();
        make(&row, "Delete").await.unwrap();
        assert_eq!(*row.value.lock().unwrap(), None);
    }
}

#[tokio::test]
async fn of_two_that_are_drawn_at_once_the_first_is_kept() {
    let row = Row::new(&Calls::all());
    let first = make(&row, "Create").await.unwrap();
    // The other one has looked before.
    assert!(row.put(None, &"late".to_owned()).await.is_err());
    assert_eq!(make(&row, "Create").await.unwrap(), first);
}
