//! A file of a repository: read with its commit, replaced only at the tip.

use adapters::{CodeCommitFile, Commit, Committed};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::store::Cause;
use serde_json::json;

use crate::service::Service;

#[tokio::test]
async fn the_file_is_read_from_the_tip_of_the_branch() {
    let codecommit = Service::answering(200, &answer("{\"a\": 1}\n")).await;
    let read = file(&codecommit).get().await.unwrap();
    assert_eq!(read, committed("{\"a\": 1}\n"));
    let asked = codecommit.asked_once();
    assert_eq!(
        asked.header("x-amz-target"),
        Some("CodeCommit_20150413.GetFile")
    );
    assert_eq!(
        asked.json(),
        json!({ "repositoryName": "source", "commitSpecifier": "main", "filePath": "a.json" })
    );
}

#[tokio::test]
async fn a_commit_names_the_one_before_it() {
    let codecommit = Service::answering(200, r#"{"commitId":"2","blobId":"b","treeId":"t"}"#).await;
    let done = file(&codecommit)
        .put(&committed("old"), "new", "Set a")
        .await
        .unwrap();
    assert_eq!(done, Commit::Done);
    let asked = codecommit.asked_once();
    assert_eq!(
        asked.header("x-amz-target"),
        Some("CodeCommit_20150413.PutFile")
    );
    assert_eq!(
        asked.json(),
        json!({
            "repositoryName": "source",
            "branchName": "main",
            "parentCommitId": "1",
            "filePath": "a.json",
            "fileContent": STANDARD.encode("new"),
            "commitMessage": "Set a",
            "name": "CloudFormation",
        })
    );
}

#[tokio::test]
async fn a_commit_that_another_one_came_before_is_no_failure() {
    for code in [
        "ParentCommitIdOutdatedException",
        "ConcurrentReferenceUpdateException",
    ] {
        let codecommit = Service::answering(400, &refusal(code)).await;
        let done = file(&codecommit)
            .put(&committed("old"), "new", "Set a")
            .await;
        assert_eq!(done.unwrap(), Commit::Overtaken, "{code}");
    }
}

#[tokio::test]
async fn a_refusal_is_an_error_that_says_what_was_tried() {
    let codecommit = Service::answering(400, &refusal("FileDoesNotExistException")).await;
    let err = file(&codecommit).get().await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "could not read the manifest in the repository"
    );
    assert_eq!(err.cause, Cause::Broken);
    let codecommit = Service::answering(400, &refusal("BranchDoesNotExistException")).await;
    let err = file(&codecommit)
        .put(&committed("old"), "new", "Set a")
        .await
        .unwrap_err();
    assert_eq!(err.to_string(), "could not commit the manifest");
}

#[tokio::test]
async fn a_file_that_is_no_text_is_an_error() {
    let body = json!({
        "commitId": "1", "blobId": "b", "filePath": "a.json", "fileMode": "NORMAL",
        "fileSize": 2, "fileContent": STANDARD.encode([0xff, 0xfe]),
    });
    let codecommit = Service::answering(200, &body.to_string()).await;
    let err = file(&codecommit).get().await.unwrap_err();
    assert_eq!(err.cause, Cause::Broken);
}

fn answer(text: &str) -> String {
    json!({
        "commitId": "1", "blobId": "b", "filePath": "a.json", "fileMode": "NORMAL",
        "fileSize": text.len(), "fileContent": STANDARD.encode(text),
    })
    .to_string()
}

fn refusal(code: &str) -> String {
    json!({ "__type": code, "message": "no" }).to_string()
}

fn committed(text: &str) -> Committed {
    Committed {
        text: text.to_owned(),
        commit: "1".to_owned(),
    }
}

fn file(codecommit: &Service) -> CodeCommitFile {
    let client = aws_sdk_codecommit::Client::new(&codecommit.sdk);
    CodeCommitFile::new(client, "source".to_owned(), "main", "a.json")
}
