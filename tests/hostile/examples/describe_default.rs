//! Describes a default that is not of the option's type.

use ruled_plugin::*;

struct DescribeDefault;

impl Probe for DescribeDefault {
    fn describe() -> Describe {
        Describe::new("describe_default", "A default of another type")
            .option("retries", OptionType::Integer(0, 9), "How often")
            .default_value(Value::Text("often".into()))
    }

    fn check(_conn: &Conn, _options: &Options) -> Check {
        ok("was checked").into()
    }
}
probe!(DescribeDefault);
