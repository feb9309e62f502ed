//! The stock probe for gpsd: which receivers it has, asked in JSON (gpsd_json(5)), or by the letter `G` of gpsd before
//! version 2.90. No position is asked for, and no receiver set.

mod json;

use ruled_plugin::*;

/// How long the banner is waited for, with which a gpsd of today begins; one from before 2010 says nothing.
const BANNER_WAIT_MS: u32 = 1_500;

/// What gpsd's own clients take as a line.
const LINE_BYTES_MAX: u32 = 10_240;

/// Between a question and its answer there may be others' reports.
const LINES_MAX: usize = 50;

/// How many receivers are named.
const NAMED_MAX: usize = 8;

struct Gps;

impl Probe for Gps {
    fn describe() -> Describe {
        Describe::new("gps", "A GPS daemon that names its source")
            .version(env!("CARGO_PKG_VERSION"))
            .port(2947)
            .page(
                "Waits for the banner (`{\"class\":\"VERSION\",…}`), asks for the receivers (`?DEVICES;`), and expects at \
                 least one. Whether that one sees satellites is not looked at.\n\n\
                 A daemon that says nothing of itself is one from before version 2.90: it is asked `G`, and expected to \
                 answer with a kind of receiver (`GPSD,G=GPS`, `GPSD,G=RTCM104`). One that knows none (`G=?`) fails.\n\n\
                 Specified in gpsd_json(5).",
            )
            .metric("receivers", MetricKind::Gauge, "Receivers and other sources that the daemon has")
    }

    fn check(conn: &Conn, _options: &Options) -> Check {
        let mut first = match conn.receive_within(1, BANNER_WAIT_MS) {
            Err(IoError::TimedOut) => {
                conn.send("G\r\n")?;
                conn.receive(1)?
            }
            other => other?,
        };
        if first != b"\n" {
            first.extend(line(conn)?.into_bytes());
        }
        let first = String::from_utf8_lossy(&first);
        match first.trim_end().strip_prefix("GPSD,G=") {
            Some(kind) => of_old(kind),
            None => of_today(conn, &first),
        }
    }
}
probe!(Gps);

/// What a daemon says that was asked by a letter.
fn of_old(kind: &str) -> Check {
    match kind {
        "GPS" | "RTCM104" | "RTCM104v2" => ok(format!("a receiver of kind {kind}")).metric("receivers", 1.0).into(),
        "?" => Err(without_receivers()),
        _ => fail!("the server knows a kind of receiver that gpsd does not: {kind:?}"),
    }
}

fn of_today(conn: &Conn, banner: &str) -> Check {
    let Some(about) = json::Object::read(banner).filter(|about| about.text("class").as_deref() == Some("VERSION"))
    else {
        fail!("the server does not greet as gpsd does");
    };
    let release = about.text("release").unwrap_or_default();
    conn.send("?DEVICES;\r\n")?;
    let receivers = receivers(conn)?;
    if receivers.is_empty() {
        return Err(without_receivers());
    }
    let word = if receivers.len() == 1 { "receiver" } else { "receivers" };
    let names: Vec<String> = receivers.iter().take(NAMED_MAX).filter_map(|one| one.text("path")).collect();
    let drivers: Vec<String> = receivers.iter().take(NAMED_MAX).filter_map(|one| one.text("driver")).collect();
    let mut outcome = ok(format!("gpsd {release}, {} {word}: {}", receivers.len(), names.join(", ")));
    if !drivers.is_empty() {
        outcome = outcome.fact("drivers", drivers.join(", "));
    }
    outcome.fact("version", release).metric("receivers", receivers.len() as f64).into()
}

/// The receivers, as the daemon lists them.
fn receivers(conn: &Conn) -> Result<Vec<json::Object>, Failure> {
    for _ in 0..LINES_MAX {
        let line = line(conn)?;
        let Some(report) = json::Object::read(&line) else { fail!("the server answers with what is no JSON") };
        match report.text("class").as_deref() {
            Some("DEVICES") => return Ok(report.objects("devices")),
            Some("ERROR") => return Err(Failure::Rejected(report.text("message").unwrap_or_default())),
            _ => {}
        }
    }
    fail!("the server does not say within {LINES_MAX} reports which receivers it has")
}

fn without_receivers() -> Failure {
    Failure::Mismatch { what: "number of receivers".into(), expected: "at least 1".into(), found: "0".into() }
}

fn line(conn: &Conn) -> Result<String, Failure> {
    match conn.line(LINE_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the server sends a line of more than {LINE_BYTES_MAX} bytes"),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests;
