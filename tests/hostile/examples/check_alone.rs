//! A check of its own that asks for nothing.

use ruled_plugin::*;

struct Alone;

impl Checker for Alone {
    fn describe() -> Describe {
        Describe::new("alone", "Asks for nothing").metric("seconds", MetricKind::Counter, "Since 1970")
    }

    fn check(_options: &Options) -> Check {
        ok("is alone").metric("seconds", now().0 as f64).into()
    }
}
checker!(Alone);
