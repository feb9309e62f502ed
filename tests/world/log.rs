//! The log and the events for programs.

use interpreter::engine::{Event, EventClass, EventState, ServiceId, Wall};
use interpreter::program::LogTarget;
use jiff::tz::{Offset, TimeZone};
use ruled::report::events::{EventsTarget, EventsWriter, render};
use ruled::report::level::Level;
use ruled::report::line::Line;
use ruled::report::log_file::Log;

fn event(message: &str) -> Event {
    Event {
        // 2026-11-21T04:26:00.25Z
        at: Wall(1_795_235_160_250_000),
        cycle: 3,
        early: false,
        service: ServiceId(0),
        class: EventClass::Nonexist,
        state: EventState::Failed,
        action: "restart",
        message: message.to_owned(),
        rule: None,
        takers: Vec::new(),
    }
}

#[test]
fn a_line_is_monits() {
    let line = Line::of(&event("process is not running"), "nginx");
    assert_eq!(line.render(&TimeZone::UTC), "[2026-11-21T04:26:00+0000] error    : 'nginx' process is not running");
    let recovered = Event { state: EventState::Succeeded, ..event("process is running with pid 7") };
    let zone = TimeZone::fixed(Offset::from_seconds(-12_600).expect("an offset"));
    assert_eq!(
        Line::of(&recovered, "nginx").render(&zone),
        "[2026-11-21T00:56:00-0330] info     : 'nginx' process is running with pid 7"
    );
}

#[test]
fn a_line_is_one_line() {
    let text = Line::of(&event("one\r\ntwo\u{1b}[31m\0"), "ng\ninx").render(&TimeZone::UTC);
    assert!(text.ends_with("'ng inx' one  two\u{fffd}[31m\u{fffd}"), "{text:?}");
    let long = Line::new(Wall(0), Level::Info, &"x".repeat(1 << 20));
    assert!(long.text.len() < 3_000);
}

#[test]
fn the_file_is_appended_to_and_opened_anew() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log");
    let line = Line::new(Wall(0), Level::Warning, "hello");
    let mut log = Log::new(Some(&LogTarget::File(path.display().to_string())));
    log.write(&line, &TimeZone::UTC).expect("written");
    let rotated = directory.path().join("log.1");
    std::fs::rename(&path, &rotated).expect("rotated");
    log.write(&line, &TimeZone::UTC).expect("written");
    assert!(!path.exists());
    log.reopen();
    log.write(&line, &TimeZone::UTC).expect("written");
    let one = "[1970-01-01T00:00:00+0000] warning  : hello\n";
    assert_eq!(std::fs::read_to_string(&path).expect("readable"), one);
    assert_eq!(std::fs::read_to_string(&rotated).expect("readable"), one.repeat(2));
    let mut nowhere = Log::new(Some(&LogTarget::File("/nowhere/at/all".to_owned())));
    let error = nowhere.write(&line, &TimeZone::UTC).expect_err("no such directory");
    assert_eq!(error.to_string(), "cannot write /nowhere/at/all: no such file or directory");
}

#[test]
fn a_link_that_others_may_have_made_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let (precious, link) = (place("precious"), place("link"));
    std::fs::write(&precious, "precious\n").expect("a file");
    std::os::unix::fs::symlink(&precious, &link).expect("a link");
    let line = Line::new(Wall(0), Level::Warning, "hello");
    let write = || Log::new(Some(&LogTarget::File(link.display().to_string()))).write(&line, &TimeZone::UTC);
    let open_to = |mode: u32| {
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("a mode");
    };
    for mode in [0o777, 0o775] {
        open_to(mode);
        let error = write().expect_err("anybody may have made it").to_string();
        assert!(error.ends_with("it is a symbolic link in a folder that others may write to"), "{error}");
        assert!(EventsWriter::open(&EventsTarget::File(link.clone())).is_err(), "neither is that of the events");
    }
    assert_eq!(std::fs::read_to_string(&precious).expect("readable"), "precious\n");
    // Where only its owner can have made it, it is meant; and where everybody may replace what is theirs only.
    for mode in [0o755, 0o1777] {
        open_to(mode);
        write().expect("written");
        assert!(EventsWriter::open(&EventsTarget::File(link.clone())).is_ok());
    }
    assert_eq!(std::fs::read_to_string(&precious).expect("readable").lines().count(), 3);
    // What is no link is made and written wherever it is.
    open_to(0o777);
    Log::new(Some(&LogTarget::File(place("new").display().to_string()))).write(&line, &TimeZone::UTC).expect("written");
}

#[test]
fn an_event_is_one_object_in_a_line() {
    let line = render(&event("a \"quoted\"\nword"), "shop").expect("text");
    assert_eq!(
        line,
        "{\"time\":\"2026-11-21T04:26:00.25Z\",\"cycle\":3,\"service\":\"shop\",\"event\":\"nonexist\",\
         \"state\":\"failed\",\"action\":\"restart\",\"message\":\"a \\\"quoted\\\"\\nword\"}\n"
    );
    let early = render(&Event { early: true, ..event("x") }, "shop").expect("text");
    assert!(early.contains("\"cycle\":3,\"early\":true,"));
}
