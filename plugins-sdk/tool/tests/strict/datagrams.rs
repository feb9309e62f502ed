//! A probe over UDP: it asks with a number of its choice, and wants it back.

use ruled_plugin::*;

struct Asks;

impl Probe for Asks {
    fn describe() -> Describe {
        Describe::new("asks", "A service that answers a question by its number")
            .version(env!("CARGO_PKG_VERSION"))
            .port(7778)
            .over(&[Transport::Udp])
            .option("number", OptionType::Text, "By what it asks, where that is not left to chance")
            .option("twice", OptionType::Boolean, "Whether to ask once more")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let number = options.text("number").map_or_else(|| random_bytes(4), |number| number.as_bytes().to_vec());
        let question = [&number[..], b"WHO?"].concat();
        conn.send(&question)?;
        if options.boolean("twice") == Some(true) {
            conn.send(&question)?;
        }
        let answer = conn.receive(100)?;
        let Some(name) = answer.strip_prefix(&number[..]) else { fail!("the answer is to another question") };
        ok(text(name)).into()
    }
}
probe!(Asks);

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
