//! A check of its own that asks for files and nothing else: it tells the first line of the first file that it is granted.

use ruled_plugin::*;

struct Reads;

impl Checker for Reads {
    fn describe() -> Describe {
        Describe::new("reads", "The first line of a file").needs(
            GrantKind::Read,
            "/etc/hostname",
            "to read its first line",
        )
    }

    fn check(_options: &Options) -> Check {
        let text = files::first()?.text(1_000)?;
        ok(text.lines().next().unwrap_or_default()).into()
    }
}
checker!(Reads);
