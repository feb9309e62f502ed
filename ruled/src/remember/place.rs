//! Where state is kept.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

pub use ruled_manifest::Environment;

/// What is added to the file that the rules name, because Monit writes that one.
const SUFFIX: &str = ".ruled";

/// The file in which the state of these rules is kept: `wanted` of the rules with `.ruled` behind it, or a file of its own
/// for each file of rules in the folder for state. Nothing when there is no such folder.
pub fn of(rules: &Path, wanted: Option<&str>, environment: &Environment) -> Option<PathBuf> {
    if let Some(wanted) = wanted {
        return Some(PathBuf::from(format!("{wanted}{SUFFIX}")));
    }
    let folder = environment.state()?;
    let rules = std::path::absolute(rules).ok()?;
    Some(folder.join(name(&rules, NAME_BYTES_MAX, ".state")))
}

/// The longest name of a file on most file systems is 255 bytes; SQLite adds a few.
const NAME_BYTES_MAX: usize = 200;

/// How much of a name that is cut is the digest of the whole, in hexadecimal digits.
const DIGEST_BYTES: usize = 32;

/// A name for the path of the rules, such as `etc-ruled-web.rules.state`, of so many bytes at most before the ending. Two paths
/// never have the same one.
pub fn name(rules: &Path, bytes_max: usize, ending: &str) -> OsString {
    let mut name = Vec::new();
    for byte in rules.as_os_str().as_bytes().iter().skip_while(|byte| **byte == b'/') {
        match byte {
            b'/' => name.push(b'-'),
            b'-' | b'\\' => name.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
            other => name.push(*other),
        }
    }
    if name.len() > bytes_max {
        use sha2::Digest;
        let digest = sha2::Sha256::digest(&name);
        let tail: String = digest.iter().take(DIGEST_BYTES / 2).map(|byte| format!("{byte:02x}")).collect();
        name.truncate(bytes_max.saturating_sub(DIGEST_BYTES + 1));
        name.push(b'-');
        name.extend_from_slice(tail.as_bytes());
    }
    name.extend_from_slice(ending.as_bytes());
    OsString::from_vec(name)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Environment, of};

    fn place(rules: &str, wanted: Option<&str>, environment: &Environment) -> String {
        of(Path::new(rules), wanted, environment).map_or("nowhere".to_owned(), |path| path.display().to_string())
    }

    #[test]
    fn the_rules_name_it_or_the_folder_for_state_has_one_for_each() {
        let root = Environment { is_root: true, ..Environment::default() };
        assert_eq!(place("/etc/monitrc", Some("/var/lib/monit/state"), &root), "/var/lib/monit/state.ruled");
        assert_eq!(place("/etc/ruled/web.rules", None, &root), "/var/lib/ruled/etc-ruled-web.rules.state");
        let user = Environment { home: Some("/home/eva".into()), ..Environment::default() };
        assert_eq!(place("/a", None, &user), "/home/eva/.local/state/ruled/a.state");
        let user = Environment { xdg_state_home: Some("/x".into()), ..user };
        assert_eq!(place("/a", None, &user), "/x/ruled/a.state");
        let unit = Environment { state_directory: Some("/var/lib/shop:/var/lib/more".into()), ..root };
        assert_eq!(place("/a", None, &unit), "/var/lib/shop/a.state");
        assert_eq!(place("/a", None, &Environment::default()), "nowhere");
    }

    #[test]
    fn no_two_files_of_rules_share_one() {
        let root = Environment { is_root: true, ..Environment::default() };
        let names = ["/etc/a-b", "/etc/a/b", "/etc-a/b", "/etc/a\\x2db"].map(|path| place(path, None, &root));
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name}");
        }
        let long = |tail: &str| of(Path::new(&format!("/{}{tail}", "d/".repeat(500))), None, &root);
        assert_ne!(long("a"), long("b"));
        assert!(long("a").as_deref().and_then(Path::file_name).is_some_and(|name| name.len() < 255));
        assert_eq!(
            of(Path::new("rules"), None, &root).as_deref().and_then(Path::parent),
            Some(&*PathBuf::from("/var/lib/ruled"))
        );
    }
}
