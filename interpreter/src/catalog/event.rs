//! The classes of events that a recipient can choose, and the facilities of the system's log.

use crate::engine::EventClass;

/// One class of events and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct EventEntry {
    /// The words for it in `only on { … }`; the first is the one to prefer.
    pub words: &'static [&'static str],
    /// The class.
    pub class: EventClass,
    /// What it is about, in a sentence.
    pub sentence: &'static str,
}

impl EventEntry {
    /// The entry that has this word; words are compared without regard to case.
    pub fn find(word: &str) -> Option<&'static EventEntry> {
        EVENTS.iter().find(|entry| entry.words.iter().any(|one| one.eq_ignore_ascii_case(word)))
    }
}

const fn raised(words: &'static [&'static str], class: EventClass, sentence: &'static str) -> EventEntry {
    EventEntry { words, class, sentence }
}

/// Every class that can be named.
pub const EVENTS: &[EventEntry] = &[
    raised(&["action"], EventClass::Action, "Somebody asked for an action, and it was carried out."),
    raised(&["bytein"], EventClass::ByteIn, "A network interface received more than it should."),
    raised(&["byteout"], EventClass::ByteOut, "A network interface sent more than it should."),
    raised(&["checksum"], EventClass::Checksum, "The checksum of a file is not what it should be."),
    raised(&["connection"], EventClass::Connection, "A connection failed, or succeeded where it should not."),
    raised(&["content"], EventClass::Content, "A text was found in a file or in the output of a program."),
    raised(
        &["data"],
        EventClass::Data,
        "Something about a service could not be read, or its connections could not be judged.",
    ),
    raised(
        &["exec", "execute"],
        EventClass::Exec,
        "A start, stop or restart did not work, or a program could not be run.",
    ),
    raised(&["exist", "exists"], EventClass::Exist, "Something is there that should not be."),
    raised(&["fsflags", "fsflag"], EventClass::FilesystemFlags, "The flags of a filesystem changed."),
    raised(&["gid"], EventClass::Gid, "Something belongs to another group than it should."),
    raised(&["icmp"], EventClass::Icmp, "A host does not answer pings."),
    raised(&["instance"], EventClass::Instance, "ruled itself started, stopped or read its rules again."),
    raised(&["invalid"], EventClass::Invalid, "Something else is in the place of what is watched."),
    raised(&["link"], EventClass::Link, "A network interface went down or came up."),
    raised(&["nonexist", "nonexists"], EventClass::Nonexist, "Something is not there that should be."),
    raised(&["packetin"], EventClass::PacketIn, "A network interface received more packets than it should."),
    raised(&["packetout"], EventClass::PacketOut, "A network interface sent more packets than it should."),
    raised(&["permission", "perm"], EventClass::Permission, "The mode of a file is not what it should be."),
    raised(&["pid"], EventClass::Pid, "Another process has taken the place of the one that was there."),
    raised(&["ppid"], EventClass::Ppid, "A process has another parent than before."),
    raised(&["resource"], EventClass::Resource, "A measured value passed its limit."),
    raised(&["saturation"], EventClass::Saturation, "A network interface is busier than it should be."),
    raised(&["size"], EventClass::Size, "The size of a file passed its limit."),
    raised(&["speed"], EventClass::Speed, "A network interface or an answer is slower than it should be."),
    raised(&["status"], EventClass::Status, "A program exited with another status than it should."),
    raised(&["timeout"], EventClass::Timeout, "A service was restarted too often."),
    raised(&["timestamp", "time"], EventClass::Timestamp, "The age of a file passed its limit."),
    raised(&["uid"], EventClass::Uid, "Something belongs to another user than it should."),
    raised(&["uptime"], EventClass::Uptime, "Something has run for longer or shorter than it should."),
];

/// The facilities that `set logfile syslog facility …` takes.
pub fn facilities() -> &'static [&'static str] {
    &[
        "log_daemon",
        "log_user",
        "log_local0",
        "log_local1",
        "log_local2",
        "log_local3",
        "log_local4",
        "log_local5",
        "log_local6",
        "log_local7",
    ]
}
