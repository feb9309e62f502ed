//! Whatever services, programs and formats say: it forges no header and no recipient.

use proptest::prelude::*;
use ruled::report::mail::message;

use super::{letters, program};

/// The headers that a letter may have.
const HEADERS: [&str; 9] = [
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "Content-Type",
    "Reply-To",
    "Content-Transfer-Encoding",
];

/// The names of the headers of every letter about this.
fn are_honest(rules: &str, said: &str) {
    for letter in letters(&program(rules), said) {
        let message = message(&letter).expect("a message");
        assert_eq!(message.envelope().to().len(), 1);
        let bytes = message.formatted();
        assert!(bytes.is_ascii(), "what is beyond ASCII is encoded");
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']), "line breaks are whole");
        let (headers, _) = text.split_once("\r\n\r\n").expect("headers and a text");
        for line in headers.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
            let (name, _) = line.split_once(':').unwrap_or_else(|| panic!("{line:?} is no header"));
            assert!(HEADERS.contains(&name) || name == "MIME-Version", "{name} is forged: {headers}");
        }
        assert!(text.split("\r\n").all(|line| line.len() <= 998), "a line is too long (RFC 5322, section 2.1.1)");
    }
}

#[test]
fn names_and_outputs_forge_nothing() {
    let forged = "\r\nBcc: evil@example.com\r\n\r\n.\r\nQUIT\r\n\0\u{1b}[2J";
    for said in [forged.to_owned(), format!("ä{forged}"), "x".repeat(100_000), "ä".repeat(100_000), "\n".repeat(9_000)]
    {
        for rules in [
            "set alert a@example.com\ncheck process shop with pidfile /run/shop.pid\n",
            "set mail-format { subject: $DESCRIPTION\n message: $DESCRIPTION }\nset alert a@example.com\n\
             check process shop with pidfile /run/shop.pid\n",
            "set mail-format { from: \"$DESCRIPTION $SERVICE\" <x@y.example>\n reply-to: $DESCRIPTION <x@y.example> }\n\
             set alert a@example.com\ncheck process shop with pidfile /run/shop.pid\n",
        ] {
            are_honest(rules, &said);
        }
    }
    are_honest(
        "set alert a@example.com\ncheck process \"shop: x Bcc: evil@example.com\" with pidfile /run/shop.pid\n",
        "gone",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_forges_a_header(bytes in prop::collection::vec(any::<u8>(), 0..600), text in ".{0,200}") {
        let said = String::from_utf8_lossy(&bytes).into_owned() + &text + "\r\nBcc: evil@example.com";
        are_honest(
            "set mail-format { from: $DESCRIPTION <x@y.example>\n subject: $DESCRIPTION\n message: $DESCRIPTION }\n\
             set alert a@example.com\ncheck process shop with pidfile /run/shop.pid\n",
            &said,
        );
    }
}
