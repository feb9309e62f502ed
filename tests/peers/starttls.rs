//! Encryption that begins within SMTP, IMAP, POP3 and FTP, against postfix, Dovecot and vsftpd.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::{io, thread};

use super::files::vsftpd;
use super::mail::{ANNA, dovecot};
use super::{certificate, fails_at, installed, is_root, passes_at};
use crate::rig::free_port;
use crate::world::mail::postfix::{PASSWORD, Postfix};

/// Whom a rule need not trust.
pub(super) const ANYBODY: &str = "using ssl { verify: disable }";

/// Listens on a port where STARTTLS is customary, at a loopback address of this run's own, and hands what comes on to
/// another port of this machine. Returns the address.
pub(super) fn forward(port: u16, to: u16) -> String {
    /// No test connects as often.
    const CONNECTIONS_MAX: usize = 50;
    static COUNT: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    let address = format!("127.{}.{high}.{low}", 87 + COUNT.fetch_add(1, Ordering::Relaxed));
    let listener = TcpListener::bind((address.as_str(), port)).expect("a port for root");
    thread::spawn(move || {
        for near in listener.incoming().take(CONNECTIONS_MAX).flatten() {
            let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            let both = [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))];
            for (mut from, mut to) in both.into_iter().filter_map(|(from, to)| Some((from.ok()?, to.ok()?))) {
                thread::spawn(move || {
                    io::copy(&mut from, &mut to).ok();
                    to.shutdown(Shutdown::Both).ok();
                });
            }
        }
    });
    address
}

#[test]
fn smtp_of_postfix_begins_encryption() {
    // Nothing is sent, so nobody is there to take it.
    let Some(postfix) = Postfix::start(free_port()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let eva = |password: &str| format!("username \"eva\" password \"{password}\"");
    let address = forward(587, postfix.guarded);
    passes_at(folder, &address, 587, &format!("smtp {ANYBODY}"));
    passes_at(folder, &address, 587, &format!("smtp {} {ANYBODY}", eva(PASSWORD)));
    fails_at(folder, &address, 587, &format!("smtp {} {ANYBODY}", eva("falsch")), "535");
    // For whom the certificate is, is looked at there, too.
    let tls = format!("using ssl {{ cacertificatefile: {} }}", postfix.at("ca.pem"));
    fails_at(folder, &address, 587, &format!("smtp {tls}"), "is not for");
    println!("proven against a real peer: smtp with STARTTLS (postfix)");
}

#[test]
fn imap_and_pop3_of_dovecot_begin_encryption() {
    if !installed("/usr/sbin/dovecot") || !installed("/usr/bin/openssl") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tls = certificate(folder);
    let dovecot = dovecot(folder);
    let address = forward(143, dovecot.imap);
    passes_at(folder, &address, 143, &format!("imap {ANNA} {ANYBODY}"));
    fails_at(folder, &address, 143, &format!("imap {tls}"), "is not for");
    let address = forward(110, dovecot.pop);
    passes_at(folder, &address, 110, &format!("pop {ANNA} {ANYBODY}"));
    fails_at(folder, &address, 110, &format!("pop {tls}"), "is not for");
    println!("proven against a real peer: imap, pop with STARTTLS (Dovecot)");
}

#[test]
fn ftp_of_vsftpd_begins_encryption() {
    if !installed("/usr/sbin/vsftpd") || !installed("/usr/bin/openssl") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (tls, place) = (certificate(folder), folder.display());
    let with = format!(
        "ssl_enable=YES\nallow_anon_ssl=YES\nrsa_cert_file={place}/server.pem\nrsa_private_key_file={place}/server.key"
    );
    let server = vsftpd(folder, &with);
    let address = forward(21, server.port);
    passes_at(folder, &address, 21, &format!("ftp {ANYBODY}"));
    fails_at(folder, &address, 21, &format!("ftp {tls}"), "is not for");
    drop(server);
    let plain = vsftpd(folder, "");
    let address = forward(21, plain.port);
    fails_at(folder, &address, 21, &format!("ftp {ANYBODY}"), "530");
    println!("proven against a real peer: ftp with AUTH TLS (vsftpd)");
}
