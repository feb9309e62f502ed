//! Comments that allow a finding: `# ruled: allow shadowed-rule because …`.
//!
//! What they allow is set aside, and what is wrong with the comments themselves is found. The page of `unused-allow` says
//! what each of them covers.

mod comment;
mod cover;

pub(crate) use comment::Allow;
pub(crate) use cover::Covered;

use std::collections::{BTreeMap, BTreeSet};

use comment::{NAMES_MAX, Said};
use cover::{Cover, Outline};
use grammar::ast::RuleFile;
use grammar::{Dialect, Finding, Severity, Source};

use super::Day;
use crate::lint::{self, allow_without_reason, expired_allow, unused_allow};

/// What is read of a text besides its comments.
pub(super) struct Written<'a> {
    pub(super) source: &'a Source,
    pub(super) file: &'a RuleFile,
    pub(super) dialect: Dialect,
    pub(super) today: Option<Day>,
    /// Whether the findings of loading are among those that are sifted.
    pub(super) loaded: bool,
}

/// Findings that are shown, and findings that are allowed.
pub(super) struct Sifted {
    pub(super) findings: Vec<Finding>,
    pub(super) suppressed: Vec<Finding>,
}

/// What is found while files are put together.
const WHILE_LOADING: [&str; 6] =
    ["include-loop", "include-matches-nothing", "include-too-deep", "not-utf8", "too-large", "unreadable-file"];

/// A comment that counts.
struct Counting {
    allow: Allow,
    cover: Cover,
    /// Those of its names that it can allow.
    names: BTreeSet<usize>,
    used: BTreeSet<usize>,
}

impl Written<'_> {
    /// Sets aside what comments allow. The findings are in order, and so are those that are returned.
    pub(super) fn sift(&self, findings: Vec<Finding>) -> Sifted {
        let mut sifted = Sifted { findings, suppressed: Vec::new() };
        if !comment::is_in(self.source.text()) {
            return sifted;
        }
        let sound = !sifted.findings.iter().any(|finding| finding.severity == Severity::Error);
        let mut own = Vec::new();
        let mut counting = self.counting(&mut own);
        if !counting.is_empty() {
            self.allow(&mut counting, &mut sifted);
        }
        if sound {
            // Behind an error much is not looked for.
            counting.iter().for_each(|one| self.report_unused(one, &mut own));
        }
        if !own.is_empty() {
            sifted.findings.extend(own);
            super::sort(&mut sifted.findings);
        }
        sifted
    }

    /// The comments that allow something; what is wrong with the others is reported.
    fn counting(&self, own: &mut Vec<Finding>) -> Vec<Counting> {
        let text = self.source.text();
        let comments = grammar::parse::comments(text, self.dialect);
        let known: Vec<&str> = lint::list().iter().map(|entry| entry.name).collect();
        let mut outline = Outline::new(self.source, self.file, self.dialect);
        // A file that is included twice says everything twice.
        let mut seen = BTreeSet::new();
        let mut counting = Vec::new();
        for comment in comments {
            let Some(said) = comment::read(text, comment) else { continue };
            if !seen.insert(self.source.in_file(comment.start)) {
                continue;
            }
            match said {
                Said::Misspelt(begin) => own.push(unused_allow::misspelt(&begin)),
                Said::Allow(allow) => {
                    if let Some(names) = self.judge(&allow, &known, own) {
                        let cover = outline.cover(comment);
                        counting.push(Counting { allow, cover, names, used: BTreeSet::new() });
                    }
                }
            }
        }
        counting
    }

    /// Which names of a comment count; nothing when none does.
    fn judge(&self, allow: &Allow, known: &[&str], own: &mut Vec<Finding>) -> Option<BTreeSet<usize>> {
        if !allow.has_reason {
            own.push(allow_without_reason::finding(allow));
            return None;
        }
        if allow.names.is_empty() {
            own.push(unused_allow::nameless(allow));
            return None;
        }
        if allow.names.len() > NAMES_MAX {
            own.push(unused_allow::too_many(allow, NAMES_MAX));
            return None;
        }
        let mut names = BTreeSet::new();
        for (index, name) in allow.names.iter().enumerate() {
            if let Some(reason) = unused_allow::forbidden(&name.node) {
                own.push(unused_allow::forever(name, reason));
            } else if !known.contains(&name.node.as_str()) {
                own.push(unused_allow::unknown(name, known));
            } else {
                names.insert(index);
            }
        }
        if let Some(until) = &allow.until {
            match Day::parse(&until.node) {
                None => {
                    own.push(unused_allow::no_day(until));
                    return None;
                }
                Some(last) if self.today.is_some_and(|today| last < today) => {
                    own.push(expired_allow::finding(allow, until));
                    return None;
                }
                Some(_) => {}
            }
        }
        (!names.is_empty()).then_some(names)
    }

    fn allow(&self, counting: &mut [Counting], sifted: &mut Sifted) {
        let mut by_name: BTreeMap<(usize, String), Vec<(usize, usize)>> = BTreeMap::new();
        for (index, one) in counting.iter().enumerate() {
            for name in &one.names {
                let Some(said) = one.allow.names.get(*name) else { continue };
                by_name.entry((one.cover.file, said.node.clone())).or_default().push((index, *name));
            }
        }
        for mut finding in std::mem::take(&mut sifted.findings) {
            let (file, at) = self.source.in_file(finding.span().start);
            let mut allowed_by = None;
            for (index, name) in by_name.get(&(file, finding.name.to_owned())).into_iter().flatten() {
                let Some(one) = counting.get_mut(*index) else { continue };
                if one.cover.holds(at) {
                    one.used.insert(*name);
                    allowed_by = Some(one.allow.span);
                }
            }
            match allowed_by {
                None => sifted.findings.push(finding),
                Some(comment) if finding.severity == Severity::Error => {
                    let line = self.source.place(comment.start).line;
                    finding.notes.push(format!("the comment on line {line} cannot allow this: an error stops loading"));
                    sifted.findings.push(finding);
                }
                Some(_) => sifted.suppressed.push(finding),
            }
        }
    }

    fn report_unused(&self, one: &Counting, own: &mut Vec<Finding>) {
        let unused = one.names.iter().filter(|index| !one.used.contains(index)).filter_map(|index| {
            let name = one.allow.names.get(*index)?;
            self.is_looked_for(&name.node).then_some((*index, name))
        });
        let unused: Vec<_> = unused.collect();
        if unused.len() == one.allow.names.len() {
            own.push(unused_allow::whole(self.source, &one.allow, one.cover.covered));
        } else {
            own.extend(
                unused.iter().map(|(index, name)| unused_allow::one(&one.allow, *index, name, one.cover.covered)),
            );
        }
    }

    /// Whether a finding would be among those that are sifted. What one machine lacks another has, and what Monit would
    /// make of a text is asked elsewhere.
    fn is_looked_for(&self, name: &str) -> bool {
        let elsewhere = name == "misread-by-monit" || name == "not-portable" && self.dialect == Dialect::Rules;
        let loading = WHILE_LOADING.contains(&name) && !self.loaded;
        !elsewhere && !loading && !lint::is_about_a_machine(name)
    }
}
