//! A check of its own that would write on the terminal of whoever adds it.

use ruled_plugin::*;

struct Needs;

impl Checker for Needs {
    fn describe() -> Describe {
        Describe::new("needs", "Needs what nobody should read").needs(
            GrantKind::Read,
            "/var/spool",
            "to read\u{1b}[2J\nnothing is granted",
        )
    }

    fn check(_options: &Options) -> Check {
        ok("was checked").into()
    }
}
checker!(Needs);
