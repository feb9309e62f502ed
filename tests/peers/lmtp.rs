//! LMTP of Dovecot: plain, for a mailbox, with STARTTLS.

use super::mail::serve;
use super::starttls::{ANYBODY, forward};
use super::{certificate, fails, fails_at, installed, is_root, passes, passes_at, passes_in_monit};
use crate::rig::free_port;

#[test]
fn lmtp_of_dovecot() {
    if !installed("/usr/lib/dovecot/lmtp") || !installed("/usr/bin/openssl") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tls = certificate(folder);
    let port = free_port();
    let listener = format!("service lmtp {{\n inet_listener lmtp {{\n  port = {port}\n }}\n}}\n");
    let _server = serve(folder, "lmtp", &listener, port);
    passes(folder, port, "lmtp");
    passes_in_monit(folder, port, "lmtp");
    passes(folder, port, "lmtp with { recipient: \"anna\" }");
    fails(folder, port, "lmtp with { recipient: \"eva\" }", "550 5.1.1");
    fails(folder, port, "imap", "* OK");

    let address = forward(24, port);
    passes_at(folder, &address, 24, &format!("lmtp with {{ recipient: \"anna\" }} {ANYBODY}"));
    fails_at(folder, &address, 24, &format!("lmtp {tls}"), "is not for");
    println!("proven against a real peer: lmtp, with STARTTLS, too (Dovecot)");
}
