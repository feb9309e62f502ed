//! What one batch of observations shares: every source is read at most once, when the first service asks.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::command_lines;
use super::procfs::{self, CpuTimes, Mounts, ProcessStat, ProcfsError};

/// The figures of one moment, read on demand and shared by all services of a batch.
#[derive(Debug, Default)]
pub struct Snapshot {
    cpu: OnceLock<Result<CpuTimes, ProcfsError>>,
    memory: OnceLock<Result<Memory, MemoryError>>,
    sweep: OnceLock<Result<Sweep, ProcfsError>>,
    uptime: OnceLock<Result<f64, ProcfsError>>,
    mounts: OnceLock<Result<Mounts, ProcfsError>>,
}

/// Why the machine's memory is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the machine's memory: {0}")]
pub struct MemoryError(String);

/// The machine's memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// All of it.
    pub total: u64,
    /// What programs could still get.
    pub available: u64,
    /// All swap space; 0 on a machine without.
    pub swap_total: u64,
    /// What is used of it.
    pub swap_used: u64,
}

impl Snapshot {
    /// How the processors spent their time.
    pub fn cpu(&self) -> Result<CpuTimes, ProcfsError> {
        self.cpu.get_or_init(procfs::cpu_times).clone()
    }

    /// The machine's memory, as sysinfo reads it.
    pub fn memory(&self) -> Result<Memory, MemoryError> {
        self.memory.get_or_init(Memory::read).clone()
    }

    /// All processes.
    pub fn sweep(&self) -> Result<&Sweep, ProcfsError> {
        self.sweep.get_or_init(Sweep::take).as_ref().map_err(Clone::clone)
    }

    /// What is mounted where.
    pub fn mounts(&self) -> Result<&Mounts, ProcfsError> {
        self.mounts.get_or_init(procfs::mounts).as_ref().map_err(Clone::clone)
    }

    /// The time since boot in seconds.
    pub fn uptime_s(&self) -> Result<f64, ProcfsError> {
        self.uptime.get_or_init(procfs::uptime_s).clone()
    }
}

impl Memory {
    fn read() -> Result<Memory, MemoryError> {
        let mut system = sysinfo::System::new().map_err(|error| MemoryError(error.to_string()))?;
        system.refresh_memory();
        let total = system.total_memory();
        if total == 0 {
            return Err(MemoryError("it is said to have none".to_owned()));
        }
        Ok(Memory {
            total,
            available: system.available_memory(),
            swap_total: system.total_swap(),
            swap_used: system.used_swap(),
        })
    }
}

/// All processes of one moment.
#[derive(Debug, Default)]
pub struct Sweep {
    processes: Vec<ProcessStat>,
    children: HashMap<u32, Vec<usize>>,
    command_lines: OnceLock<Vec<Option<String>>>,
}

impl Sweep {
    /// Looks at all processes.
    pub fn take() -> Result<Sweep, ProcfsError> {
        // A process that ends during the sweep, or hides, is left out.
        let mut processes: Vec<ProcessStat> =
            procfs::pids()?.into_iter().filter_map(|pid| procfs::process(pid).ok().flatten()).collect();
        processes.sort_by_key(|process| (process.start_ticks, process.pid));
        let mut children: HashMap<u32, Vec<usize>> = HashMap::new();
        for (place, process) in processes.iter().enumerate() {
            children.entry(process.parent).or_default().push(place);
        }
        Ok(Sweep { processes, children, command_lines: OnceLock::new() })
    }

    /// The processes, oldest first.
    pub fn processes(&self) -> &[ProcessStat] {
        &self.processes
    }

    /// The processes with their command lines, oldest first; the kernel's name where the command line is empty, nothing where
    /// it cannot be had.
    pub fn with_command_lines(&self) -> impl Iterator<Item = (&ProcessStat, Option<&str>)> {
        let lines = self.command_lines.get_or_init(|| command_lines::read(&self.processes));
        self.processes.iter().zip(lines.iter().map(Option::as_deref))
    }

    /// The process of that number with all its descendants.
    pub fn family(&self, pid: u32) -> Vec<&ProcessStat> {
        let mut family: Vec<&ProcessStat> = self.processes.iter().filter(|process| process.pid == pid).collect();
        let mut next = 0;
        // The table is no picture of one instant, so a number used again could close a circle: the bound ends it.
        while let Some(member) = family.get(next).map(|process| process.pid)
            && family.len() <= self.processes.len()
        {
            let places = self.children.get(&member).map_or(&[][..], Vec::as_slice);
            family.extend(places.iter().filter_map(|place| self.processes.get(*place)));
            next += 1;
        }
        family
    }
}
