//! The translation from Monit's dialect: what comes out is sound. What would mean something else is refused by the
//! translation itself, which compares both meanings; here it only must not fall over.

use grammar::{Dialect, Severity};
use interpreter::catalog::Protocols;
use interpreter::check::{Imaginary, load_text};
use interpreter::import::{Unimported, import};

use crate::point_inside;

/// Translates the bytes.
pub fn holds(bytes: &[u8]) {
    let machine = Imaginary::new();
    let loaded = load_text("/etc/monit/monitrc", bytes, Dialect::Monit, &machine);
    let text = loaded.source.text();
    match import(&loaded.source, &Protocols::default(), &machine) {
        Ok(imported) => point_inside(&imported.findings, text),
        Err(Unimported::Wrong(findings)) => {
            point_inside(&findings, text);
            assert!(findings.iter().any(|finding| finding.severity == Severity::Error), "wrong, and no error");
        }
        Err(Unimported::Unsayable(findings)) => {
            point_inside(&findings, text);
            assert!(!findings.is_empty(), "it cannot be said, and nobody says what");
        }
        Err(Unimported::Changed { differences, .. }) => assert!(!differences.is_empty(), "refused for nothing"),
    }
}
