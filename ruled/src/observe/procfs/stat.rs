//! Parsers of `/proc/PID/stat` and `/proc/stat`, as proc(5) describes them.

/// The flag of a kernel thread (PF_KTHREAD) in field 9.
const KERNEL_THREAD: u64 = 0x0020_0000;

/// What `/proc/PID/stat` says of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessStat {
    /// The number.
    pub pid: u32,
    /// The kernel's name of it. The process chooses it freely.
    pub name: String,
    /// The letter of its state: `R S D Z T t X I`.
    pub state: char,
    /// The number of its parent.
    pub parent: u32,
    /// The number of its process group.
    pub group: u32,
    /// The number of its session.
    pub session: u32,
    /// Whether it is a thread of the kernel.
    pub is_kernel: bool,
    /// Time spent for itself, in clock ticks.
    pub user_ticks: u64,
    /// Time spent in the kernel on its behalf, in clock ticks.
    pub system_ticks: u64,
    /// How many threads it has.
    pub threads: u32,
    /// When it started, in clock ticks since boot.
    pub start_ticks: u64,
    /// The resident set, in pages.
    pub resident_pages: u64,
}

impl ProcessStat {
    /// Reads the one line. The name stands in parentheses and may itself hold parentheses, blanks and line
    /// breaks: it ends at the last closing parenthesis, because only numbers follow.
    pub fn parse(bytes: &[u8]) -> Option<ProcessStat> {
        let open = bytes.iter().position(|byte| *byte == b'(')?;
        let close = bytes.iter().rposition(|byte| *byte == b')')?;
        let pid = std::str::from_utf8(bytes.get(..open)?).ok()?.trim().parse().ok()?;
        let name = String::from_utf8_lossy(bytes.get(open + 1..close)?).into_owned();
        let rest = std::str::from_utf8(bytes.get(close + 1..)?).ok()?;
        // proc(5) counts fields from 1; the state is field 3 and the first here.
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        let number = |place: usize| field(place)?.parse::<u64>().ok();
        Some(ProcessStat {
            pid,
            name,
            state: field(3)?.chars().next()?,
            parent: field(4)?.parse().ok()?,
            group: field(5)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            is_kernel: number(9)? & KERNEL_THREAD != 0,
            user_ticks: number(14)?,
            system_ticks: number(15)?,
            threads: field(20)?.parse().ok()?,
            start_ticks: number(22)?,
            resident_pages: number(24)?,
        })
    }

    /// Whether it has ended and waits for its parent to notice.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// The threads that the load averages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanting {
    /// They run, or want to.
    pub running: u32,
    /// They wait for a disk or the like, and nothing wakes them before.
    pub waiting: u32,
}

impl Wanting {
    /// Counts a thread in this state.
    pub(super) fn count(&mut self, state: char) {
        match state {
            'R' => self.running += 1,
            'D' => self.waiting += 1,
            _ => {}
        }
    }

    /// What a single thread in this state wants.
    pub fn of(state: char) -> Wanting {
        let mut wanting = Wanting::default();
        wanting.count(state);
        wanting
    }
}

/// How all processors together have spent their time since boot, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuTimes {
    /// For programs, polite ones included.
    pub user: u64,
    /// In the kernel, interrupts included.
    pub system: u64,
    /// For polite programs; part of `user`.
    pub nice: u64,
    /// For interrupts; part of `system`.
    pub hard_interrupts: u64,
    /// For what interrupts left to do; part of `system`.
    pub soft_interrupts: u64,
    /// What the hypervisor gave to others.
    pub stolen: u64,
    /// For virtual machines; part of `user`.
    pub guest: u64,
    /// For polite virtual machines; part of `nice`.
    pub guest_nice: u64,
    /// Idle while something waited for a disk.
    pub wait: u64,
    /// Everything: the above, idle, and what the hypervisor gave to others.
    pub total: u64,
    /// How many processors there are.
    pub cores: u32,
}

impl CpuTimes {
    /// Reads the line `cpu` and counts the lines `cpu0`, `cpu1`, …
    pub fn parse(bytes: &[u8]) -> Option<CpuTimes> {
        let text = String::from_utf8_lossy(bytes);
        let mut times = None;
        let mut cores = 0;
        for line in text.lines() {
            // The lines of processors come first; the long tables behind them are of no use here.
            let Some(rest) = line.strip_prefix("cpu") else { break };
            if !rest.starts_with(' ') {
                cores += 1;
                continue;
            }
            let ticks: Vec<u64> = rest.split_ascii_whitespace().map_while(|word| word.parse().ok()).collect();
            // user nice system idle iowait irq softirq steal; guest times are part of user and nice.
            let at = |place: usize| ticks.get(place).copied().unwrap_or(0);
            if ticks.len() < 5 {
                return None;
            }
            let user = at(0).saturating_add(at(1));
            let system = at(2).saturating_add(at(5)).saturating_add(at(6));
            let rest = at(3).saturating_add(at(4)).saturating_add(at(7));
            times = Some(CpuTimes {
                user,
                system,
                nice: at(1),
                hard_interrupts: at(5),
                soft_interrupts: at(6),
                stolen: at(7),
                guest: at(8),
                guest_nice: at(9),
                wait: at(4),
                total: user.saturating_add(system).saturating_add(rest),
                cores: 0,
            });
        }
        times.map(|times| CpuTimes { cores: cores.max(1), ..times })
    }
}
