//! `unverified-tls`: encryption without asking who is on the other side. Nobody stands between a machine and itself.

use grammar::ast::{
    CheckStatement, ConnectionOption, Endpoint, SettingKind, Statement, TestKind, TlsOption, TlsSetting, TlsSettingKind,
};
use grammar::{Dialect, Finding, Span, ast, english};

use super::Entry;
use crate::check::{View, tests};
use crate::program::{Test, is_this_machine};

const NAME: &str = "unverified-tls";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "encryption that asks nobody for a name", include_str!("unverified_tls.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    match view.dialect {
        Dialect::Monit => look_at_all(view, findings),
        Dialect::Rules => {
            for (span, said) in loose(view) {
                findings.push(
                    Finding::warning(NAME, span, format!("`{}` accepts a certificate of anybody", view.text(span)))
                        .here("so whoever stands between can read and answer everything")
                        .help(format!("leave it out, and name the certificate that has signed the other one: {said}")),
                );
            }
        }
    }
}

/// What is said in `rules` against verifying a certificate.
fn loose(view: &View<'_>) -> Vec<(Span, &'static str)> {
    const HELP: &str = "`ssl { cacertificatefile: PATH }`";
    let mut spans = Vec::new();
    let mut add = |settings: &[TlsSetting]| {
        let is_loose = |setting: &&TlsSetting| match &setting.kind {
            TlsSettingKind::Verify(verify) => !verify.node,
            TlsSettingKind::SelfSigned(allowed) => allowed.node,
            _ => false,
        };
        spans.extend(settings.iter().find(is_loose).map(|setting| (setting.span, HELP)));
    };
    for options in lists(view) {
        if options.iter().any(|option| is_pinned(option)) {
            continue;
        }
        for option in options {
            if let TlsOption::Block(block) = option {
                add(&block.options);
            }
        }
    }
    for statement in &view.file.statements {
        if let Statement::Set(ast::Setting { kind: SettingKind::Tls(block), .. }) = statement {
            add(&block.options);
        }
    }
    spans
}

/// Whether the certificate itself is named, so that no other is accepted.
fn is_pinned(option: &TlsOption) -> bool {
    matches!(option, TlsOption::CertMd5(_) | TlsOption::CertificateChecksum { .. })
}

/// What is said about the encryption of each connection that ruled opens.
fn lists<'a>(view: &View<'a>) -> Vec<Vec<&'a TlsOption>> {
    let mut lists: Vec<Vec<&TlsOption>> = Vec::new();
    for (_, tree, rule) in view.rules() {
        for (written, test) in tests(tree, rule) {
            let (TestKind::Connection(connection), Test::Connection(meant)) = (&written.kind, test) else { continue };
            if !meant.endpoint.is_here() {
                lists.push(connection.options.iter().filter_map(of_connection).collect());
            }
        }
    }
    for watched in &view.services {
        for statement in &watched.check.statements {
            let CheckStatement::Grant(grant) = statement else { continue };
            let ast::GrantKind::Connect { endpoint, tls, .. } = &grant.kind else { continue };
            let host = endpoint.node.rsplit_once(':').map_or(endpoint.node.as_str(), |(host, _)| host);
            if !is_this_machine(host) {
                lists.push(tls.iter().collect());
            }
        }
    }
    for statement in &view.file.statements {
        let Statement::Set(setting) = statement else { continue };
        match &setting.kind {
            SettingKind::MailServers { servers, .. } => {
                let servers = servers.iter().filter(|server| !is_this_machine(&server.host.node));
                lists.extend(servers.map(|server| server.tls.iter().collect()));
            }
            SettingKind::Mmonit(servers) => lists.extend(servers.iter().map(|server| server.tls.iter().collect())),
            _ => {}
        }
    }
    lists
}

fn of_connection(option: &ConnectionOption) -> Option<&TlsOption> {
    match option {
        ConnectionOption::Tls(option) => Some(option),
        _ => None,
    }
}

/// Monit verifies nothing unless it is told to; that is said once.
fn look_at_all(view: &View<'_>, findings: &mut Vec<Finding>) {
    let default = view.program.settings.tls.as_ref().and_then(|tls| tls.verify);
    let mut places = Vec::new();
    for (_, tree, rule) in view.rules() {
        for (written, test) in tests(tree, rule) {
            let (TestKind::Connection(connection), Test::Connection(meant)) = (&written.kind, test) else { continue };
            let tls = meant.tls.as_ref().filter(|tls| tls.checksum.is_none() && !meant.endpoint.is_here());
            if tls.is_some_and(|tls| tls.verify.or(default) != Some(true)) {
                places.push(place(connection).unwrap_or(written.span));
            }
        }
    }
    for statement in &view.file.statements {
        let Statement::Set(setting) = statement else { continue };
        match &setting.kind {
            SettingKind::MailServers { servers, .. } => {
                let servers = servers.iter().filter(|server| !is_this_machine(&server.host.node));
                places.extend(servers.filter_map(|server| trusting(&server.tls, default)));
            }
            SettingKind::Mmonit(servers) => {
                for server in servers {
                    let encrypted = server.url.node.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https:"));
                    let url = (encrypted && server.tls.is_empty() && default != Some(true)).then_some(server.url.span);
                    places.extend(url.or_else(|| trusting(&server.tls, default)));
                }
            }
            _ => {}
        }
    }
    let Some(first) = places.iter().copied().min() else { return };
    let count = english::count(places.len() as u64, "encrypted connection");
    let verb = if places.len() == 1 { "does" } else { "do" };
    findings.push(
        Finding::warning(NAME, first, format!("{count} {verb} not verify the certificate"))
            .here("so whoever stands between can pretend to be the server")
            .note("Monit verifies a certificate only where it is told to, and never its name; `.rules` files verify both by default")
            .help("add `set ssl { verify: enable }`, or write `ssl { verify: enable }` in each of them"),
    );
}

/// Where the encryption of a connection is asked for.
fn place(connection: &ast::Connection) -> Option<Span> {
    let said = connection.options.iter().find_map(of_connection).map(TlsOption::span);
    let protocol = connection.options.iter().find_map(|option| match option {
        ConnectionOption::Protocol(protocol) => Some(protocol.name.span),
        _ => None,
    });
    let url = match &connection.endpoint {
        Endpoint::Url(url) => Some(url.span),
        _ => None,
    };
    said.or(url).or(protocol)
}

/// Whether an option asks for encryption. Ciphers, and versions that are left out, do not.
fn asks(option: &TlsOption) -> bool {
    match option {
        TlsOption::Block(block) => {
            block.options.iter().any(|setting| !matches!(setting.kind, TlsSettingKind::Ciphers(_)))
        }
        TlsOption::Version(version) => !version.node.excluded,
        _ => true,
    }
}

/// The place of options that ask for encryption and not for a name.
fn trusting(options: &[TlsOption], default: Option<bool>) -> Option<Span> {
    let verify = options.iter().filter_map(|option| match option {
        TlsOption::Block(block) => Some(block),
        _ => None,
    });
    let mut verify = verify.flat_map(|block| &block.options).filter_map(|setting| match &setting.kind {
        TlsSettingKind::Verify(verify) => Some(verify.node),
        _ => None,
    });
    let pinned = options.iter().any(is_pinned);
    let first = options.iter().find(|option| asks(option))?.span();
    (!pinned && verify.next_back().or(default) != Some(true)).then_some(first)
}
