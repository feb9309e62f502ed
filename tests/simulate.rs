//! `ruled simulate`: rules in a time that never was.

use std::fs;

use serde_json::Value;

use crate::rig::{Finished, finish, ruled, write};

const WEB: &str = "set daemon 30
set alert ops@example.com
check process web with pidfile /run/web.pid
    start program = \"/bin/true web\"
    stop program = \"/bin/true\"
    if failed port 443 for 3 cycles then restart
    if memory usage > 50% for 5 cycles then alert
check filesystem disk with path /
    if space usage > 80% then alert
";

fn simulate(words: &[&str], rules: &str) -> Finished {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "web.rules", rules);
    let mut all = vec!["simulate"];
    all.extend(words);
    all.push(&path);
    finish(ruled(&all))
}

#[test]
fn the_same_seed_tells_the_same_to_the_letter() {
    let run = |seed: &str| {
        let done = simulate(&["--days", "20", "--weather", "rough", "--seed", seed], WEB);
        assert_eq!((done.status, done.err.as_str()), (0, ""));
        assert!(done.out.contains("mail: > letter to ops@example.com by localhost: "), "{}", done.out);
        done.out
    };
    let (one, again, other) = (run("7"), run("7"), run("8"));
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[test]
fn what_befalls_a_service_leads_to_what_its_rules_say() {
    let done = simulate(&["--days", "60", "--weather", "rough"], WEB);
    let lines: Vec<&str> = done.out.lines().collect();
    let crash = lines.iter().position(|line| line.ends_with("web: * it crashes")).expect("it crashes at some time");
    let then = lines[crash..].iter().find(|line| line.contains("web: > start")).expect("it is started");
    assert!(then.ends_with("web: > start /bin/true web"), "{then}");
    assert!(lines[crash + 1].contains("web: nonexist failed, restart: "), "{}", lines[crash + 1]);
    let letter = "mail: > letter to ops@example.com by localhost: ruled alert --  Does not exist web";
    let mailed = lines[crash..].iter().find(|line| line.ends_with(letter)).unwrap_or_else(|| panic!("{}", done.out));
    // A moment later, as the clock of the line says.
    assert_eq!(mailed[..16], lines[crash][..16]);
    assert!(done.err.is_empty() || !done.err.contains("fault of ruled"), "{}", done.err);
}

#[test]
fn data_and_sums_agree() {
    let done = simulate(&["--days", "60", "--weather", "rough", "--output", "jsonl"], WEB);
    let lines: Vec<Value> = done.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (sums, lines) = lines.split_last().expect("sums");
    assert_eq!((&sums["kind"], &sums["days"]), (&Value::from("sums"), &Value::from(60)));
    let count = |wanted: &dyn Fn(&Value) -> bool| lines.iter().filter(|line| wanted(line)).count() as u64;
    let starts = count(&|line| line["service"] == "web" && line["deed"] == "start");
    assert_eq!(sums["services"]["web"]["starts"].as_u64(), Some(starts));
    assert!(starts > 10, "{sums}");
    let mailed = count(&|line| line["mailed_to"].as_array().is_some_and(|to| !to.is_empty()));
    assert_eq!(sums["mails"]["ops@example.com"].as_u64(), Some(mailed));
    let text = simulate(&["--days", "60", "--weather", "rough", "--summary"], WEB).out;
    assert!(text.contains(&format!("mail to ops@example.com: {mailed} events in ")), "{text}");
    let letters = count(&|line| line["kind"] == "mailed" && line["repeated"] == false);
    assert_eq!(sums["letters"]["ops@example.com"].as_u64(), Some(letters));
    assert!(letters > mailed / 10 && letters <= mailed, "{letters} letters about {mailed} events");
}

#[test]
fn what_is_wrong_with_the_rules_is_said_first() {
    let done = simulate(&[], "check process web\n");
    assert_eq!((done.status, done.out.as_str()), (1, ""), "{}", done.err);
    assert!(done.err.contains("web.rules"), "{}", done.err);
    assert_eq!(finish(ruled(&["simulate", "/nowhere.rules"])).status, 2);
    assert_eq!(simulate(&["--days", "0"], WEB).status, 2);
    assert_eq!(simulate(&["--weather", "wet"], WEB).status, 2);
    assert!(fs::metadata("/run/web.pid").is_err(), "nothing of this machine is looked at");
}
