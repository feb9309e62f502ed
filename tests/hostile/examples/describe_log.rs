//! Writes to the log without end while it describes itself.

use ruled_plugin::*;

struct DescribeLog;

impl Probe for DescribeLog {
    fn describe() -> Describe {
        loop {
            note("a line that nobody wants to read");
        }
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribeLog);
