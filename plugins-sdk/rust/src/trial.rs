//! How a script must end, for `cargo test`: a call for each way in which a check may end, a trial of all the places at
//! which a connection may be lost, what servers of other protocols say, and property tests that every probe should pass.
//!
//! What does not live here: what a peer says and hears, which is `script`.

use crate::stage::Step;
use crate::{Check, Failure, IoError, Outcome, Probe, Script};

impl Script {
    /// Runs the check of `P`, which must pass, and returns its outcome.
    ///
    /// # Panics
    /// When it fails; and as [`Script::run`] does.
    #[track_caller]
    pub fn passes<P: Probe>(self) -> Outcome {
        match self.run::<P>() {
            Ok(outcome) => outcome,
            Err(failure) => panic!("the check should pass, and fails: {failure:?}"),
        }
    }

    /// Runs the check of `P`, which must find that the peer does not speak the protocol ([`Failure::Protocol`]), and
    /// returns its sentence.
    ///
    /// # Panics
    /// When it ends otherwise; and as [`Script::run`] does.
    #[track_caller]
    pub fn is_foreign_to<P: Probe>(self) -> String {
        match self.run::<P>() {
            Err(Failure::Protocol(sentence)) => sentence,
            other => ends_otherwise("find that the peer does not speak the protocol", &other),
        }
    }

    /// Runs the check of `P`, which must be told no by the peer ([`Failure::Rejected`]), and returns in which words.
    ///
    /// # Panics
    /// When it ends otherwise; and as [`Script::run`] does.
    #[track_caller]
    pub fn rejects<P: Probe>(self) -> String {
        match self.run::<P>() {
            Err(Failure::Rejected(said)) => said,
            other => ends_otherwise("be told no by the peer", &other),
        }
    }

    /// Runs the check of `P`, which must find another answer than the rule wants ([`Failure::Mismatch`]), and returns the
    /// sentence that people read: "the WHAT is FOUND, expected EXPECTED".
    ///
    /// # Panics
    /// When it ends otherwise; and as [`Script::run`] does.
    #[track_caller]
    pub fn mismatches<P: Probe>(self) -> String {
        match self.run::<P>() {
            Err(Failure::Mismatch { what, expected, found }) => format!("the {what} is {found}, expected {expected}"),
            other => ends_otherwise("find another answer than the rule wants", &other),
        }
    }

    /// Runs the check of `P`, which must find that the settings make no sense ([`Failure::Misconfigured`]), and returns
    /// its sentence.
    ///
    /// # Panics
    /// When it ends otherwise; and as [`Script::run`] does.
    #[track_caller]
    pub fn misconfigures<P: Probe>(self) -> String {
        match self.run::<P>() {
            Err(Failure::Misconfigured(sentence)) => sentence,
            other => ends_otherwise("find that the settings make no sense", &other),
        }
    }

    /// Runs the check of `P`, which must fail because the connection does ([`Failure::Io`]), and returns how.
    ///
    /// # Panics
    /// When it ends otherwise; and as [`Script::run`] does.
    #[track_caller]
    pub fn breaks_off<P: Probe>(self) -> IoError {
        match self.run::<P>() {
            Err(Failure::Io(error)) => error,
            other => ends_otherwise("fail because the connection does", &other),
        }
    }

    /// Whatever the peer says in the steps so far comes byte by byte, as from a slow server.
    pub fn drips(mut self) -> Self {
        let steps = std::mem::take(&mut self.steps);
        self.steps = steps
            .into_iter()
            .flat_map(|step| match step {
                Step::Says(bytes) => bytes.into_iter().map(|byte| Step::Says(vec![byte])).collect(),
                other => vec![other],
            })
            .collect();
        self
    }

    /// Plays this conversation, which must pass, and then loses it at every place: before each byte that the peer says
    /// the connection is closed, breaks, or stays silent until the deadline (over datagrams: before each datagram nobody
    /// takes any more, or stays silent), and each time the check must fail with just that error of the connection. So a
    /// probe is found out that is content too early, that does not wait for the end of a line, or that takes a lost
    /// connection for a wrong answer. The conversation must have nothing in it that the probe can do without, such as
    /// words behind a goodbye.
    ///
    /// # Panics
    /// When one of these checks ends otherwise; and as [`Script::run`] does.
    #[track_caller]
    pub fn needs_every_byte<P: Probe>(self) -> Outcome {
        let datagrams = self.peer.transport.is_datagram();
        let ends: &[IoError] = if datagrams {
            &[IoError::TimedOut, IoError::Refused]
        } else {
            &[IoError::Closed, IoError::Reset, IoError::TimedOut]
        };
        for (place, step) in self.steps.iter().enumerate() {
            let Step::Says(bytes) = step else { continue };
            for said in 0..if datagrams { 1 } else { bytes.len() } {
                for end in ends {
                    let mut cut = self.clone();
                    cut.steps.truncate(place);
                    if said > 0 {
                        cut.steps.push(Step::Says(bytes[..said].to_vec()));
                    }
                    cut.steps.push(Step::Fails(*end));
                    let check = cut.run::<P>();
                    let (before, after) = bytes.split_at(said);
                    assert!(
                        check == Err(Failure::Io(*end)),
                        "the connection is lost between {:?} and {:?} ({end}), and the check ends so: {check:?}",
                        String::from_utf8_lossy(before),
                        String::from_utf8_lossy(after)
                    );
                }
            }
        }
        self.passes::<P>()
    }
}

#[track_caller]
fn ends_otherwise(should: &str, check: &Check) -> ! {
    panic!("the check should {should}, and ends so: {check:?}")
}

/// What servers of other protocols say to somebody who connects, or who says what they do not understand.
const STRANGERS: [(&str, &[u8]); 8] = [
    ("HTTP", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
    ("IMAP", b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"),
    ("MySQL", b"\x31\0\0\0\x0a8.4.0\0\x07\0\0\0abcdefgh\0\xff\xff\xff\x02\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0ijklmnop\0"),
    ("POP3", b"+OK ready\r\n"),
    ("Redis", b"-ERR unknown command, with args beginning with:\r\n"),
    ("SMTP", b"220 mail.example ESMTP\r\n"),
    ("SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    // An alert: this message was not expected.
    ("TLS", b"\x15\x03\x03\0\x02\x02\x0a"),
];

/// What servers of other protocols say when they are met at this port: the name of each protocol with its words, which are
/// short, and then the server waits or closes. Of HTTP, IMAP, MySQL, POP3, Redis, SMTP, SSH and TLS those are left out that
/// the test names, because the probe answers to them in a way of its own.
///
/// # Panics
/// When there is none of a name.
#[track_caller]
pub fn strangers(but: &[&str]) -> Vec<(&'static str, &'static [u8])> {
    for name in but {
        assert!(STRANGERS.iter().any(|(stranger, _)| stranger == name), "no stranger speaks {name}");
    }
    STRANGERS.into_iter().filter(|(name, _)| !but.contains(name)).collect()
}

/// Writes two property tests (of the crate `proptest`, which the plugin names in its `[dev-dependencies]`): the probe must
/// survive a peer that says anything at all, and one that says words of the protocol and anything else in any order. The
/// words are a list of texts or of bytes. Where a conversation goes on only after a certain greeting, it is named:
/// `survives_any_peer!(Greeting, WORDS, after "HELLO world\r\n")`.
#[macro_export]
macro_rules! survives_any_peer {
    ($probe:ty, $words:expr) => {
        $crate::survives_any_peer!($probe, $words, after "");
    };
    ($probe:ty, $words:expr, after $greeting:expr) => {
        ::proptest::proptest! {
            #[test]
            fn any_peer_is_survived(
                bytes in ::proptest::collection::vec(::proptest::arbitrary::any::<u8>(), 0..2_000),
            ) {
                $crate::fuzz::<$probe>(&bytes).ok();
            }

            #[test]
            fn any_peer_that_knows_some_words_is_survived(
                head in ::proptest::arbitrary::any::<[u8; 2]>(),
                said in ::proptest::collection::vec(
                    ::proptest::prop_oneof![
                        ::proptest::sample::select(
                            $words.iter().map(|word| ::std::convert::AsRef::<[u8]>::as_ref(word).to_vec())
                                .collect::<::std::vec::Vec<_>>()
                        ),
                        ::proptest::collection::vec(::proptest::arbitrary::any::<u8>(), 0..9),
                    ],
                    0..60,
                ),
            ) {
                let greeting: &[u8] = ::std::convert::AsRef::<[u8]>::as_ref($greeting);
                $crate::fuzz::<$probe>(&[head.as_slice(), greeting, &said.concat()].concat()).ok();
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::{Conn, Describe, OptionType, Options, Transport, Value, ok, script};

    /// Reads a line and asks for a number: "OK 3" passes.
    struct Careful;

    impl Probe for Careful {
        fn describe() -> Describe {
            Describe::new("careful", "Reads all of it").option("least", OptionType::Integer(0, 9), "The least number")
        }

        fn check(conn: &Conn, options: &Options) -> Check {
            if conn.peer().transport.is_datagram() {
                conn.send("?")?;
                let answer = conn.receive(10)?;
                return ok(String::from_utf8_lossy(&answer)).into();
            }
            let least = options.integer("least").unwrap_or(0);
            if least > 8 {
                return Err(Failure::Misconfigured("nobody says more than 8".into()));
            }
            let line = conn.line(80)?;
            if line == "NO" {
                return Err(Failure::Rejected("NO".into()));
            }
            conn.send("?")?;
            let number = conn.line(80)?;
            let Some(found) = line.strip_prefix("OK").and_then(|_| number.parse::<i64>().ok()) else {
                crate::fail!("this is no number: {number:?}")
            };
            if found < least {
                let (what, expected, found) = ("number".into(), format!("{least}"), format!("{found}"));
                return Err(Failure::Mismatch { what, expected, found });
            }
            ok(number).into()
        }
    }

    /// Is content with the first byte of the number, and takes a lost connection for a wrong greeting.
    struct Hasty;

    impl Probe for Hasty {
        fn describe() -> Describe {
            Describe::new("hasty", "Reads some of it")
        }

        fn check(conn: &Conn, _options: &Options) -> Check {
            let line = conn.line(80)?;
            conn.send("?")?;
            let first = conn.exactly(1)?;
            ok(format!("{line} {}", first.len())).into()
        }
    }

    fn good() -> Script {
        script().says("OK\r\n").hears("?").says("7\r\n")
    }

    fn panics(run: impl FnOnce()) -> String {
        let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("a test that does not hold should fail");
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn each_end_of_a_check_has_its_call() {
        assert_eq!(good().passes::<Careful>().summary, "7");
        assert_eq!(good().drips().passes::<Careful>().summary, "7");
        assert_eq!(script().says("NO\n").rejects::<Careful>(), "NO");
        assert!(script().says("OK\n").hears("?").says("x\n").is_foreign_to::<Careful>().contains("\"x\""));
        let most = |least| good().with("least", Value::Integer(least));
        assert_eq!(most(8).mismatches::<Careful>(), "the number is 7, expected 8");
        assert_eq!(most(9).misconfigures::<Careful>(), "nobody says more than 8");
        assert_eq!(script().breaks_off::<Careful>(), IoError::Closed);
    }

    #[test]
    fn a_check_that_ends_otherwise_fails_the_test() {
        let ends: [fn() -> String; 6] = [
            || script().passes::<Careful>().summary,
            || good().is_foreign_to::<Careful>(),
            || good().rejects::<Careful>(),
            || good().mismatches::<Careful>(),
            || good().misconfigures::<Careful>(),
            || good().breaks_off::<Careful>().to_string(),
        ];
        for end in ends {
            assert!(panics(|| drop(end())).starts_with("the check should "));
        }
    }

    #[test]
    fn a_probe_that_is_content_too_early_is_found_out() {
        assert_eq!(good().needs_every_byte::<Careful>().summary, "7");
        let found = panics(|| drop(good().needs_every_byte::<Hasty>()));
        assert!(found.contains("lost between \"7\" and \"\\r\\n\""), "{found}");
        // Behind the end of what the peer says there is nothing to lose, but the conversation must hold.
        let wrong = panics(|| drop(script().says("OK\r\n").hears("!").says("7\r\n").needs_every_byte::<Careful>()));
        assert!(wrong.contains("the script hears"), "{wrong}");
    }

    #[test]
    fn datagrams_are_lost_whole() {
        let peer = script().over(Transport::Udp).hears("?").says("long one");
        assert_eq!(peer.needs_every_byte::<Careful>().summary, "long one");
    }

    #[test]
    fn strangers_are_known_by_name() {
        assert_eq!(strangers(&[]).len(), STRANGERS.len());
        assert!(strangers(&["SSH", "TLS"]).iter().all(|(name, _)| !["SSH", "TLS"].contains(name)));
        assert!(panics(|| drop(strangers(&["Gopher"]))).contains("Gopher"));
        for (name, said) in strangers(&[]) {
            let check = script().says(said).hears("?").run::<Careful>();
            assert!(matches!(check, Err(Failure::Protocol(_) | Failure::Io(_))), "{name}: {check:?}");
        }
    }

    survives_any_peer!(Careful, &["OK\r\n", "7\r\n", "NO\n"]);
    mod after_a_greeting {
        use super::Careful;
        survives_any_peer!(Careful, &[b"7\r\n".as_slice(), b"\xff"], after "OK\r\n");
    }
}
