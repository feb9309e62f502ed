//! `ssl { … }`, `certificate …` and Monit's old words for the same.

use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, span};
use crate::Spanned;
use crate::ast::{Quantity, TlsBlock, TlsOption, TlsProtocol, TlsSetting, TlsSettingKind, TlsVersion};

impl Builder<'_> {
    /// One thing that is said about TLS; nothing when it is something else.
    pub(super) fn tls_option(&mut self, pair: Pair<'_>) -> Option<TlsOption> {
        let place = span(&pair);
        Some(match pair.as_rule() {
            Rule::kw_ssl => TlsOption::Plain(place),
            Rule::tls_block => {
                let braces = pair.into_inner().last()?;
                TlsOption::Block(TlsBlock { span: place, options: self.tls_settings(braces) })
            }
            Rule::tls_version => TlsOption::Version(self.tls_version(&pair)),
            Rule::cert_md5 => TlsOption::CertMd5(self.text(&pair.into_inner().last()?, Wanted::Word)),
            Rule::certificate_checksum => {
                let (mut hash, mut expected) = (None, None);
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::kw_certificate | Rule::kw_checksum | Rule::same => {}
                        Rule::hash_kind => hash = Some(self.hash_kind(&part)),
                        _ => expected = Some(self.text(&part, Wanted::Word)),
                    }
                }
                TlsOption::CertificateChecksum { span: place, hash, expected: expected? }
            }
            Rule::certificate_valid => {
                let mut days: Option<Quantity> = None;
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::operator => self.only_greater(&part),
                        Rule::quantity => days = Some(self.quantity(part)),
                        _ => {}
                    }
                }
                TlsOption::CertificateValid { span: place, days: days? }
            }
            _ => return None,
        })
    }

    fn only_greater(&mut self, pair: &Pair<'_>) {
        let operator = self.operator(pair);
        if operator.node != crate::ast::Operator::Greater {
            let headline = format!("`{}` cannot stand here", self.written(pair));
            let finding = crate::Finding::error("syntax-error", operator.span, headline);
            self.report(finding.fix("write `>`: it must be valid for longer", operator.span, ">", true));
        }
    }

    /// What stands in the braces.
    pub(super) fn tls_settings(&mut self, braces: Pair<'_>) -> Vec<TlsSetting> {
        let settings = braces.into_inner().filter(|part| part.as_rule() == Rule::tls_setting);
        settings.filter_map(|setting| self.tls_setting(setting)).collect()
    }

    fn tls_setting(&mut self, pair: Pair<'_>) -> Option<TlsSetting> {
        let place = span(&pair);
        let mut parts = pair.into_inner();
        let key = parts.next()?;
        let kind = match key.as_rule() {
            Rule::kw_version => TlsSettingKind::Versions(parts.map(|version| self.tls_version(&version)).collect()),
            Rule::kw_verify => TlsSettingKind::Verify(self.switch(&parts.next()?, "enable", "disable")),
            Rule::kw_selfsigned => TlsSettingKind::SelfSigned(self.switch(&parts.next()?, "allow", "reject")),
            _ => {
                let given = parts.next()?;
                let word = self.written(&key).to_ascii_lowercase();
                if word.starts_with("cipher") {
                    return Some(TlsSetting {
                        span: place,
                        kind: TlsSettingKind::Ciphers(self.text(&given, Wanted::Word)),
                    });
                }
                let path = self.text(&given, Wanted::Path);
                match word.as_str() {
                    "pemfile" => TlsSettingKind::PemFile(path),
                    "pemchain" => TlsSettingKind::PemChain(path),
                    "pemkey" => TlsSettingKind::PemKey(path),
                    "clientpemfile" => TlsSettingKind::ClientPemFile(path),
                    "cacertificatefile" => TlsSettingKind::CaFile(path),
                    _ => TlsSettingKind::CaPath(path),
                }
            }
        };
        Some(TlsSetting { span: place, kind })
    }

    /// One of two words.
    pub(super) fn switch(&mut self, pair: &Pair<'_>, yes: &str, no: &str) -> Spanned<bool> {
        let place = span(pair);
        let written = self.written(pair);
        let is_yes = written.eq_ignore_ascii_case(yes);
        if !is_yes && !written.eq_ignore_ascii_case(no) {
            let headline = format!("expected `{yes}` or `{no}`, found `{written}`");
            self.report(crate::Finding::error("syntax-error", place, headline));
        }
        place.with(is_yes)
    }

    fn tls_version(&self, pair: &Pair<'_>) -> Spanned<TlsVersion> {
        let word = self.written(pair).to_ascii_lowercase();
        let excluded = word.starts_with('-');
        let protocol = match word.trim_start_matches('-') {
            "sslv2" => TlsProtocol::Sslv2,
            "sslv3" => TlsProtocol::Sslv3,
            "tlsv1" => TlsProtocol::Tlsv1,
            "tlsv11" => TlsProtocol::Tlsv11,
            "tlsv12" => TlsProtocol::Tlsv12,
            "tlsv13" => TlsProtocol::Tlsv13,
            _ => TlsProtocol::Auto,
        };
        span(pair).with(TlsVersion { excluded, protocol })
    }
}
