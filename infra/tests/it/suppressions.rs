//! The page of what is suppressed in the templates.

use std::fs;

use infra::run;

#[test]
fn the_committed_page_is_fresh() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/suppressions.md");
    let committed = fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == run::suppressions().unwrap(),
        "docs/suppressions.md is stale: cargo run -p infra -- suppressions > docs/suppressions.md"
    );
}
