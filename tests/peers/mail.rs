//! SMTP, IMAP and POP3, plain and over TLS, against postfix and Dovecot.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{Server, certificate, fails, fails_at, installed, is_root, passes, passes_at};
use crate::rig::{free_port, write};
use crate::world::mail::postfix::Postfix;

#[test]
fn smtp_of_postfix() {
    // Nothing is sent, so nobody is there to take it.
    let Some(postfix) = Postfix::start(free_port()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let eva = |password: &str| format!("username \"eva\" password \"{password}\"");
    let login = eva(crate::world::mail::postfix::PASSWORD);
    let tls = format!("using ssl {{ cacertificatefile: {} }}", postfix.at("ca.pem"));
    passes(folder, postfix.open, "smtp");
    // Its passwords go over encrypted connections only.
    fails(folder, postfix.open, &format!("smtp {login}"), "not encrypted");
    passes_at(folder, "localhost", postfix.wrapped, &format!("smtps {login} {tls}"));
    fails_at(folder, "localhost", postfix.wrapped, &format!("smtps {} {tls}", eva("falsch")), "535");

    // Encryption from the start, where there is none.
    fails(folder, postfix.open, &format!("smtps {tls}"), "TLS");
    println!("proven against a real peer: smtp, smtps (postfix)");
}

/// Dovecot, with one user; its ports for IMAP and POP3, each plain and over TLS.
pub(super) struct Dovecot {
    _server: Server,
    pub(super) imap: u16,
    imaps: u16,
    pub(super) pop: u16,
    pops: u16,
}

/// Starts Dovecot for these protocols, with one user and the certificate of the folder; it is up when this port answers.
pub(super) fn serve(folder: &Path, protocols: &str, services: &str, port: u16) -> Server {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::create_dir(folder.join("mail")).expect("a folder");
    fs::set_permissions(folder.join("mail"), fs::Permissions::from_mode(0o777)).expect("a mode");
    write(folder, "users", "anna:{PLAIN}geheim\n");
    let place = folder.display();
    let text = format!(
        "base_dir = {place}/run\nstate_dir = {place}/state\nlog_path = {place}/log\nprotocols = {protocols}\n\
         listen = 127.0.0.1\nssl = yes\nssl_cert = <{place}/server.pem\nssl_key = <{place}/server.key\n\
         disable_plaintext_auth = no\nauth_mechanisms = plain\nauth_failure_delay = 0\nfirst_valid_uid = 0\n\
         mail_location = maildir:{place}/mail/%u\n\
         passdb {{\n driver = passwd-file\n args = {place}/users\n}}\n\
         userdb {{\n driver = static\n args = uid=65534 gid=65534 home={place}/mail\n}}\n\
         service anvil {{\n chroot =\n unix_listener anvil-auth-penalty {{\n mode = 0\n }}\n}}\n{services}"
    );
    let path = write(folder, "dovecot.conf", text);
    Server::start(Command::new("/usr/sbin/dovecot").args(["-F", "-c", &path]), port)
}

/// Starts Dovecot for IMAP and POP3.
pub(super) fn dovecot(folder: &Path) -> Dovecot {
    let [imap, imaps, pop, pops] = [free_port(), free_port(), free_port(), free_port()];
    let listener =
        |name: &str, port: u16, ssl: &str| format!("inet_listener {name} {{\n port = {port}\n ssl = {ssl}\n}}\n");
    let services = format!(
        "service imap-login {{\n chroot =\n{}{}}}\nservice pop3-login {{\n chroot =\n{}{}}}\n",
        listener("imap", imap, "no"),
        listener("imaps", imaps, "yes"),
        listener("pop3", pop, "no"),
        listener("pop3s", pops, "yes"),
    );
    Dovecot { _server: serve(folder, "imap pop3", &services, imap), imap, imaps, pop, pops }
}

pub(super) const ANNA: &str = "username \"anna\" password \"geheim\"";
const WRONG: &str = "username \"anna\" password \"falsch\"";

#[test]
fn imap_and_pop3_of_dovecot() {
    if !installed("/usr/sbin/dovecot") || !installed("/usr/bin/openssl") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tls = certificate(folder);
    let dovecot = dovecot(folder);
    passes(folder, dovecot.imap, "imap");
    passes(folder, dovecot.imap, &format!("imap {ANNA}"));
    fails(folder, dovecot.imap, &format!("imap {WRONG}"), "AUTHENTICATIONFAILED");
    passes(folder, dovecot.imaps, &format!("imaps {ANNA} {tls}"));
    fails(folder, dovecot.imap, &format!("imaps {tls}"), "TLS");
    fails(folder, dovecot.imap, "pop", "+OK");
    println!("proven against a real peer: imap, imaps (Dovecot)");

    passes(folder, dovecot.pop, "pop");
    passes(folder, dovecot.pop, &format!("pop {ANNA}"));
    fails(folder, dovecot.pop, &format!("pop {WRONG}"), "AUTH");
    passes(folder, dovecot.pops, &format!("pops {ANNA} {tls}"));
    fails(folder, dovecot.pop, &format!("pops {tls}"), "TLS");
    fails(folder, dovecot.pop, "imap", "* OK");
    println!("proven against a real peer: pop, pops (Dovecot)");
}
