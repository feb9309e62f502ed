//! What events are called: Monit's words, for mail and for the environment of programs.

use super::{EventClass, EventState};

/// What an event is called in a mail's subject and in a program's environment.
pub fn title(class: EventClass, state: EventState) -> &'static str {
    let [failed, succeeded, changed] = match class {
        EventClass::Action => ["Action done", "Action done", "Action done"],
        EventClass::Connection => ["Connection failed", "Connection succeeded", "Connection changed"],
        EventClass::Data => ["Data access error", "Data access succeeded", "Data access changed"],
        EventClass::Exec => ["Execution failed", "Execution succeeded", "Execution changed"],
        EventClass::Exist => ["Does exist", "Exists not", "Existence changed"],
        EventClass::Instance => ["Instance failed", "Instance succeeded", "Instance changed"],
        EventClass::Invalid => ["Invalid type", "Type succeeded", "Type changed"],
        EventClass::Nonexist => ["Does not exist", "Exists", "Existence changed"],
        EventClass::Permission => ["Permission failed", "Permission succeeded", "Permission changed"],
        EventClass::Pid => ["PID failed", "PID succeeded", "PID changed"],
        EventClass::Resource => ["Resource limit matched", "Resource limit succeeded", "Resource limit changed"],
        EventClass::Size => ["Size failed", "Size succeeded", "Size changed"],
        EventClass::ByteIn => ["Download bytes exceeded", "Download bytes ok", "Download bytes changed"],
        EventClass::ByteOut => ["Upload bytes exceeded", "Upload bytes ok", "Upload bytes changed"],
        EventClass::Checksum => ["Checksum failed", "Checksum succeeded", "Checksum changed"],
        EventClass::Content => ["Content failed", "Content succeeded", "Content match"],
        EventClass::FilesystemFlags => {
            ["Filesystem flags failed", "Filesystem flags succeeded", "Filesystem flags changed"]
        }
        EventClass::Gid => ["GID failed", "GID succeeded", "GID changed"],
        EventClass::Icmp => ["ICMP failed", "ICMP succeeded", "ICMP changed"],
        EventClass::Link => ["Link down", "Link up", "Link changed"],
        EventClass::PacketIn => ["Download packets exceeded", "Download packets ok", "Download packets changed"],
        EventClass::PacketOut => ["Upload packets exceeded", "Upload packets ok", "Upload packets changed"],
        EventClass::Ppid => ["PPID failed", "PPID succeeded", "PPID changed"],
        EventClass::Saturation => ["Saturation exceeded", "Saturation ok", "Saturation changed"],
        EventClass::Speed => ["Speed failed", "Speed ok", "Speed changed"],
        EventClass::Status => ["Status failed", "Status succeeded", "Status changed"],
        EventClass::Timeout => ["Timeout", "Timeout recovery", "Timeout changed"],
        EventClass::Uid => ["UID failed", "UID succeeded", "UID changed"],
        EventClass::Uptime => ["Uptime failed", "Uptime succeeded", "Uptime changed"],
        EventClass::Timestamp => ["Timestamp failed", "Timestamp succeeded", "Timestamp changed"],
    };
    match state {
        EventState::Failed => failed,
        EventState::Succeeded => succeeded,
        EventState::Changed => changed,
    }
}
