//! Frames of WebSocket (RFC 6455, section 5): a ping of ours, and what the server says until its pong.

use ruled_plugin::*;

/// The last frame of a message, which every control frame is.
const FINAL: u8 = 0x80;
/// Bits that only extensions use, and none was agreed on.
const EXTENSIONS: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
/// The first opcode of control frames, which are short.
const CONTROL: u8 = 0x8;
const CONTROL_BYTES_MAX: u64 = 125;

/// Every frame of a client is masked, and none of a server.
const MASKED: u8 = 0x80;
const MASK_BYTES: u32 = 4;

/// The content of our ping.
const PING_BYTES: u32 = 8;

/// "Normal closure" (section 7.4.1).
const GOODBYE: [u8; 2] = 1_000_u16.to_be_bytes();

/// What a server may say before its pong, in all.
const SKIPPED_BYTES_MAX: u64 = 1 << 20;
/// In so many frames.
const FRAMES_MAX: u32 = 1_000;
/// So many pings of the server are answered.
const ANSWERED_MAX: u32 = 20;
/// So much is read in a call.
const PIECE_BYTES: u64 = 16 << 10;

/// Pings the server, waits for its pong, and says goodbye.
pub(crate) fn ping(conn: &Conn) -> Result<(), Failure> {
    let content = random_bytes(PING_BYTES);
    conn.send(masked(PING, &content))?;
    let (mut skipped, mut answered) = (0, 0);
    for _ in 0..FRAMES_MAX {
        let frame = Head::read(conn)?;
        if frame.opcode < CONTROL {
            skipped += frame.length;
            ensure!(
                skipped <= SKIPPED_BYTES_MAX,
                "the server says more than {SKIPPED_BYTES_MAX} bytes and does not answer a ping"
            );
            skip(conn, frame.length)?;
            continue;
        }
        let found = conn.exactly(frame.length as u32)?;
        match frame.opcode {
            PONG if found == content => {
                // Whether it is still there does not matter any more.
                conn.send(masked(CLOSE, &GOODBYE)).ok();
                return Ok(());
            }
            // Another one belongs to no ping of ours, and may come all the same (section 5.5.3).
            PONG => {}
            PING if answered < ANSWERED_MAX => {
                answered += 1;
                conn.send(masked(PONG, &found))?;
            }
            PING => fail!("the server pings more than {ANSWERED_MAX} times and does not answer a ping"),
            CLOSE => return Err(Failure::Rejected(reason(&found))),
            opcode => fail!("the server sends a frame of the kind {opcode:#x}, which does not exist"),
        }
    }
    fail!("the server sends more than {FRAMES_MAX} frames and does not answer a ping")
}

/// The beginning of a frame.
struct Head {
    opcode: u8,
    length: u64,
}

impl Head {
    fn read(conn: &Conn) -> Result<Head, Failure> {
        let head = conn.exactly(2)?;
        let (first, second) = (head[0], head[1]);
        ensure!(first & EXTENSIONS == 0, "the server uses an extension that was not agreed on");
        ensure!(second & MASKED == 0, "the server masks its frames, which only clients do");
        let length = match second {
            126 => conn.exactly(2)?,
            127 => conn.exactly(8)?,
            short => vec![short],
        };
        let length = length.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
        let opcode = first & OPCODE;
        if opcode >= CONTROL {
            let whole = first & FINAL != 0 && length <= CONTROL_BYTES_MAX;
            ensure!(whole, "the server sends a control frame that is not whole");
        } else {
            ensure!(opcode <= 2, "the server sends a frame of the kind {opcode:#x}, which does not exist");
        }
        // A length near the largest number would make the sum of all of them a small one.
        ensure!(length <= SKIPPED_BYTES_MAX, "the server announces a frame of {length} bytes");
        Ok(Head { opcode, length })
    }
}

fn skip(conn: &Conn, mut length: u64) -> Result<(), Failure> {
    while length > 0 {
        let piece = length.min(PIECE_BYTES);
        conn.exactly(piece as u32)?;
        length -= piece;
    }
    Ok(())
}

/// A control frame of ours.
fn masked(opcode: u8, content: &[u8]) -> Vec<u8> {
    let mask = random_bytes(MASK_BYTES);
    let mut frame = vec![FINAL | opcode, MASKED | content.len() as u8];
    frame.extend(&mask);
    frame.extend(content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// What the server says when it closes (section 7.1.5).
fn reason(content: &[u8]) -> String {
    let Some((code, words)) = content.split_first_chunk::<2>() else {
        return "the server closes in place of an answer to a ping".into();
    };
    let words = String::from_utf8_lossy(words);
    format!("the server closes: {words} (code {})", u16::from_be_bytes(*code))
}
