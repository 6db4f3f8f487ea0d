//! The archive of a console: a zip, as `cdk` makes it of a folder.

use std::fmt;
use std::io::{Cursor, Read};

use adapters::File;
use zip::ZipArchive;

use crate::console_content::FRESH;
use crate::maker::Failure;

/// Folder of the files whose names contain a hash of their content. They never
/// change, so nobody has to ask for them twice.
const HASHED: &str = "assets/";

/// For files that keep their names and hardly ever change: the icon, for one.
const AN_HOUR: &str = "public, max-age=3600";

/// As long as there is, a year.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Files of an archive, at most: their names are remembered in one row.
const MOST_FILES: usize = 1000;

/// Bytes of all files, at most: they are in memory together.
const MOST_BYTES: u64 = 64 << 20;

/// The files of an archive, in the order of their names.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<File>, Failure> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|err| refused(&err))?;
    if zip.len() > MOST_FILES {
        let found = zip.len();
        return Err(refused(&format!("{found} files; {MOST_FILES} are allowed")));
    }
    let mut left = MOST_BYTES;
    let mut files = Vec::with_capacity(zip.len());
    for index in 0..zip.len() {
        let entry = zip.by_index(index).map_err(|err| refused(&err))?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|err| refused(&err))?.into_owned();
        if !is_relative(&name) {
            return Err(refused(&format!("{name:?} is not a name below a folder")));
        }
        let mut content = Vec::new();
        // Whatever the archive says about its size.
        let mut entry = entry.take(left + 1);
        let size = entry
            .read_to_end(&mut content)
            .map_err(|err| refused(&err))?;
        left = u64::try_from(size)
            .ok()
            .and_then(|size| left.checked_sub(size))
            .ok_or_else(|| refused(&format!("more than {MOST_BYTES} bytes, unpacked")))?;
        files.push(File {
            content_type: content_type(&name),
            cache_control: cache_control(&name),
            name,
            content,
        });
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

/// What browsers are told a file is; UTF-8 where it is text.
pub(super) fn content_type(name: &str) -> String {
    let found = mime_guess::from_path(name).first_or_octet_stream();
    match (found.type_().as_str(), found.subtype().as_str()) {
        ("text", _) | ("application", "json") => format!("{found}; charset=utf-8"),
        _ => found.to_string(),
    }
}

/// Whether a file of this name never changes.
pub(super) fn is_hashed(name: &str) -> bool {
    name.starts_with(HASHED)
}

fn cache_control(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        _ if is_hashed(name) => FOREVER,
        Some((_, "html" | "json")) => FRESH,
        _ => AN_HOUR,
    }
}

fn is_relative(name: &str) -> bool {
    let parts = name.split('/');
    !name.contains('\\') && parts.into_iter().all(|it| !matches!(it, "" | "." | ".."))
}

pub(super) fn refused(reason: &impl fmt::Display) -> Failure {
    Failure::Refused(format!(
        "the archive of the console cannot be used: {reason}; build it by scripts/build, and \
         deploy again"
    ))
}

#[cfg(test)]
mod tests {
    use super::{cache_control, content_type, is_relative};

    #[test]
    fn browsers_are_told_what_a_file_is_and_how_long_it_is_good() {
        let forever = "public, max-age=31536000, immutable";
        let an_hour = "public, max-age=3600";
        for (name, kind, keep) in [
            ("index.html", "text/html; charset=utf-8", "no-cache"),
            ("config.json", "application/json; charset=utf-8", "no-cache"),
            (
                "assets/index-Bx2.js",
                "text/javascript; charset=utf-8",
                forever,
            ),
            ("assets/index-Bx2.css", "text/css; charset=utf-8", forever),
            ("assets/font-Bx2.woff2", "font/woff2", forever),
            (
                "assets/texts-Bx2.json",
                "application/json; charset=utf-8",
                forever,
            ),
            ("icon.svg", "image/svg+xml", an_hour),
            ("robots.txt", "text/plain; charset=utf-8", an_hour),
            ("LICENSE", "application/octet-stream", an_hour),
        ] {
            assert_eq!(content_type(name), kind, "{name}");
            assert_eq!(cache_control(name), keep, "{name}");
        }
    }

    #[test]
    fn a_name_stays_below_its_folder() {
        for name in ["index.html", "assets/a.js", "a b/ü.js", "..js"] {
            assert!(is_relative(name), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a//b",
            "./a",
            "a\\b",
            "a/",
        ] {
            assert!(!is_relative(name), "{name}");
        }
    }
}
