//! Says more about itself than anybody reads.

use ruled_plugin::*;

struct DescribePage;

impl Probe for DescribePage {
    fn describe() -> Describe {
        Describe::new("describe_page", "A flood of words").page(&"words ".repeat(1 << 20))
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribePage);
