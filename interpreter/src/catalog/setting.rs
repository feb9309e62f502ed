//! What can be set for all services, and what can stand in a service beside its rules.

/// A statement and everything that is said about it.
#[derive(Debug, Clone, Copy)]
pub struct SettingEntry {
    /// The words that begin it.
    pub words: &'static str,
    /// The whole of it: brackets enclose what can be left out, a bar stands between what can be chosen.
    pub syntax: &'static str,
    /// What it does, in a sentence.
    pub sentence: &'static str,
    /// A statement that uses it.
    pub example: &'static str,
}

/// Every `set` statement.
pub const SETTINGS: &[SettingEntry] = &[
    SettingEntry {
        words: "set daemon",
        syntax: "set daemon SECONDS [with start delay SECONDS]",
        sentence: "The length of a cycle in seconds, and how long to wait before the first one; 30 seconds and no wait when nothing is said.",
        example: "set daemon 30 with start delay 60",
    },
    SettingEntry {
        words: "set logfile",
        syntax: "set logfile PATH | syslog [facility NAME]",
        sentence: "Where the log goes: a file, or the log of the system.",
        example: "set logfile syslog facility log_daemon",
    },
    SettingEntry {
        words: "set alert",
        syntax: "set alert ADDRESS [[but not] on { EVENT, … }] [with mail-format { … }] [with reminder on N cycles]",
        sentence: "Who is told about all services, and which events; all of them when nothing is said.",
        example: "set alert ops@example.com only on { nonexist, connection }",
    },
    SettingEntry {
        words: "set mailserver",
        syntax: "set mailserver HOST [port N] [username NAME password TEXT] [using ssl [{ … }]], … [with timeout TIME] [using hostname NAME]",
        sentence: "Where mail is handed in; the first server that answers is used.",
        example: "set mailserver mail.example.com port 25, backup.example.com with timeout 60 seconds",
    },
    SettingEntry {
        words: "set mail-format",
        syntax: "set mail-format { from: ADDRESS  reply-to: ADDRESS  subject: TEXT  message: TEXT }",
        sentence: "How mail looks: its sender, its subject and its text, with variables such as `$SERVICE` and `$EVENT`.",
        example: "set mail-format { from: Watch <watch@example.com> }",
    },
    SettingEntry {
        words: "set limits",
        syntax: "set limits { programOutput: SIZE, sendExpectBuffer: SIZE, fileContentBuffer: SIZE, httpContentBuffer: SIZE, networkTimeout: TIME, programTimeout: TIME, stopTimeout: TIME, startTimeout: TIME, restartTimeout: TIME }",
        sentence: "How much is kept and how long is waited where a rule says nothing itself; it holds for what stands behind it.",
        example: "set limits { networkTimeout: 10 seconds, startTimeout: 60 seconds }",
    },
    SettingEntry {
        words: "set ssl",
        syntax: "set ssl { version: WORD …, verify: enable | disable, selfsigned: allow | reject, ciphers: TEXT, clientpemfile: PATH, cacertificatefile: PATH, cacertificatepath: PATH }",
        sentence: "What holds for all encrypted connections that say nothing else.",
        example: "set ssl { verify: enable }",
    },
    SettingEntry {
        words: "set eventqueue",
        syntax: "set eventqueue basedir PATH [slots N] | slots N",
        sentence: "How many events wait for a mail server, for each recipient. The folder is Monit's; ruled keeps them with its state.",
        example: "set eventqueue basedir /var/spool/ruled slots 100",
    },
    SettingEntry {
        words: "set mmonit",
        syntax: "set mmonit URL [with timeout TIME] [using ssl [{ … }]] [register without credentials] …",
        sentence: "The M/Monit servers that are told what happens.",
        example: "set mmonit https://mmonit.example.com/collector with timeout 10 seconds",
    },
    SettingEntry {
        words: "set httpd",
        syntax: "set httpd [port N [read-only]] [unixsocket PATH [uid USER] [gid GROUP] [permission MODE] [read-only]] [address HOST] [with ssl { … }] [signature enable | disable] [allow USER:PASSWORD | @GROUP | FILE | HOST | NETWORK] …",
        sentence: "The page and the door for commands: where they listen, and who is let in.",
        example: "set httpd port 2812 and use address localhost allow localhost",
    },
    SettingEntry {
        words: "set onreboot",
        syntax: "set onreboot start | nostart | laststate",
        sentence: "Whether the services behind it are watched after the machine has started: all, none, or those that were before.",
        example: "set onreboot laststate",
    },
    SettingEntry {
        words: "set pidfile",
        syntax: "set pidfile PATH",
        sentence: "Where the number of ruled's process is written.",
        example: "set pidfile /run/ruled.pid",
    },
    SettingEntry {
        words: "set idfile",
        syntax: "set idfile PATH",
        sentence: "Where Monit keeps the number by which M/Monit knows it.",
        example: "set idfile /var/lib/ruled/id",
    },
    SettingEntry {
        words: "set statefile",
        syntax: "set statefile PATH",
        sentence: "Where is kept what must survive a restart of ruled: what is watched, how far files were read, what rules about changes saw, what was told. ruled writes PATH.ruled, so that Monit's own file stays as it is.",
        example: "set statefile /var/lib/ruled/state",
    },
    SettingEntry {
        words: "set expectbuffer",
        syntax: "set expectbuffer SIZE",
        sentence: "How much of an answer a pattern is held against: the old word for `sendExpectBuffer` of `set limits`.",
        example: "set expectbuffer 1 kB",
    },
    SettingEntry {
        words: "set init",
        syntax: "set init",
        sentence: "Stays in the foreground, as ruled does anyway.",
        example: "set init",
    },
    SettingEntry {
        words: "set terminal",
        syntax: "set terminal batch",
        sentence: "Commands print neither colours nor tables.",
        example: "set terminal batch",
    },
    SettingEntry {
        words: "set fips",
        syntax: "set fips",
        sentence: "Only approved cryptography is used.",
        example: "set fips",
    },
];

/// Every statement of a service that is no rule.
pub const STATEMENTS: &[SettingEntry] = &[
    SettingEntry {
        words: "start program",
        syntax: "start program = \"PROGRAM ARGUMENT …\" [as uid USER] [and gid GROUP] [with timeout TIME]",
        sentence: "The program that brings the service up; 30 seconds are given to it when nothing is said.",
        example: "start program = \"/usr/bin/systemctl start nginx\" with timeout 60 seconds",
    },
    SettingEntry {
        words: "stop program",
        syntax: "stop program = \"PROGRAM ARGUMENT …\" [as uid USER] [and gid GROUP] [with timeout TIME]",
        sentence: "The program that takes the service down.",
        example: "stop program = \"/usr/bin/systemctl stop nginx\"",
    },
    SettingEntry {
        words: "restart program",
        syntax: "restart program = \"PROGRAM ARGUMENT …\" [as uid USER] [and gid GROUP] [with timeout TIME]",
        sentence: "The program that does both; without it a restart is a stop and a start.",
        example: "restart program = \"/usr/bin/systemctl restart nginx\"",
    },
    SettingEntry {
        words: "depends on",
        syntax: "depends on SERVICE, …",
        sentence: "The services that this one needs: they are started before it and stopped after it.",
        example: "depends on database, cache",
    },
    SettingEntry {
        words: "group",
        syntax: "group NAME",
        sentence: "A group that the service belongs to.",
        example: "group web",
    },
    SettingEntry {
        words: "mode",
        syntax: "mode active | passive | manual",
        sentence: "What rules may do to the service: everything, or only tell and run programs. `manual` is Monit's old word for `onreboot laststate`.",
        example: "mode passive",
    },
    SettingEntry {
        words: "onreboot",
        syntax: "onreboot start | nostart | laststate",
        sentence: "Whether the service is watched after the machine has started; `laststate` is as it was before.",
        example: "onreboot laststate",
    },
    SettingEntry {
        words: "every",
        syntax: "every N cycles | every \"CRON\" | not every \"CRON\"",
        sentence: "In which cycles the service is checked; in all of them when nothing is said.",
        example: "every 5 cycles",
    },
    SettingEntry {
        words: "if",
        syntax: "if N restarts within M cycles then ACTION",
        sentence: "What is done when the service was restarted too often; `timeout` as the action watches it no longer.",
        example: "if 5 restarts within 10 cycles then unmonitor",
    },
    SettingEntry {
        words: "alert",
        syntax: "alert ADDRESS [[but not] on { EVENT, … }] [with mail-format { … }] [with reminder on N cycles]",
        sentence: "Who is told about this service, in place of what `set alert` says for the same address.",
        example: "alert ops@example.com but not on { action, instance }",
    },
    SettingEntry {
        words: "grant",
        syntax: "grant connect \"HOST:PORT\" [with ssl [with options { … }]] [as \"NAME\"] | grant read \"/PATH\" | grant fetch \"https://HOST\"",
        sentence: "What the plugin of a `check plugin` may do, in `.rules` files: connect to a port, read a file or what is below a directory, fetch pages of a server. The plugin asks for a connection by its name, or by its text where it has none. Without a port it is the plugin's customary one. With `ssl` the host speaks TLS, and the certificate is verified as elsewhere.",
        example: "grant read \"/var/spool/postfix\"",
    },
    SettingEntry {
        words: "noalert",
        syntax: "noalert ADDRESS",
        sentence: "Who is not told about this service.",
        example: "noalert ops@example.com",
    },
];
