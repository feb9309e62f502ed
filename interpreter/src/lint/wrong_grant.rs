//! `wrong-grant`: a grant that cannot be meant as it is written.

use grammar::ast::{Check, Grant};
use grammar::{Finding, Span, Spanned};

use super::Entry;
use super::wording::a_kind;
use crate::catalog::GrantKind;

const NAME: &str = "wrong-grant";
pub(super) const ENTRY: Entry =
    Entry::reported(NAME, "a grant that cannot be meant as it is written", include_str!("wrong_grant.md"));

/// The finding about a grant in a service that is no plugin.
pub(crate) fn misplaced(check: &Check, grant: &Grant) -> Finding {
    let kind = a_kind(check.kind.node);
    Finding::error(NAME, grant.span, format!("{kind} is granted nothing"))
        .here("only plugins are")
        .also(check.kind.span, format!("{} is {kind}", check.name.node))
        .help("leave it out, or write it below `check plugin`")
}

/// The finding about what is granted: what is wrong with it, and what to write instead.
pub(crate) fn finding(
    granted: &Spanned<String>,
    headline: impl Into<String>,
    reason: impl Into<String>,
    help: impl Into<String>,
) -> Finding {
    Finding::error(NAME, granted.span, headline.into()).here(reason.into()).help(help.into())
}

/// The finding about a path that does not begin at the root.
pub(crate) fn relative(path: &Spanned<String>) -> Finding {
    let written = &path.node;
    finding(
        path,
        format!("`{written}` is no whole path"),
        "a plugin has no folder in which a path could begin",
        "write the whole path, from `/` on",
    )
}

/// The finding about a grant of more than anybody can want.
pub(crate) fn everything(path: &Spanned<String>) -> Finding {
    Finding::warning(NAME, path.span, "this grants every file that ruled may read")
        .here("passwords and keys among them")
        .help("write the file or the directory that the plugin needs")
}

/// The finding about what was granted before.
pub(crate) fn again(grant: Span, before: Span) -> Finding {
    Finding::warning(NAME, grant, "this is granted twice").also(before, "it stands here already").help("leave one out")
}

/// The finding about two connections that the plugin asks for by one text.
pub(crate) fn same_name(grant: Span, known_as: &str, before: Span) -> Finding {
    Finding::error(NAME, grant, format!("two connections are known as `{known_as}`"))
        .here("the plugin could not tell them apart")
        .also(before, "this is the other")
        .help("give each a name of its own, as in `as \"broker\"` behind it")
}

/// The finding about a socket of this machine.
pub(crate) fn socket(endpoint: &Spanned<String>) -> Finding {
    let headline = format!("`{}` is a socket of this machine, which cannot be granted", endpoint.node);
    finding(
        endpoint,
        headline,
        "a host and a port are wanted here",
        "write where the server listens on the network, as in `\"localhost:5432\"`",
    )
}

/// The finding about more connections than a probe is handed.
pub(crate) fn second_connection(plugin: &str, grant: Span, before: Span) -> Finding {
    Finding::error(NAME, grant, format!("{plugin} takes one connection"))
        .here("it is a probe of a protocol, which is handed the connection that it speaks on")
        .also(before, "this is the one")
        .help("write a `check plugin` of its own for each server")
}

/// The finding about pages that are fetched from another machine in plain text.
pub(crate) fn unencrypted(origin: &Spanned<String>) -> Finding {
    let secure = format!("https{}", origin.node.trim().get("http".len()..).unwrap_or_default());
    Finding::warning(NAME, origin.span, format!("what is fetched from `{}` is not encrypted", origin.node))
        .here("so whoever stands between can read and answer everything")
        .help(format!("write `{secure}` if the server has TLS"))
}

/// The finding about more grants than a plugin can have.
pub(crate) fn too_many(grant: Span, most: usize) -> Finding {
    Finding::error(NAME, grant, format!("a plugin is granted at most {most} things"))
        .help("grant a directory instead of its files, or write several checks")
}

/// A grant without what stands behind it.
pub(crate) fn empty(granted: &Spanned<String>, kind: GrantKind) -> Finding {
    finding(
        granted,
        "nothing is granted here",
        "the text is empty",
        format!("write it like this: `{}`", kind.example()),
    )
}
