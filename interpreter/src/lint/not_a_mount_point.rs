//! `not-a-mount-point`: a filesystem that is named by a plain folder.

use grammar::Finding;
use grammar::ast::{ServiceKind, Target};

use super::Entry;
use crate::check::View;

const NAME: &str = "not-a-mount-point";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a filesystem that is named by a plain folder", include_str!("not_a_mount_point.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for watched in view.services.iter().filter(|watched| watched.check.kind.node == ServiceKind::Filesystem) {
        let Some(Target::Path(path)) = &watched.check.target else { continue };
        let Some(mounted_on) = view.surroundings.lies_on(&path.node) else { continue };
        let name = &watched.service.name;
        findings.push(
            Finding::warning(NAME, path.span, format!("nothing is mounted on {}", path.node))
                .here(format!("so {name} is not there: this is part of the filesystem that is mounted on {mounted_on}"))
                .note("Monit says of such a path, too, that it is not mounted")
                .help(format!(
                    "write `{mounted_on}` to watch that filesystem; leave it where one is to be mounted here"
                )),
        );
    }
}
