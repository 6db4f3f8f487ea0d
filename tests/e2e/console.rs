//! The web console as it is deployed: what browsers get at its address, and what
//! nobody gets.

mod deployment;

use anyhow::{Context, Result};
use contract::output;
use serde_json::{Value, json};
use tests::{Answer, Stack};

use crate::console::deployment::Deployment;

#[tokio::test]
async fn the_page_comes_with_headers_that_guard_it() -> Result<()> {
    let page = Stack::connect().await?.site()?.get("/").await?;
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("strict-transport-security", "max-age=63072000"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(header(&page, name), value, "{name}");
    }
    let policy = header(&page, "content-security-policy");
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(
            policy.split("; ").any(|it| it == directive),
            "{directive} in {policy}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn each_address_of_the_console_is_its_page_and_a_missing_file_is_not() -> Result<()> {
    let site = Stack::connect().await?.site()?;
    let page = site.get("/index.html").await?;
    assert!(page.text.contains("<html"), "{}", page.text);
    for path in [
        "/",
        "/devices",
        "/devices/SP.1/events",
        "/sign-in?next=%2Fdevices",
        "/a/b.c",
    ] {
        let found = site.get(path).await?;
        assert_eq!((found.status, &found.text), (200, &page.text), "{path}");
    }
    for path in ["/assets/none.js", "/none.svg"] {
        let found = site.get(path).await?;
        assert_eq!(found.status, 403, "{path}");
        assert!(!found.text.contains("<html"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn scripts_of_the_page_are_kept_for_ever() -> Result<()> {
    let site = Stack::connect().await?.site()?;
    let page = site.get("/").await?.text;
    let scripts: Vec<_> = page
        .split('"')
        .filter(|it| it.starts_with("/assets/") && it.ends_with(".js"))
        .collect();
    assert!(!scripts.is_empty(), "{page}");
    for path in scripts {
        let script = site.get(path).await?;
        assert_eq!(script.status, 200, "{path}");
        assert_eq!(
            header(&script, "content-type"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            header(&script, "cache-control"),
            "public, max-age=31536000, immutable"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_page_learns_where_it_is() -> Result<()> {
    let stack = Stack::connect().await?;
    let found = stack.site()?.get("/config.json").await?;
    assert_eq!(header(&found, "cache-control"), "no-cache");
    assert_eq!(
        found.body,
        json!({
            "apiUrl": "/api",
            "region": "us-east-1",
            "userPoolId": stack.output(output::USER_POOL_ID),
            "userPoolClientId": stack.output(output::USER_POOL_CLIENT_ID),
            "userPoolEndpoint": stack.endpoint.replace("127.0.0.1", "localhost") + "/",
            "telemetryTopic": "smartproduct/telemetry",
            "hasHistory": "true",
        })
    );
    Ok(())
}

#[tokio::test]
async fn the_bucket_answers_nobody_else() -> Result<()> {
    let stack = Stack::connect().await?;
    let prefix = format!("{}-consolebucket-", stack.name.to_lowercase());
    let buckets = stack.s3.list_buckets().send().await?;
    let names = buckets.buckets().iter().filter_map(|it| it.name());
    let bucket = names.into_iter().find(|it| it.starts_with(&prefix));
    let bucket = bucket.context("the bucket of the console")?;

    stack
        .s3
        .head_object()
        .bucket(bucket)
        .key("index.html")
        .send()
        .await?;
    for path in ["", "/index.html", "/config.json"] {
        let url = format!("{}/{bucket}{path}", stack.endpoint);
        let status = stack.http.get(&url).send().await?.status();
        assert_eq!(status, 403, "{url}");
    }
    Ok(())
}

#[tokio::test]
async fn the_api_is_at_the_same_address_with_its_own_errors() -> Result<()> {
    let stack = Stack::connect().await?;
    let site = stack.site()?;
    let owner = stack.owner().await?;
    let token = Some(owner.id_token.as_str());

    let devices = site.get_with("/api/devices", token).await?;
    assert_eq!((devices.status, &devices.body), (200, &json!([])));
    assert_eq!(header(&devices, "x-content-type-options"), "nosniff");

    for (path, token, status) in [
        ("/devices", None, 401),
        ("/devices/none", token, 400),
        ("/devices/events?limit=many", token, 400),
        ("/nothing", token, 404),
    ] {
        let through = site.get_with(&format!("/api{path}"), token).await?;
        let direct = stack.api_with(token).get(path).await?;
        assert_eq!(through.status, status, "{path}: {}", through.text);
        assert_eq!(through.body, direct.body, "{path}");
        assert_ne!(through.body, Value::Null, "{path}: {}", through.text);
    }
    Ok(())
}

#[tokio::test]
async fn new_content_reaches_its_address_and_what_was_replaced_goes() -> Result<()> {
    let own = Deployment::new("SmartProductConsole")?;
    for (number, present, gone) in [
        (1, vec![1], vec![]),
        (2, vec![1, 2], vec![]),
        (3, vec![2, 3], vec![1]),
    ] {
        let script = format!("assets/index-{number}.js");
        own.build(&[("index.html", &format!("page {number}")), (&script, "")])?;
        own.deploy().await?;
        let site = own.site()?;
        assert_eq!(site.get("/any/where").await?.text, format!("page {number}"));
        assert_eq!(site.get("/config.json").await?.body["apiUrl"], "/api");
        for (scripts, status) in [(present, 200), (gone, 403)] {
            for script in scripts {
                let found = site.get(&format!("/assets/index-{script}.js")).await?;
                assert_eq!(
                    found.status, status,
                    "script {script} after deployment {number}"
                );
            }
        }
    }
    // Off and on again, and away: nothing is in the way of the bucket.
    own.switch(false)?;
    own.deploy().await?;
    assert!(own.site().is_err());
    own.switch(true)?;
    own.deploy().await?;
    assert_eq!(own.site()?.get("/").await?.text, "page 3");
    own.destroy().await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", String::as_str)
}
