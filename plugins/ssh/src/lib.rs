//! The stock probe for SSH: the exchange of identification strings that opens every connection (RFC 4253, section
//! 4.2). It does not exchange keys and does not log in.

use ruled_plugin::*;

/// A line of the server may have 255 bytes with CR LF (RFC 4253, section 4.2); lines before it have no such limit
/// there, and are held to the same one.
const LINE_BYTES_MAX: u32 = 255;

/// A server may send lines before its identification. No known one sends more than a screen of them.
const LINES_BEFORE_MAX: usize = 50;

/// What we say. Without the software version field the exchange would not be one.
const IDENTIFICATION: &str = concat!("SSH-2.0-ruled_", env!("CARGO_PKG_VERSION"), "\r\n");

struct Ssh;

impl Probe for Ssh {
    fn describe() -> Describe {
        Describe::new("ssh", "An SSH server that identifies itself")
            .version(env!("CARGO_PKG_VERSION"))
            .port(22)
            .page(
                "Waits for the identification of the server (`SSH-2.0-…`, also behind lines that it says before), answers \
                 with its own and goes. It exchanges no keys and logs nobody in, so a server that lets nobody in passes; one \
                 that has too many connections, or that speaks version 1 only, fails.\n\n\
                 Specified in RFC 4253.",
            )
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        let identification = identification(conn)?;
        let (version, software) = identification.split_once('-').unwrap_or((&identification, ""));
        // 1.99 is a server that also speaks the old protocol (RFC 4253, section 5.1).
        ensure!(version == "2.0" || version == "1.99", "the server speaks version {version:?} of SSH, not 2.0");
        // A comment may follow the software version after one blank.
        let name = software.split(' ').next().unwrap_or_default();
        ensure!(!name.is_empty(), "the server does not name its software");
        conn.send(IDENTIFICATION)?;
        ok(software).fact("software", name).into()
    }
}
probe!(Ssh);

/// What follows `SSH-` in the server's identification.
fn identification(conn: &Conn) -> Result<String, Failure> {
    for before in 0..=LINES_BEFORE_MAX {
        let line = match conn.line(LINE_BYTES_MAX) {
            Ok(line) => line,
            Err(IoError::TooLong) => fail!("the server sends a line of more than {LINE_BYTES_MAX} bytes"),
            Err(IoError::Closed) if before > 0 => fail!("the server sends lines but does not identify itself as SSH"),
            Err(error) => return Err(error.into()),
        };
        if let Some(rest) = line.strip_prefix("SSH-") {
            return Ok(rest.to_owned());
        }
        ensure!(!line.starts_with("HTTP/"), "the server speaks HTTP, not SSH");
    }
    fail!("the server does not identify itself as SSH within {LINES_BEFORE_MAX} lines")
}

#[cfg(test)]
mod tests;
