//! `set httpd …`: the page and the door for commands.

use super::TlsOption;
use super::value::Value;
use crate::{Span, Spanned};

/// `set httpd …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Httpd {
    /// The whole of it, without `set`.
    pub span: Span,
    /// Its options in the order written.
    pub options: Vec<HttpdOption>,
}

/// One option of `set httpd`.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpdOption {
    /// The whole of it.
    pub span: Span,
    /// What it says.
    pub kind: HttpdOptionKind,
}

/// What an option of `set httpd` says.
#[derive(Debug, Clone, PartialEq)]
pub enum HttpdOptionKind {
    /// `port N [read-only]`.
    Port {
        /// The TCP port.
        port: Spanned<Value<f64>>,
        /// Whether it only shows.
        read_only: bool,
    },
    /// `unixsocket PATH …`.
    UnixSocket {
        /// The path.
        path: Spanned<String>,
        /// The user it belongs to: a name or a number.
        uid: Option<Spanned<String>>,
        /// The group it belongs to: a name or a number.
        gid: Option<Spanned<String>>,
        /// The octal digits of its mode.
        mode: Option<Spanned<String>>,
        /// Whether it only shows.
        read_only: bool,
    },
    /// `address HOST`: where it listens.
    Address(Spanned<String>),
    /// `ssl …`.
    Tls(TlsOption),
    /// `pemfile PATH`, in Monit's old form.
    PemFile(Spanned<String>),
    /// `clientpemfile PATH`, in Monit's old form.
    ClientPemFile(Spanned<String>),
    /// `allowselfcertification`, in Monit's old form.
    AllowSelfCertification,
    /// `signature enable|disable`.
    Signature(Spanned<bool>),
    /// `allow …`.
    Allow(Allow),
}

/// Who is let in.
#[derive(Debug, Clone, PartialEq)]
pub enum Allow {
    /// `USER:PASSWORD [read-only]`.
    User {
        /// The user.
        user: Spanned<String>,
        /// The password.
        password: Spanned<String>,
        /// Whether he only looks.
        read_only: bool,
    },
    /// `@GROUP [read-only]`: the members of a group, by PAM.
    Group {
        /// The group.
        group: Spanned<String>,
        /// Whether they only look.
        read_only: bool,
    },
    /// `[cleartext|md5|crypt] PATH [user …]`: the users of a file.
    File {
        /// How its passwords are kept.
        kind: Option<Spanned<PasswordKind>>,
        /// The file.
        path: Spanned<String>,
        /// Those of its users that are let in; all when empty.
        users: Vec<Spanned<String>>,
    },
    /// A host or a network.
    Host(Spanned<String>),
}

/// How passwords are kept in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordKind {
    /// As they are.
    Cleartext,
    /// As Apache's MD5.
    Md5,
    /// By crypt(3).
    Crypt,
}
