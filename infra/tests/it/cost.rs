//! The estimate of costs as people see it.

use std::fs;

use clap::Parser;
use infra::cost::{Args, Estimate, Prices, Usage};
use infra::local::Cloud;
use infra::manifest::Manifest;

const OPERATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cdk-manifest.json");
/// How an example in the documentation begins.
const COMMAND: &str = "```text\n$ cargo run -q -p infra -- cost ";

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

/// What `infra cost` prints with `options`.
fn printed(options: &str) -> String {
    let words = ["cost", "--manifest", MANIFEST].into_iter();
    let cli = Cli::try_parse_from(words.chain(options.split_whitespace())).unwrap();
    cli.args.run().unwrap()
}

/// `INSTA_UPDATE=always`, as for the snapshots, writes them anew.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable is insta's, which has no function for it"
)]
fn the_examples_in_the_documentation_are_what_is_printed() {
    let text = fs::read_to_string(OPERATIONS).unwrap();
    let mut examples = text.split(COMMAND);
    let mut fresh = examples.next().unwrap().to_owned();
    let mut count = 0;
    for example in examples {
        let (options, rest) = example.split_once('\n').unwrap();
        let (_, rest) = rest.split_once("```").unwrap();
        let output = printed(options);
        fresh += &format!("{COMMAND}{options}\n{output}\n```{rest}");
        count += 1;
    }
    assert_eq!(count, 3, "worked examples");
    if std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
        fs::write(OPERATIONS, &fresh).unwrap();
        return;
    }
    assert!(
        text == fresh,
        "docs/operations.md has older estimates; write them anew by \
         `INSTA_UPDATE=always cargo test -p infra`"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let options = "--devices 12345 --json";
    assert_eq!(printed(options), printed(options));
}

#[test]
fn the_sum_is_that_of_the_lines_and_of_the_services() {
    let json: serde_json::Value =
        serde_json::from_str(&printed("--devices 1234 --sms 0.5 --json")).unwrap();
    // In 10⁻¹² dollars.
    let parts = |it: &serde_json::Value| -> u128 {
        let (whole, places) = it.as_str().unwrap().split_once('.').unwrap();
        format!("{whole}{places:0<12}").parse().unwrap()
    };
    for list in ["lines", "services"] {
        let sum: u128 = (json[list].as_array().unwrap().iter())
            .map(|it| parts(&it["sum"]))
            .sum();
        assert_eq!(sum, parts(&json["total"]), "{list}");
    }
}

#[test]
fn what_is_wrong_with_an_option_is_said() {
    for (options, expected) in [
        ("", "--devices"),
        ("--devices 0", "0 is not in 1..=100000000"),
        ("--devices 1.5", "invalid digit"),
        ("--devices 1 --alerts 101", "it has to be at most 100"),
        ("--devices 1 --connected-hours 25", "a day has 24 hours"),
        ("--devices 1 --events -1", "unexpected argument"),
        (
            "--devices 1 --events 0.0001",
            "at most three decimal places",
        ),
        (
            "--devices 1 --message-bytes 131073",
            "131073 is not in 1..=131072",
        ),
        ("--devices 1 --months 0", "0 is not in 1..=120"),
    ] {
        let words = ["cost"].into_iter().chain(options.split_whitespace());
        let error = Cli::try_parse_from(words).unwrap_err().to_string();
        assert!(error.contains(expected), "{options}: {error}");
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let ours = format!("--manifest {MANIFEST}");
    for (options, expected) in [
        (
            "--manifest nowhere.json",
            "cannot read the manifest `nowhere.json`",
        ),
        (
            &format!("{ours} --prices nowhere.json"),
            "cannot read the prices `nowhere.json`",
        ),
        (
            &format!("{ours} --prices {MANIFEST}"),
            "cannot be used: line",
        ),
    ] {
        let words = format!("cost --devices 1 {options}");
        let cli = Cli::try_parse_from(words.split_whitespace()).unwrap();
        let error = cli.args.run().unwrap_err().to_string();
        assert!(error.contains(expected), "{options}: {error}");
    }
}

#[test]
fn more_devices_cost_more_and_each_of_them_less() {
    let manifest = Manifest::full(Cloud::Aws);
    let prices = Prices::ours();
    let estimates = [10, 1_000, 100_000, 10_000_000].map(|devices| {
        // A question about one device reads the files of all, so these alone cost
        // each device more.
        let usage = Usage {
            histories: "0".parse().unwrap(),
            ..Usage::of(devices)
        };
        Estimate::new(&manifest, &usage, &prices)
    });
    assert!(estimates.is_sorted_by_key(Estimate::total));
    assert!(
        estimates
            .iter()
            .rev()
            .is_sorted_by_key(|it| it.per_device())
    );
}
