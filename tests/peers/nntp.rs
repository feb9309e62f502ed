//! The server for readers of INN: for everybody, for whoever logs in, to read only, over TLS, and without its database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::starttls::{ANYBODY, forward};
use super::{Server, account, certificate, fails, fails_at, installed, is_root, passes, passes_at, passes_in_monit};
use crate::rig::{finish, free_port, write};

const PROGRAM: &str = "/usr/lib/news/bin/nnrpd";

/// Where the servers of the test find everything.
struct News {
    folder: PathBuf,
    user: (u32, u32),
}

impl News {
    /// An empty spool and the settings, with the certificate of the folder.
    fn new(folder: &Path, user: (u32, u32)) -> News {
        for name in ["db", "run", "log", "tmp", "spool", "spool/overview", "spool/articles", "spool/incoming", "etc"] {
            fs::create_dir(folder.join(name)).expect("a folder");
        }
        let place = folder.display();
        let settings = format!(
            "domain: example.com\npathhost: news.example.com\nmta: /bin/false\nhismethod: hisv6\novmethod: tradindexed\n\
             pathnews: /usr/lib/news\npathdb: {place}/db\npathetc: {place}/etc\npathrun: {place}/run\n\
             pathlog: {place}/log\npathtmp: {place}/tmp\npathspool: {place}/spool\nreaderswhenstopped: true\n\
             tlscertfile: {place}/server.pem\ntlskeyfile: {place}/server.key\n"
        );
        write(folder, "inn.conf", settings);
        write(&folder.join("etc"), "storage.conf", "method tradspool {\n newsgroups: *\n class: 0\n}\n");
        write(&folder.join("db"), "active", "misc.test 0000000000 0000000001 y\n");
        write(&folder.join("db"), "history", "");
        let news = News { folder: folder.to_owned(), user };
        news.own();
        news
    }

    /// Hands all files to the user of the servers.
    fn own(&self) {
        fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o755)).expect("a mode");
        let (user, group) = self.user;
        let owned = Command::new("chown").arg("-R").arg(format!("{user}:{group}")).arg(&self.folder).status();
        assert!(owned.expect("chown").success());
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("INNCONF", self.folder.join("inn.conf")).uid(self.user.0).gid(self.user.1);
        command
    }

    /// Makes the overview of what there is, which is nothing.
    fn index(&self) {
        let mut make = self.command("/usr/lib/news/bin/makehistory");
        make.args(["-O", "-x"]).stdin(Stdio::null());
        let made = finish(make);
        assert_eq!(made.status, 0, "{}", made.err);
    }

    /// A server for whom this says.
    fn server(&self, name: &str, readers: &str, words: &[&str]) -> Server {
        let port = free_port();
        let readers = write(&self.folder.join("etc"), name, readers);
        self.own();
        let mut command = self.command(PROGRAM);
        command.args(["-D", "-f", "-b", "127.0.0.1", "-p", &port.to_string(), "-c", &readers]).args(words);
        Server::start(&mut command, port)
    }
}

/// Everybody may do this.
fn everybody(access: &str) -> String {
    format!(
        "auth \"all\" {{\n hosts: \"*\"\n default: \"all\"\n}}\naccess \"all\" {{\n users: \"*\"\n newsgroups: \"*\"\n access: \"{access}\"\n}}\n"
    )
}

#[test]
fn nntp_of_inn() {
    if !installed(PROGRAM) || !installed("/usr/bin/openssl") || !is_root() {
        return;
    }
    let Some(user) = account("news") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let tls = certificate(folder);
    let news = News::new(folder, user);
    let rules = tempfile::tempdir().expect("a folder");
    let rules = rules.path();
    fails(rules, news.server("none.conf", &everybody("RP"), &[]).port, "nntp", "400 NNTP server unavailable");
    news.index();

    let open = news.server("open.conf", &everybody("RP"), &[]);
    passes(rules, open.port, "nntp");
    passes_in_monit(rules, open.port, "nntp");
    fails(rules, open.port, "smtp", "refuses: 200");
    let read_only = news.server("read.conf", &everybody("R"), &[]);
    fails(rules, read_only.port, "nntp", "201 news.example.com");
    passes(rules, read_only.port, "nntp with { posting: false }");

    let secret = Command::new("/usr/bin/openssl").args(["passwd", "-6", "geheim"]).output().expect("openssl").stdout;
    let secret = format!("tim:{}", String::from_utf8(secret).expect("text"));
    let passwords = write(&folder.join("etc"), "passwords", secret);
    let readers = format!(
        "auth \"all\" {{\n hosts: \"*\"\n default: \"guest\"\n auth: \"ckpasswd -f {passwords}\"\n}}\n\
         access \"guest\" {{\n users: \"guest\"\n newsgroups: \"*\"\n access: \"R\"\n}}\n\
         access \"tim\" {{\n users: \"tim\"\n newsgroups: \"*\"\n access: \"RPA\"\n}}\n"
    );
    let known = news.server("known.conf", &readers, &[]);
    passes(rules, known.port, "nntp with { username: \"tim\", password: \"geheim\" }");
    fails(rules, known.port, "nntp with { username: \"tim\", password: \"falsch\" }", "481");
    println!("proven against a real peer: nntp (INN)");

    let wrapped = news.server("wrapped.conf", &everybody("RP"), &["-S"]);
    passes_at(rules, "localhost", wrapped.port, &format!("nntp {tls}"));
    let address = forward(119, open.port);
    passes_at(rules, &address, 119, &format!("nntp {ANYBODY}"));
    fails_at(rules, &address, 119, &format!("nntp {tls}"), "is not for");
    println!("proven against a real peer: nntp with STARTTLS and over TLS (INN)");
}
