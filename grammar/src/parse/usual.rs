//! What things are called elsewhere: words of other programs and of people, and what to write here in their place.
//!
//! Only where a word cannot be read is it looked for here; none of them is a word of the language in that place.

use super::grammar::Rule;

/// Where a word stands that cannot be read there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind `check`.
    Kind,
    /// Behind `set`.
    Setting,
    /// Where a statement begins.
    Statement,
    /// Behind the name of a service.
    Target,
    /// Where a test begins.
    Test,
    /// Between what is measured and its limit.
    Comparison,
    /// Behind a number.
    Unit,
    /// Behind a length of time.
    Time,
    /// Behind `every` and a number.
    Cycles,
    /// Behind a mail server.
    Server,
    /// Behind a recipient.
    Recipient,
    /// Behind `failed` in a service that is a file or a process.
    Failed,
}

/// The places that rules of the grammar stand for.
fn places(rules: &[Rule]) -> impl Iterator<Item = Place> + '_ {
    let place = |asked_for: &Rule| match asked_for {
        Rule::target => Some(Place::Target),
        Rule::condition | Rule::connection | Rule::existence => Some(Place::Test),
        Rule::operator => Some(Place::Comparison),
        Rule::unit => Some(Place::Unit),
        Rule::time_unit => Some(Place::Time),
        Rule::greeting => Some(Place::Server),
        Rule::kw_reminder | Rule::reminder => Some(Place::Recipient),
        Rule::kw_permission | Rule::permission | Rule::owner_word => Some(Place::Failed),
        _ => None,
    };
    let cycles = (rules == [Rule::kw_cycles]).then_some(Place::Cycles);
    cycles.into_iter().chain(rules.iter().filter_map(place))
}

/// What to write in the place of a word, where the grammar expected these rules.
pub(super) fn instead_of(word: &str, rules: &[Rule]) -> Option<&'static str> {
    places(rules).find_map(|place| instead(word, place))
}

/// What to write in the place of a word.
pub(super) fn instead(word: &str, place: Place) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    Some(match (place, word.as_str()) {
        (Place::Kind, "service" | "daemon" | "unit" | "proc") => {
            "a daemon is a process: `check process NAME with pidfile /PATH` or `check process NAME matching \"PATTERN\"`"
        }
        (Place::Kind, "disk" | "partition" | "volume" | "mount" | "fs") => {
            "write `check filesystem NAME with path /MOUNTPOINT`"
        }
        (Place::Kind, "url" | "http" | "https" | "website" | "site" | "server" | "ping") => {
            "what is reached through the network is a host: `check host NAME with address HOST`"
        }
        (Place::Kind, "dir" | "folder") => "write `check directory NAME with path /PATH`",
        (Place::Kind, "script" | "command" | "cmd") => "write `check program NAME with path \"/PATH ARGUMENTS\"`",
        (Place::Kind, "interface" | "nic" | "net") => "write `check network NAME with interface eth0`",
        (Place::Kind, "cpu" | "memory" | "load" | "ram" | "swap" | "machine") => {
            "what is measured of the whole machine stands below `check system $HOST`"
        }
        (Place::Kind, "log" | "logfile" | "certificate" | "socket") => "write `check file NAME with path /PATH`",

        (Place::Setting, "interval" | "cycle" | "cycles" | "poll" | "check" | "every") => {
            "how often everything is checked is `set daemon 30`, in seconds"
        }
        (Place::Setting, "smtp" | "mail" | "email" | "mailer") => {
            "mail is handed to `set mailserver HOST`, and sent to `set alert ADDRESS`"
        }
        (Place::Setting, "recipient" | "recipients" | "notify" | "notification" | "notifications" | "mailto") => {
            "who is told is `set alert ADDRESS`"
        }
        (Place::Setting, "syslog") => "write `set log syslog`",

        (Place::Statement, "notify" | "email" | "mail") => {
            "who is told is `set alert ADDRESS` for all services, or `alert ADDRESS` in one"
        }
        (Place::Statement, "when" | "unless" | "whenever") => "a rule is `if TEST then ACTION`",
        (Place::Statement, "watch" | "monitor") => "what is watched is said by `check`",
        (Place::Statement, "else") => {
            "`else if recovered then ACTION` stands at the end of its rule; another test is a rule of its own"
        }
        (Place::Statement, "interval") => "in which cycles a service is checked is `every 2 cycles`",

        (Place::Target, "pid") => "write `with pidfile /PATH`",
        (Place::Target, "url" | "ip" | "hostname" | "host") => {
            "write `with address HOST`, without `https://` and a path"
        }
        (Place::Target, "name" | "command" | "cmdline" | "pattern" | "regex") => {
            "a process without a pid file is found by its command line: `matching \"PATTERN\"`"
        }
        (Place::Target, "file" | "dir" | "directory" | "folder" | "device" | "script" | "mountpoint") => {
            "write `with path /PATH`"
        }
        (Place::Target, path) if path.starts_with('/') => "say what the path is: `with path` or `with pidfile`",

        (Place::Test, "load" | "loadaverage" | "load1" | "load5" | "load15") => {
            "write `loadavg (1min)`, `loadavg (5min)` or `loadavg (15min)`"
        }
        (Place::Test, "ram" | "mem" | "rss") => "write `memory usage`",
        (Place::Test, "free") => "what is free stands behind what it is of, as in `if space free < 10 GB then alert`",
        (Place::Test, "usage" | "used") => {
            "say what is used: `cpu usage`, `memory usage`, `space usage` or `inode usage`"
        }
        (
            Place::Test,
            "running" | "alive" | "up" | "down" | "stopped" | "dead" | "missing" | "crashed" | "gone" | "process"
            | "absent",
        ) => "what is not there is tested by `if does not exist then restart`",
        (Place::Test, "ping" | "pings" | "icmp") => "write `if failed ping then alert`",
        (Place::Test, "url" | "http" | "https" | "response" | "website") => {
            "write `if failed port 443 protocol https request \"/PATH\" status 200 then alert`"
        }
        (Place::Test, "connection" | "connect" | "port" | "tcp" | "socket" | "unreachable") => {
            "write `if failed port 5432 then alert`"
        }
        (Place::Test, "contains" | "contain" | "contents" | "line" | "lines" | "text" | "output" | "log") => {
            "lines are looked at by `if content = \"PATTERN\" then alert`"
        }
        (Place::Test, "exit" | "exitcode" | "returns" | "return" | "code" | "result" | "exits") => {
            "how a program ended is its status: `if status != 0 then alert`"
        }
        (Place::Test, "older" | "age" | "modified" | "newer") => {
            "how old a file is tells its timestamp: `if timestamp > 2 days then alert`"
        }
        (Place::Test, "certificate" | "cert" | "expires" | "ssl" | "tls") => {
            "write `if failed port 443 certificate valid > 30 days then alert`"
        }

        (
            Place::Comparison,
            "over" | "above" | "exceeds" | "exceed" | "exceeding" | "higher" | "bigger" | "larger" | "reaches"
            | "below" | "under" | "lower" | "smaller" | "least" | "most" | "at",
        ) => "comparisons are `>`, `<`, `>=`, `<=`, `==` and `!=`",

        (Place::Unit, "gi" | "gib" | "mi" | "mib" | "ki" | "kib" | "tib" | "ti" | "g" | "m" | "k") => {
            "sizes have the units `B`, `kB`, `MB`, `GB` and `TB`, each 1,024 times the one before"
        }
        (Place::Unit, word) if word.contains("bit") || word.contains("bps") => {
            "rates are counted in bytes: `10 MB/s`, and 8 Mbit are 1 MB"
        }
        (Place::Unit | Place::Time, "min" | "mins" | "sec" | "secs" | "hr" | "hrs") => {
            "times have the units `seconds`, `minutes`, `hours` and `days`"
        }
        (Place::Cycles, _) => "write how many cycles, as in `every 10 cycles`, or when, as in `every \"*/5 * * * *\"`",
        (Place::Recipient, word) if word.contains('@') => {
            "each recipient has a statement of its own, with the address alone"
        }
        (Place::Failed, "owner" | "user") => "write `if failed uid root then alert`",
        (Place::Failed, "group") => "write `if failed gid root then alert`",
        (Place::Failed, "http" | "https" | "url" | "request" | "status") => {
            "write `if failed port 443 protocol https request \"/PATH\" status 200 then alert`"
        }
        (Place::Test, "checksum" | "permission" | "permissions" | "uid" | "gid" | "owner") => {
            "what is to stay is `if changed checksum then alert`, what is to be so `if failed permission 0644 then alert`"
        }
        (Place::Server, ":") => "write the port behind `port`, as in `set mailserver mail.example.com port 587`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_their_places() {
        assert_eq!(instead("Disk", Place::Kind), Some("write `check filesystem NAME with path /MOUNTPOINT`"));
        assert_eq!(instead("disk", Place::Test), None);
        assert_eq!(instead_of("ram", &[Rule::condition]), Some("write `memory usage`"));
        assert_eq!(instead_of("ram", &[Rule::operator]), None);
    }
}
