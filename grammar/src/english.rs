//! Lists, counts and durations in good English. Nothing in here knows about rules.

use std::fmt::Display;

/// `a`, `a and b`, `a, b and c`.
pub fn and<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    list(items, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub fn or<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    list(items, "or")
}

/// `1 cycle`, `3 cycles`, `1,000 cycles`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{} {}", thousands(number), plural(number, noun))
}

/// The noun for so many: `cycle` for 1, `cycles` otherwise.
pub fn plural(number: u64, noun: &str) -> String {
    if number == 1 {
        return noun.to_owned();
    }
    let consonant_y = noun.ends_with('y') && !["ay", "ey", "oy", "uy"].iter().any(|end| noun.ends_with(end));
    if consonant_y {
        return format!("{}ies", noun.strip_suffix('y').unwrap_or(noun));
    }
    let hissing = ["s", "x", "z", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    format!("{noun}{}", if hissing { "es" } else { "s" })
}

/// `1,000,000`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 minute 30 seconds`, `2 days 4 hours`, `250 milliseconds`; at most the two largest units.
pub fn duration(milliseconds: u64) -> String {
    const UNITS: [(u64, &str); 5] =
        [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"), (1, "millisecond")];
    let mut rest = milliseconds;
    let mut parts = Vec::new();
    for (size, name) in UNITS {
        if rest >= size {
            parts.push(count(rest / size, name));
            rest %= size;
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0 seconds".to_owned() } else { parts.join(" ") }
}

/// `a unit`, `an hour`: the noun with its article.
pub fn article(noun: &str) -> String {
    let spoken = noun.trim_start_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let consonant = ["uni", "use", "usa", "one", "eu"].iter().any(|start| spoken.starts_with(start));
    let vowel = spoken.starts_with(['a', 'e', 'i', 'o', 'u', '8']) || spoken.starts_with("hour");
    format!("{} {noun}", if vowel && !consonant { "an" } else { "a" })
}

fn list<T: Display>(items: impl IntoIterator<Item = T>, conjunction: &str) -> String {
    let mut items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let Some(last) = items.pop() else {
        return String::new();
    };
    if items.is_empty() { last } else { format!("{} {conjunction} {last}", items.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_aloud() {
        assert_eq!(and(["a"]), "a");
        assert_eq!(and(["a", "b"]), "a and b");
        assert_eq!(or(["a", "b", "c"]), "a, b or c");
        assert_eq!(or(Vec::<String>::new()), "");
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(count(1, "cycle"), "1 cycle");
        assert_eq!(count(1_234_567, "entry"), "1,234,567 entries");
        assert_eq!(count(2, "process"), "2 processes");
        assert_eq!(count(0, "day"), "0 days");
    }

    #[test]
    fn durations_name_two_units() {
        assert_eq!(duration(90_000), "1 minute 30 seconds");
        assert_eq!(duration(0), "0 seconds");
        assert_eq!(duration(86_400_000 + 3_600_000 + 1), "1 day 1 hour");
    }

    #[test]
    fn articles_follow_the_sound() {
        assert_eq!(article("hour"), "an hour");
        assert_eq!(article("unit"), "a unit");
        assert_eq!(article("`if`"), "an `if`");
        assert_eq!(article("number"), "a number");
    }
}
