//! The Database Wire Protocol, of which nobody but Monit knows a server: nginx, which answers as one would.

use super::web::nginx;
use super::{Server, fails, installed, passes};
use crate::rig::{free_port, write};

#[test]
fn dwp_of_nginx() {
    if !installed("/usr/sbin/nginx") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let text = |port: u16, answer: &str| {
        let place = folder.display();
        format!(
            "daemon off; master_process off; pid {place}/pid; error_log {place}/error.log;\nevents {{}}\n\
             http {{ access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p;\n\
             fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;\n\
             server {{ listen 127.0.0.1:{port}; return {answer}; }} }}\n"
        )
    };
    let start = |answer: &str| {
        let port = free_port();
        let settings = write(folder, &format!("nginx{port}.conf"), text(port, answer));
        let mut command = std::process::Command::new("/usr/sbin/nginx");
        Server::start(command.args(["-c", &settings, "-p"]).arg(folder), port)
    };
    passes(folder, start("200 well").port, "dwp");
    passes(folder, start("301 /elsewhere").port, "dwp");
    fails(folder, start("503").port, "dwp", "503");
    // It has no first page, and nothing may be listed.
    fails(folder, nginx(folder, 0).port, "dwp", "403");
    println!("proven against a real peer: dwp (nginx)");
}
