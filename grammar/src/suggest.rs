//! Did you mean: the nearest words to a misspelt one.

/// At most this many suggestions are made; more would be a list, not a hint.
const MOST: usize = 2;

/// Longer words are never compared; nobody misspells a keyword of this language into one.
const LONGEST_CHARS: usize = 40;

/// The candidates nearest to a word, nearest first, at most two.
///
/// Candidates must be of one family (statements, or units, or protocols), since a suggestion across
/// families only confuses. Case does not count.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word: Vec<char> = word.chars().take(LONGEST_CHARS + 1).map(|c| c.to_ascii_lowercase()).collect();
    if word.is_empty() || word.len() > LONGEST_CHARS {
        return Vec::new();
    }
    // A short word is near to everything, so it must be nearer.
    let limit = if word.len() <= 4 { 1 } else { 2 };
    let mut near: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
        let distance = distance(&word, &other);
        if distance > 0 && distance <= limit && !near.iter().any(|(_, known)| *known == candidate) {
            near.push((distance, candidate));
        }
    }
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().map(|(_, candidate)| candidate).take(MOST).collect()
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one to the other
/// (Damerau and Levenshtein, with no letter touched twice).
fn distance(left: &[char], right: &[char]) -> usize {
    if left.len().abs_diff(right.len()) > 2 {
        return usize::MAX;
    }
    let mut two_above: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let replaced = at(&above, column) + usize::from(a != b);
            let mut best = replaced.min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            let before = |letters: &[char], index: usize| index.checked_sub(1).and_then(|at| letters.get(at)).copied();
            if before(left, row) == Some(*b) && before(right, column) == Some(*a) {
                best = best.min(at(&two_above, column - 1) + 1);
            }
            line.push(best);
        }
        two_above = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_understood() {
        let heads = ["check", "set", "start", "stop", "restart", "depends", "alert", "group"];
        assert_eq!(nearest("chekc", heads), ["check"]);
        assert_eq!(nearest("ste", heads), ["set"]);
        assert_eq!(nearest("strat", heads), ["start"]);
        assert_eq!(nearest("ALRET", heads), ["alert"]);
        assert_eq!(nearest("depnds", heads), ["depends"]);
    }

    #[test]
    fn what_is_far_off_or_right_is_left_alone() {
        assert!(nearest("sat", ["start"]).is_empty());
        assert!(nearest("check", ["check"]).is_empty());
        assert!(nearest("", ["a"]).is_empty());
        assert_eq!(nearest("stort", ["start", "stop", "sport", "short"]).len(), 2);
    }
}
