//! What a program tells: one event.

/// An event of either program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// Whose.
    pub(super) service: String,
    /// The class word.
    pub(super) event: String,
    /// `failed`, `succeeded`, `changed` or `unchanged`.
    pub(super) state: String,
    /// The word of the action.
    pub(super) action: String,
    /// One sentence.
    pub(super) message: String,
    /// Whether it was told before the cycle that it is counted to.
    pub(super) early: bool,
}

impl Told {
    /// The event as worlds write it.
    pub(super) fn line(&self) -> String {
        format!("{} {} {} {}", self.service, self.event, self.state, self.action)
    }

    /// The message with `#` for each figure and `{here}` for the folder, so that two runs can be compared.
    /// Line breaks at its end say nothing.
    pub(super) fn sentence(&self, here: &str) -> String {
        let text = self.message.trim_end().replace(here, "{here}");
        let mut sentence = String::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if !letter.is_ascii_digit() {
                sentence.push(letter);
                continue;
            }
            // Times and fractions are one figure each.
            while letters.next_if(|next| next.is_ascii_digit() || matches!(next, '.' | ':')).is_some() {}
            sentence.push('#');
        }
        sentence
    }
}
