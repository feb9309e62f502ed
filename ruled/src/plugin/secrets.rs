//! What must stand in nothing that is reported: the values of options of type secret.

use ruled_embedded::{OptionType, Value};

use super::Setting;
use super::source::Source;
use super::verdict::clean;

/// The shortest secret that is masked: what is shorter stands in every other word.
const SECRET_BYTES_MIN: usize = 4;
/// What stands in its place.
const MASK: &str = "***";

/// The secrets of one check.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    values: Vec<String>,
}

impl Secrets {
    /// Those among these settings.
    pub(super) fn among(settings: &[Setting], source: &Source) -> Secrets {
        let options = &source.description().options;
        let is_secret =
            |name: &str| options.iter().any(|option| option.name == name && option.kind == OptionType::Secret);
        let mut values: Vec<String> = settings
            .iter()
            .filter(|setting| setting.is_secret || is_secret(&setting.name))
            .filter_map(|setting| match &setting.value {
                Value::Text(text) if text.len() >= SECRET_BYTES_MIN => Some(text.to_string()),
                _ => None,
            })
            .collect();
        // One that has another in it is masked whole.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Secrets { values }
    }

    /// The text without them, in whatever case their letters are: names of hosts become small ones.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for value in &self.values {
            // Letters of ASCII change their case in place, so what is found there stands here.
            let (small, value) = (masked.to_ascii_lowercase(), value.to_ascii_lowercase());
            let (mut without, mut end) = (String::new(), 0);
            for (place, found) in small.match_indices(&value) {
                without.push_str(&masked[end..place]);
                without.push_str(MASK);
                end = place + found.len();
            }
            if end > 0 {
                without.push_str(&masked[end..]);
                masked = without;
            }
        }
        masked
    }

    /// The text without them as one clean line, at most so many bytes. They are masked in what was said, because cleaning
    /// could change or cut them, and in what became of it, because cleaning could join them.
    pub(super) fn clean(&self, text: &str, bytes_max: usize) -> String {
        if self.values.is_empty() {
            return clean(text, bytes_max);
        }
        self.mask(&clean(&self.mask(text), bytes_max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(values: &[&str]) -> Secrets {
        Secrets { values: values.iter().map(|value| (*value).to_owned()).collect() }
    }

    #[test]
    fn what_cleaning_would_change_is_masked_before() {
        assert_eq!(secrets(&["two  blanks"]).clean("it is two  blanks.", 100), "it is ***.");
        assert_eq!(secrets(&["tab\there"]).clean("it is tab\there.", 100), "it is ***.");
        assert_eq!(secrets(&["Joined"]).clean("it is jOINed twice: joined", 100), "it is *** twice: ***");
        assert_eq!(secrets(&["joined"]).clean("it is jo\u{202a}ined", 100), "it is jo ined");
    }

    #[test]
    fn what_is_cut_is_masked_before() {
        let said = format!("{}password", "x".repeat(10));
        assert_eq!(secrets(&["password"]).clean(&said, 14), "xxxxxxxxxx***");
    }
}
