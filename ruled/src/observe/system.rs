//! Measures this machine: load, processors, memory, swap space.

use interpreter::engine::{Metric, Plan, Raw, Reading};

use super::procfs::{self, CpuTimes};
use super::snapshot::{Memory, Snapshot};
use super::{Figures, readings};

/// Takes the metrics of the whole machine.
pub fn measure(plan: &Plan, snapshot: &Snapshot) -> Figures {
    Figures {
        values: plan.metrics.iter().map(|metric| (*metric, value(*metric, snapshot))).collect(),
        facts: readings(&plan.facts, |_| Err("the system has nothing of the kind".to_owned())),
    }
}

fn value(metric: Metric, snapshot: &Snapshot) -> Reading<Raw> {
    match metric {
        Metric::Cpu => share(snapshot, |times| times.user.saturating_add(times.system)),
        Metric::CpuUser => share(snapshot, |times| times.user),
        Metric::CpuSystem => share(snapshot, |times| times.system),
        Metric::CpuWait => share(snapshot, |times| times.wait),
        Metric::CpuNice => share(snapshot, |times| times.nice),
        Metric::CpuHardirq => share(snapshot, |times| times.hard_interrupts),
        Metric::CpuSoftirq => share(snapshot, |times| times.soft_interrupts),
        Metric::CpuSteal => share(snapshot, |times| times.stolen),
        Metric::CpuGuest => share(snapshot, |times| times.guest),
        Metric::CpuGuestNice => share(snapshot, |times| times.guest_nice),
        Metric::FileDescriptors => known(
            procfs::descriptors_of_all().map(|(open, most)| Raw::Part { amount: open as f64, whole: most as f64 }),
        ),
        Metric::Uptime => known(snapshot.uptime_s().map(Raw::Gauge)),
        Metric::Memory => part(snapshot, |memory| (memory.total.saturating_sub(memory.available), memory.total)),
        // A machine without swap space uses none of it.
        Metric::Swap => part(snapshot, |memory| (memory.swap_used, memory.swap_total)),
        Metric::LoadAverage { minutes, per_core } => {
            load(minutes, per_core, snapshot).map_or_else(Reading::Unknown, Reading::Known)
        }
        _ => Reading::Unknown("the system has no such figure".to_owned()),
    }
}

fn share(snapshot: &Snapshot, part: impl Fn(&CpuTimes) -> u64) -> Reading<Raw> {
    known(snapshot.cpu().map(|times| Raw::Share { part: part(&times) as f64, whole: times.total as f64 }))
}

fn part(snapshot: &Snapshot, figures: impl Fn(&Memory) -> (u64, u64)) -> Reading<Raw> {
    known(snapshot.memory().map(|memory| {
        let (amount, whole) = figures(&memory);
        Raw::Part { amount: amount as f64, whole: whole as f64 }
    }))
}

/// The load average, or why it cannot be had.
pub(super) fn load(minutes: u8, per_core: bool, snapshot: &Snapshot) -> Result<Raw, String> {
    let average = sysinfo::System::load_average().map_err(|error| format!("cannot read the load averages: {error}"))?;
    let value = match minutes {
        1 => average.one,
        5 => average.five,
        15 => average.fifteen,
        _ => return Err(format!("there is no load average of {minutes} minutes")),
    };
    if !per_core {
        return Ok(Raw::Gauge(value));
    }
    snapshot.cpu().map(|times| Raw::Gauge(value / f64::from(times.cores))).map_err(|error| error.to_string())
}

fn known(raw: Result<Raw, impl ToString>) -> Reading<Raw> {
    raw.map_or_else(|error| Reading::Unknown(error.to_string()), Reading::Known)
}
