//! What a component imports and exports: what kind of plugin it is, what it wants to be granted, and whether this ruled
//! has it. What it has not is said in sentences; nobody sees the linker's.

use ruled_manifest::{Kind, Want};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::words;

/// The package of the contract, as names of interfaces begin.
const PACKAGE: &str = "ruled:plugin/";
/// The version of it that this ruled has; what is added within it keeps the first two numbers.
const VERSION: &str = "0.1";
/// What every plugin may have without a grant. Connections come from `dial`, or are handed over.
const FREE: &[&str] = &["types", "log", "ambient", "patterns", "digests", "net"];

/// What a component is, and wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interfaces {
    pub(super) kind: Kind,
    /// In the order of the kinds.
    pub(super) wants: Vec<Want>,
}

impl Interfaces {
    /// What this component is and wants; or why it cannot be used, behind the name of the plugin.
    pub(super) fn of(component: &Component, engine: &Engine) -> Result<Interfaces, String> {
        let ty = component.component_type();
        let imports: Vec<&str> = ty.imports(engine).map(|(name, _)| name).collect();
        let exports: Vec<&str> = ty.exports(engine).map(|(name, _)| name).collect();
        Interfaces::among(&imports, &exports)
    }

    fn among(imports: &[&str], exports: &[&str]) -> Result<Interfaces, String> {
        let mut wants = Vec::new();
        for import in imports {
            match interface(import)? {
                "dial" => wants.push(Want::Connect),
                "files" => wants.push(Want::Read),
                "http" => wants.push(Want::Fetch),
                free if FREE.contains(&free) => {}
                other => {
                    let name = words::name(other);
                    return Err(format!("needs the interface {name}, which this ruled does not have; a newer one may"));
                }
            }
        }
        wants.sort_unstable();
        let own: Vec<&str> = exports.iter().copied().filter(|export| export.starts_with(PACKAGE)).collect();
        let kinds: Vec<Kind> = own
            .iter()
            .map(|export| interface(export))
            .collect::<Result<Vec<&str>, String>>()?
            .into_iter()
            .filter_map(|name| match name {
                "prober" => Some(Kind::Probe),
                "checker" => Some(Kind::Check),
                _ => None,
            })
            .collect();
        match kinds.as_slice() {
            [kind] => Ok(Interfaces { kind: *kind, wants }),
            [] => Err(format!(
                "is a component, but no plugin: it exports neither {PACKAGE}prober nor {PACKAGE}checker of version {VERSION}"
            )),
            _ => Err("exports both a probe and a check; it must be one of them".to_owned()),
        }
    }
}

/// The interface of ours that a name means; or what else it means.
fn interface(name: &str) -> Result<&str, String> {
    let shown = words::name(name);
    if name.starts_with("wasi:") {
        return Err(format!(
            "needs {shown}, which is of WASI; a plugin has no access to the system but what a rule grants, so it is built \
             without WASI"
        ));
    }
    let Some((interface, version)) = name.strip_prefix(PACKAGE).and_then(|rest| rest.split_once('@')) else {
        return Err(format!("needs {shown}, which is nothing that ruled has for plugins"));
    };
    let is_ours = version.strip_prefix(VERSION).is_some_and(|patch| patch.starts_with('.'));
    if !is_ours {
        return Err(format!(
            "is made for version {} of the contract between ruled and its plugins; this ruled has {VERSION}",
            words::name(version)
        ));
    }
    Ok(interface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_imported_is_what_is_wanted() {
        let found = Interfaces::among(
            &["ruled:plugin/http@0.1.0", "ruled:plugin/net@0.1.0", "ruled:plugin/dial@0.1.7", "ruled:plugin/log@0.1.0"],
            &["ruled:plugin/checker@0.1.0"],
        );
        let wants = vec![Want::Connect, Want::Fetch];
        assert_eq!(found, Ok(Interfaces { kind: Kind::Check, wants }));
        let found = Interfaces::among(&["ruled:plugin/net@0.1.0"], &["ruled:plugin/prober@0.1.0"]);
        assert_eq!(found, Ok(Interfaces { kind: Kind::Probe, wants: vec![] }));
    }

    #[test]
    fn what_this_ruled_has_not_is_named() {
        let checker: &[&str] = &["ruled:plugin/checker@0.1.0"];
        for (imports, exports, said) in [
            (&["wasi:cli/environment@0.2.3"][..], checker, "wasi:cli/environment"),
            (&["ruled:plugin/net@0.2.0"], checker, "version 0.2.0"),
            (&["ruled:plugin/net@0.10.0"], checker, "version 0.10.0"),
            (&["ruled:plugin/spawn@0.1.0"], checker, "interface spawn"),
            (&["env"], checker, "nothing that ruled has"),
            (&["ruled:plugin/net"], checker, "nothing that ruled has"),
            (&[], &[], "no plugin"),
            (&[], &["ruled:plugin/checker@0.3.0"], "version 0.3.0"),
            (&[], &["wasi:cli/run@0.2.0"], "no plugin"),
            (&[], &["ruled:plugin/checker@0.1.0", "ruled:plugin/prober@0.1.0"], "both"),
        ] {
            let refused = Interfaces::among(imports, exports).expect_err(said);
            assert!(refused.contains(said), "{refused}");
        }
    }
}
