//! Grants: whether each can be meant, and whether they are what the plugin wants.

use core::net::{IpAddr, Ipv6Addr};

use grammar::ast::{self, Check, CheckStatement, TlsOption};
use grammar::{Span, Spanned};

use super::Context;
use crate::catalog::{GrantKind, PluginEntry};
use crate::lint::{self, wrong_grant};
use crate::program::{Grant, is_this_machine};

/// So many things a plugin may be granted.
const GRANTS_MAX: usize = 64;

/// No name of a connection is longer, in characters.
const NAME_CHARS_MAX: usize = 64;

/// No path, host or origin is longer, in bytes.
const TEXT_BYTES_MAX: usize = 4096;

impl Context<'_> {
    /// What a plugin is granted. What it wants beyond that is said, and what it has no use for.
    pub(super) fn grants(
        &mut self,
        check: &Check,
        target: &ast::PluginTarget,
        plugin: Option<&PluginEntry>,
    ) -> Vec<Grant> {
        let written: Vec<&ast::Grant> = check.statements.iter().filter_map(as_grant).collect();
        let mut grants: Vec<(Span, Grant)> = Vec::with_capacity(written.len());
        for one in &written {
            let Some(grant) = self.granted(one, plugin) else { continue };
            if let Some((before, _)) = grants.iter().find(|(_, other)| is_same(other, &grant)) {
                self.report(wrong_grant::again(one.span, *before));
            } else if grants.len() == GRANTS_MAX {
                self.report(wrong_grant::too_many(one.span, GRANTS_MAX));
                break;
            } else {
                self.say_whether_name_is_taken(one, &grant, &grants);
                grants.push((one.span, grant));
            }
        }
        if let Some(plugin) = plugin {
            self.compare_with_wishes(check, target, &written, plugin);
        }
        grants.into_iter().map(|(_, grant)| grant).collect()
    }

    /// A plugin asks for a connection by its name, or by its text where it has none.
    fn say_whether_name_is_taken(&mut self, written: &ast::Grant, grant: &Grant, grants: &[(Span, Grant)]) {
        let Some(called) = known_as(grant) else { return };
        let is_same = |other: &Grant| known_as(other).is_some_and(|other| other.eq_ignore_ascii_case(called));
        if let Some((before, _)) = grants.iter().find(|(_, other)| is_same(other)) {
            self.report(wrong_grant::same_name(written.span, called, *before));
        }
    }

    fn compare_with_wishes(
        &mut self,
        check: &Check,
        target: &ast::PluginTarget,
        written: &[&ast::Grant],
        plugin: &PluginEntry,
    ) {
        let wants = |kind: GrantKind| plugin.wants.contains(&kind) || plugin.is_probe && kind == GrantKind::Connect;
        for kind in [GrantKind::Connect, GrantKind::Read, GrantKind::Fetch] {
            let mut given = written.iter().filter(|grant| kind_of(grant) == kind);
            match (given.next(), wants(kind)) {
                (None, true) => self.report(lint::missing_grant::finding(check, target, plugin, kind)),
                (Some(first), false) => {
                    for unused in std::iter::once(first).chain(given) {
                        self.report(lint::unused_grant::finding(unused.span, plugin, kind));
                    }
                }
                (Some(first), true) if plugin.is_probe => {
                    for second in given {
                        self.report(wrong_grant::second_connection(&plugin.name, second.span, first.span));
                    }
                }
                _ => {}
            }
        }
    }

    fn granted(&mut self, written: &ast::Grant, plugin: Option<&PluginEntry>) -> Option<Grant> {
        match &written.kind {
            ast::GrantKind::Connect { endpoint, tls, name } => self.connect(endpoint, tls, name.as_ref(), plugin),
            ast::GrantKind::Read(path) => self.readable(path),
            ast::GrantKind::Fetch(origin) => self.origin_of(origin),
        }
    }

    /// `HOST:PORT`, where the port may be the plugin's customary one.
    fn connect(
        &mut self,
        endpoint: &Spanned<String>,
        tls: &[TlsOption],
        name: Option<&Spanned<String>>,
        plugin: Option<&PluginEntry>,
    ) -> Option<Grant> {
        let place = self.host_and_port(endpoint, plugin);
        let tls = self.tls(tls.iter(), None, false);
        let name = match name {
            Some(name) => Some(self.connection_name(name)?),
            None => None,
        };
        let (host, port) = place?;
        Some(Grant::Connect { host, port, tls: tls?.tls.map(Box::new), text: endpoint.node.trim().to_owned(), name })
    }

    fn host_and_port(&mut self, endpoint: &Spanned<String>, plugin: Option<&PluginEntry>) -> Option<(String, u16)> {
        let text = self.sound_text(endpoint, GrantKind::Connect)?;
        if text.starts_with('/') || text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("unix:")) {
            return self.refuse(wrong_grant::socket(endpoint));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let help = match scheme {
                "http" | "https" => {
                    format!("write `\"{rest}:PORT\"` here, or `grant fetch \"{scheme}://{rest}\"` for pages")
                }
                _ => format!("write the host and the port alone, as in `\"{rest}:PORT\"`"),
            };
            let headline = format!("`{text}` is an address of pages, and a host and a port are wanted here");
            return self.refuse(wrong_grant::finding(endpoint, headline, "a connection is of no scheme", help));
        }
        let (host, port) = split_port(text);
        let Some(host) = host_of(host) else {
            let headline = format!("`{text}` names no host and no port");
            let reason = "one host by its name or address, and one port are wanted here";
            let help = "write it like this: `\"db1.example.com:5432\"`, or `\"[2001:db8::1]:5432\"`";
            return self.refuse(wrong_grant::finding(endpoint, headline, reason, help));
        };
        let shown = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port > 0),
            None => match plugin.and_then(|plugin| plugin.default_port) {
                Some(port) => Some(port),
                None => {
                    let headline = format!("`{text}` says no port");
                    let help = format!("write the port behind it, as in `\"{shown}:443\"`");
                    return self.refuse(wrong_grant::finding(
                        endpoint,
                        headline,
                        "a connection goes to one port",
                        help,
                    ));
                }
            },
        };
        match port {
            Some(port) => Some((host, port)),
            None => {
                let headline = format!("`{text}` says no port that there is");
                let help = format!("write a number from 1 to 65535, as in `\"{shown}:443\"`");
                self.refuse(wrong_grant::finding(endpoint, headline, "one port is wanted behind the colon", help))
            }
        }
    }

    fn connection_name(&mut self, name: &Spanned<String>) -> Option<String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let sound =
            !name.node.is_empty() && name.node.chars().count() <= NAME_CHARS_MAX && name.node.chars().all(plain);
        if sound {
            return Some(name.node.clone());
        }
        let headline = format!("`{}` cannot be the name of a connection", name.node.escape_debug());
        let help = "write a name of letters, digits, `_` and `-`, as the plugin calls it";
        self.refuse(wrong_grant::finding(name, headline, "this is how the plugin asks for it", help))
    }

    /// A whole path of one file or directory.
    fn readable(&mut self, path: &Spanned<String>) -> Option<Grant> {
        let text = self.sound_text(path, GrantKind::Read)?;
        if !text.starts_with('/') {
            return self.refuse(wrong_grant::relative(path));
        }
        if text.split('/').any(|part| part == "..") {
            let headline = format!("`{text}` leads out of a directory again");
            let help = "write the path without `..`";
            return self.refuse(wrong_grant::finding(path, headline, "where it leads depends on links", help));
        }
        if text.contains(['*', '?']) {
            let headline = format!("`{text}` is a pattern, and a path is wanted here");
            let help = "grant the directory: what is below it is granted with it";
            return self.refuse(wrong_grant::finding(path, headline, "a grant names one file or directory", help));
        }
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.is_empty() {
            self.report(wrong_grant::everything(path));
        }
        Some(Grant::Read { path: format!("/{}", parts.join("/")) })
    }

    /// Scheme, host and port of a server.
    fn origin_of(&mut self, origin: &Spanned<String>) -> Option<Grant> {
        let text = self.sound_text(origin, GrantKind::Fetch)?;
        let Some((scheme, rest)) = text.split_once("://") else {
            let headline = format!("`{text}` does not say how pages are fetched");
            let host = text.split('/').next().unwrap_or_default();
            let help = format!("write `\"https://{host}\"`");
            return self.refuse(wrong_grant::finding(origin, headline, "`https://` is missing before it", help));
        };
        let scheme = scheme.to_ascii_lowercase();
        let customary: u16 = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => {
                let headline = format!("pages cannot be fetched by `{scheme}`");
                let help = "write `https://` or `http://`; other servers are reached by `grant connect`";
                return self.refuse(wrong_grant::finding(origin, headline, "only http and https are spoken", help));
            }
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if authority.contains('@') {
            let headline = "a user and a password cannot be granted";
            let help = "leave them out; the plugin is told them by options that are secret";
            return self.refuse(wrong_grant::finding(origin, headline, "only the server is wanted here", help));
        }
        if !matches!(behind, "" | "/") {
            let headline = format!("`{behind}` cannot be granted for itself");
            let help = format!("write `\"{scheme}://{authority}\"`; the plugin is told the path by an option");
            return self.refuse(wrong_grant::finding(
                origin,
                headline,
                "all pages of a server are granted, or none",
                help,
            ));
        }
        let (host, port) = split_port(authority);
        let port = port.map(|port| port.parse::<u16>().ok().filter(|port| *port > 0));
        let (Some(host), false) = (host_of(host), port == Some(None)) else {
            let headline = format!("`{authority}` names no server");
            let help = "write one host by its name or address, as in `\"https://api.example.com\"`";
            return self.refuse(wrong_grant::finding(origin, headline, "one server is wanted here", help));
        };
        if scheme == "http" && !is_this_machine(&host) {
            self.report(wrong_grant::unencrypted(origin));
        }
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Some(Grant::Fetch {
            origin: match port.flatten().filter(|port| *port != customary) {
                Some(port) => format!("{scheme}://{host}:{port}"),
                None => format!("{scheme}://{host}"),
            },
        })
    }

    /// A text that is neither empty nor endless, and of which all can be seen.
    fn sound_text<'t>(&mut self, granted: &'t Spanned<String>, kind: GrantKind) -> Option<&'t str> {
        let text = granted.node.trim();
        if text.is_empty() {
            return self.refuse(wrong_grant::empty(granted, kind));
        }
        if text.len() > TEXT_BYTES_MAX || text.chars().any(char::is_control) {
            let headline = "this names nothing that could be granted";
            let help = format!("write it like this: `{}`", kind.example());
            return self.refuse(wrong_grant::finding(
                granted,
                headline,
                "it is too long, or holds control characters",
                help,
            ));
        }
        Some(text)
    }
}

/// Host and port, as far as they are written.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        // An IPv6 address without brackets has no port.
        Some((host, _)) if host.contains(':') && !host.ends_with(']') => (text, None),
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

/// One host: a name, or an address, without brackets and in small letters.
fn host_of(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = bare {
        return address.parse::<Ipv6Addr>().ok().map(|address| address.to_string());
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_string());
    }
    let sound = |label: &str| {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        !label.is_empty() && label.len() <= 63 && label.chars().all(plain)
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    // What looks like an address and is none would be looked up as a name, and never found.
    let digits = name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (name.len() <= 253 && !digits && name.split('.').all(sound)).then(|| name.to_lowercase())
}

fn as_grant(statement: &CheckStatement) -> Option<&ast::Grant> {
    match statement {
        CheckStatement::Grant(grant) => Some(grant),
        _ => None,
    }
}

/// What the plugin calls a connection.
fn known_as(grant: &Grant) -> Option<&str> {
    match grant {
        Grant::Connect { name, text, .. } => Some(name.as_ref().unwrap_or(text)),
        Grant::Read { .. } | Grant::Fetch { .. } => None,
    }
}

/// Whether two grants allow the same, however they are written.
fn is_same(one: &Grant, other: &Grant) -> bool {
    match (one, other) {
        (
            Grant::Connect { host, port, tls, text: _, name },
            Grant::Connect { host: other_host, port: other_port, tls: other_tls, text: _, name: other_name },
        ) => (host, port, tls, name) == (other_host, other_port, other_tls, other_name),
        _ => one == other,
    }
}

fn kind_of(grant: &ast::Grant) -> GrantKind {
    match grant.kind {
        ast::GrantKind::Connect { .. } => GrantKind::Connect,
        ast::GrantKind::Read(_) => GrantKind::Read,
        ast::GrantKind::Fetch(_) => GrantKind::Fetch,
    }
}
