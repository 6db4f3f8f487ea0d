//! The keys and certificates of a fleet, made once and kept in files.

use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::device;
use crate::pki::{self, Authority};
use crate::serial::Serial;

/// Makes what is missing, several at once, since each waits for its disk;
/// returns how many that were. `done` is called after each batch with its size.
///
/// # Errors
///
/// When there is no CA in `ca_dir`, or one device's files are of another CA.
pub(crate) async fn make(
    ca_dir: &Path,
    dir: &Path,
    serials: &[Serial],
    done: impl Fn(u64),
) -> Result<usize> {
    let authority = Arc::new(Authority::load(ca_dir)?);
    let workers = available_parallelism().map_or(1, usize::from) * 4;
    let mut tasks = JoinSet::new();
    for batch in serials.chunks(serials.len().div_ceil(workers).clamp(1, 50)) {
        let (authority, dir, batch) = (Arc::clone(&authority), dir.to_owned(), batch.to_vec());
        tasks.spawn_blocking(move || {
            let mut made = 0;
            for serial in &batch {
                made += usize::from(device::make(&authority, &dir, serial, pki::DAYS, false)?);
            }
            anyhow::Ok((made, batch.len()))
        });
    }
    let mut all = 0;
    while let Some(batch) = tasks.join_next().await {
        let (made, of) = batch??;
        all += made;
        done(of as u64);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ca;
    use crate::device::Files;

    #[tokio::test]
    async fn each_device_has_its_own_key_and_a_second_run_keeps_it() {
        let dir = tempfile::tempdir().unwrap();
        let (ca, devices) = (dir.path().join("ca"), dir.path().join("devices"));
        ca::create_in(&ca);
        let serials: Vec<Serial> = (0..25)
            .map(|it| format!("F-{it}").parse().unwrap())
            .collect();
        let keys = || {
            let key = |it| std::fs::read(Files::new(&devices, it).key).unwrap();
            serials.iter().map(key).collect::<BTreeSet<_>>()
        };

        assert_eq!(
            make(&ca, &devices, &serials[..10], |_| {}).await.unwrap(),
            10
        );
        assert_eq!(make(&ca, &devices, &serials, |_| {}).await.unwrap(), 15);
        let first = keys();
        assert_eq!(first.len(), 25);
        assert_eq!(make(&ca, &devices, &serials, |_| {}).await.unwrap(), 0);
        assert_eq!(keys(), first);
    }
}
