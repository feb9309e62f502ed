//! What could stand in a place, in the words of the language: the one table from rules of the grammar
//! to phrases, and to the words that a misspelt word may have meant.

use super::grammar::Rule;

/// What users are told that could stand there, without repetitions.
pub(super) fn phrases(rules: &[Rule]) -> Vec<&'static str> {
    let mut phrases: Vec<&'static str> = Vec::new();
    for phrase in rules.iter().filter_map(|asked_for| phrase(*asked_for)) {
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    // Behind a whole statement anything may follow; that is worth saying only when nothing else is.
    if phrases.contains(&NEXT) {
        phrases.retain(|phrase| *phrase != EVERY);
    }
    if phrases.len() > 1 {
        phrases.retain(|phrase| *phrase != NEXT);
    }
    // A number begins a rule only in `if 3 restarts within 10 cycles`.
    if phrases.contains(&TEST) && rules.contains(&Rule::counted) {
        phrases.retain(|phrase| *phrase != "a number");
    }
    phrases
}

/// The words that could stand there.
pub(super) fn words(rules: &[Rule]) -> Vec<&'static str> {
    rules.iter().flat_map(|asked_for| meant(*asked_for)).copied().collect()
}

/// The words that begin a statement inside a check.
pub(super) const STATEMENTS: &[&str] = &[
    "if", "start", "stop", "restart", "depends", "group", "alert", "noalert", "mode", "every", "onreboot", "ignore",
    "check", "set",
];

/// The word that begins a statement in a check of a plugin only.
pub(super) const GRANT: &str = "grant";

/// What can be set.
pub(super) const SETTINGS: &[&str] = &[
    "alert",
    "daemon",
    "eventqueue",
    "expectbuffer",
    "fips",
    "httpd",
    "idfile",
    "init",
    "limits",
    "log",
    "logfile",
    "mail-format",
    "mailserver",
    "mmonit",
    "onreboot",
    "pidfile",
    "ssl",
    "statefile",
    "terminal",
    "tls",
];

const NEXT: &str = "the next statement";
const EVERY: &str = "`every`";
const TEST: &str = "a test such as `cpu usage > 80%` or `failed port 80`";
const METRICS: &[&str] = &[
    "cpu",
    "memory",
    "swap",
    "loadavg",
    "size",
    "timestamp",
    "total",
    "threads",
    "children",
    "filedescriptors",
    "uptime",
    "read",
    "write",
    "disk",
    "service",
    "space",
    "inode",
    "inodes",
    "status",
    "saturation",
    "upload",
    "download",
    "atime",
    "ctime",
    "mtime",
];
const ACTIONS: &[&str] = &["alert", "restart", "start", "stop", "unmonitor", "exec"];
const UNITS: &[&str] = &[
    "percent",
    "kilobytes",
    "megabytes",
    "gigabytes",
    "bytes",
    "kilobyte",
    "megabyte",
    "gigabyte",
    "seconds",
    "minutes",
    "hours",
    "days",
    "second",
    "minute",
    "hour",
    "day",
];
const TIMES: &[&str] = &["seconds", "minutes", "hours", "days", "second", "minute", "hour", "day"];
const OPTIONS: &[&str] =
    &["request", "status", "method", "hostheader", "username", "password", "database", "secret", "checksum", "target"];
const TESTS: &[&str] = &[
    "failed",
    "succeeded",
    "exist",
    "exists",
    "not",
    "does",
    "cpu",
    "memory",
    "swap",
    "loadavg",
    "size",
    "timestamp",
    "total",
    "changed",
    "content",
    "match",
    "link",
    "space",
    "inode",
    "uptime",
    "status",
    "threads",
    "children",
    "performance",
];

fn phrase(asked_for: Rule) -> Option<&'static str> {
    Some(match asked_for {
        Rule::value | Rule::number | Rule::plain_number | Rule::quantity | Rule::number_quantity | Rule::length => {
            "a number"
        }
        Rule::counted | Rule::signed_quantity => "a number",
        Rule::quoted | Rule::word | Rule::taken | Rule::bare | Rule::address6 | Rule::url => "a text",
        Rule::program | Rule::program_text | Rule::argument => "a program in quotes",
        Rule::unit => "a unit such as `MB` or `%`",
        Rule::time_unit => "a unit of time such as `seconds`",
        Rule::operator | Rule::wrong_operator => "a comparison such as `>`",
        Rule::rate => "a rate such as `for 3 cycles`",
        Rule::limit => "another limit",
        Rule::metric => "something measured such as `cpu usage`",
        Rule::condition => TEST,
        Rule::connection | Rule::existence | Rule::permission => "a test such as `failed port 80`",
        Rule::kw_failed | Rule::kw_succeeded => "`failed` or `succeeded`",
        Rule::action_word | Rule::exec | Rule::kw_exec => "an action such as `alert` or `restart`",
        Rule::outcome => "`recovered`",
        Rule::mode => "a mode such as `0640`",
        Rule::event => "an event such as `nonexist`",
        Rule::event_filter => "events in braces",
        Rule::open => "`{`",
        Rule::close => "`}`",
        Rule::protocol_name => "a protocol such as `http`",
        Rule::protocol_option | Rule::option_word => "an option of the protocol",
        Rule::block_pair | Rule::block_name => "an option such as `name: value`",
        Rule::truth | Rule::bare_name | Rule::block_number => "a value",
        Rule::kw_connect | Rule::kw_read | Rule::kw_fetch => "`connect`, `read` or `fetch`",
        Rule::granted_bare => "a text",
        Rule::plugin_file => "the file of the plugin, as in `using \"check.wasm\"`",
        Rule::metric_word | Rule::plugin_limit => "a metric of the plugin",
        Rule::plugin_condition | Rule::plugin_outcome | Rule::plugin_changed => {
            "a test such as `failed` or `depth > 1000`"
        }
        Rule::block_texts | Rule::block_headers | Rule::block_sign => "a value",
        Rule::kind | Rule::kind_program | Rule::check_other => "a kind of service such as `process`, `file` or `host`",
        Rule::target => "what it is found by, such as `with path`",
        Rule::set_alert | Rule::set_daemon | Rule::set_log | Rule::set_mail => {
            "what to set, such as `daemon`, `mailserver`, `alert` or `log`"
        }
        Rule::server | Rule::next_server => "a mail server",
        Rule::kw_then | Rule::no_then => "`then`",
        Rule::kw_else | Rule::recovery => "`else`",
        Rule::kw_port | Rule::port => "`port`",
        Rule::kw_host | Rule::host => "`host`",
        Rule::kw_protocol | Rule::protocol => "`protocol`",
        Rule::kw_timeout | Rule::timeout => "`with timeout`",
        Rule::kw_retry | Rule::retry => "`retry`",
        Rule::kw_permission => "`permission`",
        Rule::kw_exist => "`exist`",
        Rule::kw_cycles => "`cycles`",
        Rule::kw_repeat | Rule::repeat => "`repeat every`",
        Rule::kw_uid | Rule::uid => "`as uid`",
        Rule::kw_gid | Rule::gid => "`as gid`",
        Rule::kw_delay => "`delay`",
        Rule::kw_facility => "`facility`",
        Rule::kw_syslog => "`syslog`",
        Rule::kw_username | Rule::username => "`username`",
        Rule::kw_password | Rule::password => "`password`",
        Rule::kw_hostname | Rule::greeting => "`using hostname`",
        Rule::kw_pidfile => "`with pidfile`",
        Rule::kw_path => "`with path`",
        Rule::kw_match => "`matching`",
        Rule::kw_address => "`with address`",
        Rule::kw_core => "`per core`",
        Rule::mode_word => "`active`, `passive` or `manual`",
        Rule::reboot_word => "`start`, `nostart` or `laststate`",
        Rule::limit_name | Rule::limit_setting => "a limit such as `networkTimeout: 10 s`",
        Rule::tls_setting | Rule::tls_text => "an option such as `verify: enable`",
        Rule::tls_braces => "options in braces",
        Rule::switch => "a word such as `enable`",
        Rule::changed_word => "what can change, such as `pid` or `size`",
        Rule::link_state => "`up` or `down`",
        Rule::socket_word => "`tcp` or `udp`",
        Rule::httpd_port | Rule::allow | Rule::httpd_address => "an option such as `port 2812` or `allow localhost`",
        Rule::allow_user | Rule::allow_host | Rule::allow_group | Rule::allow_file => {
            "who is let in, such as `localhost`"
        }
        Rule::mail_line | Rule::mail_text | Rule::mail_key => "a part such as `subject: …`",
        Rule::mail_format | Rule::kw_mail_format => "`with mail-format { … }`",
        Rule::kw_reminder | Rule::reminder => "`with reminder on`",
        Rule::owner_word => "`uid`, `euid` or `gid`",
        Rule::kw_checksum | Rule::hash_kind => "`checksum`",
        Rule::content_equals | Rule::kw_content => "`content`",
        Rule::times => "a time such as `timestamp`",
        Rule::kw_every | Rule::every => EVERY,
        Rule::kw_restarts => "`restarts`",
        Rule::window => "a time such as `in last hour`",
        Rule::family_word => "`ipv4` or `ipv6`",
        Rule::kw_interface => "`with interface`",
        Rule::restart_limit
        | Rule::mode_of
        | Rule::onreboot
        | Rule::ignore
        | Rule::EOI
        | Rule::kw_if
        | Rule::rule
        | Rule::plugin_rule
        | Rule::plugin_head
        | Rule::grant
        | Rule::method
        | Rule::depends
        | Rule::group
        | Rule::alert
        | Rule::noalert
        | Rule::unset
        | Rule::setting
        | Rule::check_head => NEXT,
        _ => return None,
    })
}

fn meant(asked_for: Rule) -> &'static [&'static str] {
    match asked_for {
        Rule::unit => UNITS,
        Rule::time_unit => TIMES,
        Rule::limit | Rule::metric | Rule::total | Rule::times => METRICS,
        Rule::httpd_port | Rule::allow | Rule::httpd_signature => {
            &["port", "address", "allow", "unixsocket", "signature", "pemfile", "clientpemfile", "ssl"]
        }
        Rule::limit_name => &[
            "programOutput",
            "sendExpectBuffer",
            "fileContentBuffer",
            "httpContentBuffer",
            "networkTimeout",
            "programTimeout",
            "stopTimeout",
            "startTimeout",
            "restartTimeout",
        ],
        Rule::tls_setting | Rule::tls_text | Rule::kw_version => &[
            "version",
            "verify",
            "selfsigned",
            "ciphers",
            "pemfile",
            "pemchain",
            "pemkey",
            "clientpemfile",
            "cacertificatefile",
            "cacertificatepath",
        ],
        Rule::mode_word => &["active", "passive", "manual"],
        Rule::reboot_word => &["start", "nostart", "laststate"],
        Rule::changed_word => &["pid", "ppid", "fsflags", "status", "link", "size", "permission", "checksum"],
        Rule::switch => &["enable", "disable", "allow", "reject"],
        Rule::socket_word => &["tcp", "udp", "tcpssl"],
        Rule::kw_send | Rule::send => &["send"],
        Rule::kw_expect | Rule::expect => &["expect"],
        Rule::kw_response_time | Rule::response_time => &["responsetime"],
        Rule::kw_interface => &["interface"],
        Rule::kw_reminder | Rule::reminder => &["reminder"],
        Rule::kw_certificate => &["certificate"],
        Rule::condition | Rule::kw_failed => TESTS,
        Rule::action_word | Rule::exec | Rule::kw_exec => ACTIONS,
        Rule::protocol_option | Rule::option_word => OPTIONS,
        Rule::outcome => &["recovered", "succeeded", "passed", "failed"],
        Rule::kw_then => &["then"],
        Rule::kw_else | Rule::recovery => &["else"],
        Rule::kw_connect | Rule::kw_read | Rule::kw_fetch => &["connect", "read", "fetch"],
        Rule::kw_if | Rule::rule | Rule::plugin_rule => STATEMENTS,
        Rule::kw_port | Rule::port => &["port"],
        Rule::kw_host | Rule::host => &["host"],
        Rule::kw_protocol | Rule::protocol => &["protocol"],
        Rule::kw_timeout | Rule::timeout => &["timeout"],
        Rule::kw_retry | Rule::retry => &["retry"],
        Rule::kw_permission => &["permission"],
        Rule::kw_exist => &["exist", "exists"],
        Rule::kw_cycles | Rule::rate => &["cycles", "cycle"],
        Rule::kw_every => &["every"],
        Rule::kw_repeat | Rule::repeat => &["repeat"],
        Rule::kw_uid | Rule::uid => &["uid"],
        Rule::kw_gid | Rule::gid => &["gid"],
        Rule::kw_delay => &["delay"],
        Rule::kw_facility => &["facility"],
        Rule::kw_username | Rule::username => &["username"],
        Rule::kw_password | Rule::password => &["password"],
        Rule::kw_hostname | Rule::greeting => &["hostname"],
        Rule::target => &["pidfile", "path", "matching", "address", "interface"],
        Rule::kw_pidfile => &["pidfile"],
        Rule::kw_path => &["path"],
        Rule::kw_match => &["matching"],
        Rule::kw_address => &["address"],
        Rule::kw_core => &["core"],
        Rule::set_alert | Rule::set_daemon | Rule::set_log | Rule::set_mail | Rule::kw_daemon => SETTINGS,
        _ => &[],
    }
}
