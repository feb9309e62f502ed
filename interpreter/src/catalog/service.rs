//! The kinds of things that can be watched.

use grammar::ast::ServiceKind;

/// One kind of service and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct ServiceEntry {
    /// Which kind.
    pub kind: ServiceKind,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// A statement that begins one, on a line of its own.
    pub head: &'static str,
}

impl ServiceEntry {
    /// The entry of a kind.
    pub fn of(kind: ServiceKind) -> Option<&'static ServiceEntry> {
        SERVICES.iter().find(|entry| entry.kind == kind)
    }
}

/// Every kind of service.
pub const SERVICES: &[ServiceEntry] = &[
    ServiceEntry {
        kind: ServiceKind::Process,
        sentence: "A process of this machine: the one that a pid file names, or the oldest whose command line matches \
                   a pattern. Unless a rule says otherwise it is restarted when it does not exist. A pid file that \
                   is empty, holds something else than the number of a process, or has not been written since \
                   another process had the number, names nobody.",
        head: "check process nginx with pidfile /run/nginx.pid",
    },
    ServiceEntry {
        kind: ServiceKind::File,
        sentence: "A regular file or a socket. Unless a rule says otherwise it is restarted when it does not exist: \
                   its start program can bring it back. In `rules` its changes are seen at once.",
        head: "check file database with path /var/lib/shop/shop.db",
    },
    ServiceEntry {
        kind: ServiceKind::Directory,
        sentence: "A directory. Unless a rule says otherwise it is restarted when it does not exist. In `rules` its \
                   changes are seen at once.",
        head: "check directory spool with path /var/spool/shop",
    },
    ServiceEntry {
        kind: ServiceKind::Fifo,
        sentence: "A named pipe. Unless a rule says otherwise it is restarted when it does not exist. In `rules` its \
                   changes are seen at once.",
        head: "check fifo orders with path /run/shop/orders",
    },
    ServiceEntry {
        kind: ServiceKind::Filesystem,
        sentence: "A filesystem: by its mount point, its device, or `host:/export`. A folder in which nothing is \
                   mounted names none: it is told as missing, because a disk that is not there must not be taken for \
                   the one below. Unless rules say otherwise it is restarted when it is not mounted, and changed \
                   flags are told.",
        head: "check filesystem root with path /",
    },
    ServiceEntry {
        kind: ServiceKind::Host,
        sentence: "A machine seen from the network, by its name or address.",
        head: "check host db with address db1.example.com",
    },
    ServiceEntry {
        kind: ServiceKind::System,
        sentence: "This machine as a whole. There is always one; `$HOST` in its name is the name of the machine. When a limit of its load, processors, memory or swap space is passed, the event names the five processes that take most of it.",
        head: "check system $HOST",
    },
    ServiceEntry {
        kind: ServiceKind::Program,
        sentence: "A program that is run in every cycle, for its exit status and its output.",
        head: "check program backup with path \"/usr/local/bin/check-backup\"",
    },
    ServiceEntry {
        kind: ServiceKind::Network,
        sentence: "A network interface, by its name or by an address of it. Unless a rule says otherwise it is told when its link is down.",
        head: "check network public with interface eth0",
    },
    ServiceEntry {
        kind: ServiceKind::Plugin,
        sentence: "What a plugin of the author's checks, in `.rules` files: the file names a WASM component that \
                   `ruled-plugin add` has stored, the braces hold the options that it describes, and it may do what \
                   `grant` says and nothing else. A file without a path from `/` on is beside the rules. With \
                   `timeout TIME` behind the file a check may take so long; 5 seconds when nothing is said. \
                   Unless a rule says otherwise it is told when a check fails.",
        head: "check plugin orders using \"rabbitmq.wasm\" with { queue: \"orders\" }\n    grant connect \"mq1.example.com:5671\" with ssl",
    },
];
