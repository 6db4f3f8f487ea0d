//! Who is who: a user of another pool has another id.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::UserType;
use domain::id::UserId;

use crate::account::Account;

/// First line of a list of users.
const HEADING: &str = "old,new";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Id of the old user pool.
    #[arg(long, value_name = "POOL")]
    from: String,
    /// Id of the new one: the stack's output `UserPoolId`.
    #[arg(long, value_name = "POOL")]
    to: String,
    #[command(flatten)]
    aws: Account,
}

/// Prints the list of users for `tables --users`.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let client = Client::new(&args.aws.load().await?);
    let old = by_address(&client, &args.from).await?;
    let new = by_address(&client, &args.to).await?;
    println!("{HEADING}");
    let mut missing = 0;
    for (address, id) in &old {
        match new.get(address) {
            Some(new) => println!("{id},{new}"),
            None => {
                missing += 1;
                eprintln!("nobody in the new pool has the address of the old user {id}");
            }
        }
    }
    eprintln!(
        "{} of {} users have an account in the new pool",
        old.len() - missing,
        old.len()
    );
    Ok(match missing {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The ids of a pool's users by verified e-mail address. One that nobody has
/// proved to be theirs could be anybody's, who would get another's devices.
async fn by_address(client: &Client, pool: &str) -> Result<BTreeMap<String, String>> {
    let mut pages = client
        .list_users()
        .user_pool_id(pool)
        .into_paginator()
        .send();
    let mut users = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page =
            page.with_context(|| format!("could not list the users of the pool `{pool}`"))?;
        users.extend(page.users().iter().filter_map(verified));
    }
    Ok(users)
}

fn verified(user: &UserType) -> Option<(String, String)> {
    let attribute = |name: &str| {
        let mut attributes = user.attributes().iter();
        let found = attributes.find(|it| it.name() == name)?;
        found.value().map(str::to_owned)
    };
    let address = attribute("email")?.to_lowercase();
    (attribute("email_verified")? == "true").then_some(())?;
    Some((address, attribute("sub")?))
}

/// The new user for each old one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users(BTreeMap<String, UserId>);

impl Users {
    /// Reads a list of users from a file.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("could not read `{}`", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads a list: a line `old,new` for each user, after one that says so.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, line)| line.trim()) != Some(HEADING) {
            bail!("the first line must be `{HEADING}`");
        }
        let mut users = BTreeMap::new();
        for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let number = index + 1;
            let Some((old, new)) = line.split_once(',') else {
                bail!("line {number} must be the old user's id, a comma, the new user's id");
            };
            let new = UserId::new(new.trim()).with_context(|| format!("line {number}"))?;
            if users.insert(old.trim().to_owned(), new).is_some() {
                bail!("line {number}: this old user is there twice");
            }
        }
        Ok(Self(users))
    }

    /// The new user for an old one.
    pub(crate) fn of(&self, old: &str) -> Option<UserId> {
        self.0.get(old).cloned()
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cognitoidentityprovider::types::AttributeType;

    use super::*;

    #[test]
    fn a_list_of_users_is_read() {
        let users = Users::parse("old,new\na-1,b-1\n\n a-2 , b-2 \n").unwrap();
        assert_eq!(users.of("a-1"), UserId::new("b-1").ok());
        assert_eq!(users.of("a-2"), UserId::new("b-2").ok());
        assert_eq!(users.of("b-1"), None);
    }

    #[test]
    fn a_list_with_a_mistake_names_the_line() {
        for (text, expected) in [
            ("", "the first line must be `old,new`"),
            ("a,b\n", "the first line must be `old,new`"),
            ("old,new\na-1\n", "line 2 must be the old user's id"),
            ("old,new\na-1,\n", "line 2"),
            (
                "old,new\na,b\n\na,c\n",
                "line 4: this old user is there twice",
            ),
        ] {
            let error = format!("{:#}", Users::parse(text).unwrap_err());
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn only_a_verified_address_says_who_somebody_is() {
        let user = |attributes: &[(&str, &str)]| {
            let attributes = attributes.iter().map(|(name, value)| {
                AttributeType::builder()
                    .name(*name)
                    .value(*value)
                    .build()
                    .unwrap()
            });
            verified(
                &UserType::builder()
                    .set_attributes(Some(attributes.collect()))
                    .build(),
            )
        };
        let sub = ("sub", "a-1");
        assert_eq!(
            user(&[
                sub,
                ("email", "Anna@Example.com"),
                ("email_verified", "true")
            ]),
            Some(("anna@example.com".to_owned(), "a-1".to_owned()))
        );
        assert_eq!(
            user(&[sub, ("email", "a@example.com"), ("email_verified", "false")]),
            None
        );
        assert_eq!(user(&[sub, ("email", "a@example.com")]), None);
        assert_eq!(user(&[sub]), None);
    }
}
