use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::Mutex;

use domain::store::Cause;
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const BUCKET: &str = "console";

/// An archive: its files, by name.
type Files = &'static [(&'static str, &'static str)];

const FIRST: Files = &[
    ("assets/", ""),
    ("assets/index-1.js", "one"),
    ("config.json", "of the developer"),
    ("icon.svg", "<svg/>"),
    ("index.html", "page 1"),
];
const SECOND: Files = &[
    ("assets/index-2.js", "two"),
    ("icon.svg", "<svg/>"),
    ("index.html", "page 2"),
];
const THIRD: Files = &[("assets/index-3.js", "three"), ("index.html", "page 3")];

/// A cloud with one bucket, archives to fill it with, and how many more calls work.
#[derive(Debug)]
struct Cloud(Mutex<State>);

#[derive(Debug)]
struct State {
    archives: BTreeMap<&'static str, Vec<u8>>,
    /// With the order in which they were written.
    bucket: Option<BTreeMap<String, File>>,
    written: Vec<String>,
    remembered: Option<Change<Content>>,
    refreshed: BTreeSet<(Vec<String>, String)>,
    calls_left: usize,
}

impl Cloud {
    fn new() -> Self {
        Self(Mutex::new(State {
            archives: [("1.zip", FIRST), ("2.zip", SECOND), ("3.zip", THIRD)]
                .map(|(name, files)| (name, zip(files)))
                .into(),
            bucket: Some(BTreeMap::new()),
            written: Vec::new(),
            remembered: None,
            refreshed: BTreeSet::new(),
            calls_left: usize::MAX,
        }))
    }

    fn call<R>(&self, act: impl FnOnce(&mut State) -> R) -> Result<R, StoreError> {
        let mut state = self.0.lock().unwrap();
        let Some(left) = state.calls_left.checked_sub(1) else {
            return Err(failure("reach the cloud"));
        };
        state.calls_left = left;
        Ok(act(&mut state))
    }

    fn breaks_after(&self, calls: usize) {
        self.0.lock().unwrap().calls_left = calls;
    }

    fn has_archive(&self, name: &'static str, bytes: Vec<u8>) {
        self.0.lock().unwrap().archives.insert(name, bytes);
    }

    /// Names and contents of what lies in the bucket.
    fn files(&self) -> BTreeMap<String, String> {
        let state = self.0.lock().unwrap();
        let files = state.bucket.iter().flatten();
        files
            .map(|(name, file)| (name.clone(), String::from_utf8_lossy(&file.content).into()))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }

    async fn ask(&self, kind: Kind, properties: Value) -> Result<(), String> {
        let request = Request {
            kind,
            request_id: "order".to_owned(),
            resource_type: "Custom::ConsoleContent".to_owned(),
            properties,
            old_properties: Value::Null,
            event: Value::Null,
        };
        let maker = PublishConsole {
            site: self,
            memory: self,
        };
        let made = maker.make(&request).await;
        made.map(|attributes| assert!(attributes.is_empty()))
            .map_err(|err| err.to_string())
    }

    async fn publish(&self, archive: &str) -> Result<(), String> {
        self.ask(Kind::Update, properties(archive, "pool-1")).await
    }

    async fn withdraw(&self) -> Result<(), String> {
        self.ask(Kind::Delete, properties("1.zip", "pool-1")).await
    }
}

impl Site for &Cloud {
    async fn read(&self, bucket: &str, name: &str, most: usize) -> Result<Vec<u8>, StoreError> {
        assert_eq!((bucket, most), ("archives", LARGEST_ARCHIVE));
        let archive = self.call(|it| it.archives.get(name).cloned())?;
        archive.ok_or_else(|| failure("read the content of the console"))
    }

    async fn write(&self, bucket: &str, files: Vec<File>) -> Result<(), StoreError> {
        assert_eq!(bucket, BUCKET);
        for file in files {
            self.call(|it| {
                it.written.push(file.name.clone());
                it.bucket.as_mut().unwrap().insert(file.name.clone(), file);
            })?;
        }
        Ok(())
    }

    async fn names(&self, bucket: &str) -> Result<Vec<String>, StoreError> {
        assert_eq!(bucket, BUCKET);
        self.call(|it| {
            it.bucket
                .iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        })
    }

    async fn remove(&self, bucket: &str, names: &[String]) -> Result<(), StoreError> {
        assert_eq!(bucket, BUCKET);
        for name in names {
            self.call(|it| it.bucket.as_mut().unwrap().remove(name))?;
        }
        Ok(())
    }

    async fn clear(&self, bucket: &str) -> Result<(), StoreError> {
        assert_eq!(bucket, BUCKET);
        self.call(|it| it.bucket = it.bucket.as_ref().map(|_| BTreeMap::new()))
    }

    async fn refresh(
        &self,
        distribution: &str,
        paths: &[String],
        reference: &str,
    ) -> Result<(), StoreError> {
        assert_eq!(distribution, "E1");
        self.call(|it| it.refreshed.insert((paths.to_vec(), reference.to_owned())))?;
        Ok(())
    }
}

impl Memory<Change<Content>> for &Cloud {
    type Entry = ();

    async fn get(&self) -> Result<Option<(Change<Content>, ())>, StoreError> {
        self.call(|it| it.remembered.clone().map(|it| (it, ())))
    }

    async fn put(&self, _: Option<&()>, after: &Change<Content>) -> Result<(), StoreError> {
        self.call(|it| it.remembered = Some(after.clone()))
    }

    async fn delete(&self, (): &()) -> Result<(), StoreError> {
        self.call(|it| it.remembered = None)
    }
}

#[tokio::test]
async fn the_files_of_the_archive_lie_in_the_bucket_with_the_configuration() {
    let cloud = Cloud::new();
    cloud.publish("1.zip").await.unwrap();
    let expected = [
        ("assets/index-1.js", "one"),
        ("config.json", r#"{"apiUrl":"/api","userPoolId":"pool-1"}"#),
        ("icon.svg", "<svg/>"),
        ("index.html", "page 1"),
    ];
    let expected = expected.map(|(name, content)| (name.to_owned(), content.to_owned()));
    assert_eq!(cloud.files(), expected.into());

    let state = cloud.0.lock().unwrap();
    let bucket = state.bucket.as_ref().unwrap();
    assert_eq!(
        bucket["index.html"].content_type,
        "text/html; charset=utf-8"
    );
    assert_eq!(bucket["index.html"].cache_control, "no-cache");
    assert_eq!(bucket["config.json"].cache_control, "no-cache");
    assert!(
        bucket["assets/index-1.js"]
            .cache_control
            .ends_with("immutable")
    );
}

#[tokio::test]
async fn the_page_is_the_last_to_come_and_what_keeps_its_name_is_fetched_anew() {
    let cloud = Cloud::new();
    cloud.publish("1.zip").await.unwrap();
    let state = cloud.0.lock().unwrap();
    assert_eq!(
        state.written,
        ["assets/index-1.js", "icon.svg", "config.json", "index.html"]
    );
    let paths = ["/icon.svg", "/index.html", "/config.json"].map(str::to_owned);
    let order = (paths.to_vec(), "order".to_owned());
    assert_eq!(state.refreshed, BTreeSet::from([order]));
}

#[tokio::test]
async fn files_outlive_the_page_that_names_them_by_one_deployment() {
    let cloud = Cloud::new();
    for (archive, names) in [
        (
            "1.zip",
            vec!["assets/index-1.js", "config.json", "icon.svg", "index.html"],
        ),
        (
            "2.zip",
            vec![
                "assets/index-1.js",
                "assets/index-2.js",
                "config.json",
                "icon.svg",
                "index.html",
            ],
        ),
        // A repetition, or another configuration.
        (
            "2.zip",
            vec![
                "assets/index-1.js",
                "assets/index-2.js",
                "config.json",
                "icon.svg",
                "index.html",
            ],
        ),
        (
            "3.zip",
            vec![
                "assets/index-2.js",
                "assets/index-3.js",
                "config.json",
                "icon.svg",
                "index.html",
            ],
        ),
        // A rollback.
        (
            "2.zip",
            vec![
                "assets/index-2.js",
                "assets/index-3.js",
                "config.json",
                "icon.svg",
                "index.html",
            ],
        ),
    ] {
        cloud.publish(archive).await.unwrap();
        assert_eq!(cloud.names(), names, "{archive}");
    }
    assert_eq!(cloud.files()["index.html"], "page 2");
}

#[tokio::test]
async fn another_configuration_reaches_the_bucket() {
    let cloud = Cloud::new();
    cloud.publish("1.zip").await.unwrap();
    let other = properties("1.zip", "pool-2");
    cloud.ask(Kind::Update, other).await.unwrap();
    assert_eq!(
        cloud.files()["config.json"],
        r#"{"apiUrl":"/api","userPoolId":"pool-2"}"#
    );
}

#[tokio::test]
async fn a_failure_at_any_point_is_made_good_by_the_next_attempt() {
    let expected = Cloud::new();
    for archive in ["1.zip", "2.zip", "3.zip"] {
        expected.publish(archive).await.unwrap();
    }
    for calls in 0.. {
        let cloud = Cloud::new();
        cloud.publish("1.zip").await.unwrap();
        cloud.publish("2.zip").await.unwrap();
        cloud.breaks_after(calls);
        let outcome = cloud.publish("3.zip").await;
        cloud.breaks_after(usize::MAX);
        // Whoever comes meanwhile gets a page whose files are there.
        let files = cloud.files();
        let number = files["index.html"].strip_prefix("page ").unwrap();
        assert!(
            files.contains_key(&format!("assets/index-{number}.js")),
            "{calls}: {files:?}"
        );

        cloud.publish("3.zip").await.unwrap();
        assert_eq!(cloud.files(), expected.files(), "{calls}");
        let remembered = |cloud: &Cloud| cloud.0.lock().unwrap().remembered.clone();
        assert_eq!(remembered(&cloud), remembered(&expected), "{calls}");
        if outcome.is_ok() {
            assert!(calls > 8, "only {calls} calls were tried");
            return;
        }
    }
}

#[tokio::test]
async fn nothing_is_left_whenever_it_is_deleted() {
    for calls in 0..4 {
        let cloud = Cloud::new();
        cloud.publish("1.zip").await.unwrap();
        cloud.publish("2.zip").await.unwrap();
        cloud.breaks_after(calls);
        let outcome = cloud.withdraw().await;
        assert_eq!(outcome.is_ok(), calls == 3, "{calls}");
        cloud.breaks_after(usize::MAX);
        for _ in 0..2 {
            cloud.withdraw().await.unwrap();
            assert!(cloud.names().is_empty(), "{calls}");
            assert_eq!(cloud.0.lock().unwrap().remembered, None, "{calls}");
        }
        // And switched on again.
        cloud.publish("1.zip").await.unwrap();
        assert_eq!(cloud.names().len(), 4);
    }
}

#[tokio::test]
async fn what_was_never_made_can_be_deleted() {
    let cloud = Cloud::new();
    cloud.withdraw().await.unwrap();
    cloud.0.lock().unwrap().bucket = None;
    cloud.withdraw().await.unwrap();
    cloud.ask(Kind::Delete, json!({"Bucket": 7})).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_published_is_refused_and_changes_nothing() {
    let cloud = Cloud::new();
    cloud.has_archive("text.zip", b"PK, but not really".to_vec());
    cloud.has_archive("empty.zip", zip(&[("readme.txt", "")]));
    cloud.has_archive("above.zip", zip(&[("../index.html", "")]));
    cloud.publish("1.zip").await.unwrap();
    let before = cloud.files();
    for (archive, reason) in [
        (
            "text.zip",
            "the archive of the console cannot be used: invalid Zip archive",
        ),
        (
            "empty.zip",
            "the archive of the console cannot be used: it has no index.html; build it by \
             scripts/build, and deploy again",
        ),
        (
            "above.zip",
            "\"../index.html\" is not a name below a folder",
        ),
        ("none.zip", "could not read the content of the console"),
    ] {
        let refusal = cloud.publish(archive).await.unwrap_err();
        assert!(refusal.contains(reason), "{archive}: {refusal}");
        assert_eq!(cloud.files(), before, "{archive}");
    }
    for property in [
        "SourceBucket",
        "SourceKey",
        "Bucket",
        "DistributionId",
        "Configuration",
    ] {
        let mut properties = properties("1.zip", "pool-1");
        properties.as_object_mut().unwrap().remove(property);
        let refusal = cloud.ask(Kind::Create, properties).await.unwrap_err();
        let reason = format!(
            "the properties are not those of a console's content: missing field `{property}`"
        );
        assert_eq!(refusal, reason);
    }
}

#[tokio::test]
async fn an_archive_that_is_too_large_once_unpacked_is_refused() {
    let cloud = Cloud::new();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let fast = SimpleFileOptions::default().compression_level(Some(1));
    writer.start_file("index.html", fast).unwrap();
    let megabyte = vec![0; 1 << 20];
    for _ in 0..65 {
        writer.write_all(&megabyte).unwrap();
    }
    let bomb = writer.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20);
    cloud.has_archive("bomb.zip", bomb);
    let refusal = cloud.publish("bomb.zip").await.unwrap_err();
    assert!(
        refusal.contains("more than 67108864 bytes, unpacked"),
        "{refusal}"
    );
}

fn properties(archive: &str, pool: &str) -> Value {
    json!({
        "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:Trial-custom-resource",
        "SourceBucket": "archives",
        "SourceKey": archive,
        "Bucket": BUCKET,
        "DistributionId": "E1",
        "Configuration": { "apiUrl": "/api", "userPoolId": pool },
    })
}

fn zip(files: Files) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = SimpleFileOptions::default();
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn failure(operation: &'static str) -> StoreError {
    StoreError {
        operation,
        cause: Cause::Broken,
        source: "AccessDenied".into(),
    }
}
