//! The bindings for C are generated, and come with each plugin in C, so that its author needs no generator. They must be
//! those of the contract. `WRITE_BINDINGS=1 cargo test -p ruled-plugin-c` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::Resolve;

/// What the world is called in names of C, whichever it is, so that one library serves all.
const WORLD: &str = "plugin";

/// The names and texts of what is generated for a world.
fn generated(world: &str) -> Vec<(String, String)> {
    let contract = folder().join("../wit/since-0.1/ruled.wit");
    let mut resolve = Resolve::default();
    let package = resolve.push_file(&contract).expect("the contract is read");
    let world = resolve.select_world(&[package], Some(world)).expect("the world is there");
    let mut generator =
        wit_bindgen_c::Opts { rename_world: Some(WORLD.into()), no_object_file: true, ..Default::default() }.build();
    let mut files = Files::default();
    generator.generate(&mut resolve, world, &mut files).expect("it is generated");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("C is text");
    files.iter().map(|(name, bytes)| (name.to_owned(), text(bytes))).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

#[test]
fn the_bindings_are_those_of_the_contract() {
    for (kind, world) in [("probe", "probe"), ("check", "check-with-everything")] {
        for (name, text) in generated(world) {
            let path = folder().join(kind).join(&name);
            if std::env::var_os("WRITE_BINDINGS").is_some() {
                fs::write(&path, &text).expect("it is written");
            }
            let shipped = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                shipped == text,
                "{kind}/{name} does not fit the contract any more: `WRITE_BINDINGS=1 cargo test -p ruled-plugin-c` in \
                 plugins/ writes it anew"
            );
        }
    }
}
