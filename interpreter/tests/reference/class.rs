//! What events are about.

use interpreter::engine::Metric;
use interpreter::program::{Changed, Owner, PluginTest, Test};

/// The class of a test's events.
pub(crate) fn class(test: &Test) -> &'static str {
    match test {
        Test::Missing => "nonexist",
        Test::Present => "exist",
        Test::All(parts) | Test::Any(parts) => class(&parts[0]),
        Test::Not(part) => class(part),
        Test::Limit(limit) => match limit.metric {
            Metric::Size => "size",
            Metric::Timestamp(_) => "timestamp",
            Metric::Status => "status",
            Metric::Saturation => "saturation",
            Metric::Upload => "byteout",
            Metric::Download => "bytein",
            _ => "resource",
        },
        Test::Changed(changed) => match changed {
            Changed::Pid => "pid",
            Changed::Ppid => "ppid",
            Changed::FilesystemFlags => "fsflags",
            Changed::Link => "speed",
            Changed::Status => "status",
            Changed::Size => "size",
            Changed::Permission => "permission",
            Changed::Timestamp(_) => "timestamp",
            Changed::Checksum(_) => "checksum",
        },
        Test::Owner(Owner::Gid, _) => "gid",
        Test::Owner(..) => "uid",
        Test::Permission { .. } => "permission",
        Test::Checksum { .. } => "checksum",
        Test::Content(_) => "content",
        Test::Link { .. } => "link",
        Test::Plugin(asked) if matches!(**asked, PluginTest::Outcome(_)) => "status",
        Test::Plugin(_) => "resource",
        Test::Connection(_) => "connection",
        Test::SecurityAttribute(_) | Test::Ping(_) | Test::Performance(_) => panic!("no case has {test:?}"),
    }
}
