//! `no-shell`: an argument that only a shell would take for more.

use grammar::ast::Program;
use grammar::{Finding, Span};

use super::{Entry, missing_program};
use crate::check::View;

const NAME: &str = "no-shell";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "an argument that only a shell would read", include_str!("no_shell.md"), look);

/// Programs that hand their arguments to a shell, or to another machine's.
const WITH_SHELL: [&str; 14] =
    ["ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "rsh", "sh", "ssh", "su", "tcsh", "watch", "zsh"];

/// The arguments that mean something to a shell where they stand alone.
const SIGNS: [&str; 9] = ["|", "||", "&", "&&", ">", ">>", "<", "2>", "2>&1"];

/// Those that mean something to a shell with what follows.
const BEGINNINGS: [&str; 6] = [">/", ">>/", "2>/", "&>/", "$(", "`"];

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut seen: Vec<Span> = Vec::new();
    missing_program::each(view, &mut |program, _| {
        let Some(finding) = self::finding(view, program).filter(|finding| !seen.contains(&finding.span())) else {
            return;
        };
        seen.push(finding.span());
        findings.push(finding);
    });
}

fn finding(view: &View<'_>, program: &Program) -> Option<Finding> {
    let (first, arguments) = program.words.split_first()?;
    let name = first.node.rsplit('/').next().unwrap_or_default();
    if WITH_SHELL.contains(&name) {
        return None;
    }
    // What somebody put in quotes is meant as it stands.
    let is_meant = |written: &str| written.starts_with(['"', '\'']);
    let is_sign = |word: &str| SIGNS.contains(&word) || BEGINNINGS.iter().any(|begin| word.starts_with(begin));
    let sign = arguments.iter().find(|word| is_sign(&word.node) && !is_meant(view.text(word.span)))?;
    let finding = Finding::warning(NAME, sign.span, format!("`{}` is an argument: no shell reads it", sign.node))
        .here(format!("so {name} is handed it as it stands"));
    let last = arguments.last().map_or(first.span, |last| last.span);
    let whole = first.span.to(last);
    let (text, before) = (view.text(whole), view.text(Span { start: program.span.start, end: first.span.start }));
    let is_simple = before == "\"" && !text.contains(['\'', '"', '\\', '\n']);
    Some(match is_simple {
        true => finding.fix("have a shell run it", whole, format!("/bin/sh -c '{text}'"), false),
        false => finding.help("have a shell run it: `\"/bin/sh -c '…'\"`"),
    })
}
