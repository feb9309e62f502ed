//! Mail beside Monit's: the same control file, the same happenings, the same mails.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::liar::{Liar, Mail, Mood};
use crate::peers::installed;
use crate::rig::{Daemon, until, wait, write};

/// Where Debian's package has it.
const MONIT: &str = "/usr/bin/monit";

/// Every variable, in every place; filters; an entry of a service for somebody who has one for all; a reminder.
const CONTROL: &str = "\
set daemon 1
set log {here}/monit.log
set pidfile {here}/monit.pid
set idfile {here}/monit.id
set statefile {here}/monit.state
set mailserver 127.0.0.1 port {port}
set mail-format {
  from: Watch <watch@example.com>
  reply-to: admins@example.com
  subject: $SERVICE -- $EVENT ($ACTION) on $HOST
  message: E=$EVENT S=$SERVICE A=$ACTION H=$HOST
D=$DESCRIPTION.
}
set alert all@example.com but not on { instance, action }
set alert size@example.com only on { size }
set alert again@example.com only on { nonexist } with mail-format { subject: again $EVENT -- $SERVICE } with reminder on 2 cycles
set alert own@example.com only on { uid }
check system web1
check file data path {here}/data
  alert OWN@example.com on { size } with mail-format {
    from: other@example.com
    message: $EVENT of $SERVICE: $DESCRIPTION
  }
  alert again@example.com on { uid }
  if size > 10 B then alert
check file gone path {here}/gone
  noalert size@example.com
  if not exist then alert
";

/// What of a mail is compared: to whom, from whom, answers to whom, the subject, the text.
type Seen = (String, String, String, String, String);

fn seen(mail: &Mail, here: &str) -> Seen {
    // Monit has names in quotation marks, even where none are needed.
    let header = |name: &str| mail.header(name).replace('"', "");
    let reply_to = if mail.headers.contains("Reply-To") { header("Reply-To") } else { String::new() };
    let text = mail.text.trim().replace(here, "{here}");
    (header("To"), header("From"), reply_to, header("Subject"), text)
}

/// Leads a program through the happenings; the mails that it sent.
fn led(here: &Path, liar: &Liar, mut said: impl FnMut() -> String) -> BTreeSet<Seen> {
    let place = here.display().to_string();
    let mails = || -> BTreeSet<Seen> {
        let mails = liar.mails();
        // What comes in a storm of reminders is in one letter of ours.
        let single = mails.iter().filter(|mail| !mail.header("Subject").starts_with("ruled alert"));
        single.map(|mail| seen(mail, &place)).collect()
    };
    // Each of the words stands in so many mails.
    let mut awaits = |words: &[(&str, usize)]| {
        let come = |mails: &BTreeSet<Seen>| {
            words.iter().all(|(word, count)| mails.iter().filter(|mail| mail.3.contains(word)).count() >= *count)
        };
        let found = until(|| come(&mails()).then_some(()));
        assert!(found.is_some(), "{:#?}\n{}", mails(), said());
    };
    awaits(&[("Size failed", 3), ("Does not exist", 2)]);
    // The second cycle in which it fails brings a reminder, which says the same.
    let reminded =
        || liar.mails().iter().filter(|mail| mail.header("Subject") == "again Does not exist -- gone").count();
    assert!(until(|| (reminded() >= 2).then_some(())).is_some(), "{}", said());
    fs::write(here.join("data"), "few").expect("a file");
    fs::write(here.join("gone"), "here").expect("a file");
    awaits(&[("Size succeeded", 3), ("Exists", 2)]);
    mails()
}

struct Monit(Child);

impl Drop for Monit {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.0.id()).expect("a pid"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).ok();
        wait(&mut self.0);
    }
}

fn stage(liar: &Liar) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    fs::write(here.join("data"), "far more than ten bytes").expect("a file");
    let text = CONTROL.replace("{here}", here.to_str().expect("UTF-8")).replace("{port}", &liar.port.to_string());
    let control = write(here, "control.monitrc", text);
    fs::set_permissions(&control, PermissionsExt::from_mode(0o600)).expect("a mode");
    (folder, control)
}

#[test]
fn the_same_mails_come_as_from_monit() {
    let liar = Liar::new(Mood::Kind);
    let (folder, control) = stage(&liar);
    let here = folder.path();
    let daemon = Daemon::start(&["--state", here.join("ruled").to_str().expect("UTF-8"), &control], &here.join("log"));
    let ours = led(here, &liar, || daemon.said());
    assert_eq!(daemon.end(), 0);
    if !installed(MONIT) {
        return;
    }
    let liar = Liar::new(Mood::Kind);
    let (folder, control) = stage(&liar);
    let here = folder.path();
    let mut command = Command::new(MONIT);
    command.args(["-c", &control, "-I"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let monit = Monit(command.spawn().expect("Monit"));
    let theirs = led(here, &liar, || fs::read_to_string(here.join("monit.log")).unwrap_or_default());
    drop(monit);
    assert_eq!(ours, theirs);
    println!("{} mails compared with Monit's", theirs.len());
}
