//! `set httpd …`: the page and the door for commands.

use core::net::{IpAddr, Ipv4Addr};

use grammar::Spanned;
use grammar::ast::{self, HttpdOptionKind, TlsBlock, TlsOption, TlsSetting, TlsSettingKind};

use super::Context;
use super::command::Register;
use crate::lint;
use crate::lint::missing_file::Wanted;
use crate::program::{Allowed, Identity, PasswordKind, Settings, Tls, UnixDoor};

/// The longest password that Monit 5.33 takes, in bytes.
const PASSWORD_MAX_MONIT: usize = 64;
/// The largest mode of a file.
const MODE_MAX: u32 = 0o7777;

impl Context<'_> {
    /// One `set httpd`. What it says is added to what others said before; of a door the last one counts.
    pub(super) fn httpd(&mut self, written: &ast::Httpd, settings: &mut Settings) {
        let mut http = settings.http.take().unwrap_or_default();
        let mut address = None;
        for option in &written.options {
            match &option.kind {
                HttpdOptionKind::Port { port, read_only } => {
                    http.port = self.port(port);
                    http.read_only = *read_only;
                }
                HttpdOptionKind::UnixSocket { path, uid, gid, mode, read_only } => {
                    // Once it only shows, it does so for good.
                    let read_only = *read_only || http.unix.as_ref().is_some_and(|door| door.read_only);
                    http.unix = Some(UnixDoor {
                        path: path.node.clone(),
                        read_only,
                        uid: uid.as_ref().map(|name| self.door_owner(name, Register::Users)),
                        gid: gid.as_ref().map(|name| self.door_owner(name, Register::Groups)),
                        mode: mode.as_ref().and_then(|mode| self.door_mode(mode)),
                    });
                }
                HttpdOptionKind::Address(host) => {
                    if let Some(first) = address.replace(host) {
                        self.report(lint::ignored_allow::address(first, host));
                    }
                    http.address = Some(host.node.clone());
                }
                HttpdOptionKind::Signature(shown) => http.signature = shown.node,
                HttpdOptionKind::Allow(allow) => self.allow(allow, &mut http.allow),
                HttpdOptionKind::Tls(_)
                | HttpdOptionKind::PemFile(_)
                | HttpdOptionKind::ClientPemFile(_)
                | HttpdOptionKind::AllowSelfCertification => {}
            }
        }
        if let Some(tls) = self.door_tls(written) {
            http.tls = Some(tls);
        }
        settings.http = Some(http);
    }

    /// What a statement says about encryption, in the new words and in the old ones.
    fn door_tls(&mut self, written: &ast::Httpd) -> Option<Tls> {
        let options: Vec<TlsOption> = written.options.iter().filter_map(tls_option).collect();
        let tls = self.tls(options.iter(), None, false)?.tls?;
        let parts = (tls.pem_chain.is_some(), tls.pem_key.is_some());
        match (tls.pem_file.is_some(), parts) {
            (true, (false, false)) | (false, (true, true)) => {}
            (true, _) => self.report(lint::server_certificate::both(written.span)),
            (false, _) => self.report(lint::server_certificate::missing(written.span)),
        }
        Some(tls)
    }

    fn door_owner(&mut self, name: &Spanned<String>, register: Register) -> Identity {
        self.identity_for(name, register, "so the socket could not be given to it")
    }

    fn door_mode(&mut self, mode: &Spanned<String>) -> Option<u32> {
        match u32::from_str_radix(&mode.node, 8) {
            Ok(number) if number <= MODE_MAX => Some(number),
            _ => self.refuse(lint::wrong_mode::finding(mode)),
        }
    }

    fn allow(&mut self, written: &ast::Allow, allowed: &mut Vec<Allowed>) {
        match written {
            ast::Allow::User { user, password, read_only } => {
                if self.is_monit() && password.node.len() > PASSWORD_MAX_MONIT {
                    let reason = format!("it takes {PASSWORD_MAX_MONIT} characters at most");
                    self.report(lint::not_portable::finding(password.span, "Monit refuses this password", &reason));
                }
                let one = Allowed::User {
                    name: user.node.clone(),
                    password: password.node.clone(),
                    kind: PasswordKind::Cleartext,
                    read_only: *read_only,
                };
                self.let_in(one, user, allowed);
            }
            ast::Allow::Group { group, read_only } => {
                let one = Allowed::Group { name: group.node.clone(), read_only: *read_only };
                self.let_in(one, group, allowed);
            }
            ast::Allow::File { kind, path, users } => {
                self.let_users_in(kind.map_or(PasswordKind::Cleartext, |kind| kind.node), path, users, allowed);
            }
            ast::Allow::Host(host) if is_place(&host.node) => allowed.push(Allowed::Network(host.node.clone())),
            ast::Allow::Host(host) => self.report(lint::ignored_allow::no_place(host)),
        }
    }

    /// Adds a user or a group. Of two of the same name the first one counts.
    fn let_in(&mut self, one: Allowed, written: &Spanned<String>, allowed: &mut Vec<Allowed>) {
        if allowed.iter().any(|other| is_same(other, &one)) {
            self.report(lint::ignored_allow::twice(written, one.name()));
        } else {
            allowed.push(one);
        }
    }

    /// The users of a file: all of them, or those that are named.
    fn let_users_in(
        &mut self,
        kind: PasswordKind,
        path: &Spanned<String>,
        users: &[Spanned<String>],
        allowed: &mut Vec<Allowed>,
    ) {
        let Ok(bytes) = self.surroundings.read(&path.node) else {
            self.wanted_file(path, Wanted::File);
            allowed.push(Allowed::Unread(path.node.clone()));
            return;
        };
        let text = String::from_utf8_lossy(&bytes);
        let entries: Vec<(&str, &str)> = text.lines().filter_map(|line| entry(line, kind)).collect();
        let as_allowed = |(name, password): &(&str, &str)| Allowed::User {
            name: (*name).to_owned(),
            password: (*password).to_owned(),
            kind,
            read_only: false,
        };
        if users.is_empty() {
            if entries.is_empty() {
                self.report(lint::ignored_allow::no_users(path));
            }
            for entry in &entries {
                self.let_in(as_allowed(entry), path, allowed);
            }
        }
        for user in users {
            match entries.iter().find(|(name, _)| *name == user.node) {
                Some(entry) => self.let_in(as_allowed(entry), user, allowed),
                None => self.report(lint::ignored_allow::no_user(user, path)),
            }
        }
    }
}

/// One line of a file of users: a name and a password. What stands behind `#` is a comment; behind the second colon of a
/// hash stands what other programs keep there.
fn entry(line: &str, kind: PasswordKind) -> Option<(&str, &str)> {
    let line = line.trim_end().split('#').next()?;
    let (name, password) = line.split_once(':')?;
    let password = match kind {
        PasswordKind::Cleartext => password,
        PasswordKind::Md5 | PasswordKind::Crypt => password.split(':').next()?,
    };
    Some((name, password))
}

/// What an option says about encryption, as one of the options of a connection.
fn tls_option(option: &ast::HttpdOption) -> Option<TlsOption> {
    let kind = match &option.kind {
        HttpdOptionKind::Tls(option) => return Some(option.clone()),
        HttpdOptionKind::PemFile(path) => TlsSettingKind::PemFile(path.clone()),
        HttpdOptionKind::ClientPemFile(path) => TlsSettingKind::ClientPemFile(path.clone()),
        HttpdOptionKind::AllowSelfCertification => TlsSettingKind::SelfSigned(option.span.with(true)),
        _ => return None,
    };
    let setting = TlsSetting { span: option.span, kind };
    Some(TlsOption::Block(TlsBlock { span: option.span, options: vec![setting] }))
}

/// Whether both are users, or both groups, of the same name.
fn is_same(one: &Allowed, other: &Allowed) -> bool {
    match (one, other) {
        (Allowed::User { name, .. }, Allowed::User { name: other, .. })
        | (Allowed::Group { name, .. }, Allowed::Group { name: other, .. }) => name.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// Whether the text can be the address of a host or of a network, or the name of a host.
fn is_place(text: &str) -> bool {
    if let Some((address, mask)) = text.split_once('/') {
        let bits = Some(mask).filter(|mask| mask.bytes().all(|byte| byte.is_ascii_digit()));
        let bits = bits.and_then(|bits| bits.parse::<u8>().ok());
        return match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => bits.is_some_and(|bits| bits <= 32) || mask.parse::<Ipv4Addr>().is_ok(),
            Ok(IpAddr::V6(_)) => bits.is_some_and(|bits| bits <= 128),
            Err(_) => false,
        };
    }
    let without_zone = text.split('%').next().unwrap_or_default();
    if text.parse::<IpAddr>().is_ok() || (text.contains('%') && without_zone.parse::<IpAddr>().is_ok()) {
        return true;
    }
    let is_numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let fits = text.split('.').count() <= 4 && text.split('.').all(|part| part.parse::<u8>().is_ok());
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '.' | '-' | '_');
    !text.is_empty() && text.chars().all(is_name) && (!is_numeric || fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_monit_takes_for_a_host_or_a_network() {
        for text in ["localhost", "10.0.0.0/8", "192.168.1.0/255.255.255.0", "::1", "::1/64", "0.0.0.0/0", "127.1"] {
            assert!(is_place(text), "{text}");
        }
        for text in ["10.0.0.0/33", "::1/200", "300.1.1.1", "10/8", "a b c", "", "[::1]", "localhost/8", "1.2.3.4.5"] {
            assert!(!is_place(text), "{text}");
        }
    }

    #[test]
    fn a_line_of_a_file_of_users() {
        assert_eq!(entry("alice:secret", PasswordKind::Cleartext), Some(("alice", "secret")));
        assert_eq!(entry("bob:hash:rest", PasswordKind::Md5), Some(("bob", "hash")));
        assert_eq!(entry("bob:hash:rest", PasswordKind::Cleartext), Some(("bob", "hash:rest")));
        assert_eq!(entry("# carol:x", PasswordKind::Cleartext), None);
        assert_eq!(entry("nocolon", PasswordKind::Cleartext), None);
    }
}
