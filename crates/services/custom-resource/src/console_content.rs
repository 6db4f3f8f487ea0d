//! `Custom::ConsoleContent`: the files of the web console lie in its bucket, with
//! the configuration by which they find their cloud.

mod archive;

use std::collections::BTreeSet;
use std::fmt;

use adapters::{CloudFrontEdge, File, S3Files};
use domain::store::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::Change;
use crate::answer::Attributes;
use crate::maker::{Failure, Maker, Making};
use crate::memory::Memory;
use crate::request::{Kind, Request};

/// Name of the row that remembers what lies in the bucket.
pub(crate) const ROW: &str = "console-content";

/// The page, whatever the address. It is what names all other files.
const PAGE: &str = "index.html";

/// What the page asks for first.
const CONFIGURATION: &str = "config.json";

/// To be asked for anew each time.
const FRESH: &str = "no-cache";

/// Bytes of an archive, at most: it is in memory, as are its files afterwards.
const LARGEST_ARCHIVE: usize = 32 << 20;

/// Where the console is served from.
pub(crate) trait Site: Sync {
    /// The content of a file of at most `most` bytes.
    fn read(
        &self,
        bucket: &str,
        name: &str,
        most: usize,
    ) -> impl Future<Output = Result<Vec<u8>, StoreError>> + Send;

    /// Writes files, in no fixed order.
    fn write(
        &self,
        bucket: &str,
        files: Vec<File>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The names of all files.
    fn names(&self, bucket: &str) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Removes files.
    fn remove(
        &self,
        bucket: &str,
        names: &[String],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes all files and all that they have been, if the bucket is there.
    fn clear(&self, bucket: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Has visitors get `paths` anew; the same `reference` is the same order.
    fn refresh(
        &self,
        distribution: &str,
        paths: &[String],
        reference: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What a deployment has put into the bucket.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Content {
    /// The archive it came from, whose name is made of its content.
    source: String,
    /// Its files.
    names: BTreeSet<String>,
}

/// Puts the content of a console into its bucket.
#[derive(Debug)]
pub(crate) struct PublishConsole<S, M> {
    /// Where it is served from.
    pub(crate) site: S,
    /// Where is remembered what lies there.
    pub(crate) memory: M,
}

/// What the template says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    source_bucket: String,
    source_key: String,
    bucket: String,
    distribution_id: String,
    configuration: Map<String, Value>,
}

impl<S, M> Maker for PublishConsole<S, M>
where
    S: Site + fmt::Debug + Send,
    M: Memory<Change<Content>> + fmt::Debug + Send,
{
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async {
            let properties = Properties::deserialize(&request.properties);
            match (request.kind, properties) {
                (Kind::Create | Kind::Update, Ok(properties)) => {
                    self.publish(properties, &request.request_id).await?;
                }
                (Kind::Delete, Ok(properties)) => self.withdraw(&properties.bucket).await?,
                // Nothing was ever made of it.
                (Kind::Delete, Err(_)) => {}
                (Kind::Create | Kind::Update, Err(err)) => {
                    return Err(Failure::Refused(format!(
                        "the properties are not those of a console's content: {err}"
                    )));
                }
            }
            Ok(Attributes::new())
        })
    }
}

impl<S: Site, M: Memory<Change<Content>>> PublishConsole<S, M> {
    /// Everything that the page refers to is there before the page is, and as long
    /// as pages may be open that were loaded before. So the files of the content
    /// before stay, and those of the one before that go.
    ///
    /// Repeated, also after a failure at any point, it ends the same.
    async fn publish(&self, properties: Properties, order: &str) -> Result<(), Failure> {
        let bucket = &properties.bucket;
        let (page, others) = self.fetch(&properties).await?;
        let (remembered, entry) = self.memory.get().await?.unzip();
        let content = Content {
            source: properties.source_key,
            names: others
                .iter()
                .chain([&page])
                .map(|it| it.name.clone())
                .collect(),
        };
        let next = following(remembered.as_ref(), content);

        self.site.write(bucket, others).await?;
        let configuration = configuration(properties.configuration);
        self.site.write(bucket, vec![configuration]).await?;
        self.site.write(bucket, vec![page]).await?;

        let mut old = self.site.names(bucket).await?;
        old.retain(|name| {
            let ours = [&next.set, &next.found].map(|it| it.names.contains(name));
            name != CONFIGURATION && !ours.contains(&true)
        });
        self.site.remove(bucket, &old).await?;
        if remembered.as_ref() != Some(&next) {
            self.memory.put(entry.as_ref(), &next).await?;
        }
        let paths = changing_paths(&next.set);
        self.site
            .refresh(&properties.distribution_id, &paths, order)
            .await?;
        Ok(())
    }

    /// The page, and the other files of the archive.
    async fn fetch(&self, properties: &Properties) -> Result<(File, Vec<File>), Failure> {
        let (bucket, key) = (&properties.source_bucket, &properties.source_key);
        let archive = self.site.read(bucket, key, LARGEST_ARCHIVE).await?;
        let mut files = archive::unpack(&archive)?;
        // One in the archive is of whoever developed it.
        files.retain(|it| it.name != CONFIGURATION);
        match files.iter().position(|it| it.name == PAGE) {
            Some(place) => Ok((files.remove(place), files)),
            None => Err(archive::refused(&format_args!("it has no {PAGE}"))),
        }
    }

    async fn withdraw(&self, bucket: &str) -> Result<(), StoreError> {
        self.site.clear(bucket).await?;
        match self.memory.get().await? {
            Some((_, entry)) => self.memory.delete(&entry).await,
            None => Ok(()),
        }
    }
}

/// What lies in the bucket once `content` is published: a deployment of what is
/// there already, for another configuration or as a repetition, leaves the one
/// before it in its place.
fn following(remembered: Option<&Change<Content>>, content: Content) -> Change<Content> {
    let found = match remembered {
        Some(last) if last.set.source == content.source => last.found.clone(),
        Some(last) => last.set.clone(),
        None => Content::default(),
    };
    Change {
        found,
        set: content,
        replaced: None,
    }
}

fn configuration(values: Map<String, Value>) -> File {
    File {
        name: CONFIGURATION.to_owned(),
        content: Value::Object(values).to_string().into_bytes(),
        content_type: archive::content_type(CONFIGURATION),
        cache_control: FRESH,
    }
}

/// The paths of what keeps its name and may have another content.
fn changing_paths(content: &Content) -> Vec<String> {
    let names = content.names.iter().map(String::as_str);
    let names = names.chain([CONFIGURATION]);
    names
        .filter(|name| !archive::is_hashed(name))
        .map(|name| format!("/{name}"))
        .collect()
}

/// A bucket, and the distribution in front of it.
#[derive(Clone, Debug)]
pub(crate) struct AwsSite {
    pub(crate) files: S3Files,
    pub(crate) edge: CloudFrontEdge,
}

impl Site for AwsSite {
    async fn read(&self, bucket: &str, name: &str, most: usize) -> Result<Vec<u8>, StoreError> {
        self.files.read(bucket, name, most).await
    }

    async fn write(&self, bucket: &str, files: Vec<File>) -> Result<(), StoreError> {
        self.files.write(bucket, files).await
    }

    async fn names(&self, bucket: &str) -> Result<Vec<String>, StoreError> {
        self.files.names(bucket).await
    }

    async fn remove(&self, bucket: &str, names: &[String]) -> Result<(), StoreError> {
        self.files.remove(bucket, names).await
    }

    async fn clear(&self, bucket: &str) -> Result<(), StoreError> {
        self.files.clear(bucket).await
    }

    async fn refresh(
        &self,
        distribution: &str,
        paths: &[String],
        reference: &str,
    ) -> Result<(), StoreError> {
        self.edge.refresh(distribution, paths, reference).await
    }
}

#[cfg(test)]
mod tests;
