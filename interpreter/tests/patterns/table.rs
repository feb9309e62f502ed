//! The table of patterns, and glibc, which makes it.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

/// Rows of a table of patterns.
pub(crate) struct Table {
    pub rows: Vec<Row>,
}

/// A pattern, the texts that it is tried on, and what glibc says.
pub(crate) struct Row {
    written: String,
    pub pattern: String,
    pub verdict: String,
    pub texts: Arc<Vec<Vec<u8>>>,
}

impl Display for Row {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.texts.iter().map(|text| text.escape_ascii().to_string()).collect();
        write!(formatter, "`{}` is {} on {texts:?}", self.written, self.verdict)
    }
}

impl Table {
    /// The table that is kept beside the tests.
    pub(crate) fn stored() -> Table {
        Table::read(&stored_text())
    }

    pub(crate) fn read(text: &str) -> Table {
        let mut texts = Arc::new(Vec::new());
        let mut rows = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && line.contains('\t')) {
            let mut columns = line.split('\t');
            let first = columns.next().unwrap_or_default();
            if first == "texts:" {
                texts = Arc::new(columns.map(decoded).collect());
                continue;
            }
            rows.push(Row {
                written: first.to_owned(),
                pattern: grammar::source::decode(&decoded(first)).text,
                verdict: columns.next().unwrap_or_default().to_owned(),
                texts: Arc::clone(&texts),
            });
        }
        Table { rows }
    }
}

/// The text of the table that is kept beside the tests.
#[expect(clippy::disallowed_methods, reason = "the table is a file")]
pub(crate) fn stored_text() -> String {
    fs::read_to_string(folder().join("glibc.tsv")).expect("the table")
}

/// The bytes of a column, in which `%25` and its like stand for bytes.
fn decoded(column: &str) -> Vec<u8> {
    let mut pieces = column.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

/// What glibc makes of a table.
#[expect(clippy::disallowed_methods, reason = "glibc is asked by a program of its own")]
pub(crate) fn glibc(table: &str) -> String {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("glibc-patterns");
        let compiled = Command::new("cc").arg("-O2").arg("-o").arg(&program).arg(folder().join("glibc.c")).status();
        let status = compiled.expect("the C compiler `cc`, which these tests need to ask glibc");
        assert!(status.success(), "glibc.c does not compile");
        program
    });
    let mut asked = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("glibc.c runs");
    let mut input = asked.stdin.take().expect("its input");
    // Its answers must be read while it is still asked, or both sides wait for the other.
    let table = table.to_owned();
    #[expect(clippy::disallowed_methods, reason = "one side writes while the other reads")]
    let writer = std::thread::spawn(move || input.write_all(table.as_bytes()));
    let output = asked.wait_with_output().expect("its output");
    writer.join().expect("a writer").expect("glibc.c reads all");
    assert!(output.status.success(), "glibc.c ended with {}", output.status);
    String::from_utf8(output.stdout).expect("the table is UTF-8")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/patterns")
}
