//! Hoards memory while it describes itself.

use std::hint::black_box;

use ruled_plugin::*;

struct DescribeGrow;

impl Probe for DescribeGrow {
    fn describe() -> Describe {
        let mut hoard = Vec::new();
        loop {
            hoard.push(black_box(vec![1_u8; 1 << 20]));
        }
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribeGrow);
