//! A packet of NTP as bytes (RFC 5905, section 7.3), and its times.

/// How long the head of a packet is, which is all that is read.
pub(crate) const HEAD_BYTES: usize = 48;

/// The mode of a server's answer.
pub(crate) const SERVER: u8 = 4;
/// The leap indicator of a clock that runs by nothing.
pub(crate) const UNSYNCHRONISED: u8 = 3;

/// The mode of a client's question.
const CLIENT: u8 = 3;

/// Seconds from 1900 to 1970.
const SECONDS_TO_1970: u64 = 2_208_988_800;

/// A time in units of 2^-32 seconds, counted from 1900; it begins again every 136 years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// What stands where no time is known.
    pub(crate) const ZERO: Stamp = Stamp(0);

    /// Of seconds since 1970, and nanoseconds.
    pub(crate) fn of(seconds: u64, nanoseconds: u32) -> Stamp {
        let fraction = (u64::from(nanoseconds) << 32) / 1_000_000_000;
        Stamp(seconds.wrapping_add(SECONDS_TO_1970) << 32 | fraction)
    }

    /// How far this is behind `other`, as seconds; exact enough, and right across the turn of 136 years.
    fn since(self, other: Stamp) -> f64 {
        self.0.wrapping_sub(other.0).cast_signed() as f64 / 4_294_967_296.0
    }
}

/// What an answer says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) leap: u8,
    pub(crate) version: u8,
    pub(crate) mode: u8,
    pub(crate) stratum: u8,
    pub(crate) root_delay_ms: f64,
    pub(crate) root_dispersion_ms: f64,
    reference: [u8; 4],
    /// What the question was known by.
    pub(crate) origin: [u8; 8],
    received: Stamp,
    pub(crate) transmitted: Stamp,
}

/// A question of this version that is known by `cookie`: all else that a client may say of itself is left out.
pub(crate) fn question(version: u8, cookie: [u8; 8]) -> [u8; HEAD_BYTES] {
    let mut packet = [0; HEAD_BYTES];
    packet[0] = version << 3 | CLIENT;
    packet[HEAD_BYTES - 8..].copy_from_slice(&cookie);
    packet
}

impl Answer {
    /// The head of a datagram; nothing where that is too short for one.
    pub(crate) fn read(datagram: &[u8]) -> Option<Answer> {
        let eight = |at: usize| datagram.get(at..at + 8).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        let four = |at: usize| datagram.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        // Seconds with 16 bits behind the point.
        let milliseconds = |at: usize| Some(f64::from(u32::from_be_bytes(four(at)?)) / 65.536);
        let stamp = |at: usize| Some(Stamp(u64::from_be_bytes(eight(at)?)));
        let first = *datagram.first()?;
        Some(Answer {
            leap: first >> 6,
            version: first >> 3 & 7,
            mode: first & 7,
            stratum: *datagram.get(1)?,
            root_delay_ms: milliseconds(4)?,
            root_dispersion_ms: milliseconds(8)?,
            reference: four(12)?,
            origin: eight(24)?,
            received: stamp(32)?,
            transmitted: stamp(40)?,
        })
    }

    /// The code of a kiss-o'-death: four letters or fewer in the place of a reference, of stratum 0.
    pub(crate) fn kiss(&self) -> Option<String> {
        let letters: Vec<u8> = self.reference.iter().copied().take_while(|byte| *byte != 0).collect();
        let is_code = !letters.is_empty() && letters.iter().all(u8::is_ascii_alphanumeric);
        (self.stratum == 0 && is_code).then(|| String::from_utf8_lossy(&letters).into_owned())
    }

    /// What the clock runs by: the name of a kind of clock, or the address of a server, or the digest of one.
    pub(crate) fn reference(&self) -> String {
        let [a, b, c, d] = self.reference;
        if self.stratum <= 1 {
            String::from_utf8_lossy(&self.reference).trim_end_matches('\0').to_owned()
        } else {
            format!("{a}.{b}.{c}.{d}")
        }
    }

    /// How far the server's clock is ahead, with the question sent and the answer received at these times here.
    pub(crate) fn offset_ms(&self, asked: Stamp, answered: Stamp) -> f64 {
        (self.received.since(asked) + self.transmitted.since(answered)) / 2.0 * 1_000.0
    }
}
