//! Builds the hostile guests the way the stock plugins are built.

use ruled_builder::Guest;
use ruled_plugin::Describe;

fn main() {
    ruled_builder::embed(&[
        Guest::library("hostile-probe", "tests/hostile", hostile_probe::describe),
        describes("describe_default", || placeholder("describe_default")),
        describes("describe_grow", || placeholder("describe_grow")),
        describes("describe_log", || placeholder("describe_log")),
        describes("describe_loop", || placeholder("describe_loop")),
        describes("describe_names", || placeholder("describe_names")),
        describes("describe_options", || placeholder("describe_options")),
        describes("describe_page", || placeholder("describe_page")),
        describes("describe_panic", || placeholder("describe_panic")),
        describes("describe_twice", || placeholder("describe_twice")),
    ]);
}

/// A guest whose description does what it must not. What it says is only found out by asking it, so what is embedded
/// for it is a placeholder.
fn describes(example: &'static str, describe: fn() -> Describe) -> Guest {
    Guest { package: "hostile-probe", folder: "tests/hostile", example: Some(example), describe }
}

fn placeholder(name: &str) -> Describe {
    Describe::new(name, "What the component says of itself is what is tested")
}
