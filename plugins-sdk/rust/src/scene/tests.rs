//! Scenes are strict, and their files behave as those of the host do.

use std::time::Duration;

use super::{exchange, scene};
use crate::files::Place;
use crate::*;

/// Does what the option `deed` says with what the option `text` names.
struct Doing;

impl Checker for Doing {
    fn describe() -> Describe {
        Describe::new("doing", "Does what it is told")
            .option("deed", OptionType::Text, "What it does")
            .default_value(Value::Text("nothing".into()))
            .option("text", OptionType::Text, "With what")
    }

    fn check(options: &Options) -> Check {
        let text = options.text("text").unwrap_or_default();
        match options.text("deed").unwrap_or_default() {
            "open" => ok(dial::open(text)?.line(80)?).into(),
            "open_first" => {
                let conn = dial::first()?;
                conn.send("hello")?;
                ok(format!("{}:{:?}", conn.peer().name, conn.peer().port)).into()
            }
            "read" => ok(Place::at(text).text(9)?).into(),
            "look" => {
                let (of, itself) = (Place::at(text).inspect()?, Place::at(text).inspect_link()?);
                ok(format!("{:?} {:?} {} {}", of.kind, itself.kind, of.size, of.age().as_secs())).into()
            }
            "list" => {
                let entries = Place::at(text).entries()?.into_iter().map(|entry| entry.name);
                ok(entries.collect::<Vec<_>>().join(" ")).into()
            }
            "count" => ok(format!("{:?}", Place::at(text).count(1)?)).into(),
            "exists" => ok(format!("{:?}", Place::at(text).exists())).into(),
            "fetch" => ok(http::get(text).header("X-A", "b").fetch(9)?.text()).into(),
            _ => ok("nothing").into(),
        }
    }
}

fn doing(deed: &str, text: &str) -> Scene {
    scene().with("deed", deed).with("text", text)
}

fn said(scene: Scene) -> String {
    scene.run::<Doing>().expect("it passes").summary
}

#[test]
fn connections_are_those_of_the_scene() {
    let peer = || script().hears("hello");
    assert_eq!(said(doing("open_first", "").connection("mq.example:5672", peer())), "mq.example:Some(5672)");
    assert_eq!(said(doing("open", "broker").connection("broker", script().says("hi\n"))), "hi");
    let nobody = doing("open", "broker").unreachable("broker").run::<Doing>();
    assert_eq!(nobody, Err(Failure::Io(IoError::Unreachable)));
}

#[test]
#[should_panic(expected = "the check opens \"other\"")]
fn a_connection_that_is_not_granted_fails_the_test() {
    let _ = doing("open", "other").connection("broker", script()).run::<Doing>();
}

#[test]
#[should_panic(expected = "passed without opening broker")]
fn a_connection_that_is_not_opened_fails_the_test() {
    let _ = scene().connection("broker", script()).run::<Doing>();
}

#[test]
#[should_panic(expected = "passed without doing its part")]
fn a_script_that_is_not_over_fails_the_test() {
    let _ = doing("open_first", "").connection("broker", script().hears("hello").hears("more")).run::<Doing>();
}

#[test]
fn files_are_those_of_the_scene() {
    let tree = |deed: &str, text: &str| {
        doing(deed, text)
            .reads("/spool")
            .file("/spool/a/one", "1")
            .aged(Duration::from_secs(60))
            .file("/spool/b", "more than nine bytes")
            .link("/spool/in", "a/../a/one")
            .link("/spool/out", "../etc/passwd")
            .link("/spool/absolute", "/spool/b")
            .unreadable("/spool/pipe")
            .file("/etc/passwd", "root")
    };
    assert_eq!(said(tree("read", "/spool/a/one")), "1");
    assert_eq!(said(tree("read", "/spool/in")), "1");
    assert_eq!(said(tree("look", "/spool/in")), "File Link 1 60");
    assert_eq!(said(tree("list", "/spool")), "a absolute b in out pipe");
    assert_eq!(said(tree("count", "/spool")), "Tally { files: 2, directories: 1, links: 3, others: 1 }");
    assert_eq!(said(tree("exists", "/spool/gone")), "Ok(false)");
    for (path, error) in [
        ("/spool/b", IoError::TooLong),
        ("/spool/gone", IoError::NotFound),
        ("/spool/out", IoError::NotGranted),
        ("/spool/absolute", IoError::NotGranted),
        ("/spool/pipe", IoError::Unreachable),
        ("/spool/a", IoError::Unreachable),
    ] {
        assert_eq!(tree("read", path).run::<Doing>(), Err(Failure::Io(error)), "{path}");
    }
}

#[test]
#[should_panic(expected = "the check looks at \"/etc/passwd\"")]
fn a_path_that_is_not_granted_fails_the_test() {
    let _ = doing("read", "/etc/passwd").reads("/spool").file("/etc/passwd", "root").run::<Doing>();
}

#[test]
#[should_panic(expected = "the check looks at \"/spool/../etc/passwd\"")]
fn a_path_that_leads_up_fails_the_test() {
    let _ = doing("read", "/spool/../etc/passwd").reads("/spool").run::<Doing>();
}

#[test]
fn answers_are_those_of_the_scene() {
    let asked = |answer: Exchange| doing("fetch", "https://a.example/x").fetches("https://a.example").exchange(answer);
    let get = || exchange("GET", "https://a.example/x").header("x-a", "b");
    assert_eq!(said(asked(get().answers(200, "yes"))), "yes");
    let long = asked(get().answers(200, "more than nine bytes")).run::<Doing>();
    assert_eq!(long, Err(Failure::Io(IoError::TooLong)));
    let nobody = asked(get().fails(IoError::Unreachable)).run::<Doing>();
    assert_eq!(nobody, Err(Failure::Io(IoError::Unreachable)));
}

#[test]
#[should_panic(expected = "the headers of GET https://a.example/x")]
fn a_request_with_other_headers_fails_the_test() {
    let expected = exchange("GET", "https://a.example/x");
    let _ = doing("fetch", "https://a.example/x").fetches("https://a.example").exchange(expected).run::<Doing>();
}

#[test]
#[should_panic(expected = "the scene expects no request any more")]
fn a_request_that_is_not_expected_fails_the_test() {
    let _ = doing("fetch", "https://a.example/x").fetches("https://a.example").run::<Doing>();
}

#[test]
#[should_panic(expected = "the scene grants")]
fn a_request_to_another_origin_fails_the_test() {
    let _ = doing("fetch", "https://a.example.org/x").fetches("https://a.example").run::<Doing>();
}

#[test]
#[should_panic(expected = "passed without asking GET https://a.example/x")]
fn a_request_that_is_not_made_fails_the_test() {
    let _ = scene().exchange(exchange("GET", "https://a.example/x")).run::<Doing>();
}
