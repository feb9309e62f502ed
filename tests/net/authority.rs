//! Certificates for the tests, made by openssl: of an authority, of servers that it vouches for or not, of a client.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::peers::installed;
use crate::rig::{free_port, until};

/// What openssl needs to hand out a certificate with dates of one's choice.
const SETTINGS: &str = "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nnew_certs_dir = .\ndefault_md = sha256\n\
                        policy = p\ncopy_extensions = copy\nrand_serial = yes\nunique_subject = no\n\
                        [p]\ncommonName = supplied\n";

/// A folder with an authority in it.
pub(crate) struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// Makes an authority; nothing where there is no openssl.
    pub(crate) fn make(folder: &Path) -> Option<Authority> {
        if !installed("/usr/bin/openssl") {
            return None;
        }
        let authority = Authority { folder: folder.to_path_buf() };
        std::fs::write(folder.join("settings"), SETTINGS).expect("a file");
        std::fs::write(folder.join("index"), "").expect("a file");
        authority.sign_itself("ca", "authority", "DNS:authority");
        Some(authority)
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("UTF-8").to_owned()
    }

    /// A certificate that its owner signed himself, in `NAME.pem`, with its key.
    pub(crate) fn sign_itself(&self, name: &str, owner: &str, names: &str) {
        let (subject, names) = (format!("/CN={owner}"), format!("subjectAltName={names}"));
        self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30",
            &["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem"), "-subj", &subject, "-addext", &names],
        );
    }

    /// A certificate that the authority signed, valid between two dates, in `NAME.pem`, with its key; both together in
    /// `NAME-both.pem`.
    pub(crate) fn sign(&self, name: &str, names: &str, from: &str, until: &str) {
        let (key, request, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let names = format!("subjectAltName={names}");
        self.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes",
            &["-keyout", &key, "-out", &request, "-subj", &format!("/CN={name}"), "-addext", &names],
        );
        self.openssl(
            "ca -batch -notext -config settings -cert ca.pem -keyfile ca.key",
            &["-in", &request, "-out", &pem, "-startdate", from, "-enddate", until],
        );
        let read = |file: &str| std::fs::read_to_string(self.folder.join(file)).expect("a file");
        std::fs::write(self.folder.join(format!("{name}-both.pem")), read(&pem) + &read(&key)).expect("a file");
    }

    /// The checksum of a certificate.
    pub(crate) fn fingerprint(&self, name: &str, kind: &str) -> String {
        let said = self.openssl(&format!("x509 -noout -fingerprint -{kind} -in {name}.pem"), &[]);
        said.split('=').nth(1).expect("a checksum").trim().replace(':', "").to_lowercase()
    }

    /// A server that shows this certificate, told so by these words beside.
    pub(crate) fn server(&self, name: &str, words: &[&str]) -> Server {
        let port = free_port();
        let child = Command::new("/usr/bin/openssl")
            .args(["s_server", "-quiet", "-accept", &format!("127.0.0.1:{port}"), "-key", &format!("{name}.key")])
            .args(["-cert", &format!("{name}.pem")])
            .args(words)
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server");
        let server = Server { child, port };
        until(|| std::net::TcpStream::connect(("127.0.0.1", port)).ok()).expect("the server opens its port");
        server
    }

    fn openssl(&self, words: &str, more: &[&str]) -> String {
        let mut command = Command::new("/usr/bin/openssl");
        let done = command.args(words.split(' ')).args(more).current_dir(&self.folder).output().expect("openssl");
        assert!(done.status.success(), "{words} {more:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }
}

/// A server of the test; it is ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
