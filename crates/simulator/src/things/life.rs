//! How things come and go. Each step is noted before the next one, so each can
//! be interrupted and repeated.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::cloud::Cloud;
use super::state::{State, Thing, files};
use crate::pki;
use crate::serial::Serial;

/// Makes what is missing of the things `names`.
///
/// # Errors
///
/// When a thing of one of the names is not ours, AWS refuses a call, or a file
/// cannot be written. Calling it again goes on from there.
pub(crate) async fn create(
    cloud: &impl Cloud,
    dir: &Path,
    policy: &str,
    names: &[Serial],
) -> Result<()> {
    let mut state = State::load(dir)?;
    for name in names {
        if state.find(name.as_str()).is_none() {
            // Ours it is only if it was not there before: a cleanup deletes it.
            ensure!(
                !cloud.has_thing(name.as_str()).await?,
                "there is a thing `{name}` already, which was not made here: take another \
                 `--prefix`"
            );
            state.things.push(Thing {
                name: name.to_string(),
                policy: policy.to_owned(),
                certificate: None,
                complete: false,
            });
            state.save(dir)?;
        }
        complete(cloud, dir, &mut state, name)
            .await
            .with_context(|| format!("could not make the thing `{name}`"))?;
    }
    Ok(())
}

async fn complete(cloud: &impl Cloud, dir: &Path, state: &mut State, name: &Serial) -> Result<()> {
    let thing = state.find(name.as_str()).context("it is not noted")?;
    if thing.complete {
        return Ok(());
    }
    let policy = thing.policy.clone();
    cloud.create_thing(name.as_str()).await?;
    let certificate = match thing.certificate.clone() {
        Some(certificate) => certificate,
        None => {
            let issued = cloud.create_certificate().await?;
            thing.certificate = Some(issued.certificate.clone());
            let files = files(dir, name);
            // The key cannot be had again: with any of these three missing the
            // certificate is of no use.
            let kept = pki::write(&files.key, &issued.key, 0o600)
                .and_then(|()| pki::write(&files.certificate, &issued.pem, 0o600))
                .and_then(|()| state.save(dir));
            if let Err(error) = kept {
                cloud.delete_certificate(&issued.certificate).await?;
                return Err(error);
            }
            issued.certificate
        }
    };
    // Activated last: until then it lets nobody in, whatever was attached.
    cloud.attach(name.as_str(), &policy, &certificate).await?;
    cloud.activate(&certificate).await?;
    if let Some(thing) = state.find(name.as_str()) {
        thing.complete = true;
    }
    state.save(dir)
}

/// Deletes all that was made, and returns how many things that were.
///
/// # Errors
///
/// When AWS refuses a call or a file cannot be deleted. Calling it again goes
/// on from there.
pub(crate) async fn cleanup(cloud: &impl Cloud, dir: &Path) -> Result<usize> {
    let mut state = State::load(dir)?;
    let mut gone = 0;
    while let Some(thing) = state.things.last().cloned() {
        let name = &thing.name;
        delete(cloud, dir, &thing)
            .await
            .with_context(|| format!("could not delete the thing `{name}`"))?;
        state.things.pop();
        state.save(dir)?;
        gone += 1;
    }
    Ok(gone)
}

async fn delete(cloud: &impl Cloud, dir: &Path, thing: &Thing) -> Result<()> {
    let name: Serial = thing.name.parse().map_err(anyhow::Error::msg)?;
    if let Some(certificate) = &thing.certificate {
        cloud
            .detach(&thing.name, &thing.policy, certificate)
            .await?;
        cloud.delete_certificate(certificate).await?;
    }
    cloud.delete_thing(&thing.name).await?;
    let files = files(dir, &name);
    for path in [files.key, files.certificate] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error)
                    .with_context(|| format!("could not delete `{}`", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
