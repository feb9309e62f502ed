//! Describes more options than a rule can set.

use ruled_plugin::*;

struct DescribeOptions;

impl Probe for DescribeOptions {
    fn describe() -> Describe {
        (0..1_000).fold(Describe::new("describe_options", "A flood of options"), |about, number| {
            about.option(&format!("option_{number}"), OptionType::Text, "One of many")
        })
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribeOptions);
