//! The stock probe for MongoDB: asks a server what it is (`hello`, MongoDB specifications, "MongoDB Handshake"), in the
//! messages that every server since version 3.6 speaks (OP_MSG). Nobody logs in, and nothing is read or written.
//!
//! What does not live here: messages, which are `message`; documents in them, which are `bson`.

use ruled_plugin::*;

mod bson;
mod message;

use bson::Document;

/// "CommandNotFound": servers before 4.4.2 know `hello` by another name.
const COMMAND_NOT_FOUND: f64 = 59.0;

/// What is shown of texts of the server.
const SHOWN_LETTERS: usize = 200;

struct MongoDb;

impl Probe for MongoDb {
    fn describe() -> Describe {
        Describe::new("mongodb", "A MongoDB that says what it is")
            .version(env!("CARGO_PKG_VERSION"))
            .port(27017)
            .tls_port(27017)
            .page(
                "Sends the command `hello` as an OP_MSG, which servers answer to anybody since 3.6 (those before 4.4.2 as \
                 `isMaster`), and expects an answer without an error. It tells the role of the server: `primary`, \
                 `secondary`, `arbiter`, `mongos`, `standalone`, or `other` where it is of a replica set and neither takes \
                 writes nor answers reads, as while it starts or recovers.\n\n\
                 A server of any role passes, because it is there and works; `writable` asks for more. One that does not \
                 take the message says so, and fails.\n\n\
                 Specified in the specifications of MongoDB, \"MongoDB Handshake\" and \"OP_MSG\".",
            )
            .option("writable", OptionType::Boolean, "Whether the server must be one that takes writes")
            .explained("With `true` a secondary, an arbiter and a server that starts or recovers fail.")
            .metric("wire_version", MetricKind::Gauge, "The newest version of the protocol that the server speaks")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let chance = random_bytes(4);
        let id = chance.iter().fold(0, |id, byte| id << 8 | i32::from(*byte)) & i32::MAX;
        let mut answer = message::ask(conn, id, "hello")?;
        if answer.number("ok") != Some(1.0) && answer.number("code") == Some(COMMAND_NOT_FOUND) {
            answer = message::ask(conn, id.wrapping_add(1) & i32::MAX, "isMaster")?;
        }
        if answer.number("ok") != Some(1.0) {
            return Err(refusal(&answer));
        }
        let Some(writable) = answer.truth("isWritablePrimary").or_else(|| answer.truth("ismaster")) else {
            fail!("the server answers, and does not say whether it takes writes");
        };
        let role = role(&answer, writable);
        if options.boolean("writable") == Some(true) && !writable {
            let (what, expected) = ("role of the server".into(), "one that takes writes".into());
            return Err(Failure::Mismatch { what, expected, found: role.into() });
        }
        let mut outcome = ok(format!("it answers, as {role}")).fact("role", role);
        if let Some(set) = answer.text("setName") {
            outcome = outcome.fact("replica_set", set.chars().take(SHOWN_LETTERS).collect::<String>());
        }
        if let Some(version) = answer.number("maxWireVersion") {
            outcome = outcome.metric("wire_version", version);
        }
        outcome.into()
    }
}
probe!(MongoDb);

/// What the server is (MongoDB specifications, "Server Discovery And Monitoring").
fn role(answer: &Document, writable: bool) -> &'static str {
    if answer.text("msg") == Some("isdbgrid") {
        return "mongos";
    }
    let is_member = answer.text("setName").is_some() || answer.truth("isreplicaset") == Some(true);
    match writable {
        true if is_member => "primary",
        true => "standalone",
        false if answer.truth("secondary") == Some(true) => "secondary",
        false if answer.truth("arbiterOnly") == Some(true) => "arbiter",
        false => "other",
    }
}

fn refusal(answer: &Document) -> Failure {
    let words: String = answer.text("errmsg").unwrap_or("without a word").chars().take(SHOWN_LETTERS).collect();
    Failure::Rejected(match answer.number("code") {
        Some(code) => format!("{words} (code {code})"),
        None => words,
    })
}

#[cfg(test)]
mod tests;
