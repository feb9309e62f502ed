//! Values of a JSON API, against nginx.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Cycle, Example};
use crate::net::authority::Authority;
use crate::peers::installed;
use crate::rig::{free_port, until, write};

const ORIGIN: &str = "https://api.example.org";

/// nginx with an API, over HTTP and HTTPS; it is ended when dropped.
struct Api {
    child: Child,
    open: u16,
    wrapped: u16,
}

impl Api {
    fn start(folder: &Path) -> Api {
        let (open, wrapped, place) = (free_port(), free_port(), folder.display());
        fs::create_dir(folder.join("api")).expect("a folder");
        let text = format!(
            "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log;\n\
             events {{}}\n\
             http {{ access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p;\n\
             fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;\n\
             default_type application/json; root {place}/api;\n\
             server {{ listen 127.0.0.1:{open}; location /moved {{ return 302 http://localhost:{wrapped}/queues; }} }}\n\
             server {{ listen 127.0.0.1:{wrapped} ssl; ssl_certificate {place}/api.pem;\n\
             ssl_certificate_key {place}/api.key; }} }}\n"
        );
        let path = write(folder, "nginx.conf", text);
        let mut command = Command::new("/usr/sbin/nginx");
        command.args(["-c", &path, "-p"]).arg(folder);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("nginx");
        let api = Api { child, open, wrapped };
        until(|| TcpStream::connect(("127.0.0.1", open)).ok()).expect("nginx opens its port");
        api
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_value_of_an_api_of_nginx() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let Some(authority) = Authority::make(folder).filter(|_| installed("/usr/sbin/nginx")) else { return };
    authority.sign("api", "DNS:localhost", "20200101000000Z", "20990101000000Z");
    let api = Api::start(folder);
    let example = Example::new("json_value");
    example.is_checked();
    let says = |queues: &str, health: &str| {
        fs::write(folder.join("api/queues"), queues).expect("an answer");
        fs::write(folder.join("api/health"), health).expect("an answer");
    };
    let trust = format!("set ssl {{ cacertificatefile: \"{}\" }}\nset daemon 60", authority.path("ca.pem"));
    let over_tls = || {
        let origin = format!("https://localhost:{}", api.wrapped);
        example.cycle(&[(ORIGIN, &origin), ("set daemon 60", &trust)])
    };
    let plain = |more: &[(&str, &str)]| -> Cycle {
        let origin = format!("http://localhost:{}", api.open);
        example.cycle(&[&[(ORIGIN, origin.as_str())], more].concat())
    };

    says(r#"{"queues": [{"name": "orders", "depth": 12}]}"#, r#"{"status": "green"}"#);
    for cycle in [over_tls(), plain(&[])] {
        cycle.passes("'orders' is looked at; 12 (");
        cycle.passes("'state' is looked at; \"green\" (");
    }
    says(r#"{"queues": [{"name": "orders", "depth": 1200.5}]}"#, r#"{"status": "red"}"#);
    over_tls().tells(&[("orders", "value"), ("state", "the value is \"red\", expected green")]);
    // What is no answer is a failure, and of values nothing is known.
    says("<html>", "{}");
    plain(&[]).tells(&[("orders", "the answer is no JSON"), ("state", "there is nothing at \"/status\"")]);
    says(r#"{"queues": {"0": {"depth": true}}}"#, r#"{"status": "green"}"#);
    plain(&[]).passes("'orders' is looked at; true (");
    fs::remove_file(folder.join("api/queues")).expect("an answer of ours");
    plain(&[]).tells(&[("orders", "the status is 404, expected 200 to 299")]);
    // Only what is granted is asked, wherever the answer leads.
    plain(&[("/queues\", pointer", "/moved\", pointer")]).tells(&[("orders", "grant fetch")]);
    let nobody = format!("http://localhost:{}", free_port());
    example.cycle(&[(ORIGIN, &nobody)]).tells(&[("orders", "refused"), ("state", "refused")]);
    println!("tried against a real peer: the example json_value (nginx)");
}
