//! HTTP, HTTPS and Apache's scoreboard, against nginx and Apache.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Server, certificate, fails, green, installed, is_root, passes};
use crate::rig::{free_port, write};

/// What the page has.
const PAGE: &str = "all is\nfine\n";

/// nginx with a page, a page behind a password, a page that comes in chunks, and a page for one name only.
pub(super) fn nginx(folder: &Path, tls_port: u16) -> Server {
    let port = free_port();
    let place = folder.display();
    fs::create_dir(folder.join("page")).expect("a folder");
    for name in ["health", "secret"] {
        fs::write(folder.join("page").join(name), PAGE).expect("a page");
    }
    write(folder, "users", "anna:{PLAIN}geheim\n");
    let tls = format!(
        "server {{ listen 127.0.0.1:{tls_port} ssl; ssl_certificate {place}/server.pem; \
         ssl_certificate_key {place}/server.key; root {place}/page; }}"
    );
    let tls = if tls_port == 0 { String::new() } else { tls };
    let text = format!(
        "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log;\n\
         events {{}}\n\
         http {{ access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f;\n\
         uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;\n\
         server {{ listen 127.0.0.1:{port}; root {place}/page;\n\
         location /secret {{ auth_basic x; auth_basic_user_file {place}/users; }}\n\
         location /moved {{ return 301 /health; }}\n\
         location /empty {{ return 204; }}\n\
         location /agent {{ return 200 \"$http_user_agent|$http_x_one|$http_host|$request_method\"; }}\n\
         location /busy {{ return 503; }} }}\n\
         server {{ listen 127.0.0.1:{port}; server_name other.example; return 200 other; }} {tls} }}\n"
    );
    let path = write(folder, "nginx.conf", text);
    Server::start(Command::new("/usr/sbin/nginx").args(["-c", &path, "-p"]).arg(folder), port)
}

#[test]
fn http_of_nginx() {
    if !installed("/usr/sbin/nginx") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (folder, server) = (folder.path(), nginx(folder.path(), 0));
    let md5 = checksum(folder, "md5sum");
    let sha256 = checksum(folder, "sha256sum");
    for good in [
        "http request \"/health\"",
        "http request \"/nothing\" status = 404",
        "http request \"/health\" method head",
        "http request \"/health\" content = \"all is\"",
        "http request \"/health\" content != \"wrong\"",
        &format!("http request \"/health\" checksum {md5}"),
        &format!("http request \"/health\" checksum {sha256}"),
        "http username \"anna\" password \"geheim\" request \"/secret\" content = \"fine\"",
        "http request \"/moved\" status = 301",
        "http request \"/\" hostheader \"other.example\" content = \"^other$\"",
        "http request \"/agent\" http headers [User-Agent: me, X-One: two] content = \"^me[|]two[|]\"",
        "http request \"/empty\" status = 204",
    ] {
        passes(folder, server.port, good);
    }
    for (bad, wanted) in [
        ("http request \"/nothing\"", "404"),
        ("http request \"/health\" status = 503", "503"),
        ("http request \"/busy\"", "503"),
        ("http request \"/health\" content = \"ill\"", "all is"),
        ("http request \"/health\" content != \"fine\"", "fine"),
        ("http request \"/health\" checksum 0123456789abcdef0123456789abcdef", &md5),
        ("http request \"/secret\"", "401"),
        ("http username \"anna\" password \"falsch\" request \"/secret\"", "401"),
        ("http request \"/empty\" content = \"a\"", "no content"),
    ] {
        fails(folder, server.port, bad, wanted);
    }
    println!("proven against a real peer: http (nginx)");
}

#[test]
fn https_of_nginx() {
    if !installed("/usr/sbin/nginx") || !installed("/usr/bin/openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (tls, port) = (certificate(folder), free_port());
    let server = nginx(folder, port);
    passes(folder, port, &format!("https request \"/health\" content = \"fine\" {tls}"));
    fails(folder, port, &format!("https request \"/nothing\" {tls}"), "404");
    fails(folder, port, "https request \"/health\"", "certificate");
    // Without encryption, and with encryption where there is none.
    fails(folder, port, "http request \"/health\"", "400");
    fails(folder, server.port, &format!("https request \"/health\" {tls}"), "TLS");
    let url = |outcome: &str, page: &str, content: &str| {
        format!("if {outcome} url https://127.0.0.1:{port}/{page} content = \"{content}\" {tls} then alert")
    };
    green(folder, &url("failed", "health", "fine"), &url("succeeded", "health", "fine"));
    // The other way round: a page that is not there, and a content that is another.
    green(folder, &url("succeeded", "nothing", "fine"), &url("failed", "nothing", "fine"));
    green(folder, &url("succeeded", "health", "ill"), &url("failed", "health", "ill"));
    println!("proven against a real peer: https (nginx)");
}

/// The checksum of the page, by a program of the system.
fn checksum(folder: &Path, program: &str) -> String {
    let said = Command::new(program).arg(folder.join("page/health")).output().expect("a checksum");
    String::from_utf8_lossy(&said.stdout).split(' ').next().expect("a checksum").to_owned()
}

/// The modules of Apache that its scoreboard needs.
const MODULES: [&str; 7] =
    ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "status"];

/// Apache with four slots and its scoreboard, free and behind a password.
fn apache(folder: &Path) -> Server {
    let port = free_port();
    let place = folder.display();
    write(folder, "users", "anna:{SHA}kGByAB793z4R5tK1eC9Hd/4Dhzk=\n");
    let modules: Vec<String> = MODULES
        .iter()
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .collect();
    let text = format!(
        "ServerRoot {place}\nServerName localhost\nPidFile {place}/pid\nDefaultRuntimeDir {place}\n\
         Mutex file:{place} default\nListen 127.0.0.1:{port}\nUser nobody\nGroup nogroup\nErrorLog {place}/log\n{}\
         StartServers 1\nServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4\nMinSpareThreads 1\nMaxSpareThreads 4\n\
         <Location /server-status>\nSetHandler server-status\n</Location>\n\
         <Location /locked>\nSetHandler server-status\nAuthType Basic\nAuthName x\nAuthUserFile {place}/users\n\
         Require valid-user\n</Location>\n",
        modules.concat()
    );
    let path = write(folder, "apache2.conf", text);
    Server::start(Command::new("/usr/sbin/apache2").args(["-f", &path, "-D", "FOREGROUND"]), port)
}

#[test]
fn the_scoreboard_of_apache() {
    if !installed("/usr/sbin/apache2") || !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    // Its workers are somebody else.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), mode).expect("a mode");
    let (folder, server) = (folder.path(), apache(folder.path()));
    passes(folder, server.port, "apache-status loglimit > 60% replylimit > 60% waitlimit < 20%");
    passes(folder, server.port, "apache-status path \"/locked\" username \"anna\" password \"geheim\" dnslimit > 50%");
    // Who answers is a slot that sends an answer: one of four.
    fails(folder, server.port, "apache-status replylimit > 20%", "25 %");
    fails(folder, server.port, "apache-status waitlimit > 20%", "wait for a connection");
    fails(folder, server.port, "apache-status path \"/locked\" username \"anna\" password \"falsch\"", "401");
    fails(folder, server.port, "apache-status path \"/nothing\"", "404");
    passes(folder, server.port, "http request \"/server-status?auto\" content = \"Scoreboard: \"");
    println!("proven against a real peer: apache-status (Apache)");
    println!("proven against a real peer: http (Apache)");
}
