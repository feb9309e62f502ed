//! The stock probe for HTTP: one request, the status line and the header of the answer (RFC 9110, RFC 9112). The
//! body is not read, and a redirection is not followed.

use ruled_plugin::*;

/// RFC 9112 recommends that at least 8000 bytes be accepted in a request line; no status line needs as many.
const LINE_BYTES_MAX: u32 = 8_192;

/// What the large servers allow in a header is between 32 and 100 lines.
const HEADER_LINES_MAX: usize = 200;

/// Answers below 200 are interim; a server may send several before the real one (RFC 9110, section 15.2).
const INTERIM_ANSWERS_MAX: usize = 10;

/// The port that a URL of the scheme `http` does not name (RFC 9110, section 4.2.1).
const HTTP_PORT: u16 = 80;

const USER_AGENT: &str = concat!("ruled/", env!("CARGO_PKG_VERSION"));

/// The header of an answer.
struct Answer {
    status: i64,
    reason: String,
    server: Option<String>,
}

struct Http;

impl Probe for Http {
    fn describe() -> Describe {
        Describe::new("http", "A web server that answers a request")
            .version(env!("CARGO_PKG_VERSION"))
            .port(HTTP_PORT)
            .option("request", OptionType::Text, "The path that is asked for")
            .default_value(Value::Text("/".into()))
            .option("method", OptionType::choice(&["get", "head"]), "The method of the request")
            .default_value(Value::Text("get".into()))
            .option("status", OptionType::Comparison, "What the status must be")
            .default_value(Value::Comparison(Comparison { relation: Relation::Less, number: 400 }))
            .option("host_header", OptionType::Text, "What the request names as its host, in place of the real one")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        conn.send(request(&conn.peer(), options)?)?;
        let answer = answer(conn)?;
        let wanted = options.comparison("status").unwrap_or(Comparison { relation: Relation::Less, number: 400 });
        if !wanted.holds(answer.status) {
            return Err(Failure::Mismatch {
                what: "status".into(),
                expected: wanted.to_string(),
                found: format!("{} {}", answer.status, answer.reason).trim_end().to_owned(),
            });
        }
        let outcome =
            ok(format!("{} {}", answer.status, answer.reason).trim_end()).fact("status", answer.status.to_string());
        Ok(match answer.server {
            Some(server) => outcome.fact("server", server),
            None => outcome,
        })
    }
}
probe!(Http);

/// The request as it is sent.
fn request(peer: &Peer, options: &Options) -> Result<String, Failure> {
    let method = match options.text("method") {
        Some("head") => "HEAD",
        _ => "GET",
    };
    let path = options.text("request").filter(|path| !path.is_empty()).unwrap_or("/");
    // Anything else would end the request line early or begin another header line.
    if !path.starts_with('/') || path.bytes().any(|byte| !byte.is_ascii_graphic()) {
        let sentence = format!("{path:?} is no path: it must begin with / and have no blanks or control characters");
        return Err(Failure::Misconfigured(sentence));
    }
    let host = match options.text("host_header") {
        Some(host) if host.is_empty() || host.bytes().any(|byte| !byte.is_ascii_graphic()) => {
            return Err(Failure::Misconfigured(format!("{host:?} is no name of a host")));
        }
        Some(host) => host.to_owned(),
        None => host_header(peer),
    };
    Ok(format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    ))
}

/// The host as a URL would name it: with its port unless that is the usual one, IPv6 addresses in brackets.
fn host_header(peer: &Peer) -> String {
    let name = if peer.name.contains(':') && !peer.name.starts_with('[') {
        format!("[{}]", peer.name)
    } else {
        peer.name.clone()
    };
    match peer.port {
        Some(port) if port != HTTP_PORT => format!("{name}:{port}"),
        _ => name,
    }
}

/// The header of the final answer.
fn answer(conn: &Conn) -> Result<Answer, Failure> {
    for _ in 0..=INTERIM_ANSWERS_MAX {
        let answer = header(conn)?;
        // 101 ends HTTP on this connection, so nothing final follows it (RFC 9110, section 15.2.2).
        if answer.status >= 200 || answer.status == 101 {
            return Ok(answer);
        }
    }
    fail!("the server sends more than {INTERIM_ANSWERS_MAX} interim answers")
}

fn header(conn: &Conn) -> Result<Answer, Failure> {
    let line = line(conn)?;
    let (status, reason) = status(&line)?;
    let mut server = None;
    for _ in 0..HEADER_LINES_MAX {
        let field = self::line(conn)?;
        if field.is_empty() {
            return Ok(Answer { status, reason, server });
        }
        // A line that begins with a blank continues the one before (RFC 9112, section 5.2), and says nothing here.
        if field.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, value)) = field.split_once(':') else { fail!("the header has a line without a colon") };
        if name.eq_ignore_ascii_case("server") {
            server = Some(value.trim().to_owned());
        }
    }
    fail!("the header has more than {HEADER_LINES_MAX} lines")
}

/// The status and the reason of a status line: `HTTP/1.1 200 OK` (RFC 9112, section 4).
fn status(line: &str) -> Result<(i64, String), Failure> {
    let Some((version, rest)) = line.strip_prefix("HTTP/").and_then(|rest| rest.split_once(' ')) else {
        fail!("the answer does not begin with a status line of HTTP")
    };
    ensure!(version == "1.1" || version == "1.0", "the server answers with HTTP/{version}, not HTTP/1.1");
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let three_digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) && !code.starts_with('0');
    ensure!(three_digits, "the status {code:?} is no number of three digits");
    let Ok(status) = code.parse() else { fail!("the status {code:?} is no number") };
    Ok((status, reason.to_owned()))
}

fn line(conn: &Conn) -> Result<String, Failure> {
    match conn.line(LINE_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the header has a line of more than {LINE_BYTES_MAX} bytes"),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests;
