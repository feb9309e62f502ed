//! A check that uses all of the contract that checks have beyond what probes have.

use frozen_guests::{ambient, digests, ended, options, understood};
use ruled_plugin::*;

struct Frozen;

impl Checker for Frozen {
    fn describe() -> Describe {
        options(Describe::new("frozen_check", "A check of the first contract").version("0.1.0").port(7))
            .needs(GrantKind::Connect, "host:7", "to speak with it")
            .needs(GrantKind::Read, "/a/folder", "to read in it")
            .needs(GrantKind::Fetch, "http://host", "to ask it")
    }

    fn check(options: &Options) -> Check {
        let folder = files::first()?;
        let file = folder.join("file");
        let found = file.inspect()?;
        let names: Vec<String> = folder.entries()?.into_iter().map(|entry| entry.name).collect();
        let tally = folder.count(2)?;
        let missing = folder.join("missing").inspect();
        let refused = files::Place::at("/somewhere/else").read_from(0, 1);
        let conn = dial::open(&dial::granted().concat())?;
        let line = conn.line(80)?;
        let unknown = dial::open("nobody").map(|_| ());
        let origin = http::first()?;
        let asked = http::request("POST", &format!("{origin}/path")).header("x-key", "value").body("body").redirects(1);
        let answer = asked.fetch(1_000)?;
        let outcome = ok(format!("{} {line} {} {}", file.text(100)?, answer.status, answer.text()))
            .fact("file", format!("{:?} {} {}", found.kind, found.size, found.age().as_secs() < 86_400))
            .fact("names", names.join(" "))
            .fact("tally", format!("{} {} {} {}", tally.files, tally.directories, tally.links, tally.others))
            .fact("missing", format!("{missing:?}"))
            .fact("refused", format!("{refused:?}"))
            .fact("unknown", format!("{unknown:?}"))
            .fact("header", format!("{:?} {}", answer.header("x-answer"), http::granted().len()))
            .fact("options", understood(options))
            .fact("digests", digests())
            .fact("ambient", ambient());
        ended(options.text("deed").unwrap_or_default(), outcome)
    }
}
checker!(Frozen);
