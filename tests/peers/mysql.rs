//! MariaDB: with and without a user, without TLS where it is wanted, read-only, with too many clients.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::rig::{free_port, write};

use super::{Server, certificate, fails, installed, passes};

const PROGRAM: &str = "/usr/sbin/mariadbd";

/// The fewest that MariaDB allows.
const CLIENTS: usize = 10;

const USERS: &str = "CREATE USER IF NOT EXISTS u@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('pwd');\n\
                     CREATE USER IF NOT EXISTS nobody@'%' IDENTIFIED BY '';\n";

fn make(folder: &Path) {
    let data = format!("--datadir={}", folder.join("data").display());
    let words = ["--no-defaults", &data, "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root"];
    let mut command = Command::new("/usr/bin/mariadb-install-db");
    let made = command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(made.expect("mariadb-install-db").success());
}

fn start(folder: &Path, words: &[&str]) -> Server {
    let port = free_port();
    let place = folder.display();
    let users = write(folder, "users.sql", USERS);
    let mut command = Command::new(PROGRAM);
    command.arg("--no-defaults").arg(format!("--datadir={place}/data")).arg(format!("--port={port}"));
    command.args(["--bind-address=127.0.0.1", "--user=root", "--skip-name-resolve", "--skip-log-bin"]);
    command.args([
        format!("--socket={place}/socket"),
        format!("--init-file={users}"),
        format!("--max-connections={CLIENTS}"),
    ]);
    command.args(["--innodb-flush-log-at-trx-commit=0"]).args(words);
    Server::start(&mut command, port)
}

#[test]
fn mysql_of_mariadb() {
    if !installed(PROGRAM) || !installed("/usr/bin/openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    make(folder);
    let server = start(folder, &[]);
    let (right, wrong) = ("username \"u\" password \"pwd\"", "username \"u\" password \"wrong\"");
    passes(folder, server.port, "mysql");
    passes(folder, server.port, &format!("mysql {right}"));
    passes(folder, server.port, "mysql username \"nobody\"");
    passes(folder, server.port, "mysql with { username: \"u\", password: \"pwd\", writable: true }");
    fails(folder, server.port, &format!("mysql {wrong}"), "Access denied for user 'u'");
    fails(folder, server.port, "http", "[HTTP]");

    let clients: Vec<TcpStream> =
        (0..2 * CLIENTS).map(|_| TcpStream::connect(("127.0.0.1", server.port)).expect("MariaDB")).collect();
    fails(folder, server.port, "mysql", "Too many connections");
    drop((clients, server));

    let server = start(folder, &["--read-only=1", "--skip-ssl"]);
    passes(folder, server.port, &format!("mysql {right}"));
    fails(folder, server.port, "mysql with { username: \"u\", password: \"pwd\", writable: true }", "read_only");
    fails(folder, server.port, &format!("mysqls {right}"), "no encryption");
    drop(server);

    let (tls, place) = (certificate(folder), folder.display());
    let server = start(folder, &[&format!("--ssl-cert={place}/server.pem"), &format!("--ssl-key={place}/server.key")]);
    passes(folder, server.port, &format!("mysqls {right} {tls}"));
    fails(folder, server.port, &format!("mysqls {wrong} {tls}"), "Access denied for user 'u'");
    // It signed its own certificate, and a rule that does not say so trusts nobody of that kind.
    fails(folder, server.port, &format!("mysqls {right}"), "self-signed");
    println!("proven against a real peer: mysql, mysqls (MariaDB)");
}
