//! Processes by pattern, their figures, and files.

use grammar::ast::TimestampKind;
use interpreter::engine::{Identity, Metric, Plan, Presence, Raw, Reading};
use interpreter::program::{Behaviour, Target};
use ruled::observe::process::Known;
use ruled::observe::snapshot::Snapshot;
use ruled::observe::{Seen, Sight};

use super::{Started, eventually};

fn look(target: &Target, metrics: &[Metric], known: Option<Known>) -> Seen {
    let plan = Plan { metrics: metrics.to_vec(), ..Plan::default() };
    Sight::new(target, &Behaviour::RULES).look(&plan, known, &Snapshot::default())
}

#[test]
fn the_oldest_match_is_found_and_kept() {
    // A number that no other process has in its command line; our own is never a match.
    let mark = format!("600.{}", std::process::id());
    let target = Target::Matching(format!("sleep {}$", mark.replace('.', "\\.")));
    assert!(matches!(look(&target, &[], None).presence, Presence::Absent(_)));
    let first = Started::new("sleep", &[&mark]);
    let alive = std::time::Instant::now();
    let pid = |seen: &Seen| match seen.presence {
        Presence::Present(Identity::Process { pid, start_ticks, .. }) => {
            Some(Known { pid, start_ticks, is_held: true, alive })
        }
        _ => None,
    };
    // Between fork and exec the command line is still ours.
    assert!(eventually(|| pid(&look(&target, &[], None)).is_some_and(|known| known.pid == first.pid())));
    let known = pid(&look(&target, &[], None)).expect("it is there");
    let second = Started::new("sleep", &[&mark]);
    assert!(eventually(|| pid(&look(&target, &[], None)) == Some(known)));
    let again = look(&target, &[], Some(known));
    assert_eq!(pid(&again), Some(known));
    assert!(again.pidfd.is_none(), "one handle is enough");
    drop(first);
    assert!(eventually(|| pid(&look(&target, &[], Some(known))).is_some_and(|known| known.pid == second.pid())));
}

#[test]
fn a_pattern_that_cannot_be_matched_is_unknown() {
    let seen = look(&Target::Matching("(".to_owned()), &[], None);
    assert!(matches!(seen.presence, Presence::Unknown(reason) if reason.contains("cannot be matched")));
}

#[test]
fn a_process_is_measured() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), std::process::id().to_string()).expect("written");
    let started = Started::new("sleep", &["600"]);
    let target = Target::Pidfile(file.path().display().to_string());
    let metrics = [Metric::Cpu, Metric::TotalCpu, Metric::Memory, Metric::TotalMemory, Metric::Size];
    let seen = look(&target, &metrics, None);
    let known = |metric: Metric| match seen.figures.values.get(&metric) {
        Some(Reading::Known(raw)) => *raw,
        other => panic!("{metric:?}: {other:?}"),
    };
    let Raw::Part { amount, whole } = known(Metric::Memory) else { panic!("a part") };
    assert!(amount > 100_000.0 && amount < whole);
    let Raw::Part { amount: total, .. } = known(Metric::TotalMemory) else { panic!("a part") };
    // The child has some memory of its own, beside what we used meanwhile.
    assert!(total > 0.0 && started.pid() > 0);
    let Raw::Work { capacity, .. } = known(Metric::Cpu) else { panic!("work") };
    assert!(capacity >= 1.0);
    assert!(matches!(known(Metric::TotalCpu), Raw::Work { .. }));
    assert!(matches!(seen.figures.values.get(&Metric::Size), Some(Reading::Unknown(_))));
    assert!(seen.pidfd.is_some());
}

#[test]
fn the_system_is_measured() {
    let load = |per_core| Metric::LoadAverage { minutes: 5, per_core };
    let metrics =
        [Metric::Cpu, Metric::CpuUser, Metric::CpuWait, Metric::Memory, Metric::Swap, load(true), load(false)];
    let seen = look(&Target::System, &metrics, None);
    assert_eq!(seen.presence, Presence::Present(Identity::Itself));
    for metric in metrics {
        match seen.figures.values.get(&metric) {
            Some(Reading::Known(Raw::Gauge(value))) => assert!(*value >= 0.0),
            Some(Reading::Known(Raw::Part { amount, whole } | Raw::Share { part: amount, whole })) => {
                assert!(amount <= whole, "{metric:?}");
            }
            other => panic!("{metric:?}: {other:?}"),
        }
    }
}

#[test]
fn a_file_has_size_and_age_and_other_things_are_invalid() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("file");
    let target = Target::File(path.display().to_string());
    assert!(matches!(look(&target, &[], None).presence, Presence::Absent(_)));
    std::fs::write(&path, "12345").expect("written");
    let seen = look(&target, &[Metric::Size, Metric::Timestamp(TimestampKind::Any)], None);
    assert!(matches!(seen.presence, Presence::Present(Identity::File { .. })));
    assert_eq!(seen.figures.values.get(&Metric::Size), Some(&Reading::Known(Raw::Gauge(5.0))));
    assert!(
        matches!(seen.figures.values.get(&Metric::Timestamp(TimestampKind::Any)), Some(Reading::Known(Raw::Stamp(at))) if at.0 > 0)
    );
    std::fs::remove_file(&path).expect("removed");
    std::fs::create_dir(&path).expect("a directory");
    assert!(
        matches!(look(&target, &[], None).presence, Presence::Invalid(reason) if reason.ends_with("is a directory"))
    );
    let below = Target::File("/dev/null/below".to_owned());
    assert!(matches!(look(&below, &[], None).presence, Presence::Absent(_)));
    let device = Target::File("/dev/null".to_owned());
    assert!(matches!(look(&device, &[], None).presence, Presence::Invalid(_)));
}
