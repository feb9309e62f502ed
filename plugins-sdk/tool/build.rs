//! Embeds what `ruled-plugin new` writes: the templates, the libraries for each language and the contract.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of the SDK").to_path_buf();
    let mut list = String::from("&[\n");
    for folder in ["rust/src", "c", "python", "javascript", "wit", "templates"] {
        println!("cargo::rerun-if-changed={}", sdk.join(folder).display());
        for path in files(&sdk.join(folder)) {
            let name = path.strip_prefix(&sdk).expect("below the SDK");
            if is_ours(name) {
                continue;
            }
            let name = name.display().to_string();
            writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("a text grows");
        }
    }
    list.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("files.rs"), list).expect("OUT_DIR can be written");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Whether a file is of use to us only: the package that holds the bindings for C against the contract, and what Python
/// leaves behind.
fn is_ours(path: &Path) -> bool {
    path.iter().any(|part| part == "__pycache__") || path.starts_with("c/tests") || path == Path::new("c/Cargo.toml")
}
