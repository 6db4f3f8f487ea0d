//! Files in S3: an archive to read, and the content of a bucket as a whole.

use std::error::Error;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::builders::ObjectIdentifierBuilder;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::store::{Cause, StoreError};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::aws::{failed, unreadable};

/// Uploads at the same time. Their contents are in memory.
const AT_ONCE: usize = 8;

/// Objects that S3 deletes in one call, at most.
const PER_CALL: usize = 1000;

/// One file, with what whoever fetches it is told about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct File {
    /// Its key: a path without a slash at the start.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// Header `Content-Type`.
    pub content_type: String,
    /// Header `Cache-Control`.
    pub cache_control: &'static str,
}

/// The files that `client` may read and write.
#[derive(Clone, Debug)]
pub struct S3Files {
    client: Client,
}

impl S3Files {
    /// The files behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The content of a file, which may have `most` bytes.
    ///
    /// # Errors
    ///
    /// When the file is not there or is larger, or S3 does not answer.
    pub async fn read(&self, bucket: &str, name: &str, most: usize) -> Result<Vec<u8>, StoreError> {
        const OPERATION: &str = "read the content of the console";
        let object = self.client.get_object().bucket(bucket).key(name).send();
        let object = object.await.map_err(|err| failed(OPERATION, err))?;
        let mut body = object.body;
        let mut content = Vec::new();
        while let Some(part) = body.next().await {
            let part = part.map_err(|err| interrupted(OPERATION, err))?;
            if content.len() + part.len() > most {
                let reason = format!("`{name}` in `{bucket}` has more than {most} bytes");
                return Err(unreadable(OPERATION, reason));
            }
            content.extend_from_slice(&part);
        }
        Ok(content)
    }

    /// Writes files, some at a time, in no fixed order.
    ///
    /// # Errors
    ///
    /// When S3 does not take one of them; others may have been written.
    pub async fn write(&self, bucket: &str, files: Vec<File>) -> Result<(), StoreError> {
        stream::iter(files)
            .map(|file| self.write_one(bucket, file))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn write_one(&self, bucket: &str, file: File) -> Result<(), StoreError> {
        self.client
            .put_object()
            .bucket(bucket)
            .key(file.name)
            .content_type(file.content_type)
            .cache_control(file.cache_control)
            .body(ByteStream::from(file.content))
            .send()
            .await
            .map_err(|err| failed("write a file of the console", err))?;
        Ok(())
    }

    /// The names of all files in a bucket.
    ///
    /// # Errors
    ///
    /// When S3 does not answer.
    pub async fn names(&self, bucket: &str) -> Result<Vec<String>, StoreError> {
        let pages = self.client.list_objects_v2().bucket(bucket);
        let mut pages = pages.into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|err| failed("list the files of the console", err))?;
            names.extend(
                page.contents
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|it| it.key),
            );
        }
        Ok(names)
    }

    /// Removes files; their versions stay.
    ///
    /// # Errors
    ///
    /// When S3 does not remove one of them.
    pub async fn remove(&self, bucket: &str, names: &[String]) -> Result<(), StoreError> {
        const OPERATION: &str = "remove old files of the console";
        for names in names.chunks(PER_CALL) {
            let objects = names
                .iter()
                .map(|name| ObjectIdentifier::builder().key(name));
            self.delete(OPERATION, bucket, objects).await?;
        }
        Ok(())
    }

    /// Removes every version of every file, so that the bucket can be deleted.
    /// A bucket that is not there is empty.
    ///
    /// # Errors
    ///
    /// When S3 does not remove one of them.
    pub async fn clear(&self, bucket: &str) -> Result<(), StoreError> {
        const OPERATION: &str = "empty the bucket of the console";
        loop {
            let found = match self
                .client
                .list_object_versions()
                .bucket(bucket)
                .send()
                .await
            {
                Ok(found) => found,
                Err(err) if err.code() == Some("NoSuchBucket") => return Ok(()),
                Err(err) => return Err(failed(OPERATION, err)),
            };
            let versions = found.versions.unwrap_or_default().into_iter();
            let versions = versions.map(|it| (it.key, it.version_id));
            let markers = found.delete_markers.unwrap_or_default().into_iter();
            let markers = markers.map(|it| (it.key, it.version_id));
            let objects: Vec<_> = versions
                .chain(markers)
                .map(|(key, version)| {
                    ObjectIdentifier::builder()
                        .set_key(key)
                        .set_version_id(version)
                })
                .collect();
            // The first page, each time: what it named before is not there any more.
            if objects.is_empty() {
                return Ok(());
            }
            self.delete(OPERATION, bucket, objects.into_iter()).await?;
        }
    }

    async fn delete(
        &self,
        operation: &'static str,
        bucket: &str,
        objects: impl Iterator<Item = ObjectIdentifierBuilder>,
    ) -> Result<(), StoreError> {
        let objects: Result<Vec<_>, _> = objects.map(|it| it.build()).collect();
        let objects = objects.map_err(|err| unreadable(operation, err))?;
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true);
        let delete = delete.build().map_err(|err| unreadable(operation, err))?;
        let call = self.client.delete_objects().bucket(bucket).delete(delete);
        let answer = call.send().await.map_err(|err| failed(operation, err))?;
        // The call succeeds as a whole, whatever becomes of each object.
        match answer.errors().first() {
            None => Ok(()),
            Some(err) => Err(unreadable(
                operation,
                format!(
                    "`{}`: {}",
                    err.key().unwrap_or_default(),
                    err.code().unwrap_or("no reason given")
                ),
            )),
        }
    }
}

/// An answer that broke off can be asked for again.
fn interrupted(operation: &'static str, err: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError {
        operation,
        cause: Cause::Busy,
        source: Box::new(err),
    }
}
