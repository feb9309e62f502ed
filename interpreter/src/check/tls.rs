//! What is said about TLS beside a server, a connection or the door.

use grammar::Spanned;
use grammar::ast::{self, TlsBlock, TlsOption, TlsSetting, TlsSettingKind, TlsVersion};

use super::{Context, PathState, checksum};
use crate::lint;
use crate::lint::missing_file::Wanted;
use crate::program::{Grant, HashKind, Program, Target, Test, Tls, TlsProtocol, cipher};

/// The ports on which encryption begins within the protocol.
const STARTTLS_PORTS: [u16; 3] = [25, 143, 587];

/// What is said about the encryption of one connection.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct TlsSaid {
    /// How it is encrypted; not at all when absent.
    pub(super) tls: Option<Tls>,
    /// For how many days at least the certificate must be valid.
    pub(super) min_days: Option<u32>,
}

/// What was said so far.
struct Saying {
    tls: Tls,
    enabled: bool,
    min_days: Option<u32>,
    sound: bool,
}

impl Context<'_> {
    /// The sum of what is said about TLS. The port tells whether encryption begins within the protocol; `enabled` says
    /// that something else has asked for it already, such as the scheme of an address. Nothing when there are errors.
    pub(super) fn tls<'t>(
        &mut self,
        options: impl Iterator<Item = &'t TlsOption>,
        port: Option<u16>,
        enabled: bool,
    ) -> Option<TlsSaid> {
        let mut said = Saying { tls: Tls::default(), enabled, min_days: None, sound: true };
        for option in options {
            self.tls_option(option, &mut said);
        }
        said.tls.starttls = port.is_some_and(|port| STARTTLS_PORTS.contains(&port));
        said.sound.then_some(TlsSaid { tls: said.enabled.then_some(said.tls), min_days: said.min_days })
    }

    /// The defaults of `set ssl { … }`. An empty block, and one with ciphers only, says nothing.
    pub(super) fn tls_defaults(&mut self, block: &TlsBlock) -> Option<Tls> {
        let option = TlsOption::Block(block.clone());
        self.tls(std::iter::once(&option), None, false)?.tls
    }

    fn tls_option(&mut self, option: &TlsOption, said: &mut Saying) {
        match option {
            TlsOption::Plain(_) => said.enabled = true,
            TlsOption::Block(block) => {
                for setting in &block.options {
                    self.tls_setting(setting, said);
                }
            }
            TlsOption::Version(version) => {
                said.enabled |= !version.node.excluded;
                self.tls_version(version, said);
            }
            TlsOption::CertMd5(expected) => self.certificate_checksum(Some(HashKind::Md5), expected, said),
            TlsOption::CertificateChecksum { hash, expected, .. } => {
                self.certificate_checksum(hash.map(|hash| hash.node), expected, said);
            }
            TlsOption::CertificateValid { days, .. } => {
                said.enabled = true;
                match self.certificate_days(days) {
                    Some(days) => said.min_days = (days > 0).then_some(days),
                    None => said.sound = false,
                }
            }
        }
    }

    fn tls_setting(&mut self, setting: &TlsSetting, said: &mut Saying) {
        said.enabled |= !matches!(setting.kind, TlsSettingKind::Ciphers(_));
        match &setting.kind {
            TlsSettingKind::Versions(versions) => {
                for version in versions {
                    self.tls_version(version, said);
                }
            }
            TlsSettingKind::Verify(verify) => said.tls.verify = Some(verify.node),
            TlsSettingKind::SelfSigned(allowed) => said.tls.self_signed = Some(allowed.node),
            TlsSettingKind::Ciphers(ciphers) => {
                if let Some(name) = obsolete_cipher(&ciphers.node) {
                    self.report(lint::obsolete_tls::cipher(ciphers.span, name));
                } else if let Some(name) = cipher::unknown(&ciphers.node) {
                    self.report(lint::obsolete_tls::unknown_cipher(ciphers.span, name));
                } else if cipher::chosen(&ciphers.node).is_empty() {
                    self.report(lint::obsolete_tls::no_cipher(ciphers.span));
                }
                said.tls.ciphers = Some(ciphers.node.clone());
            }
            kind => {
                let Some((slot, path, wanted)) = file(kind, &mut said.tls) else { return };
                if slot.is_some() {
                    said.sound = false;
                    self.report(lint::duplicate_option::finding(setting.span, "one connection takes one of these"));
                    return;
                }
                *slot = Some(path.node.clone());
                self.wanted_file(path, wanted);
            }
        }
    }

    /// Says when a file or a directory that is needed is not there.
    pub(super) fn wanted_file(&mut self, path: &Spanned<String>, wanted: Wanted) {
        let state = self.surroundings.path(&path.node);
        let fits = match state {
            PathState::File => wanted == Wanted::File,
            PathState::Directory => wanted == Wanted::Directory,
            PathState::Unreadable | PathState::Missing => false,
            PathState::Unknown => true,
        };
        if !fits {
            self.report(lint::missing_file::finding(path, wanted, state));
        }
    }

    /// A word for a version. Those that are left out are left out of what was chosen before them.
    fn tls_version(&mut self, version: &Spanned<TlsVersion>, said: &mut Saying) {
        let TlsVersion { excluded, protocol } = version.node;
        if excluded {
            if let Some(versions) = &mut said.tls.versions {
                versions.retain(|one| *one != protocol);
            }
            return;
        }
        match protocol {
            TlsProtocol::Sslv2 | TlsProtocol::Sslv3 => {
                said.sound = false;
                self.report(lint::obsolete_tls::unspoken(version.span, protocol));
            }
            TlsProtocol::Tlsv1 | TlsProtocol::Tlsv11 => {
                self.report(lint::obsolete_tls::version(version.span, protocol));
            }
            TlsProtocol::Tlsv12 | TlsProtocol::Tlsv13 | TlsProtocol::Auto => {}
        }
        let chosen = match protocol {
            TlsProtocol::Auto => vec![TlsProtocol::Tlsv12, TlsProtocol::Tlsv13],
            one => vec![one],
        };
        let versions = said.tls.versions.get_or_insert_default();
        versions.extend(chosen);
        versions.sort_unstable();
        versions.dedup();
    }

    fn certificate_checksum(&mut self, hash: Option<HashKind>, expected: &Spanned<String>, said: &mut Saying) {
        said.enabled = true;
        match checksum::digits(&expected.node, hash, self.is_monit()) {
            Some(checksum) => said.tls.checksum = Some(checksum),
            None => {
                said.sound = false;
                self.report(lint::wrong_checksum::finding(expected, hash, self.dialect));
            }
        }
    }

    /// `valid > N days`.
    fn certificate_days(&mut self, days: &ast::Quantity) -> Option<u32> {
        let number = self.number(&days.number)?;
        let number = self.whole_number(days.number.span, number, "days")?;
        let factor = match days.unit.as_ref().map(|unit| unit.node) {
            Some(ast::Unit::Day) => 1,
            Some(ast::Unit::Month) if !self.is_monit() => 31,
            _ => return self.refuse(lint::unit_mismatch::no_days(days, self.text(days.span))),
        };
        // What is left of a number that was too large can be negative, and asks for nothing.
        Some(u32::try_from(number.saturating_mul(factor).max(0)).unwrap_or(u32::MAX))
    }
}

/// Where the path of a file is kept, the path, and what it should be.
fn file<'a>(
    kind: &'a TlsSettingKind,
    tls: &'a mut Tls,
) -> Option<(&'a mut Option<String>, &'a Spanned<String>, Wanted)> {
    Some(match kind {
        TlsSettingKind::PemFile(path) => (&mut tls.pem_file, path, Wanted::File),
        TlsSettingKind::PemChain(path) => (&mut tls.pem_chain, path, Wanted::File),
        TlsSettingKind::PemKey(path) => (&mut tls.pem_key, path, Wanted::File),
        TlsSettingKind::ClientPemFile(path) => (&mut tls.client_pem_file, path, Wanted::File),
        TlsSettingKind::CaFile(path) => (&mut tls.ca_file, path, Wanted::File),
        TlsSettingKind::CaPath(path) => (&mut tls.ca_path, path, Wanted::Directory),
        TlsSettingKind::Versions(_)
        | TlsSettingKind::Verify(_)
        | TlsSettingKind::SelfSigned(_)
        | TlsSettingKind::Ciphers(_) => return None,
    })
}

/// Marks of ciphers that rustls does not speak, as they stand in the names of OpenSSL.
const OBSOLETE_CIPHERS: [&str; 10] = ["RC4", "RC2", "DES", "MD5", "NULL", "EXP", "IDEA", "SEED", "ADH", "LOW"];

/// The first name in a list of ciphers that is asked for and obsolete.
fn obsolete_cipher(ciphers: &str) -> Option<&str> {
    let mut names = ciphers.split([':', ',', ' ']).filter(|name| !name.starts_with(['!', '-']));
    names.find(|name| {
        let name = name.to_ascii_uppercase();
        OBSOLETE_CIPHERS
            .iter()
            .any(|mark| name.split(['-', '+', '_']).any(|part| part.starts_with(mark) || part == "3DES"))
    })
}

/// In `rules` the certificate is verified unless something says otherwise: what `set ssl` says counts for all.
pub(super) fn verify_by_default(program: &mut Program) {
    let default = program.settings.tls.as_ref().and_then(|tls| tls.verify).unwrap_or(true);
    let settings = &mut program.settings;
    let own = [&mut settings.tls].into_iter().flatten();
    let mail = settings.mail.servers.iter_mut().filter_map(|server| server.tls.as_mut());
    let mmonit = settings.mmonit.iter_mut().filter_map(|server| server.tls.as_mut());
    for tls in own.chain(mail).chain(mmonit) {
        tls.verify.get_or_insert(default);
    }
    for service in &mut program.services {
        for rule in service.rules.iter_mut().chain(&mut service.asleep) {
            each_connection(&mut rule.test, default);
        }
        if let Target::Plugin(plugin) = &mut service.target {
            for grant in &mut plugin.grants {
                if let Grant::Connect { tls: Some(tls), .. } = grant {
                    tls.verify.get_or_insert(default);
                }
            }
        }
    }
}

fn each_connection(test: &mut Test, verify: bool) {
    match test {
        Test::Connection(connection) => {
            if let Some(tls) = &mut connection.tls {
                tls.verify.get_or_insert(verify);
            }
        }
        Test::All(parts) | Test::Any(parts) => {
            for part in parts {
                each_connection(part, verify);
            }
        }
        Test::Not(part) => each_connection(part, verify),
        _ => {}
    }
}
