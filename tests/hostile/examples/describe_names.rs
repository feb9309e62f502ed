//! Describes an option with a name that no rule can write.

use ruled_plugin::*;

struct DescribeNames;

impl Probe for DescribeNames {
    fn describe() -> Describe {
        Describe::new("describe_names", "A bad name").option("Bad\u{1b}[2J name", OptionType::Text, "Cannot be written")
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribeNames);
