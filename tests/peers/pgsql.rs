//! PostgreSQL: each way to log in, without TLS where it is wanted, in standby, before it serves, with too many clients.

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::rig::{free_port, write};

use super::{Server, account, certificate, comes_up, fails, passes};

const VERSIONS: &str = "/usr/lib/postgresql";

const CLIENTS: usize = 5;

const ACCESS: &str = "host all u all scram-sha-256\nhost all old all md5\nhost all plain all password\n\
                      host all trusted all trust\nhost all all all reject\n";
const USERS: &str = "CREATE ROLE u LOGIN PASSWORD 'pwd'; CREATE ROLE plain LOGIN PASSWORD 'pwd'; \
                     CREATE ROLE trusted LOGIN; SET password_encryption='md5'; CREATE ROLE old LOGIN PASSWORD 'pwd';\n";

/// The newest that is installed.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> =
        fs::read_dir(VERSIONS).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    versions.sort();
    versions.pop().map(|version| version.join("bin")).filter(|place| place.join("initdb").exists())
}

/// A program of PostgreSQL, which must not be root's.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs().expect("PostgreSQL").join(program));
    if let Some((user, group)) = account("postgres") {
        command.uid(user).gid(group);
    }
    command.arg("-D").arg(folder.join("data")).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Gives a file to the user of PostgreSQL.
fn give(path: &Path) {
    if let Some((user, group)) = account("postgres") {
        std::os::unix::fs::chown(path, Some(user), Some(group)).expect("a file of ours");
    }
}

fn make(folder: &Path) {
    let made = command("initdb", folder).args(["-A", "trust", "--no-sync"]).status();
    assert!(made.expect("initdb").success());
    fs::write(folder.join("data/pg_hba.conf"), ACCESS).expect("a file");
    let users = write(folder, "users.sql", USERS);
    let file = fs::File::open(users).expect("a file");
    // With --single the folder comes after it.
    let mut single = Command::new(programs().expect("PostgreSQL").join("postgres"));
    if let Some((user, group)) = account("postgres") {
        single.uid(user).gid(group);
    }
    single.arg("--single").arg("-D").arg(folder.join("data")).arg("postgres").current_dir(folder);
    let done = single.stdin(file).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(done.expect("postgres").success());
}

fn start(folder: &Path, settings: &[&str]) -> Server {
    let port = free_port();
    let mut command = command("postgres", folder);
    let place = format!("unix_socket_directories={}", folder.display());
    for setting in ["listen_addresses=127.0.0.1", "fsync=off", &format!("port={port}"), &place].iter().chain(settings) {
        command.args(["-c", setting]);
    }
    Server::start(&mut command, port)
}

fn login(user: &str, password: &str) -> String {
    format!("pgsql username \"{user}\" password \"{password}\" database \"postgres\"")
}

#[test]
fn pgsql_of_postgresql() {
    if programs().is_none() {
        crate::rig::skip("PostgreSQL is not installed; run tests/install");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("postgres");
    fs::create_dir(&place).expect("a folder");
    // Another user has to come by.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), open).expect("a folder of ours");
    give(&place);
    make(&place);
    let folder = folder.path();
    let clients = format!("max_connections={CLIENTS}");
    let server = start(&place, &[&clients, "max_wal_senders=0", "max_worker_processes=0", "autovacuum_max_workers=1"]);
    comes_up(folder, server.port, &login("u", "pwd"));
    for user in ["u", "old", "plain"] {
        passes(folder, server.port, &login(user, "pwd"));
        fails(folder, server.port, &login(user, "wrong"), "password authentication failed");
    }
    passes(folder, server.port, "pgsql username \"trusted\" database \"postgres\"");
    let writable = "pgsql with { username: \"u\", password: \"pwd\", database: \"postgres\", writable: true }";
    passes(folder, server.port, writable);
    fails(folder, server.port, "pgsql username \"trusted\" database \"none\"", "does not exist");
    fails(folder, server.port, "ssh", "[SSH]");

    // Twice as many as there may be at once: those that have not said who they are count, too.
    let clients: Vec<TcpStream> =
        (0..4 * CLIENTS).map(|_| TcpStream::connect(("127.0.0.1", server.port)).expect("PostgreSQL")).collect();
    fails(folder, server.port, "pgsql", "too many clients");
    drop((clients, server));

    let standby = place.join("data/standby.signal");
    fs::write(&standby, "").expect("a file");
    give(&standby);
    let server = start(&place, &[]);
    comes_up(folder, server.port, &login("u", "pwd"));
    fails(folder, server.port, writable, "transaction_read_only");
    fails(folder, server.port, &format!("{} using ssl", login("u", "pwd")), "no encryption");
    drop(server);

    let tls = certificate(&place);
    for file in ["server.pem", "server.key"] {
        give(&place.join(file));
    }
    fs::set_permissions(place.join("server.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
    let file = |name: &str| format!("ssl_{name}_file={}", place.join("server").display());
    let (certificate, key) = (file("cert") + ".pem", file("key") + ".key");
    let server = start(&place, &["ssl=on", &certificate, &key]);
    comes_up(folder, server.port, &login("u", "pwd"));
    passes(folder, server.port, &format!("{} {tls}", login("u", "pwd")));
    fails(folder, server.port, &format!("{} {tls}", login("u", "wrong")), "password authentication failed");
    fails(folder, server.port, &format!("{} using ssl", login("u", "pwd")), "self-signed");
    drop(server);

    let server = start(&place, &["hot_standby=off"]);
    fails(folder, server.port, "pgsql", "57P03");
    println!("proven against a real peer: pgsql (PostgreSQL)");
}
