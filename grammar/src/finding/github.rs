//! A finding as a workflow command of GitHub's: a line that puts an annotation beside the code of a pull request.
//!
//! The form is that of "Workflow commands for GitHub Actions", section "Setting an error message": properties and the
//! message are written with `%`, line breaks and, in properties, `:` and `,` as percent and two hexadecimal digits.

use super::{Help, clean};
use crate::{Finding, Source};

/// The finding as one line, without a line break at its end.
pub fn render(finding: &Finding, source: &Source) -> String {
    let (start, end) = (source.place(finding.span().start), source.place(finding.span().end));
    let end = if end.file_index == start.file_index { end } else { start };
    let mut message = finding.headline.clone();
    let here = finding.labels.iter().find(|label| label.primary && !label.text.is_empty());
    for more in here.map(|label| &label.text).into_iter().chain(&finding.notes) {
        message.push('\n');
        message.push_str(more);
    }
    let help = finding.help.as_ref().map(|help| match help {
        Help::Sentence(sentence) => sentence,
        Help::Fix(fix) => &fix.sentence,
    });
    message.extend(help.map(|help| format!("\nhelp: {help}")));
    let message: Vec<String> = message.lines().map(clean).collect();
    format!(
        "::{} file={},line={},col={},endLine={},endColumn={},title={}::{}",
        finding.severity.word(),
        property(&clean(start.file)),
        start.line,
        start.column,
        end.line,
        end.column,
        property(finding.name),
        data(&message.join("\n")),
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn nothing_in_a_finding_ends_its_line_or_its_property() {
        let source = Source::new("a,b:c%.rules", "set daemon 1\nset bogus 100%\n");
        let finding = Finding::error("syntax-error", Span::new(17, 22), "50% of\nthis is `bogus`").help("leave it out");
        assert_eq!(
            render(&finding, &source),
            "::error file=a%2Cb%3Ac%25.rules,line=2,col=5,endLine=2,endColumn=10,title=syntax-error::50%25 of%0Athis is `bogus`%0Ahelp: leave it out"
        );
    }
}
