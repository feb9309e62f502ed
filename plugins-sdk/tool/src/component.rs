//! What the outside of a component says: what it exports, what it asks for, and whether ruled can run it at all.

use ruled_manifest::{Kind, Want};
use wasmparser::{Encoding, Parser, Payload};

use crate::shown;

/// The version of the contract that this version of ruled knows.
const CONTRACT: &str = "0.1";

/// What every plugin has without asking.
const GIVEN: &[&str] = &[
    "ruled:plugin/types",
    "ruled:plugin/log",
    "ruled:plugin/ambient",
    "ruled:plugin/patterns",
    "ruled:plugin/digests",
];

/// The connection of a probe, and what a further one is.
const NET: &str = "ruled:plugin/net";

/// The outside of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    /// What it exports.
    pub(crate) kind: Kind,
    /// What it asks for, in order.
    pub(crate) wants: Vec<Want>,
    /// The names of its imports, as they are written.
    pub(crate) imports: Vec<String>,
}

/// What the bytes of a file are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A core module, which must be packed.
    Module,
    /// A component.
    Component(Outside),
}

/// What the outside of a core module says of the component that it can become.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Module {
    /// Whether it carries its world, as its compiler saw it.
    pub(crate) has_world: bool,
    /// What it exports, where that is one kind of plugin.
    pub(crate) kind: Option<Kind>,
}

/// Looks at the outside of a core module. The error is a sentence continued after the name of the file.
pub(crate) fn module(bytes: &[u8]) -> Result<Module, String> {
    let (mut has_world, mut probes, mut checks) = (false, false, false);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| format!("is damaged: {}", error.message()))? {
            // The name that those who make components of modules agreed on, and what may stand behind it.
            Payload::CustomSection(section) => has_world |= section.name().starts_with("component-type"),
            Payload::ExportSection(section) => {
                for export in section {
                    let name = export.map_err(|error| format!("is damaged: {}", error.message()))?.name;
                    probes |= name.contains("ruled:plugin/prober@");
                    checks |= name.contains("ruled:plugin/checker@");
                }
            }
            _ => {}
        }
    }
    let kind = match (probes, checks) {
        (true, false) => Some(Kind::Probe),
        (false, true) => Some(Kind::Check),
        _ => None,
    };
    Ok(Module { has_world, kind })
}

/// Looks at the outside of a file. The error is a sentence continued after the name of the file.
pub(crate) fn look(bytes: &[u8]) -> Result<What, String> {
    if bytes.is_empty() {
        return Err("is empty".into());
    }
    if !bytes.starts_with(b"\0asm") {
        return Err("is no WebAssembly: it does not begin with its mark".into());
    }
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| format!("is damaged: {}", error.message()))? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Ok(What::Module),
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    let import = import.map_err(|error| format!("is damaged: {}", error.message()))?;
                    imports.push(shown(import.name.name));
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    let export = export.map_err(|error| format!("is damaged: {}", error.message()))?;
                    exports.push(shown(export.name.name));
                }
            }
            _ => {}
        }
    }
    outside(imports, &exports).map(What::Component)
}

/// A name of a component, as it can stand in a sentence. One that is changed by that is none that ruled knows.
fn shown(name: &str) -> String {
    const LETTERS_MAX: usize = 200;
    let cut: String = name.chars().take(LETTERS_MAX).collect();
    shown::line(&cut) + if cut.len() < name.len() { "…" } else { "" }
}

fn outside(imports: Vec<String>, exports: &[String]) -> Result<Outside, String> {
    let exported = |interface: &str| exports.iter().find(|export| parts(export).0 == interface);
    let (kind, name) = match (exported("ruled:plugin/prober"), exported("ruled:plugin/checker")) {
        (Some(name), None) => (Kind::Probe, name),
        (None, Some(name)) => (Kind::Check, name),
        (Some(_), Some(_)) => {
            return Err("exports both ruled:plugin/prober and ruled:plugin/checker, and a plugin is one of them".into());
        }
        (None, None) => {
            return Err("is no plugin of ruled: it exports neither ruled:plugin/prober nor ruled:plugin/checker".into());
        }
    };
    known(name)?;
    let mut wants = Vec::new();
    for import in &imports {
        let (interface, _) = parts(import);
        if interface.starts_with("wasi:") {
            return Err(format!(
                "imports {import}, and ruled has no WASI: a plugin sees its connection, or what a rule grants it, and \
                 nothing else; build it without WASI, or with stubs for it"
            ));
        }
        match Want::ALL.into_iter().find(|want| want.interface() == interface) {
            Some(want) => wants.push(want),
            None if GIVEN.contains(&interface) || interface == NET => {}
            None => return Err(format!("imports {import}, which ruled does not have")),
        }
        known(import)?;
    }
    wants.sort_unstable();
    wants.dedup();
    if kind == Kind::Probe && !wants.is_empty() {
        let words: Vec<&str> = wants.iter().map(|want| want.interface()).collect();
        return Err(format!("is a probe, which has its connection and nothing else, and imports {}", words.join(", ")));
    }
    Ok(Outside { kind, wants, imports })
}

/// The interface and the version of a name such as `ruled:plugin/log@0.1.0`.
fn parts(name: &str) -> (&str, Option<&str>) {
    match name.split_once('@') {
        Some((interface, version)) => (interface, Some(version)),
        None => (name, None),
    }
}

/// Whether the version of an interface is one that this version of ruled knows.
fn known(name: &str) -> Result<(), String> {
    let (interface, version) = parts(name);
    let version = version.unwrap_or("no version");
    let mut numbers = version.splitn(3, '.');
    let contract = [numbers.next(), numbers.next()].map(Option::unwrap_or_default).join(".");
    if contract == CONTRACT {
        return Ok(());
    }
    Err(format!("was built for {interface} in version {version}, and this version of ruled knows {CONTRACT}.x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(imports: &[&str], exports: &[&str]) -> Result<Outside, String> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        outside(owned(imports), &owned(exports))
    }

    const CHECKER: &str = "ruled:plugin/checker@0.1.0";

    #[test]
    fn what_it_imports_is_what_it_wants() {
        let seen = seen(&["ruled:plugin/http@0.1.3", "ruled:plugin/log@0.1.0", "ruled:plugin/dial@0.1.0"], &[CHECKER]);
        let seen = seen.expect("a check");
        assert_eq!((seen.kind, seen.wants), (Kind::Check, vec![Want::Connect, Want::Fetch]));
    }

    #[test]
    fn what_ruled_does_not_have_is_named() {
        let refused = |imports: &[&str]| seen(imports, &[CHECKER]).expect_err("it is refused");
        assert!(
            refused(&["wasi:cli/environment@0.2.3"])
                .contains("imports wasi:cli/environment@0.2.3, and ruled has no WASI")
        );
        assert!(refused(&["ruled:plugin/teleport@0.1.0"]).contains("which ruled does not have"));
        let newer = refused(&["ruled:plugin/log@0.2.0"]);
        assert_eq!(newer, "was built for ruled:plugin/log in version 0.2.0, and this version of ruled knows 0.1.x");
    }

    #[test]
    fn it_must_be_one_plugin() {
        assert!(seen(&[], &[]).expect_err("no plugin").contains("exports neither"));
        assert!(seen(&[], &[CHECKER, "ruled:plugin/prober@0.1.0"]).expect_err("two").contains("exports both"));
        assert!(seen(&[], &["ruled:plugin/checker@0.2.0"]).expect_err("newer").contains("version 0.2.0"));
        let greedy = seen(&["ruled:plugin/files@0.1.0"], &["ruled:plugin/prober@0.1.0"]);
        assert!(greedy.expect_err("a probe").contains("is a probe"));
    }

    #[test]
    fn what_is_no_component_is_said() {
        assert_eq!(look(b""), Err("is empty".into()));
        assert!(look(b"#!/bin/sh").expect_err("a script").contains("is no WebAssembly"));
        assert_eq!(look(b"\0asm\x01\0\0\0"), Ok(What::Module));
        assert!(look(b"\0asm\x0d\0\x01\0").expect_err("an empty component").contains("is no plugin"));
        assert!(look(b"\0asm\x0d\0\x01\0\x07\xff").expect_err("a cut one").contains("is damaged"));
    }

    #[test]
    fn whatever_is_changed_in_a_component_there_is_an_answer() {
        let whole = include_bytes!("../../../tests/frozen/check-0.1.0.wasm");
        assert!(matches!(look(whole), Ok(What::Component(_))));
        let mut is_refused = 0;
        for place in (0..whole.len()).step_by(whole.len() / 2_000) {
            let mut other = whole.to_vec();
            // Most of what stands in it are sizes, counts, names and code: each is once as large as can be.
            for byte in [0, 0x7f, 0xff] {
                other[place] = byte;
                is_refused += usize::from(look(&other).is_err());
                // The rest of a component may be read as a module.
                other[4..8].copy_from_slice(&[1, 0, 0, 0]);
                module(&other).ok();
                other[4..8].copy_from_slice(&whole[4..8]);
            }
            is_refused += usize::from(look(&whole[..place]).is_err());
        }
        assert!(is_refused > 2_000, "{is_refused}");
    }
}
