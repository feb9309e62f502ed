//! `set httpd …`.

use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, small, span};
use crate::Spanned;
use crate::ast::{Allow, Httpd, HttpdOption, HttpdOptionKind, PasswordKind};

impl Builder<'_> {
    /// The page and the door for commands.
    pub(super) fn httpd(&mut self, pair: Pair<'_>) -> Httpd {
        let place = span(&pair);
        let options = pair.into_inner().skip(1).filter_map(|option| self.httpd_option(option)).collect();
        Httpd { span: place, options }
    }

    fn httpd_option(&mut self, pair: Pair<'_>) -> Option<HttpdOption> {
        let place = span(&pair);
        let kind = match pair.as_rule() {
            Rule::httpd_port => {
                let mut parts = pair.into_inner().skip(1);
                let port = self.value(&parts.next()?);
                HttpdOptionKind::Port { port, read_only: parts.next().is_some() }
            }
            Rule::httpd_unix => self.httpd_unix(pair)?,
            Rule::httpd_address => HttpdOptionKind::Address(self.text(&pair.into_inner().nth(1)?, Wanted::Word)),
            Rule::httpd_pem => HttpdOptionKind::PemFile(self.text(&pair.into_inner().nth(1)?, Wanted::Path)),
            Rule::httpd_client_pem => {
                HttpdOptionKind::ClientPemFile(self.text(&pair.into_inner().nth(1)?, Wanted::Path))
            }
            Rule::httpd_self_signed => HttpdOptionKind::AllowSelfCertification,
            Rule::httpd_signature => {
                let switch = pair.into_inner().find(|part| part.as_rule() == Rule::switch)?;
                HttpdOptionKind::Signature(self.switch(&switch, "enable", "disable"))
            }
            Rule::allow => HttpdOptionKind::Allow(self.allow(pair.into_inner().nth(1)?)?),
            _ => HttpdOptionKind::Tls(self.tls_option(pair)?),
        };
        Some(HttpdOption { span: place, kind })
    }

    fn httpd_unix(&mut self, pair: Pair<'_>) -> Option<HttpdOptionKind> {
        let mut parts = pair.into_inner().skip(1);
        let path = self.text(&parts.next()?, Wanted::Path);
        let (mut uid, mut gid, mut mode, mut read_only) = (None, None, None, false);
        for part in parts {
            match part.as_rule() {
                Rule::uid => uid = self.identity(part),
                Rule::gid => gid = self.identity(part),
                Rule::mode => mode = Some(span(&part).with(self.written(&part).to_owned())),
                Rule::kw_read_only => read_only = true,
                _ => {}
            }
        }
        Some(HttpdOptionKind::UnixSocket { path, uid, gid, mode, read_only })
    }

    fn allow(&mut self, pair: Pair<'_>) -> Option<Allow> {
        let form = pair.as_rule();
        let mut parts = pair.into_inner();
        let first = parts.next()?;
        Some(match form {
            Rule::allow_group => {
                Allow::Group { group: self.text(&first, Wanted::Word), read_only: parts.next().is_some() }
            }
            Rule::allow_file => {
                let (mut kind, mut path) = (None, first);
                if path.as_rule() == Rule::password_kind {
                    kind = Some(self.password_kind(&path));
                    path = parts.next()?;
                }
                let path = self.text(&path, Wanted::Path);
                let users = parts.map(|user| self.text(&user, Wanted::Word)).collect();
                Allow::File { kind, path, users }
            }
            Rule::allow_user => {
                let user = self.text(&first, Wanted::Word);
                let password = self.text(&parts.next()?, Wanted::Word);
                Allow::User { user, password, read_only: parts.next().is_some() }
            }
            _ => Allow::Host(self.text(&first, Wanted::Word)),
        })
    }

    fn password_kind(&self, pair: &Pair<'_>) -> Spanned<PasswordKind> {
        span(pair).with(match &*small(self.written(pair)) {
            "cleartext" => PasswordKind::Cleartext,
            "md5" => PasswordKind::Md5,
            _ => PasswordKind::Crypt,
        })
    }
}
