//! What a rule can do.

/// One action and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct ActionEntry {
    /// The word behind `then`.
    pub word: &'static str,
    /// What it does, in a sentence.
    pub sentence: &'static str,
    /// A rule that uses it.
    pub example: &'static str,
}

/// Every action. All of them but `ignore` tell the recipients, too.
pub const ACTIONS: &[ActionEntry] = &[
    ActionEntry {
        word: "alert",
        sentence: "Tells the recipients, once when the rule begins to hold and once when it holds no longer.",
        example: "if memory usage > 80% for 5 cycles then alert",
    },
    ActionEntry {
        word: "restart",
        sentence: "Runs the restart program, or else the stop program and the start program; what depends on the \
                   service is stopped before and started again after.",
        example: "if memory usage > 500 MB for 5 cycles then restart",
    },
    ActionEntry {
        word: "start",
        sentence: "Runs the start program, after everything that the service needs is up.",
        example: "if does not exist then start",
    },
    ActionEntry {
        word: "stop",
        sentence: "Runs the stop program, after everything that depends on the service has stopped, and watches the \
                   service no longer.",
        example: "if total memory usage > 4 GB then stop",
    },
    ActionEntry {
        word: "unmonitor",
        sentence: "Watches the service, and everything that depends on it, no longer.",
        example: "if cpu usage > 95% for 60 cycles then unmonitor",
    },
    ActionEntry {
        word: "exec",
        sentence: "Runs a program, without a shell, once when the rule begins to hold; with `repeat every N cycles` \
                   again while it holds.",
        example: "if cpu usage > 90% for 3 cycles then exec \"/usr/local/bin/note busy\" repeat every 10 cycles",
    },
    ActionEntry {
        word: "ignore",
        sentence: "Does nothing. Behind `else` it keeps quiet about the end of what was told.",
        example: "if cpu usage > 90% for 3 cycles then alert else ignore",
    },
];
