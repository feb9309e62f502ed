//! The page `docs/protocols.md`: what the plugins say about themselves, as a table.

use std::fs;
use std::path::{Path, PathBuf};

use interpreter::catalog::KNOWN_PROTOCOLS;

use crate::rig::{finish, ruled};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/protocols.md")
}

fn printed() -> String {
    let printed = finish(ruled(&["docs", "protocol", "--table"]));
    assert_eq!(printed.status, 0, "{}", printed.err);
    printed.out
}

#[test]
fn the_table_of_the_manual_is_what_the_plugins_say() {
    let printed = printed();
    if std::env::var_os("RULED_WRITE_MANUAL").is_some() {
        fs::write(path(), &printed).expect("the page can be written");
        return;
    }
    let page = fs::read_to_string(path()).expect("the page is there");
    let line = printed.lines().zip(page.lines()).position(|(one, other)| one != other);
    assert!(
        printed == page,
        "docs/protocols.md has drifted from what the plugins say at line {:?}; RULED_WRITE_MANUAL=1 writes it anew",
        line.map(|line| line + 1)
    );
}

#[test]
fn each_protocol_says_what_is_asked_and_where_that_is_specified() {
    let printed = printed();
    let rows: Vec<Vec<&str>> =
        printed.lines().filter(|line| line.starts_with("| `")).map(|line| line.split(" | ").collect()).collect();
    for known in KNOWN_PROTOCOLS {
        let title = format!("| `{}`", known.name);
        let row = rows.iter().find(|row| row[0] == title).unwrap_or_else(|| panic!("{title} has no row"));
        let [_, over, port, _, asked, specified] = row[..] else { panic!("{row:?} has not six cells") };
        assert_eq!(port, known.port.map_or(String::new(), |port| port.to_string()), "{title}");
        assert!(asked.ends_with('.'), "{title}: {row:?}");
        // A protocol that is not spoken yet, and the bare connection, have no specification.
        let spoken = ruled_embedded::STOCK.iter().any(|stock| stock.name == known.spoken());
        assert_eq!(!over.is_empty(), spoken || known.name == "default", "{title}: {row:?}");
        let said = !specified.trim_end_matches(" |").is_empty();
        assert_eq!(said, spoken, "the page of {} has no paragraph that begins with `Specified in `", known.name);
    }
}
