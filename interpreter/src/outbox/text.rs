//! What a mail says: variables are filled in, and what services and programs said is made harmless.

use crate::program::MailAddress;

/// The longest subject, in characters: a header is no place for more (RFC 5322, section 2.1.1, allows 998 in a line).
pub const SUBJECT_CHARS_MAX: usize = 300;

/// The longest description, in characters. What a program printed can be far longer than what anybody reads.
pub const DESCRIPTION_CHARS_MAX: usize = 8_000;

/// The longest text of one event, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What mail says where nobody says anything else.
const SUBJECT: &str = "ruled alert --  $EVENT $SERVICE";
const TEXT_HEAD: &str = "$EVENT Service $SERVICE\n\n";
const TEXT_ROWS: [(&str, &str); 4] = [("Date", "$DATE"), ("Action", "$ACTION"), ("Host", "$HOST"), ("Description", "")];
const TEXT_END: &str = "\nYour faithful employee,\nruled\n";

/// What stands behind a line break of a description, so that it stays below its beginning.
const INDENT: &str = "\n\t             ";

/// What the variables stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variables<'a> {
    pub(super) host: &'a str,
    pub(super) date: &'a str,
    pub(super) service: &'a str,
    pub(super) event: &'a str,
    pub(super) description: &'a str,
    pub(super) action: &'a str,
}

impl<'a> Variables<'a> {
    /// In the order in which Monit fills them in.
    fn list(self) -> [(&'static str, &'a str); 6] {
        [
            ("$HOST", self.host),
            ("$DATE", self.date),
            ("$SERVICE", self.service),
            ("$EVENT", self.event),
            ("$DESCRIPTION", self.description),
            ("$ACTION", self.action),
        ]
    }

    /// Fills the variables in. Monit fills in one after the other, so that what stands for one is searched for the next;
    /// otherwise nothing that a service said is.
    pub(super) fn fill(self, template: &str, is_searched_again: bool) -> String {
        if is_searched_again {
            let fill = |text: String, (name, value): (&str, &str)| cut(&text.replace(name, value), TEXT_BYTES_MAX);
            return self.list().into_iter().fold(template.to_owned(), fill);
        }
        let (mut filled, mut rest) = (String::new(), template);
        while let Some((before, behind)) = rest.split_once('$') {
            filled.push_str(before);
            let found = self.list().into_iter().find_map(|(name, value)| {
                let name = name.trim_start_matches('$');
                Some((value, behind.strip_prefix(name)?))
            });
            let (value, tail) = found.unwrap_or(("$", behind));
            filled.push_str(value);
            rest = tail;
        }
        filled.push_str(rest);
        cut(&filled, TEXT_BYTES_MAX)
    }

    /// The subject: one line, whatever is in it.
    pub(super) fn subject(self, template: Option<&str>, is_searched_again: bool) -> String {
        let subject = self.fill(template.unwrap_or(SUBJECT), is_searched_again);
        one_line(&subject, SUBJECT_CHARS_MAX)
    }

    /// The text, with what belongs to it beside the message.
    pub(super) fn text(self, template: Option<&str>, beside: &str, is_searched_again: bool) -> String {
        let text = match template {
            Some(template) => self.fill(template, is_searched_again) + "\n" + beside,
            // What is always the same is not searched, so that nothing is taken for a variable that is none.
            None => {
                let rows = TEXT_ROWS.map(|(name, value)| format!("\t{:<12} {value}", format!("{name}:"))).join("\n");
                let head = self.fill(&(TEXT_HEAD.to_owned() + &rows), false);
                format!("{head}{}\n{beside}{TEXT_END}", self.description.replace('\n', INDENT))
            }
        };
        cut(&text, TEXT_BYTES_MAX)
    }

    /// Who sends it.
    pub(super) fn address(self, template: &MailAddress) -> MailAddress {
        let fill = |text: &String| one_line(&self.fill(text, false), SUBJECT_CHARS_MAX);
        MailAddress { name: template.name.as_ref().map(fill), address: fill(&template.address) }
    }
}

/// Text of several lines without anything that could steer a terminal or be taken for a header.
pub(super) fn clean(text: &str, chars_max: usize) -> String {
    let text = text.replace("\r\n", "\n");
    let mut letters = text.trim_end().chars();
    let mut cleaned: String = letters
        .by_ref()
        .take(chars_max)
        .map(|letter| match letter {
            '\n' | '\t' => letter,
            _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
            _ => letter,
        })
        .collect();
    if letters.next().is_some() {
        cleaned.push('…');
    }
    cleaned
}

/// One line: line breaks and tabs become blanks.
pub(super) fn one_line(text: &str, chars_max: usize) -> String {
    clean(text, chars_max).replace(['\n', '\t'], " ")
}

fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = (0..=bytes_max).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: Variables<'static> = Variables {
        host: "box",
        date: "today",
        service: "$EVENT",
        event: "Does not exist",
        description: "$ACTION is $HOST",
        action: "restart",
    };

    #[test]
    fn variables_are_filled_in_as_monit_does_or_once() {
        let template = "$SERVICE: $DESCRIPTION $HOSTS $NOTHING $ $";
        assert_eq!(VARIABLES.fill(template, true), "Does not exist: restart is $HOST boxS $NOTHING $ $");
        assert_eq!(VARIABLES.fill(template, false), "$EVENT: $ACTION is $HOST boxS $NOTHING $ $");
    }

    #[test]
    fn what_grows_is_cut() {
        let description = "$ACTION".repeat(2_000);
        let action = "x".repeat(9_000);
        let variables = Variables { description: &description, action: &action, ..VARIABLES };
        assert!(variables.fill(&"$DESCRIPTION".repeat(50), true).len() <= TEXT_BYTES_MAX + 3);
        assert!(variables.subject(Some("$DESCRIPTION"), true).chars().count() <= SUBJECT_CHARS_MAX + 1);
    }
}
