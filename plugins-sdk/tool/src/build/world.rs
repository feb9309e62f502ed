//! The world that a plugin is built for: what its kind has, and what it asks for beyond that.

use std::path::{Path, PathBuf};

use ruled_manifest::Want;

use crate::Refusal;
use crate::project::{Kind, Project};

/// The contract.
pub(crate) const CONTRACT: &str = include_str!("../../../wit/since-0.1/ruled.wit");

/// What the world is called that this program writes behind the contract.
pub(super) const NAME: &str = "this-plugin";

/// The contract with a world that imports what the plugin asks for, and nothing else: generators import all of a world,
/// whether the plugin uses it or not, and what a plugin imports a rule must grant.
pub(super) fn text(project: &Project) -> String {
    let mut text = format!("{CONTRACT}\nworld {NAME} {{\n");
    text += match project.kind {
        Kind::Probe => "    include probe;\n",
        Kind::Check => "    include check;\n",
    };
    for grant in &project.grants {
        text += match grant {
            Want::Connect => "    import net;\n    import dial;\n",
            Want::Read => "    import files;\n",
            Want::Fetch => "    import http;\n",
        };
    }
    text + "}\n"
}

/// Writes it into a folder of its own below `folder`.
pub(super) fn write(folder: &Path, project: &Project) -> Result<PathBuf, Refusal> {
    let wit = folder.join("wit");
    std::fs::create_dir(&wit)
        .and_then(|()| std::fs::write(wit.join("ruled.wit"), text(project)))
        .map_err(|error| Refusal::unusable(format!("cannot write {}: {error}", wit.display())))?;
    Ok(wit)
}
