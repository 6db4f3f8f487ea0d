//! Files in S3, and what CloudFront keeps of them.

use adapters::{CloudFrontEdge, File, S3Files};
use domain::store::Cause;

use crate::service::{Asked, Service};

const NOTHING: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
const NO_VERSIONS: &str = "<ListVersionsResult></ListVersionsResult>";
const DELETED: &str = "<DeleteResult></DeleteResult>";

#[tokio::test]
async fn a_file_is_read_up_to_the_size_that_is_allowed() {
    let s3 = Service::answering(200, "0123456789").await;
    let content = files(&s3).read("archives", "a/1.zip", 10).await.unwrap();
    assert_eq!(content, b"0123456789");
    assert_eq!(path(&s3.asked_once()), "GET /archives/a/1.zip");

    let err = files(&s3).read("archives", "a/1.zip", 9).await.unwrap_err();
    assert_eq!(err.to_string(), "could not read the content of the console");
    assert_eq!(err.cause, Cause::Broken);
    let reason = "`a/1.zip` in `archives` has more than 9 bytes";
    assert_eq!(err.source.to_string(), reason);
}

#[tokio::test]
async fn what_browsers_are_told_is_stored_with_each_file() {
    let s3 = Service::answering(200, "").await;
    let names: Vec<_> = (0..20)
        .map(|number| format!("assets/{number}.js"))
        .collect();
    let written = names.iter().map(|name| File {
        name: name.clone(),
        content: name.clone().into_bytes(),
        content_type: "text/javascript; charset=utf-8".to_owned(),
        cache_control: "no-cache",
    });
    files(&s3)
        .write("console", written.collect())
        .await
        .unwrap();
    let mut asked = s3.asked();
    assert_eq!(asked.len(), 20);
    asked.sort_by_key(|it| it.body.clone());
    for it in asked {
        let name = String::from_utf8(it.body.clone()).unwrap();
        assert_eq!(path(&it), format!("PUT /console/{name}"));
        assert_eq!(
            it.header("content-type"),
            Some("text/javascript; charset=utf-8")
        );
        assert_eq!(it.header("cache-control"), Some("no-cache"));
    }
}

#[tokio::test]
async fn the_names_of_all_pages_are_listed() {
    let page = "<ListBucketResult><IsTruncated>true</IsTruncated>\
                <NextContinuationToken>more</NextContinuationToken>\
                <Contents><Key>a b.js</Key></Contents><Contents><Key>c.js</Key></Contents>\
                </ListBucketResult>";
    let last = "<ListBucketResult><IsTruncated>false</IsTruncated>\
                <Contents><Key>d.js</Key></Contents></ListBucketResult>";
    let s3 = Service::answering_in_turn(&[(200, page), (200, last)]).await;
    let names = files(&s3).names("console").await.unwrap();
    assert_eq!(names, ["a b.js", "c.js", "d.js"]);
    assert!(s3.asked()[1].line.contains("continuation-token=more"));

    let s3 = Service::answering(200, NOTHING).await;
    assert!(files(&s3).names("console").await.unwrap().is_empty());
}

#[tokio::test]
async fn files_are_removed_a_thousand_at_a_time() {
    let s3 = Service::answering(200, DELETED).await;
    files(&s3).remove("console", &[]).await.unwrap();
    assert!(s3.asked().is_empty());

    let names: Vec<_> = (0..2001).map(|number| format!("{number}.js")).collect();
    files(&s3).remove("console", &names).await.unwrap();
    let counts: Vec<_> = s3
        .asked()
        .iter()
        .map(|it| text(it).matches("<Key>").count())
        .collect();
    assert_eq!(counts, [1000, 1000, 1]);
    let first = &s3.asked()[0];
    assert!(
        path(first).starts_with("POST /console/?delete"),
        "{}",
        first.line
    );
    assert!(text(first).contains("<Key>0.js</Key>"));
    assert!(!text(first).contains("VersionId"), "its versions stay");
}

#[tokio::test]
async fn a_file_that_is_not_removed_is_an_error_though_the_call_succeeds() {
    let refused = "<DeleteResult><Error><Key>a.js</Key><Code>AccessDenied</Code></Error>\
                   </DeleteResult>";
    let s3 = Service::answering(200, refused).await;
    let err = files(&s3).remove("console", &["a.js".to_owned()]).await;
    let err = err.unwrap_err();
    assert_eq!(err.to_string(), "could not remove old files of the console");
    assert_eq!(err.source.to_string(), "`a.js`: AccessDenied");
}

#[tokio::test]
async fn a_bucket_is_emptied_of_every_version_and_marker() {
    let page = "<ListVersionsResult><IsTruncated>true</IsTruncated>\
                <Version><Key>a.js</Key><VersionId>1</VersionId></Version>\
                <DeleteMarker><Key>a.js</Key><VersionId>2</VersionId></DeleteMarker>\
                </ListVersionsResult>";
    let last = "<ListVersionsResult>\
                <Version><Key>b.js</Key><VersionId>null</VersionId></Version>\
                </ListVersionsResult>";
    let answers = [page, DELETED, last, DELETED, NO_VERSIONS].map(|body| (200, body));
    let s3 = Service::answering_in_turn(&answers).await;
    files(&s3).clear("console").await.unwrap();
    let deleted: Vec<_> = s3
        .asked()
        .iter()
        .filter(|it| it.line.starts_with("POST"))
        .map(|it| (text(it).matches("<Key>").count(), text(it)))
        .collect();
    assert_eq!(deleted.len(), 2);
    assert_eq!((deleted[0].0, deleted[1].0), (2, 1));
    for version in ["<VersionId>1</VersionId>", "<VersionId>2</VersionId>"] {
        assert!(deleted[0].1.contains(version), "{version}");
    }
    assert!(deleted[1].1.contains("<VersionId>null</VersionId>"));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_empty() {
    let s3 = Service::answering(404, "<Error><Code>NoSuchBucket</Code></Error>").await;
    files(&s3).clear("console").await.unwrap();

    let s3 = Service::answering(403, "<Error><Code>AccessDenied</Code></Error>").await;
    let err = files(&s3).clear("console").await.unwrap_err();
    assert_eq!(err.to_string(), "could not empty the bucket of the console");
}

#[tokio::test]
async fn paths_are_fetched_anew_by_one_order() {
    let answer = "<Invalidation><Id>I1</Id><Status>InProgress</Status>\
                  <CreateTime>2026-11-24T12:00:00Z</CreateTime><InvalidationBatch>\
                  <Paths><Quantity>2</Quantity></Paths><CallerReference>r</CallerReference>\
                  </InvalidationBatch></Invalidation>";
    let cloudfront = Service::answering(201, answer).await;
    let paths = ["/index.html", "/config.json"].map(str::to_owned);
    edge(&cloudfront)
        .refresh("E1", &paths, "order")
        .await
        .unwrap();
    let asked = cloudfront.asked_once();
    assert_eq!(asked.line, "POST /2020-05-31/distribution/E1/invalidation");
    for part in [
        "<Quantity>2</Quantity>",
        "<Path>/index.html</Path><Path>/config.json</Path>",
        "<CallerReference>order</CallerReference>",
    ] {
        assert!(text(&asked).contains(part), "{part} in {}", text(&asked));
    }
}

#[tokio::test]
async fn an_order_that_is_not_taken_is_an_error() {
    let body = "<ErrorResponse><Error><Code>TooManyInvalidationsInProgress</Code></Error>\
                </ErrorResponse>";
    let cloudfront = Service::answering(400, body).await;
    let err = edge(&cloudfront)
        .refresh("E1", &["/x".to_owned()], "order")
        .await;
    assert_eq!(
        err.unwrap_err().to_string(),
        "could not refresh the console at the edges of CloudFront"
    );
}

fn files(s3: &Service) -> S3Files {
    S3Files::new(aws_sdk_s3::Client::new(&s3.sdk))
}

fn edge(cloudfront: &Service) -> CloudFrontEdge {
    CloudFrontEdge::new(aws_sdk_cloudfront::Client::new(&cloudfront.sdk))
}

/// Method and path, without what the SDK adds to the query.
fn path(asked: &Asked) -> String {
    let line = asked.line.split("x-id=").next().unwrap_or_default();
    line.trim_end_matches(['?', '&']).to_owned()
}

fn text(asked: &Asked) -> String {
    String::from_utf8(asked.body.clone()).unwrap()
}
