//! Describes itself for ever.

use std::hint::black_box;

use ruled_plugin::*;

struct DescribeLoop;

impl Probe for DescribeLoop {
    fn describe() -> Describe {
        let mut turns = 0_u64;
        loop {
            turns = black_box(turns.wrapping_add(1));
        }
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribeLoop);
