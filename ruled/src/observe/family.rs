//! Finds what belongs to a process beside itself: by process group, and where ruled started it also by session and descent.
//!
//! **Invariant:** nobody is named who might be somebody else. A number of a group or a session is believed only as long as a
//! process that is known to belong to it is alive, because until then the kernel gives the number to nobody else.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use interpreter::engine::{FAMILY_MAX, Family, FamilyOf, Identity, Presence, Reading};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process_group};

use super::process::Known;
use super::procfs::{self, ProcessStat};
use super::snapshot::Snapshot;

/// Finds the family that is asked for. `group` is the number of the process group in which ruled ran the service's start
/// program, where it did.
///
/// A fault of ours in it leaves everything else alone, and the family unknown.
pub fn find(asked: &FamilyOf, presence: &Presence, group: Option<u32>, snapshot: &Snapshot) -> Reading<Family> {
    catch_unwind(AssertUnwindSafe(|| find_unguarded(asked, presence, group, snapshot)))
        .unwrap_or_else(|_| Reading::Unknown("ruled failed while it looked; please report this".to_owned()))
}

/// Finds what a process left behind in its group that was known, and is gone or a zombie.
///
/// The number of its group is believed only where somebody has it who began while the process was alive: the kernel gives it
/// to nobody else as long as he has it.
pub fn left_behind(known: Known, group: Option<u32>, snapshot: &Snapshot) -> Reading<Family> {
    // Almost always nobody is left, and the kernel says so without a look at all processes.
    let leader = i32::try_from(known.pid).ok().and_then(Pid::from_raw);
    if leader.is_none_or(|leader| test_kill_process_group(leader) == Err(Errno::SRCH)) {
        return Reading::Known(Family::default());
    }
    let find = || {
        let processes = snapshot.sweep().map_err(|error| error.to_string())?.processes();
        let until = alive_ticks(&known);
        let own = std::process::id();
        let in_group = |one: &&ProcessStat| one.group == known.pid && one.pid != known.pid && !one.has_ended();
        let began_with_it = |one: &&ProcessStat| (known.start_ticks..=until).contains(&one.start_ticks);
        let members: Vec<&ProcessStat> = processes.iter().filter(in_group).filter(began_with_it).collect();
        // ruled may have been started by it.
        let has_ours = processes.iter().any(|one| one.pid == own && one.group == known.pid);
        if members.is_empty() || has_ours {
            return Ok(Family::default());
        }
        let main = Identity::Process { pid: known.pid, start_ticks: known.start_ticks, uptime_s: 0 };
        let is_own = members.iter().any(|one| one.parent == own);
        let family = Family { members: members.into_iter().map(identity).collect(), kin: Vec::new(), is_own };
        let asked = FamilyOf { main: Some(main), known: family };
        match find(&asked, &Presence::Absent(String::new()), group, snapshot) {
            Reading::Known(family) => Ok(family),
            Reading::Unknown(reason) => Err(reason),
        }
    };
    find().map_or_else(Reading::Unknown, Reading::Known)
}

/// When it was last known to be alive, in clock ticks since boot.
///
/// Who began in the same tick, 10 ms long, belongs to it as well: in that time the kernel does not get through all numbers,
/// so that nobody else has this one already.
fn alive_ticks(known: &Known) -> u64 {
    let since = known.alive.elapsed();
    procfs::ticks(procfs::process_clock().saturating_sub(since))
}

fn find_unguarded(asked: &FamilyOf, presence: &Presence, group: Option<u32>, snapshot: &Snapshot) -> Reading<Family> {
    let sweep = match snapshot.sweep() {
        Ok(sweep) => sweep,
        Err(error) => return Reading::Unknown(error.to_string()),
    };
    let found = match presence {
        Presence::Present(identity) | Presence::Zombie(identity) => Some(*identity),
        _ => None,
    };
    let Some(main) = asked.main.or(found) else { return Reading::Known(still_there(&asked.known, sweep.processes())) };
    let alive: Vec<&ProcessStat> = sweep.processes().iter().filter(|one| !one.has_ended() && !one.is_kernel).collect();
    let is_main = |one: &ProcessStat| is(&main, one);
    // Another process that took its place is not of its family, though it may have its pid file.
    let is_other = |one: &ProcessStat| found.is_some_and(|found| !found.is_same(&main) && is(&found, one));
    let was_member = |one: &ProcessStat| asked.known.members.iter().any(|known| is(known, one));
    let was_kin = |one: &ProcessStat| asked.known.kin.iter().any(|known| is(known, one));
    let Identity::Process { pid: main_pid, .. } = main else { return Reading::Known(Family::default()) };
    let own = std::process::id();
    // ruled is the parent of whatever its programs leave behind, as the subreaper.
    let is_own = asked.known.is_own || alive.iter().any(|one| is_main(one) && one.parent == own);
    let (mut groups, mut sessions) = (BTreeSet::new(), BTreeSet::new());
    for one in alive.iter().filter(|one| is_main(one) || was_member(one)) {
        if one.group == main_pid || is_own && Some(one.group) == group {
            groups.insert(one.group);
        }
        if is_own && one.session == main_pid {
            sessions.insert(one.session);
        }
    }
    // What ruled itself belongs to is not the service's.
    // Asked of the table: the calls of the standard libraries know no group or session outside of their namespace.
    for ruled in alive.iter().filter(|one| one.pid == own) {
        groups.remove(&ruled.group);
        sessions.remove(&ruled.session);
    }
    let mut family = Family { is_own, ..Family::default() };
    let mut seen: BTreeSet<u32> = BTreeSet::from([own, main_pid]);
    for one in &alive {
        let belongs = groups.contains(&one.group) || sessions.contains(&one.session) || was_member(one);
        if belongs && !is_other(one) && seen.insert(one.pid) {
            family.members.push(identity(one));
        }
    }
    let heads: Vec<u32> = alive.iter().filter(|one| is_main(one)).map(|one| one.pid).collect();
    let heads = heads.into_iter().chain(family.members.iter().filter_map(pid)).collect::<Vec<_>>();
    let descendants: Vec<&ProcessStat> = heads.iter().flat_map(|head| sweep.family(*head)).collect();
    // Whoever is above ruled has everything here as its descendants.
    if is_own && descendants.iter().all(|one| one.pid != own) {
        for one in descendants.into_iter().chain(alive.iter().copied().filter(|one| was_kin(one))) {
            if !one.has_ended() && !is_other(one) && seen.insert(one.pid) {
                family.kin.push(identity(one));
            }
        }
    }
    family.members.truncate(FAMILY_MAX);
    family.kin.truncate(FAMILY_MAX);
    Reading::Known(family)
}

/// Those of a family that are still there.
fn still_there(known: &Family, processes: &[ProcessStat]) -> Family {
    let lives = |one: &&Identity| processes.iter().any(|stat| is(one, stat) && !stat.has_ended());
    let among = |list: &[Identity]| list.iter().filter(lives).copied().collect();
    Family { members: among(&known.members), kin: among(&known.kin), is_own: known.is_own }
}

fn is(identity: &Identity, stat: &ProcessStat) -> bool {
    matches!(identity, Identity::Process { pid, start_ticks, .. } if (*pid, *start_ticks) == (stat.pid, stat.start_ticks))
}

fn identity(stat: &ProcessStat) -> Identity {
    Identity::Process { pid: stat.pid, start_ticks: stat.start_ticks, uptime_s: 0 }
}

fn pid(identity: &Identity) -> Option<u32> {
    match identity {
        Identity::Process { pid, .. } => Some(*pid),
        Identity::Itself | Identity::File { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use rustix::process::{Signal, kill_process};

    use super::*;

    /// A process that leads a group with another in it, and says that one's number as soon as it is there.
    fn family() -> (std::process::Child, u32) {
        let mut main = Command::new("sh")
            .args(["-c", "sleep 60 >/dev/null & echo $!; wait"])
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("sh starts");
        let mut line = String::new();
        BufReader::new(main.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        (main, line.trim().parse().expect("a number"))
    }

    #[test]
    fn who_began_right_before_a_process_ended_was_its_own() {
        for _ in 0..20 {
            let (mut main, worker) = family();
            let start_ticks = procfs::process(main.id()).expect("readable").expect("it lives").start_ticks;
            main.kill().expect("it is ours");
            main.wait().expect("it ends");
            let known = Known { pid: main.id(), start_ticks, is_held: true, alive: Instant::now() };
            let left = left_behind(known, None, &Snapshot::default());
            let pid = i32::try_from(worker).ok().and_then(Pid::from_raw).expect("a number");
            kill_process(pid, Signal::KILL).expect("it is there");
            let Reading::Known(family) = left else { panic!("{left:?}") };
            assert_eq!(family.members.iter().filter_map(super::pid).collect::<Vec<_>>(), [worker]);
        }
    }

    #[test]
    fn who_began_later_is_a_stranger() {
        let (mut main, worker) = family();
        let start_ticks = procfs::process(main.id()).expect("readable").expect("it lives").start_ticks;
        main.kill().expect("it is ours");
        main.wait().expect("it ends");
        let before = Instant::now() - std::time::Duration::from_secs(1);
        // As if it had been another that had the number then.
        let known =
            Known { pid: main.id(), start_ticks: start_ticks.saturating_sub(1_000), is_held: false, alive: before };
        let left = left_behind(known, None, &Snapshot::default());
        let pid = i32::try_from(worker).ok().and_then(Pid::from_raw).expect("a number");
        kill_process(pid, Signal::KILL).expect("it is there");
        assert_eq!(left, Reading::Known(Family::default()));
    }
}
