//! What this version can judge. Everything else is read, shown, and said to be asleep.

use super::connection;
use crate::catalog::Protocols;
use crate::program::Test;

/// Whether a test can be judged.
pub(crate) fn is_judged(test: &Test, protocols: &Protocols) -> bool {
    match test {
        Test::Connection(one) => connection::is_judged(one, protocols),
        // The readings of connections are known by their rules, so a rule has one of them only.
        Test::All(_) | Test::Any(_) | Test::Not(_) => {
            let mut parts = test.parts().peekable();
            parts.peek().is_some()
                && parts.all(|part| !matches!(part, Test::Connection(_) | Test::Ping(_)) && is_judged(part, protocols))
        }
        Test::Missing
        | Test::Present
        | Test::Limit(_)
        | Test::Permission { .. }
        | Test::Changed(_)
        | Test::Owner(..)
        | Test::SecurityAttribute(_)
        | Test::Checksum { .. }
        | Test::Content(_)
        | Test::Performance(_)
        | Test::Plugin(_)
        | Test::Link { .. }
        | Test::Ping(_) => true,
    }
}
