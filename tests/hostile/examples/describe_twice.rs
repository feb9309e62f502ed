//! Describes the same option twice.

use ruled_plugin::*;

struct DescribeTwice;

impl Probe for DescribeTwice {
    fn describe() -> Describe {
        Describe::new("describe_twice", "A name twice").option("user", OptionType::Text, "Who").option(
            "user",
            OptionType::Boolean,
            "Whether",
        )
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribeTwice);
