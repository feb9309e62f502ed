//! The component's side of what checks of one's own have and probes have not. The words and interfaces that both have
//! are those of `glue`.

use super::{Failure, Outcome, Setting, answer, description, options, speak_before_the_end};
use crate::files::{FileKind, Metadata, Tally};
use crate::{Checker, GrantKind};

wit_bindgen::generate!({
    path: "../wit/since-0.1",
    world: "check-with-everything",
    pub_export_macro: true,
    default_bindings_module: "ruled_plugin::glue::checks",
    with: {
        "ruled:plugin/types@0.1.0": crate::glue::ruled::plugin::types,
        "ruled:plugin/log@0.1.0": crate::glue::ruled::plugin::log,
        "ruled:plugin/ambient@0.1.0": crate::glue::ruled::plugin::ambient,
        "ruled:plugin/patterns@0.1.0": crate::glue::ruled::plugin::patterns,
        "ruled:plugin/digests@0.1.0": crate::glue::ruled::plugin::digests,
        "ruled:plugin/net@0.1.0": crate::glue::ruled::plugin::net,
    },
});

use exports::ruled::plugin::checker as wit;
pub use exports::ruled::plugin::checker::{Custom, Guest};
use ruled::plugin::files;

/// Makes a type the component's export.
#[doc(hidden)]
#[macro_export]
macro_rules! checker_guest {
    ($component:ident, $checker:ty) => {
        impl $crate::glue::checks::Guest for $component {
            fn describe() -> $crate::glue::checks::Custom {
                $crate::glue::checks::describe::<$checker>()
            }

            fn check(
                settings: ::std::vec::Vec<$crate::glue::Setting>,
            ) -> ::core::result::Result<$crate::glue::Outcome, $crate::glue::Failure> {
                $crate::glue::checks::check::<$checker>(settings)
            }
        }
        $crate::glue::checks::export!($component with_types_in $crate::glue::checks);
    };
}

pub fn describe<C: Checker>() -> Custom {
    speak_before_the_end();
    let about = C::describe();
    let need = |need: &crate::Need| wit::Need {
        kind: match need.kind {
            GrantKind::Connect => wit::GrantKind::Connect,
            GrantKind::Read => wit::GrantKind::Read,
            GrantKind::Fetch => wit::GrantKind::Fetch,
        },
        example: need.example.clone(),
        purpose: need.purpose.clone(),
    };
    Custom { default_port: about.port, needs: about.needs.iter().map(need).collect(), about: description(about) }
}

pub fn check<C: Checker>(settings: Vec<Setting>) -> Result<Outcome, Failure> {
    speak_before_the_end();
    answer(C::check(&options(settings)))
}

impl From<files::Kind> for FileKind {
    fn from(kind: files::Kind) -> FileKind {
        match kind {
            files::Kind::File => FileKind::File,
            files::Kind::Directory => FileKind::Directory,
            files::Kind::Link => FileKind::Link,
            files::Kind::Other => FileKind::Other,
        }
    }
}

impl From<files::Metadata> for Metadata {
    fn from(found: files::Metadata) -> Metadata {
        let files::Metadata { kind, size, mode, owner, group, links, modified, changed } = found;
        Metadata { kind: kind.into(), size, mode, owner, group, links, modified, changed }
    }
}

impl From<files::Tally> for Tally {
    fn from(tally: files::Tally) -> Tally {
        let files::Tally { files, directories, links, others } = tally;
        Tally { files, directories, links, others }
    }
}
