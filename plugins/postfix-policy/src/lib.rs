//! The stock probe for policy servers of Postfix (SMTPD_POLICY_README of Postfix): asks about a mail that does not exist.

use ruled_plugin::*;

/// Postfix allows 2,048 bytes for a name and its value.
const LINE_BYTES_MAX: u32 = 8_192;

/// An answer has one line; servers may add more of their own.
const LINES_MAX: usize = 50;

/// How much of what a server decides is shown.
const ACTION_LETTERS_MAX: usize = 200;

struct PostfixPolicy;

impl Probe for PostfixPolicy {
    fn describe() -> Describe {
        let text = |text: &str| Value::Text(text.to_owned());
        Describe::new("postfix-policy", "A policy server that decides about a mail that does not exist")
            .version(env!("CARGO_PKG_VERSION"))
            .page(
                "Asks as Postfix does when it is told a recipient (`request=smtpd_access_policy`, \
                 `protocol_state=RCPT`), and expects an `action`, whichever it is. There is no mail, but a server cannot \
                 know: one that counts or lists what it is asked for counts this, too. So it asks the same each time; \
                 Postgrey lets a postmaster's mail pass without listing it.\n\n\
                 A server that cannot decide answers as if it could, often by `DEFER_IF_PERMIT`; `action` tells it from \
                 one that works.\n\n\
                 Specified in SMTPD_POLICY_README of Postfix.",
            )
            .option("action", OptionType::Text, "What the server must decide: the first word of it, in any case")
            .explained("Such as `DUNNO`, `OK`, `REJECT` or `450`.")
            .option("sender", OptionType::Text, "Who sends the mail")
            .default_value(text("probe@example.com"))
            .option("recipient", OptionType::Text, "Who is to get it")
            .default_value(text("postmaster@example.com"))
            .option("client_address", OptionType::Text, "The address it comes from")
            .default_value(text("192.0.2.1"))
            .option("client_name", OptionType::Text, "The name of that address")
            .default_value(text("mail.example.com"))
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        if let Some(wanted) = options.text("action").filter(|wanted| wanted.split_whitespace().count() != 1) {
            let sentence = format!("action is {wanted:?}, and is compared with one word: write it as DUNNO or REJECT");
            return Err(Failure::Misconfigured(sentence));
        }
        conn.send(request(options)?)?;
        let action = action(conn)?;
        let decision = action.split_whitespace().next().unwrap_or_default();
        if let Some(wanted) = options.text("action")
            && !decision.eq_ignore_ascii_case(wanted.trim())
        {
            let (what, expected) = ("action of the policy server".into(), wanted.into());
            return Err(Failure::Mismatch { what, expected, found: shown(&action) });
        }
        ok(format!("it decides: {}", shown(&action))).fact("action", decision).into()
    }
}
probe!(PostfixPolicy);

/// The question, in lines of names and values.
fn request(options: &Options) -> Result<String, Failure> {
    let said = |name: &str| options.text(name).unwrap_or_default();
    for option in ["sender", "recipient", "client_address", "client_name"] {
        // A line break would begin another attribute.
        if said(option).chars().any(char::is_control) {
            let sentence = format!("{option} has a line break or another control character in it");
            return Err(Failure::Misconfigured(sentence));
        }
    }
    let attributes = [
        ("request", "smtpd_access_policy"),
        ("protocol_state", "RCPT"),
        ("protocol_name", "ESMTP"),
        ("helo_name", said("client_name")),
        ("sender", said("sender")),
        ("recipient", said("recipient")),
        ("recipient_count", "0"),
        ("client_address", said("client_address")),
        ("client_name", said("client_name")),
        ("instance", "ruled"),
    ];
    let lines: String = attributes.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    Ok(lines + "\n")
}

/// What the server decides.
fn action(conn: &Conn) -> Result<String, Failure> {
    let mut action = None;
    for _ in 0..LINES_MAX {
        let line = match conn.line(LINE_BYTES_MAX) {
            Err(IoError::TooLong) => fail!("the server answers with a line of more than {LINE_BYTES_MAX} bytes"),
            other => other?,
        };
        if line.is_empty() {
            return match action {
                Some(action) => Ok(action),
                None => fail!("the server answers without an action"),
            };
        }
        let Some((name, value)) = line.split_once('=') else {
            fail!("the server answers {}, and not in lines of names and values (action=…)", excerpt(&line))
        };
        if name == "action" && !value.trim().is_empty() {
            action = Some(value.trim().to_owned());
        }
    }
    fail!("the server answers with more than {LINES_MAX} lines")
}

fn shown(action: &str) -> String {
    action.chars().take(ACTION_LETTERS_MAX).collect()
}

#[cfg(test)]
mod tests;
