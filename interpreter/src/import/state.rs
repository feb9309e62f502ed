//! Monit's state file, read: what it watches, how often it restarted, how far it read files, and what rules about changes
//! saw last.
//!
//! The file is an image of Monit's memory in the byte order of the machine: a head, and one entry of a fixed length for each
//! service. Format 4 is what Monit 5.33 writes, read off its files; formats 0 (up to 5.3), 1 and 2 are those that it reads
//! itself. Nothing in the file is believed that does not add up.

use std::collections::BTreeSet;
use std::fmt;

use grammar::ast::ServiceKind;
use grammar::source::decode;

use crate::durable::{Kept, KeptPosition, KeptValue};
use crate::program::{OnReboot, Service};

/// The longest state file that is read, in bytes: some 170,000 services.
pub const STATE_BYTES_MAX: usize = 64 << 20;

/// How much room an entry has for a name, in bytes, with the zero behind it.
const NAME_BYTES: usize = 256;

/// The highest format that is known.
const NEWEST: u32 = 4;

/// The bits of the word that says whether a service is watched: yes, not yet looked at, waiting for its turn.
const WATCHED_BITS: u32 = 7;

/// The kinds of services by Monit's numbers.
const KINDS: [ServiceKind; 9] = [
    ServiceKind::Filesystem,
    ServiceKind::Directory,
    ServiceKind::File,
    ServiceKind::Process,
    ServiceKind::Host,
    ServiceKind::System,
    ServiceKind::Fifo,
    ServiceKind::Program,
    ServiceKind::Network,
];

/// Why a state file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateError {
    /// Nothing stands in it.
    Empty,
    /// It is longer than [`STATE_BYTES_MAX`].
    Long,
    /// It does not begin as Monit's do.
    Foreign(String),
    /// A later Monit wrote it.
    Newer(u32),
    /// A format that nobody has described.
    Unread(u32),
    /// It ends within an entry.
    Cut {
        /// The number of the entry, from 1.
        number: usize,
        /// How many bytes there are.
        bytes: usize,
        /// How many there should be.
        length: usize,
    },
    /// It is shorter than its head says, or longer.
    Count {
        /// What its head says.
        said: usize,
        /// How many there are.
        found: usize,
    },
    /// An entry makes no sense.
    Damaged {
        /// The number of the entry, from 1.
        number: usize,
        /// What is wrong, such as "has no name".
        what: String,
    },
}

impl fmt::Display for StateError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateError::Empty => write!(to, "it is empty, as Monit leaves it before its first cycle has ended"),
            StateError::Long => {
                write!(to, "it is longer than {} MB, and no state file of Monit", STATE_BYTES_MAX >> 20)
            }
            StateError::Foreign(beginning) => write!(to, "it is no state file of Monit: it begins with {beginning}"),
            StateError::Newer(format) => write!(
                to,
                "it has format {format} of Monit's state, a later one than this version of ruled knows ({NEWEST})"
            ),
            StateError::Unread(format) => write!(
                to,
                "it has format {format} of Monit's state, and ruled reads formats 0, 1, 2 and 4; a later Monit, such as 5.33, \
                 that runs with it for a cycle writes it anew in format 4"
            ),
            StateError::Cut { number: 0, bytes, length } => {
                write!(to, "it is cut: its head has {bytes} of {length} bytes")
            }
            StateError::Cut { number, bytes, length } => {
                write!(to, "it is cut: entry {number} has {bytes} of {length} bytes")
            }
            StateError::Count { said, found } => write!(to, "it says that it has {said} entries, and has {found}"),
            StateError::Damaged { number, what } => write!(to, "it is damaged: entry {number} {what}"),
        }
    }
}

impl std::error::Error for StateError {}

/// What a state file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The number of its format.
    pub format: u32,
    /// When the machine had started, in seconds since 1970; older formats do not know.
    pub booted_s: Option<u64>,
    /// One for each service, in the order of the file.
    pub entries: Vec<Entry>,
}

/// What a state file holds of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name as Monit has it: cut after 255 bytes, and whatever somebody wrote.
    pub name: String,
    /// What it is; format 0 does not know.
    pub kind: Option<ServiceKind>,
    /// Whether it is watched.
    pub monitored: bool,
    /// How often rules started or restarted it.
    pub restarts: u32,
    /// In how many cycles since the first of them.
    pub restart_cycles: u32,
    /// Of a file: its number and how many bytes of it were read.
    pub position: Option<(u64, u64)>,
    /// What it was like when it was last seen.
    pub seen: Seen,
}

/// What a file, directory or pipe was like; whatever Monit does not know is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its permissions, without the kind of file.
    pub mode: Option<u32>,
    /// The word of each time that is known, such as `mtime`, and the time in seconds since 1970.
    pub times_s: Vec<(&'static str, u64)>,
    /// The digits of its checksum.
    pub checksum: Option<String>,
}

/// Reads a state file.
///
/// # Errors
///
/// A sentence about the file, when it is none of Monit's, or not whole.
pub fn read(bytes: &[u8]) -> Result<State, StateError> {
    if bytes.is_empty() {
        return Err(StateError::Empty);
    }
    if bytes.len() > STATE_BYTES_MAX {
        return Err(StateError::Long);
    }
    let foreign = || StateError::Foreign(beginning(bytes));
    let mut head = Field(bytes);
    // The number of services in format 0, and zero in all that came after.
    let services = head.u32().ok_or_else(foreign)?;
    if services > 0 {
        let said = usize::try_from(services).unwrap_or(usize::MAX);
        let is_whole = said.checked_mul(ENTRY_BYTES[0]) == Some(head.0.len());
        return match entries(head.0, 0) {
            // Any number at all may stand at the beginning of somebody else's file.
            _ if !is_whole && services > u32::from(u16::MAX) => Err(foreign()),
            Err(_) if !is_whole => Err(StateError::Count { said, found: head.0.len() / ENTRY_BYTES[0] }),
            Ok(entries) if entries.len() != said => Err(StateError::Count { said, found: entries.len() }),
            read => read.map(|entries| State { format: 0, booted_s: None, entries }),
        };
    }
    let format = head.u32().ok_or_else(foreign)?;
    let booted_s = match format {
        1 | 2 => None,
        4 => Some(head.u64().ok_or(StateError::Cut { number: 0, bytes: bytes.len(), length: HEAD_BYTES })?),
        0 => return Err(foreign()),
        3 => return Err(StateError::Unread(format)),
        // A number that no Monit will have: it was written by something else, or by a machine of the other byte order.
        _ if format > u32::from(u8::MAX) => return Err(foreign()),
        _ => return Err(StateError::Newer(format)),
    };
    Ok(State { format, booted_s, entries: entries(head.0, format)? })
}

/// How long the head of format 4 is, in bytes.
const HEAD_BYTES: usize = 16;

/// How long an entry is in each format, in bytes; nothing is known of format 3.
const ENTRY_BYTES: [usize; 5] = [280, 288, 376, 0, 392];

fn entries(bytes: &[u8], format: u32) -> Result<Vec<Entry>, StateError> {
    let length = usize::try_from(format).ok().and_then(|format| ENTRY_BYTES.get(format)).copied().unwrap_or_default();
    let mut names = BTreeSet::new();
    let mut entries = Vec::new();
    for (number, bytes) in (1..).zip(bytes.chunks(length.max(1))) {
        if bytes.len() < length {
            return Err(StateError::Cut { number, bytes: bytes.len(), length });
        }
        let damaged = |what: &str| StateError::Damaged { number, what: what.to_owned() };
        let entry = entry(bytes, format).map_err(damaged)?;
        if !names.insert(entry.name.to_ascii_lowercase()) {
            return Err(damaged("has the name of another"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(bytes: &[u8], format: u32) -> Result<Entry, &'static str> {
    const SHORT: &str = "is too short";
    let mut field = Field(bytes);
    let name = field.take(NAME_BYTES).ok_or(SHORT)?;
    let end = name.iter().position(|byte| *byte == 0).ok_or("has a name without end")?;
    let name = decode(name.get(..end).unwrap_or_default()).text;
    if name.is_empty() {
        return Err("has no name");
    }
    let mut number = || field.u32().ok_or(SHORT);
    // Format 0 has here in which mode a service was watched, which its control file says too.
    let (first, second, third, fourth) = (number()?, number()?, number()?, number()?);
    let (kind, watched, restarts, restart_cycles) = match format {
        0 => (None, fourth, second, third),
        _ => {
            let kind = usize::try_from(first).ok().and_then(|place| KINDS.get(place));
            (Some(*kind.ok_or("is of no kind that Monit has")?), second, third, fourth)
        }
    };
    if watched > WATCHED_BITS {
        return Err("says of itself neither that it is watched nor that it is not");
    }
    if restarts.max(restart_cycles) > i32::MAX.unsigned_abs() {
        return Err("was restarted less than never");
    }
    let (position, seen) = seen(&mut field, kind, format).unwrap_or_default();
    Ok(Entry { name, kind, monitored: watched != 0, restarts, restart_cycles, position, seen })
}

/// What an entry holds beyond what all have.
fn seen(field: &mut Field<'_>, kind: Option<ServiceKind>, format: u32) -> Option<(Option<(u64, u64)>, Seen)> {
    let is_file = kind == Some(ServiceKind::File);
    if !is_file && !matches!(kind, Some(ServiceKind::Directory | ServiceKind::Fifo)) || format == 0 {
        return None;
    }
    let mut position = None;
    let mut seen = Seen::default();
    if is_file {
        // A file that was never there has no number.
        position = Some((field.u64()?, field.u64()?)).filter(|(inode, _)| *inode != 0);
        if format == 1 {
            return Some((position, seen));
        }
        seen.size = Some(field.u64()?).filter(|size| i64::try_from(*size).is_ok());
    }
    let words: &[&str] = if format == 2 { &["timestamp"] } else { &["atime", "ctime", "mtime"] };
    for word in words {
        seen.times_s.push((word, field.u64()?));
    }
    if let [(_, _), (_, changed), (_, modified)] = seen.times_s[..] {
        seen.times_s.push(("timestamp", changed.max(modified)));
    }
    // A time of nothing is no time, and one that no calendar holds neither.
    seen.times_s.retain(|(_, time)| *time > 0 && *time < TIME_S_MAX);
    seen.mode = Some(field.u32()?).filter(|mode| *mode != u32::MAX && *mode != 0).map(|mode| mode & 0o7777);
    if is_file {
        let digits = field.take(CHECKSUM_BYTES)?;
        let digits: String = digits.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        let is_one = checksum_word(&digits).is_some() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        seen.checksum = is_one.then_some(digits.to_ascii_lowercase());
    }
    Some((position, seen))
}

/// The longest checksum with the zero behind it, in bytes.
const CHECKSUM_BYTES: usize = 65;

/// The first second of the year 10000.
const TIME_S_MAX: u64 = 253_402_300_800;

/// The word of the checksum that has so many digits.
fn checksum_word(digits: &str) -> Option<&'static str> {
    match digits.len() {
        32 => Some("md5"),
        40 => Some("sha1"),
        64 => Some("sha256"),
        _ => None,
    }
}

impl Entry {
    /// Whether this is about the service.
    pub fn is_of(&self, service: &Service) -> bool {
        let fits = self.kind.is_none_or(|kind| kind == service.kind());
        fits && self.name.eq_ignore_ascii_case(&service.name)
    }

    /// What ruled is to keep of the service. Times are whole seconds, and nothing is known of the text of a file before the
    /// place up to which it was read: whoever can look at the file adds that.
    pub fn kept(&self, service: &Service) -> Kept {
        let begins = service.on_reboot != OnReboot::NoStart;
        let numbers = [("size", self.seen.size), ("permission", self.seen.mode.map(u64::from))];
        let times = self.seen.times_s.iter().map(|(word, time)| (*word, Some(time.saturating_mul(1_000_000))));
        let numbers = numbers.into_iter().chain(times);
        let numbers = numbers.filter_map(|(word, number)| Some((word.to_owned(), KeptValue::Number(number?))));
        let digits = self.seen.checksum.as_ref();
        let digits =
            digits.and_then(|digits| Some((checksum_word(digits)?.to_owned(), KeptValue::Text(digits.clone()))));
        Kept {
            monitored: (self.monitored != begins).then_some(self.monitored),
            restarts: self.restarts,
            restart_cycles: self.restart_cycles,
            position: self.position.map(|(inode, offset_bytes)| KeptPosition {
                inode,
                offset_bytes,
                ..KeptPosition::default()
            }),
            marks: numbers.chain(digits).collect(),
            ..Kept::default()
        }
    }
}

/// What is left of some bytes, from which fields are taken as the machine lays them out.
struct Field<'a>(&'a [u8]);

impl<'a> Field<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_ne_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_ne_bytes(self.take(8)?.try_into().ok()?))
    }
}

/// The first bytes of a file, for people.
fn beginning(bytes: &[u8]) -> String {
    const SHOWN: usize = 16;
    let shown = bytes.get(..SHOWN).unwrap_or(bytes);
    let letters: String =
        shown.iter().map(|byte| char::from(*byte)).take_while(|letter| !letter.is_control()).collect();
    if letters.len() >= 4 && letters.is_ascii() {
        return format!("\"{letters}\"");
    }
    let digits: Vec<String> = shown.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("the bytes {}", digits.join(" "))
}
