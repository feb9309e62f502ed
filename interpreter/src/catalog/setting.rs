//! What can be set for all services, and what can stand in a service beside its rules.

/// A statement and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct SettingEntry {
    /// The words that begin it.
    pub words: &'static str,
    /// What it does, in a sentence.
    pub sentence: &'static str,
    /// A statement that uses it.
    pub example: &'static str,
}

/// Every `set` statement.
pub const SETTINGS: &[SettingEntry] = &[
    SettingEntry {
        words: "set daemon",
        sentence: "The length of a cycle in seconds, and how long to wait before the first one; 30 seconds and no wait \
                   when nothing is said.",
        example: "set daemon 30 with start delay 60",
    },
    SettingEntry {
        words: "set logfile",
        sentence: "Where the log goes: a file, or the log of the system.",
        example: "set logfile syslog facility log_daemon",
    },
    SettingEntry {
        words: "set mailserver",
        sentence: "Where mail is handed in; the first server that answers is used.",
        example: "set mailserver mail.example.com port 25, backup.example.com with timeout 60 seconds",
    },
    SettingEntry {
        words: "set alert",
        sentence: "Who is told about all services, and which events; all of them when nothing is said.",
        example: "set alert ops@example.com only on { nonexist, connection }",
    },
];

/// Every statement of a service that is no rule.
pub const STATEMENTS: &[SettingEntry] = &[
    SettingEntry {
        words: "start program",
        sentence: "The program that brings the service up; 30 seconds are given to it when nothing is said.",
        example: "start program = \"/usr/bin/systemctl start nginx\" with timeout 60 seconds",
    },
    SettingEntry {
        words: "stop program",
        sentence: "The program that takes the service down.",
        example: "stop program = \"/usr/bin/systemctl stop nginx\"",
    },
    SettingEntry {
        words: "restart program",
        sentence: "The program that does both; without it a restart is a stop and a start.",
        example: "restart program = \"/usr/bin/systemctl restart nginx\"",
    },
    SettingEntry {
        words: "depends on",
        sentence: "The services that this one needs: they are started before it and stopped after it.",
        example: "depends on database, cache",
    },
    SettingEntry { words: "group", sentence: "A group that the service belongs to.", example: "group web" },
    SettingEntry {
        words: "alert",
        sentence: "Who is told about this service, in place of what `set alert` says for the same address.",
        example: "alert ops@example.com but not on { action, instance }",
    },
    SettingEntry {
        words: "noalert",
        sentence: "Who is not told about this service.",
        example: "noalert ops@example.com",
    },
];
