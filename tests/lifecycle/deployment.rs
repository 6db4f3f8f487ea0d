//! A stack: deployed, looked at, removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use contract::resource;
use serde_json::{Map, Value, json};
use tests::{Ask, Aws, Stack, elements};

use crate::cdk::{Cdk, Target};
use crate::kinds::{LISTS, last_segment};
use crate::template::Template;

/// A stack under a name that nobody else has.
#[derive(Debug)]
pub(crate) struct Deployment<'a> {
    cdk: &'a Cdk,
    aws: Aws,
    name: String,
    outputs: Map<String, Value>,
    /// The indexing of things in the region, as it was before the stack.
    indexing: Value,
    /// What there was at the last look, by type and id, and whether it is kept.
    seen: BTreeMap<(&'static str, String), bool>,
}

/// How long the two halves of a deployment took, and what was deployed.
#[derive(Debug)]
pub(crate) struct Deployed {
    pub(crate) template: Template,
    pub(crate) synthesis: Duration,
    pub(crate) deployment: Duration,
}

impl<'a> Deployment<'a> {
    /// A stack that is not deployed yet. No name is the beginning of another, so
    /// that what begins with it is the stack's.
    pub(crate) async fn new(cdk: &'a Cdk, region: &'static str, word: &str) -> Result<Self> {
        let aws = Aws::connect(region)?;
        Ok(Self {
            cdk,
            name: format!("{word}{:08x}", fastrand::u32(..)),
            outputs: Map::new(),
            indexing: indexing(&aws).await?,
            seen: BTreeMap::new(),
            aws,
        })
    }

    /// The stack as its users have it.
    pub(crate) async fn stack(&self) -> Result<Stack> {
        Stack::of(&self.name, self.outputs.clone(), &self.aws.region).await
    }

    /// Deploys a combination of flags, and looks whether it is there.
    pub(crate) async fn switch(&mut self, combination: &str) -> Result<Deployed> {
        let deployed = self.deploy(&self.cdk.manifest(combination)).await;
        deployed.with_context(|| format!("{} with {combination}", self.name))
    }

    /// Deploys what `manifest` says, and looks whether it is there.
    pub(crate) async fn deploy(&mut self, manifest: &Value) -> Result<Deployed> {
        let target = self.target();
        let (template, synthesis) = self.cdk.synthesize(target, manifest).await?;
        let started = Instant::now();
        self.outputs = self.cdk.deploy(target).await?;
        let deployment = started.elapsed();
        self.look(&template).await?;
        Ok(Deployed {
            template,
            synthesis,
            deployment,
        })
    }

    /// Looks whether the account has what the template names, and of this stack
    /// nothing else.
    async fn look(&mut self, template: &Template) -> Result<()> {
        let resources = self.resources().await?;
        let made: BTreeMap<_, _> = resources.iter().map(|it| (&*it.id, &*it.kind)).collect();
        same("what CloudFormation has made", &template.resources(), &made)?;

        let kept = template.kept();
        let mut expected = self.seen.clone();
        expected.retain(|_, kept| *kept);
        for list in LISTS {
            let of_kind = resources.iter().filter(|it| it.kind == list.kind);
            for it in of_kind {
                let key = (list.kind, last_segment(&it.physical));
                expected.insert(key, kept.contains(&*it.id));
            }
        }
        self.seen.extend(expected.clone());
        same("what is there", &keys(&expected), &self.present().await?)?;
        self.seen = expected;

        // What `infra` makes of a flag nobody else knows; this is what it is for.
        let indexes = made.values().any(|it| *it == resource::FLEET_INDEXING);
        let wanted = match indexes {
            true => json!(["REGISTRY", "STATUS"]),
            false => self.indexing.clone(),
        };
        same(
            "the indexing of things",
            &wanted,
            &indexing(&self.aws).await?,
        )
    }

    /// Removes the stack, and looks whether nothing is left but what is kept.
    pub(crate) async fn remove(mut self) -> Result<()> {
        self.cdk.destroy(self.target()).await?;
        let present = self.present().await?;
        self.seen.retain(|_, kept| *kept);
        let left = same("what is left", &keys(&self.seen), &present);
        left.with_context(|| format!("{} was removed", self.name))?;
        same(
            "the indexing of things",
            &self.indexing,
            &indexing(&self.aws).await?,
        )
    }

    /// What the account has of the stack: what has its name, and what was seen in it.
    async fn present(&self) -> Result<BTreeSet<(&'static str, String)>> {
        let lists = LISTS.iter().map(async |list| {
            let mut items = list.items(&self.aws).await?;
            items.retain(|it| {
                let key = (list.kind, it.id.clone());
                // Buckets and databases have lower case.
                let name = it.name.get(..self.name.len());
                let ours = name.is_some_and(|it| it.eq_ignore_ascii_case(&self.name));
                ours || self.seen.contains_key(&key)
            });
            anyhow::Ok(items.into_iter().map(|it| (list.kind, it.id)))
        });
        let mut present = BTreeSet::new();
        for items in futures_util::future::try_join_all(lists).await? {
            present.extend(items);
        }
        Ok(present)
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        let ask = Ask::Query("cloudformation", "2010-05-15", "DescribeStackResources");
        let stack = [("StackName", Value::from(self.name.as_str()))];
        let answer = self.aws.ask(ask, &stack).await?;
        let one = |xml: &str, name: &str| {
            let found = elements(xml, name).pop().map(str::to_owned);
            found.with_context(|| format!("a resource without {name}: {xml}"))
        };
        elements(&answer, "member")
            .into_iter()
            .map(|xml| {
                Ok(Resource {
                    id: one(xml, "LogicalResourceId")?,
                    physical: one(xml, "PhysicalResourceId")?,
                    kind: one(xml, "ResourceType")?,
                })
            })
            .collect()
    }

    fn target(&self) -> Target<'_> {
        Target {
            stack: &self.name,
            region: &self.aws.region,
        }
    }
}

/// A resource as CloudFormation has it.
#[derive(Debug)]
struct Resource {
    id: String,
    physical: String,
    kind: String,
}

/// Whether things and their connections are indexed, a setting of the whole region.
async fn indexing(aws: &Aws) -> Result<Value> {
    let answer = aws.ask(Ask::Get("iot", "/indexing/config"), &[]).await?;
    let answer: Value = serde_json::from_str(&answer)?;
    let things = &answer["thingIndexingConfiguration"];
    let connectivity = things["thingConnectivityIndexingMode"].as_str();
    Ok(json!([
        things["thingIndexingMode"],
        connectivity.unwrap_or("OFF")
    ]))
}

/// Fails with what is different.
pub(crate) fn same<T: Debug + PartialEq>(what: &str, expected: &T, found: &T) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let [expected, found] = [expected, found].map(|it| format!("{it:#?}"));
    let only = |these: &str, those: &str, mark: &str| -> String {
        let those: BTreeSet<_> = those.lines().collect();
        let only = these.lines().filter(|it| !those.contains(it));
        only.map(|it| format!("\n{mark} {it}")).collect()
    };
    let missing = only(&expected, &found, "-");
    let added = only(&found, &expected, "+");
    bail!("{what} (- is expected, + is there):{missing}{added}")
}

fn keys<K: Clone + Ord, V>(map: &BTreeMap<K, V>) -> BTreeSet<K> {
    map.keys().cloned().collect()
}
