//! Real postfix (Debian's), as an instance of the test's own: plain, STARTTLS with a password, and TLS from the beginning.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use interpreter::outbox::Answer;
use interpreter::program::{HashKind, Settings, Tls};
use ruled::report::mail::Destination;
use sha2::Digest;
use tempfile::TempDir;

use super::liar::{Liar, Mood};
use super::{letters, mailing};
use crate::peers::installed;
use crate::rig::{Daemon, finish, free_port, skip, until, write};
use crate::world::run;

/// The password of `eva`.
pub(crate) const PASSWORD: &str = "s3cret of eva";

/// What postfix needs beside what it takes mail with.
const SERVICES: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// An instance of postfix that hands on what it takes to a server of the test.
pub(crate) struct Postfix {
    folder: TempDir,
    child: Child,
    /// Takes mail from everybody.
    pub(crate) open: u16,
    /// Takes mail from whoever logs in after STARTTLS.
    pub(crate) guarded: u16,
    /// The same with TLS from the beginning.
    pub(crate) wrapped: u16,
}

impl Postfix {
    /// Starts one; nothing where it is not installed, or may not be started.
    pub(crate) fn start(sink: u16) -> Option<Postfix> {
        if !installed("/usr/sbin/postfix") || !installed("/usr/sbin/saslpasswd2") {
            return None;
        }
        if !nix::unistd::geteuid().is_root() {
            skip("postfix runs as root only");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        // Its own users look into it.
        fs::set_permissions(here, fs::Permissions::from_mode(0o755)).expect("a mode");
        for name in ["etc", "etc/sasl", "queue", "data"] {
            fs::create_dir(here.join(name)).expect("a folder");
        }
        done(Command::new("chown").arg("postfix").arg(here.join("data")));
        certificates(here);
        let mut passwords = Command::new("/usr/sbin/saslpasswd2");
        passwords.args(["-p", "-c", "-u", "mail.example.com", "-f"]).arg(here.join("etc/sasl/db")).arg("eva");
        let secret = write(here, "secret", PASSWORD);
        done(passwords.stdin(fs::File::open(secret).expect("a file")));
        done(Command::new("chown").arg("postfix").arg(here.join("etc/sasl/db")));
        let place = here.display();
        // Where Debian's postfix looks for it.
        write(
            &here.join("etc/sasl"),
            "smtpd.conf",
            format!(
                "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {place}/etc/sasl/db\nmech_list: PLAIN LOGIN\n"
            ),
        );
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {place}/queue\ndata_directory = {place}/data\n\
             maillog_file = {place}/queue/log\nmaillog_file_prefixes = {place}\n\
             inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = mail.example.com\nmydestination =\n\
             mynetworks = 127.0.0.0/8\nrelayhost = [127.0.0.1]:{sink}\nsmtp_dns_support_level = disabled\nalias_maps =\n\
             alias_database =\nsmtpd_relay_restrictions = permit_sasl_authenticated, reject\n\
             smtpd_tls_cert_file = {place}/server.pem\nsmtpd_tls_key_file = {place}/server.key\n\
             smtpd_tls_security_level = may\nsmtpd_tls_auth_only = yes\nsmtpd_sasl_auth_enable = yes\n\
             smtpd_sasl_type = cyrus\nsmtpd_sasl_path = smtpd\nsmtpd_sasl_local_domain = mail.example.com\n\
             smtpd_peername_lookup = no\n"
        );
        write(&here.join("etc"), "main.cf", main);
        let [open, guarded, wrapped] = [free_port(), free_port(), free_port()];
        let master = format!(
            "127.0.0.1:{open} inet n - n - - smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject\n\
             127.0.0.1:{guarded} inet n - n - - smtpd\n\
             127.0.0.1:{wrapped} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n{SERVICES}"
        );
        write(&here.join("etc"), "master.cf", master);
        let mut command = Command::new("/usr/sbin/postfix");
        command.arg("-c").arg(here.join("etc")).arg("start-fg");
        let log = fs::File::create(here.join("said")).expect("a file");
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().expect("a copy")).stderr(log).spawn();
        let postfix = Postfix { child: child.expect("postfix"), open, guarded, wrapped, folder };
        let up = until(|| TcpStream::connect(("127.0.0.1", wrapped)).ok());
        assert!(up.is_some(), "{}", postfix.said());
        Some(postfix)
    }

    /// The path of a file of this instance.
    pub(crate) fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn said(&self) -> String {
        ["said", "queue/log"].map(|name| fs::read_to_string(self.at(name)).unwrap_or_default()).concat()
    }

    /// What becomes of a letter at a port, with these settings.
    fn hand_in(&self, port: u16, with: impl FnOnce(&mut Settings)) -> Answer {
        let program = mailing(port, "with timeout 10 seconds");
        let mut settings = program.settings.clone();
        with(&mut settings);
        let to = Destination::all(&settings, "box.example");
        run(to[0].hand_in(&letters(&program, "process is not running").remove(0)))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let mut stop = Command::new("/usr/sbin/postfix");
        stop.arg("-c").arg(self.folder.path().join("etc")).arg("stop").stdout(Stdio::null()).stderr(Stdio::null());
        stop.status().ok();
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn done(command: &mut Command) {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, a certificate for `localhost` that it signed, and one that its owner signed.
fn certificates(here: &Path) {
    let openssl = |words: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(here).args(words.split(' '));
        done(&mut command);
    };
    write(here, "names", "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    openssl(&format!("req -x509 {key} -subj /CN=authority -keyout ca.key -out ca.pem"));
    openssl(&format!("req -x509 {key} -subj /CN=stranger -keyout other.key -out other.pem"));
    openssl(
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=mail -keyout server.key -out server.csr",
    );
    openssl("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem");
    openssl("x509 -in server.pem -outform DER -out server.der");
}

fn eva(settings: &mut Settings) {
    let server = &mut settings.mail.servers[0];
    server.username = Some("eva@mail.example.com".to_owned());
    server.password = Some(PASSWORD.to_owned());
}

#[test]
fn postfix_takes_and_hands_on_what_is_mailed() {
    let sink = Liar::new(Mood::Kind);
    let Some(postfix) = Postfix::start(sink.port) else { return };
    let tls =
        |starttls: bool| Tls { starttls, verify: Some(true), ca_file: Some(postfix.at("ca.pem")), ..Tls::default() };
    let with = |tls: Tls| {
        move |settings: &mut Settings| {
            eva(settings);
            settings.mail.servers[0].tls = Some(tls);
        }
    };
    let taken = |answer: Answer| assert_eq!(answer, Answer::Taken, "{}", postfix.said());
    let fails = |answer: Answer, part: &str| match answer {
        Answer::ServerFailed(reason) => assert!(reason.contains(part), "{part:?} in {reason}"),
        other => panic!("{other:?}"),
    };
    taken(postfix.hand_in(postfix.open, |_| {}));
    taken(postfix.hand_in(postfix.guarded, with(tls(true))));
    taken(postfix.hand_in(postfix.wrapped, with(tls(false))));
    for (port, starttls) in [(postfix.guarded, true), (postfix.wrapped, false)] {
        // Whom is trusted is what the rules say.
        let other = Tls { ca_file: Some(postfix.at("other.pem")), ..tls(starttls) };
        fails(postfix.hand_in(port, with(other.clone())), "certificate");
        fails(postfix.hand_in(port, with(Tls { ca_file: None, ..tls(starttls) })), "certificate");
        fails(postfix.hand_in(port, with(Tls { self_signed: Some(true), ..other.clone() })), "signed neither");
        taken(postfix.hand_in(port, with(Tls { verify: Some(false), ..other })));
        let digest = sha2::Sha256::digest(fs::read(postfix.at("server.der")).expect("a certificate"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let pinned = |digest: &str| Tls { checksum: Some((HashKind::Sha256, digest.to_owned())), ..tls(starttls) };
        taken(postfix.hand_in(port, with(pinned(&digest.to_uppercase()))));
        fails(postfix.hand_in(port, with(pinned(&"0".repeat(64)))), "checksum");
        fails(
            postfix.hand_in(port, |settings| {
                with(tls(starttls))(settings);
                settings.mail.servers[0].password = Some("wrong".to_owned());
            }),
            "535",
        );
    }
    // Without a password it relays for nobody, and says so of the letter.
    match postfix.hand_in(postfix.guarded, |_| {}) {
        Answer::LetterRefused { is_final: true, reason } => assert!(reason.contains("5"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let came = until(|| (sink.mails().len() >= 7).then_some(()));
    assert!(came.is_some(), "{} mails\n{}", sink.mails().len(), postfix.said());
    for mail in sink.mails() {
        assert_eq!(mail.header("Subject"), "ruled alert --  Does not exist shop");
        assert!(mail.text.contains("process is not running"), "{}", mail.text);
    }
    println!("tried against a real peer: mail (postfix)");
}

#[test]
fn a_daemon_mails_through_postfix() {
    let sink = Liar::new(Mood::Kind);
    let Some(postfix) = Postfix::start(sink.port) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let rules = write(
        here,
        "main.rules",
        format!(
            "set daemon 3600\n\
             set mailserver localhost port {} username \"eva@mail.example.com\" password \"{PASSWORD}\"\n    \
             using tls with options {{ verify: enable, cacertificatefile: \"{}\" }}\n\
             set alert keeper@example.com\n\
             check file data with path {}/missing\n    if not exist then alert\n",
            postfix.wrapped,
            postfix.at("ca.pem"),
            here.display()
        ),
    );
    let checked = finish(crate::rig::ruled(&["check", &rules]));
    assert!(!checked.out.contains("not-obeyed-yet"), "{}", checked.out);
    let daemon = Daemon::start(&["--state", here.join("state").to_str().expect("UTF-8"), &rules], &here.join("log"));
    let came = until(|| sink.mails().into_iter().find(|mail| mail.text.contains("Does not exist Service data")));
    let mail = came.unwrap_or_else(|| panic!("{}\n{}", daemon.said(), postfix.said()));
    assert_eq!(mail.recipients.len(), 1);
    assert_eq!(daemon.end(), 0);
}
