//! The stock probe for the time protocol (RFC 868), over a stream or in datagrams: what the service says must be the time
//! of this machine. It sets no clock.

use ruled_plugin::*;

/// A time is a number of 32 bits: seconds since 1900, which begin again in 2036.
const TIME_BYTES: usize = 4;

/// Seconds from 1900 to 1970.
const SECONDS_TO_1970: u64 = 2_208_988_800;

/// What a clock may be off where the rule says nothing else.
const OFFSET_MS: u64 = 3_000;

/// The least that the protocol can tell.
const SECOND_MS: u128 = 1_000;

/// After so many milliseconds a datagram that may have been lost is sent again; the last wait ends with the check.
const WAITS_MS: [u32; 3] = [1_000, 2_000, 4_000];

struct Rdate;

impl Probe for Rdate {
    fn describe() -> Describe {
        Describe::new("rdate", "A time server whose clock is that of this machine")
            .version(env!("CARGO_PKG_VERSION"))
            .port(37)
            .over(&[Transport::Tcp, Transport::Udp])
            .page(
                "Expects the time, four bytes that the server sends to whoever connects, and compares it with the clock \
                 of this machine: it may be 3 seconds off, or what the rule says. The protocol knows whole seconds \
                 only.\n\n\
                 Over UDP, which the rule has to say (`type udp`), an empty datagram asks for the time; it is repeated \
                 after a second, and then after longer waits.\n\n\
                 Specified in RFC 868.",
            )
            .option("max_offset", OptionType::Duration, "How far its clock may be from this machine's")
            .default_value(Value::DurationMs(OFFSET_MS))
            .explained("Less than a second counts as one, because clocks that agree may be read on either side of a second.")
            .metric("offset_ms", MetricKind::DurationMs, "How far its clock is from this machine's, in either direction")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let is_datagram = conn.peer().transport.is_datagram();
        let bytes = if is_datagram { in_datagrams(conn)? } else { conn.exactly(TIME_BYTES as u32)? };
        let Ok(time) = <[u8; TIME_BYTES]>::try_from(bytes.as_slice()) else {
            fail!("the server sends {} bytes, where a time has {TIME_BYTES}", bytes.len());
        };
        // No time since 1967 looks like words.
        let words = time.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        ensure!(!words, "the server says {:?}, which is no time", String::from_utf8_lossy(&time));
        judge(u32::from_be_bytes(time), options)
    }
}
probe!(Rdate);

fn in_datagrams(conn: &Conn) -> Result<Vec<u8>, Failure> {
    for wait_ms in WAITS_MS.into_iter().chain([u32::MAX]) {
        conn.send(b"")?;
        // One byte more than a time has, so that what is too long is found out.
        match conn.receive_within(TIME_BYTES as u32 + 1, wait_ms) {
            Err(IoError::TimedOut) if wait_ms < u32::MAX => {}
            other => return Ok(other?),
        }
    }
    Err(IoError::TimedOut.into())
}

fn judge(time: u32, options: &Options) -> Check {
    let here = (now().0.wrapping_add(SECONDS_TO_1970) & u64::from(u32::MAX)) as u32;
    let ahead = time.wrapping_sub(here).cast_signed();
    let offset = u64::from(ahead.unsigned_abs());
    let direction = if ahead < 0 { "behind" } else { "ahead of" };
    let found = format!("{offset} s {direction} this machine's");
    let most_ms = options.duration("max_offset").map_or(u128::from(OFFSET_MS), |most| most.as_millis());
    let most_ms = most_ms.max(SECOND_MS);
    if u128::from(offset) * 1_000 > most_ms {
        let expected = format!("{:.1} s at most", most_ms as f64 / 1_000.0);
        return Err(Failure::Mismatch { what: "clock".into(), expected, found });
    }
    ok(format!("its clock is {found}")).metric("offset_ms", offset as f64 * 1_000.0).into()
}

#[cfg(test)]
mod tests;
