//! The words of a rule on a command line, and what `ruled-plugin` hands over with them: words that nobody else on the machine
//! may see, and the folder that a script of somebody else's must not lead out of.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use clap::Args;
use interpreter::program::{Grant, is_this_machine};

/// The most that is read of words on standard input.
const WORDS_BYTES_MAX: u64 = 2 << 20;

/// The words of a rule.
#[derive(Args)]
pub(super) struct Words {
    /// The words stand on standard input, as a list in JSON: everybody on the machine may see what a program is called with.
    #[arg(long, hide = true)]
    words_on_stdin: bool,
    /// What is said there, as a rule has it.
    #[arg(value_name = "WORDS", trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

impl Words {
    /// The words as a rule would have them, one behind the other.
    pub(super) fn written(&self) -> Result<String, String> {
        let piped = if self.words_on_stdin { piped()? } else { Vec::new() };
        let words: Vec<String> = self.words.iter().chain(&piped).map(|word| as_written(word)).collect();
        Ok(words.join(" "))
    }
}

fn piped() -> Result<Vec<String>, String> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(WORDS_BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot read the words: {error}"))?;
    // What is wrong with them would be shown with a part of them.
    serde_json::from_slice(&bytes).map_err(|_| "the words on standard input are no list of texts in JSON".to_owned())
}

/// An argument as a rule would have it: the shell took the quotes from what has blanks in it.
pub(super) fn as_written(word: &str) -> String {
    let is_whole = !word.contains([' ', '\t']) || word.contains(['"', '\'', '{', '}', '[', ']']);
    let first = word.split_whitespace().next().unwrap_or_default();
    let begins_with_words = ["protocol", "with", "and", "send", "expect", "timeout", "retry"].contains(&first);
    if is_whole || begins_with_words { word.to_owned() } else { format!("\"{word}\"") }
}

/// Why a plugin is not granted this by a script in a folder: it is neither below the folder nor on this machine's loopback.
pub(super) fn beyond(grants: &[Grant], folder: &Path) -> Option<String> {
    let what = grants.iter().find_map(|grant| match grant {
        Grant::Read { path } => (!is_below(Path::new(path), folder)).then(|| format!("read \"{path}\"")),
        Grant::Connect { host, text, .. } => (!is_this_machine(host)).then(|| format!("connect \"{text}\"")),
        Grant::Fetch { origin } => (!is_this_machine(host_of(origin))).then(|| format!("fetch \"{origin}\"")),
    })?;
    Some(format!(
        "the script grants its plugin to {what}, which is neither below its folder nor a port of this machine's own; \
         `ruled-plugin test --granting` grants whatever a script says"
    ))
}

/// The host of an origin: `https://api.example.com:8443`.
fn host_of(origin: &str) -> &str {
    let place = origin.split_once("://").map_or(origin, |(_, place)| place);
    match place.strip_prefix('[').and_then(|place| place.split_once(']')) {
        Some((address, _)) => address,
        None => place.split([':', '/']).next().unwrap_or_default(),
    }
}

/// Whether a path is below a folder when every link is followed. What is not there yet is where its folder is.
fn is_below(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let (mut there, mut rest) = (path.to_path_buf(), PathBuf::new());
    loop {
        match there.canonicalize() {
            Ok(found) => return found.join(rest).starts_with(folder),
            // A link may lead to something that is not there.
            Err(_) if there.symlink_metadata().is_ok() => return false,
            Err(_) => {}
        }
        let Some(Component::Normal(name)) = there.components().next_back() else { return false };
        rest = if rest.as_os_str().is_empty() { PathBuf::from(name) } else { Path::new(name).join(rest) };
        if !there.pop() {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn arguments_with_blanks_are_quoted_unless_they_are_several_words() {
        assert_eq!(as_written("/health"), "/health");
        assert_eq!(as_written("a b"), "\"a b\"");
        assert_eq!(as_written("protocol http request /x"), "protocol http request /x");
        assert_eq!(as_written("with { request: \"/a b\" }"), "with { request: \"/a b\" }");
    }

    #[test]
    fn a_script_grants_what_is_below_its_folder_and_the_loopback() {
        let outside = tempfile::tempdir().expect("a folder");
        let folder = outside.path().join("project");
        fs::create_dir_all(folder.join("spool")).expect("a folder");
        fs::write(outside.path().join("secret"), "").expect("a file");
        symlink("../secret", folder.join("link")).expect("a link");
        symlink("../not there", folder.join("nowhere")).expect("a link");
        symlink("spool", folder.join("inside")).expect("a link");
        let below = |name: &str| is_below(&folder.join(name), &folder);
        for name in ["", "spool", "inside", "spool/../spool", "missing", "spool/missing/file"] {
            assert!(below(name), "{name}");
        }
        for name in ["link", "nowhere", "..", "../secret", "../project2", "missing/../../secret"] {
            assert!(!below(name), "{name}");
        }
        assert!(!is_below(Path::new("/"), &folder) && !is_below(Path::new("/etc/passwd"), &folder));
        let fetch = |origin: &str| beyond(&[Grant::Fetch { origin: origin.into() }], &folder);
        for origin in ["http://127.0.0.1:8080", "https://localhost", "http://[::1]:80"] {
            assert_eq!(fetch(origin), None, "{origin}");
        }
        for origin in ["https://evil.example", "http://127.0.0.1.evil.example:80", "http://localhost.evil.example"] {
            assert!(fetch(origin).is_some_and(|why| why.contains(origin) && why.contains("--granting")), "{origin}");
        }
        let connect = |host: &str| {
            let text = format!("{host}:1");
            beyond(&[Grant::Connect { host: host.into(), port: 1, tls: None, text, name: None }], &folder)
        };
        assert!(connect("127.0.0.1").is_none() && connect("192.0.2.1").is_some());
    }
}
