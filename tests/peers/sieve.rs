//! ManageSieve of Dovecot (Pigeonhole): plain, with a password, with STARTTLS.

use super::mail::serve;
use super::starttls::{ANYBODY, forward};
use super::{certificate, fails, fails_at, installed, is_root, passes, passes_at, passes_in_monit};
use crate::rig::free_port;

const ANNA: &str = "username: \"anna\", password: \"geheim\"";
const WRONG: &str = "username: \"anna\", password: \"falsch\"";

#[test]
fn sieve_of_dovecot() {
    if !installed("/usr/lib/dovecot/managesieve-login") || !installed("/usr/bin/openssl") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tls = certificate(folder);
    let port = free_port();
    let listener =
        format!("service managesieve-login {{\n chroot =\n inet_listener sieve {{\n  port = {port}\n }}\n}}\n");
    let _server = serve(folder, "sieve", &listener, port);
    passes(folder, port, "sieve");
    passes_in_monit(folder, port, "sieve");
    passes(folder, port, &format!("sieve with {{ {ANNA} }}"));
    fails(folder, port, &format!("sieve with {{ {WRONG} }}"), "NO Authentication failed");
    fails(folder, port, "smtp", "three digits");

    let address = forward(4190, port);
    passes_at(folder, &address, 4190, &format!("sieve with {{ {ANNA} }} {ANYBODY}"));
    fails_at(folder, &address, 4190, &format!("sieve {tls}"), "is not for");
    println!("proven against a real peer: sieve, with STARTTLS, too (Dovecot)");
}
