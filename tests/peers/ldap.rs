//! OpenLDAP in both versions of the protocol: open, with a password, over TLS, and where it lets nobody in.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::starttls::{ANYBODY, forward};
use super::{Server, certificate, fails, fails_at, installed, is_root, passes, passes_at, passes_in_monit};
use crate::rig::{finish, free_port, write};

const PROGRAM: &str = "/usr/sbin/slapd";

const ENTRY: &str =
    "dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n";

/// The entry, as rules name it.
const ENTRY_THERE: &str = "base: \"dc=example,dc=org\"";

/// Who may do everything.
const ADMIN: &str = "username: \"cn=admin,dc=example,dc=org\"";

/// A directory with one entry, with these settings; it listens at these addresses, of which the first has this port.
fn start(folder: &Path, settings: &str, addresses: &str, port: u16) -> Server {
    let place = folder.display();
    fs::remove_dir_all(folder.join("database")).ok();
    fs::create_dir(folder.join("database")).expect("a folder");
    let text = format!(
        "include /etc/ldap/schema/core.schema\npidfile {place}/slapd.pid\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n\
         {settings}\ndatabase mdb\nsuffix \"dc=example,dc=org\"\nrootdn \"cn=admin,dc=example,dc=org\"\n\
         rootpw geheim\ndirectory {place}/database\n"
    );
    let settings = write(folder, "slapd.conf", text);
    let mut add = Command::new("/usr/sbin/slapadd");
    add.args(["-f", &settings, "-l", &write(folder, "entry.ldif", ENTRY)]);
    let added = finish(add);
    assert_eq!(added.status, 0, "{}", added.err);
    Server::start(Command::new(PROGRAM).args(["-d", "0", "-f", &settings, "-h", addresses]), port)
}

fn plain(folder: &Path, settings: &str) -> Server {
    let port = free_port();
    start(folder, settings, &format!("ldap://127.0.0.1:{port}"), port)
}

#[test]
fn ldap_of_openldap() {
    if !installed(PROGRAM) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let server = plain(folder, "allow bind_v2");
    for version in ["ldap2", "ldap3"] {
        passes(folder, server.port, version);
        passes_in_monit(folder, server.port, version);
        passes(folder, server.port, &format!("{version} with {{ {ENTRY_THERE} }}"));
        passes(folder, server.port, &format!("{version} with {{ {ADMIN}, password: \"geheim\" }}"));
        let wrong = format!("{version} with {{ {ADMIN}, password: \"falsch\" }}");
        fails(folder, server.port, &wrong, "invalidCredentials (49)");
        let missing = format!("{version} with {{ base: \"dc=example,dc=net\" }}");
        fails(folder, server.port, &missing, "noSuchObject (32)");
    }
    drop(server);

    let server = plain(folder, "disallow bind_anon");
    fails(folder, server.port, "ldap2", "protocolError (2): historical protocol version requested");
    fails(folder, server.port, "ldap3", "inappropriateAuthentication (48): anonymous bind disallowed");
    passes(folder, server.port, &format!("ldap3 with {{ {ADMIN}, password: \"geheim\" }}"));
    drop(server);

    let server = plain(folder, "security ssf=1");
    fails(folder, server.port, &format!("ldap3 with {{ {ENTRY_THERE} }}"), "confidentialityRequired (13)");
    println!("proven against a real peer: ldap2, ldap3 (OpenLDAP)");
}

#[test]
fn ldap_of_openldap_over_tls() {
    if !installed(PROGRAM) || !installed("/usr/bin/openssl") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tls = certificate(folder);
    let (place, port, wrapped) = (folder.display(), free_port(), free_port());
    let settings = format!(
        "allow bind_v2\nsecurity ssf=1\nTLSCertificateFile {place}/server.pem\nTLSCertificateKeyFile {place}/server.key"
    );
    let addresses = format!("ldap://127.0.0.1:{port} ldaps://127.0.0.1:{wrapped}");
    let _server = start(folder, &settings, &addresses, port);
    let address = forward(389, port);
    for version in ["ldap2", "ldap3"] {
        passes_at(folder, "localhost", wrapped, &format!("{version} {tls}"));
        // It asks for encryption, so this passes only where that has begun.
        let looks = format!("{version} with {{ {ENTRY_THERE} }}");
        fails_at(folder, &address, 389, &looks, "confidentialityRequired (13)");
        passes_at(folder, &address, 389, &format!("{looks} {ANYBODY}"));
        let admin = format!("{version} with {{ {ADMIN}, password: \"geheim\" }} {ANYBODY}");
        passes_at(folder, &address, 389, &admin);
        fails_at(folder, &address, 389, &format!("{version} {tls}"), "is not for");
    }
    println!("proven against a real peer: ldap2, ldap3 with StartTLS and over TLS (OpenLDAP)");
}
