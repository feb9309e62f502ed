//! The stock probe for HTTP and, over TLS, HTTPS: one request, and what a rule wants of the answer (RFC 9110, RFC 9112).
//! A redirection is not followed.
//!
//! What does not live here: how requests and answers are written, which is `http-message`.

use http_message::{Answer, Request};
use ruled_plugin::*;

/// So much of the content is held against a pattern where nobody says how much; Monit looks at as much.
const CONTENT_BYTES: u64 = 1 << 20;

/// So much of the content is looked at at most, and of so much a checksum is made. A check may receive 8 MiB in all.
const CONTENT_BYTES_MAX: u64 = 7 << 20;

/// So many letters of a content that is wrong are told.
const SHOWN_LETTERS: usize = 60;

const USER_AGENT: &str = concat!("ruled/", env!("CARGO_PKG_VERSION"));

/// What is a success where a rule does not say.
const SUCCESS: Comparison = Comparison { relation: Relation::Less, number: 400 };

struct Http;

impl Probe for Http {
    fn describe() -> Describe {
        Describe::new("http", "A web server that answers a request")
            .version(env!("CARGO_PKG_VERSION"))
            .port(80)
            .tls_port(443)
            .page(
                "Sends one request of HTTP/1.1 with `Connection: close` and reads the answer. Redirections are not \
                 followed: `status = 301` holds where one is wanted.\n\n\
                 The check fails when the status is not what the rule wants, and when the content is not. The content \
                 is read only where a rule asks for it, by `content` or `checksum`; then it must be there, and whole.\n\n\
                 Specified in RFC 9110 and RFC 9112.",
            )
            .option("request", OptionType::Text, "The path and the query that are asked for")
            .default_value(Value::Text("/".into()))
            .option("method", OptionType::choice(&["get", "head"]), "The method of the request")
            .default_value(Value::Text("get".into()))
            .explained("An answer to `head` has no content, so neither `content` nor `checksum` go with it.")
            .option("status", OptionType::Comparison, "What the status must be")
            .default_value(Value::Comparison(SUCCESS))
            .option("content", OptionType::Pattern, "What must, or must not, stand in the content")
            .explained("The first MiB of the content is looked at. `^` and `$` are its beginning and its end.")
            .option("content_buffer", OptionType::Size, "How much of the content is held against `content`")
            .default_value(Value::SizeBytes(CONTENT_BYTES))
            .explained(
                "From its beginning, 7 MiB at most. `set limits { httpContentBuffer: … }` says it for all rules.",
            )
            .option("checksum", OptionType::Hash, "The checksum that the content must have")
            .explained("MD5, SHA-1 or SHA-256, known by its length. The content may have 7 MiB.")
            .option("headers", OptionType::Headers, "Headers beside or in place of the usual ones")
            .explained("The usual ones are `Host`, `User-Agent`, `Accept`, `Accept-Encoding` and `Connection`.")
            .option("host_header", OptionType::Text, "What the request names as its host, in place of the real one")
            .option("username", OptionType::Text, "The user to log in as, with the scheme Basic")
            .option("password", OptionType::Secret, "The password to log in with")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let method = if options.text("method") == Some("head") { "HEAD" } else { "GET" };
        let wants_content = options.get("content").is_some() || options.get("checksum").is_some();
        if method == "HEAD" && wants_content {
            return Err(Failure::Misconfigured("an answer to the method head has no content to look at".into()));
        }
        request(method, &conn.peer(), options)?.send(conn)?;
        let answer = Answer::read(conn)?;
        let wanted = options.comparison("status").unwrap_or(SUCCESS);
        if !wanted.holds(answer.status) {
            return Err(Failure::Mismatch {
                what: "status".into(),
                expected: wanted.to_string(),
                found: answer.line(),
            });
        }
        if wants_content {
            content(conn, &answer, options)?;
        }
        answer.outcome(answer.line()).into()
    }
}
probe!(Http);

fn request(method: &'static str, peer: &Peer, options: &Options) -> Result<Request, Failure> {
    let target = options.text("request").filter(|target| !target.is_empty()).unwrap_or("/");
    let mut request = Request::new(method, target, peer, USER_AGENT)?;
    if let Some(host) = options.text("host_header") {
        request.host(host)?;
    }
    request.login(options.text("username"), options.secret("password"))?;
    for (name, value) in options.headers("headers") {
        request.header(name, value)?;
    }
    Ok(request)
}

/// Reads the content, and holds it against what the rule wants of it.
fn content(conn: &Conn, answer: &Answer, options: &Options) -> Result<(), Failure> {
    let checksum = options.hash("checksum");
    let looked_at = options.size("content_buffer").unwrap_or(CONTENT_BYTES).min(CONTENT_BYTES_MAX);
    let mut digest = checksum.map(|hash| Digest::new(hash.kind));
    let mut beginning = Vec::new();
    let mut take = |piece: &[u8]| {
        if let Some(digest) = &mut digest {
            digest.update(piece);
        }
        let room = looked_at as usize - beginning.len();
        beginning.extend_from_slice(&piece[..piece.len().min(room)]);
    };
    let at_most = if checksum.is_some() { CONTENT_BYTES_MAX } else { looked_at };
    let whole = answer.content(conn, at_most, &mut take)?;
    ensure!(!beginning.is_empty(), "the answer has no content");
    if let (Some(checksum), Some(digest)) = (checksum, digest) {
        ensure!(whole, "the content has more than {} MiB, too much for a checksum", CONTENT_BYTES_MAX >> 20);
        let found = hex(&digest.finish());
        if found != checksum.digits {
            let expected = checksum.digits.clone();
            return Err(Failure::Mismatch { what: "checksum of the content".into(), expected, found });
        }
    }
    match options.pattern("content") {
        Some(pattern) if !pattern.holds(&beginning) => {
            let (expected, found) = (pattern.to_string(), shown(&beginning));
            Err(Failure::Mismatch { what: "content".into(), expected, found })
        }
        _ => Ok(()),
    }
}

/// How a content begins, for messages.
fn shown(content: &[u8]) -> String {
    let end = content.len().min(4 * SHOWN_LETTERS);
    let text = String::from_utf8_lossy(&content[..end]);
    let beginning: String = text.chars().take(SHOWN_LETTERS).collect();
    let more = if content.len() > beginning.len() { "…" } else { "" };
    format!("\"{}{more}\"", beginning.trim_end())
}

#[cfg(test)]
mod tests;
