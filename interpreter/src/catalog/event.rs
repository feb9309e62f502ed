//! The classes of events that a recipient can choose, and the facilities of the system's log.

use crate::engine::EventClass;

/// One class of events and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct EventEntry {
    /// The words for it in `only on { … }`; the first is the one to prefer.
    pub words: &'static [&'static str],
    /// The class; absent when nothing in ruled raises it, so that it never matches.
    pub class: Option<EventClass>,
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
    EventEntry { words, class: Some(class), sentence }
}

const fn silent(words: &'static [&'static str], sentence: &'static str) -> EventEntry {
    EventEntry { words, class: None, sentence }
}

/// Every class that can be named.
pub const EVENTS: &[EventEntry] = &[
    raised(&["action"], EventClass::Action, "Somebody asked for an action, and it was carried out."),
    silent(&["bytein"], "A network interface received more than it should."),
    silent(&["byteout"], "A network interface sent more than it should."),
    silent(&["checksum"], "The checksum of a file is not what it should be."),
    raised(&["connection"], EventClass::Connection, "A connection failed, or succeeded where it should not."),
    silent(&["content"], "A text was found in a file or in the output of a program."),
    raised(&["data"], EventClass::Data, "Something about a service could not be read."),
    raised(
        &["exec", "execute"],
        EventClass::Exec,
        "A start, stop or restart did not work, or a program could not be run.",
    ),
    raised(&["exist", "exists"], EventClass::Exist, "Something is there that should not be."),
    silent(&["fsflags", "fsflag"], "The flags of a filesystem changed."),
    silent(&["gid"], "Something belongs to another group than it should."),
    silent(&["icmp"], "A host does not answer pings."),
    raised(&["instance"], EventClass::Instance, "ruled itself started, stopped or read its rules again."),
    raised(&["invalid"], EventClass::Invalid, "Something else is in the place of what is watched."),
    silent(&["link"], "A network interface went down or came up."),
    raised(&["nonexist", "nonexists"], EventClass::Nonexist, "Something is not there that should be."),
    silent(&["packetin"], "A network interface received more packets than it should."),
    silent(&["packetout"], "A network interface sent more packets than it should."),
    raised(&["permission", "perm"], EventClass::Permission, "The mode of a file is not what it should be."),
    raised(&["pid"], EventClass::Pid, "Another process has taken the place of the one that was there."),
    silent(&["ppid"], "A process has another parent than before."),
    raised(&["resource"], EventClass::Resource, "A measured value passed its limit."),
    silent(&["saturation"], "A network interface is busier than it should be."),
    raised(&["size"], EventClass::Size, "The size of a file passed its limit."),
    silent(&["speed"], "A network interface or an answer is slower than it should be."),
    silent(&["status"], "A program exited with another status than it should."),
    silent(&["timeout"], "A service was restarted too often."),
    raised(&["timestamp", "time"], EventClass::Timestamp, "The age of a file passed its limit."),
    silent(&["uid"], "Something belongs to another user than it should."),
    silent(&["uptime"], "Something has run for longer or shorter than it should."),
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
