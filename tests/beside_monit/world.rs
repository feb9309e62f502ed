//! A world: a control file that both programs read, and what happens to what it watches, cycle by cycle.

use super::repair::Repair;

/// What one cycle sees: what changes before it, and what Monit tells in it.
pub(super) type Cycle = (&'static [Change], &'static [&'static str]);

/// A control file and its script.
pub(super) struct World {
    /// The control file, the same for both programs. `{here}` is the folder of the world, `{port}` a port of its own.
    pub(super) control: &'static str,
    /// The cycles: the changes before each, and what Monit tells in it, as `service event state action`. What stands
    /// before the first is there when the programs start.
    pub(super) cycles: &'static [Cycle],
    /// How ruled's events may differ.
    pub(super) differs: Differs,
}

/// How ruled's events differ from Monit's.
pub(super) enum Differs {
    /// Not at all.
    Not,
    /// In what a repair brings about: these cycles, counted from 1, tell this instead.
    Repaired(Repair, &'static [(usize, &'static [&'static str])]),
}

impl World {
    /// A world in which both programs tell the same, in the same words.
    pub(super) fn of(control: &'static str, cycles: &'static [Cycle]) -> World {
        World { control, cycles, differs: Differs::Not }
    }

    /// One in which a repair shows.
    pub(super) fn repaired(mut self, by: Repair, cycles: &'static [(usize, &'static [&'static str])]) -> World {
        self.differs = Differs::Repaired(by, cycles);
        self
    }

    /// What ruled is expected to tell in the cycle with this number.
    pub(super) fn expected(&self, number: usize) -> &'static [&'static str] {
        let told = self.cycles.get(number - 1).map_or(&[][..], |(_, told)| told);
        let Differs::Repaired(_, list) = self.differs else { return told };
        list.iter().find(|(cycle, _)| *cycle == number).map_or(told, |(_, other)| other)
    }
}

/// Something that changes. Names of files stand for files in the folder of the world.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    /// The file has this content, written in place; `{pid NAME}` is the number of a process of the test.
    Write(&'static str, &'static str),
    /// This is added to the end of the file.
    Append(&'static str, &'static str),
    /// The file is replaced by another of this content.
    Replace(&'static str, &'static str),
    /// The file, folder, pipe or socket is gone.
    Remove(&'static str),
    /// A folder is made.
    Folder(&'static str),
    /// A named pipe is made.
    Pipe(&'static str),
    /// A symbolic link is made, which leads there.
    Link(&'static str, &'static str),
    /// The mode bits.
    Mode(&'static str, u32),
    /// The owner, by number.
    Owner(&'static str, u32),
    /// The group, by number.
    Group(&'static str, u32),
    /// Read and changed so many seconds ago.
    Age(&'static str, u64),
    /// A process begins, and `NAME.pid` holds its number. The test is its parent, so only the test may end it.
    Run(&'static str),
    /// A service begins as its start program begins it, so that others may end it.
    Start(&'static str),
    /// The process of this name ends without a word; its pid file stays.
    Kill(&'static str),
    /// The same, but its parent takes no notice.
    Zombie(&'static str),
    /// Somebody listens on the port.
    Listen,
    /// Nobody does any more.
    HangUp,
    /// Somebody asks, in the words of Monit's command line: `unmonitor a`.
    Ask(&'static str),
    /// The program itself ends in order, and is started again when the other changes of this cycle are made.
    Again,
    /// A file of so many bytes.
    Fill(&'static str, usize),
    /// A file system of one megabyte is mounted on this folder.
    Mount(&'static str),
}
