//! Stops itself while it describes itself.

use ruled_plugin::*;

struct DescribePanic;

impl Probe for DescribePanic {
    fn describe() -> Describe {
        panic!("nothing to say \u{1b}[31mabout itself")
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribePanic);
