//! Builds the hostile guests the way the stock plugins are built.

use ruled_builder::{Guest, OwnGuest};
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
    // The interface for files under names that this ruled does not have.
    let files = "ruled:plugin/files@0.1.0";
    let own_guests = [
        example("certificate", "examples/plugins/certificate"),
        example("json_value", "examples/plugins/json_value"),
        example("postfix_queue", "examples/plugins/postfix_queue"),
        own("probe", None),
        own("alone", Some("check_alone")),
        own("deeds", Some("check_deeds")),
        own("reads", Some("check_reads")),
        own("needs", Some("check_needs")),
        own("loops", Some("describe_loop")),
        own("floods", Some("describe_options")),
        OwnGuest { renamed: Some((files, "ruled:plugin/files@0.2.0")), ..own("newer", Some("check_reads")) },
        OwnGuest { renamed: Some((files, "ruled:plugin/spawn@0.1.0")), ..own("unknown", Some("check_reads")) },
        OwnGuest { renamed: Some((files, "wasi:clocks/clock@0.2.10")), ..own("wasi", Some("check_reads")) },
        // Of a contract that has grown: a function that this ruled does not have, and nothing but a later version.
        OwnGuest { renamed: Some(("inspect", "observe")), ..own("grown", Some("check_deeds")) },
        OwnGuest { renamed: Some(("@0.1.0", "@0.1.7")), ..own("later", Some("check_reads")) },
    ];
    let frozen = [("frozen_check", "tests/frozen/check-0.1.0.wasm"), ("frozen_probe", "tests/frozen/probe-0.1.0.wasm")];
    ruled_builder::embed_own(&own_guests, &frozen);
}

/// A guest that is built as plugins of one's own are: the library of the hostile guests, or one of its examples.
fn own(name: &'static str, example: Option<&'static str>) -> OwnGuest {
    OwnGuest { name, package: "hostile-probe", folder: "tests/hostile", example, renamed: None }
}

/// A plugin that is an example for authors.
fn example(name: &'static str, folder: &'static str) -> OwnGuest {
    OwnGuest { name, package: name, folder, example: None, renamed: None }
}

/// A guest whose description does what it must not. What it says is only found out by asking it, so what is embedded
/// for it is a placeholder.
fn describes(example: &'static str, describe: fn() -> Describe) -> Guest {
    Guest { package: "hostile-probe", folder: "tests/hostile", example: Some(example), describe }
}

fn placeholder(name: &str) -> Describe {
    Describe::new(name, "What the component says of itself is what is tested")
}
