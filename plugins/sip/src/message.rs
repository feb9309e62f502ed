//! Requests and answers of SIP (RFC 3261, section 7): a line, a header, and a content that nobody looks at.

use ruled_plugin::*;

/// No line of an answer is longer; an answer in a datagram is no longer than that.
const LINE_BYTES_MAX: u32 = 8_192;
/// A server that speaks over many proxies has a line for each.
const HEADER_LINES_MAX: usize = 200;
/// Empty lines before an answer, which keep a connection open (RFC 5626, section 4.4.1).
const EMPTY_LINES_MAX: usize = 20;
/// The content of an answer, which is passed over.
const CONTENT_BYTES_MAX: u32 = 65_536;

/// Every branch of a request since RFC 3261 begins with it (section 8.1.1.7).
const COOKIE: &str = "z9hG4bK";

/// What a request is called by: for a machine that has no name in the network (RFC 2606).
const HOST: &str = "ruled.invalid";

const USER_AGENT: &str = concat!("ruled/", env!("CARGO_PKG_VERSION"));

/// How many bytes of chance make a request another one each time.
const CHANCE_BYTES: u32 = 8;

/// A request for options.
pub(crate) struct Request {
    /// The address with its scheme.
    target: String,
    hops: i64,
    transport: &'static str,
    branch: String,
    tag: String,
    call: String,
}

impl Request {
    pub(crate) fn new(peer: &Peer, target: &str, hops: i64) -> Result<Request, Failure> {
        // Schemes are the same in capitals (section 19.1.4).
        let bare = match target.split_once(':') {
            Some((scheme, bare)) if ["sip", "sips"].iter().any(|one| scheme.eq_ignore_ascii_case(one)) => bare,
            _ => target,
        };
        // Anything else would end the address early or begin another header line.
        if bare.is_empty() || bare.bytes().any(|byte| !byte.is_ascii_graphic() || b"<>\"".contains(&byte)) {
            let sentence = format!("{target:?} is no address of SIP: it must look like name@host, without blanks");
            return Err(Failure::Misconfigured(sentence));
        }
        let (scheme, transport) = match (peer.encrypted, peer.transport.is_datagram()) {
            (true, _) => ("sips", "TLS"),
            (false, true) => ("sip", "UDP"),
            (false, false) => ("sip", "TCP"),
        };
        let chance = || hex(&random_bytes(CHANCE_BYTES));
        Ok(Request {
            target: format!("{scheme}:{bare}"),
            hops,
            transport,
            branch: chance(),
            tag: chance(),
            call: chance(),
        })
    }

    /// The request as it is sent. The answer comes to where the request came from (`rport`, RFC 3581).
    pub(crate) fn text(&self) -> String {
        let Request { target, hops, transport, branch, tag, .. } = self;
        let scheme = target.split(':').next().unwrap_or_default();
        let call = self.call_id();
        format!(
            "OPTIONS {target} SIP/2.0\r\n\
             Via: SIP/2.0/{transport} {HOST};branch={COOKIE}{branch};rport\r\n\
             Max-Forwards: {hops}\r\n\
             To: <{target}>\r\n\
             From: <{scheme}:ruled@{HOST}>;tag={tag}\r\n\
             Call-ID: {call}\r\n\
             CSeq: 1 OPTIONS\r\n\
             Contact: <{scheme}:ruled@{HOST}>\r\n\
             Accept: application/sdp\r\n\
             User-Agent: {USER_AGENT}\r\n\
             Content-Length: 0\r\n\r\n"
        )
    }

    fn call_id(&self) -> String {
        format!("{}@{HOST}", self.call)
    }

    /// Whether an answer belongs to this request (RFC 3261, section 17.1.3).
    pub(crate) fn is_answered_by(&self, answer: &Answer) -> bool {
        let sequence = answer.header("cseq").unwrap_or_default();
        let ours = sequence.split_ascii_whitespace().eq(["1", "OPTIONS"]);
        let branch = format!("branch={COOKIE}{}", self.branch);
        let via = answer.header("via").or_else(|| answer.header("v")).unwrap_or_default();
        ours && via.split([';', ',']).any(|part| part.trim() == branch)
            && answer.call_id() == Some(self.call_id().as_str())
    }
}

/// The status line and the header of an answer.
pub(crate) struct Answer {
    /// The status: three digits.
    pub(crate) status: i64,
    reason: String,
    /// Names and values, in their order.
    headers: Vec<(String, String)>,
}

impl Answer {
    /// Reads an answer from a stream, with its content.
    pub(crate) fn read(conn: &Conn) -> Result<Answer, Failure> {
        let mut first = line(conn)?;
        for _ in 0..EMPTY_LINES_MAX {
            if !first.is_empty() {
                break;
            }
            first = line(conn)?;
        }
        let mut answer = Answer::begin(&first)?;
        for _ in 0..=HEADER_LINES_MAX {
            let line = line(conn)?;
            if line.is_empty() {
                answer.skip(conn)?;
                return Ok(answer);
            }
            answer.field(&line)?;
        }
        fail!("the header has more than {HEADER_LINES_MAX} lines")
    }

    /// The answer that a datagram is; nothing where it is none.
    pub(crate) fn whole(datagram: &[u8]) -> Option<Answer> {
        let text = String::from_utf8_lossy(datagram);
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let mut answer = Answer::begin(lines.next()?).ok()?;
        for line in lines.take(HEADER_LINES_MAX).take_while(|line| !line.is_empty()) {
            answer.field(line).ok()?;
        }
        Some(answer)
    }

    /// The status line: `SIP/2.0 200 OK` (section 7.2).
    fn begin(line: &str) -> Result<Answer, Failure> {
        let Some(rest) = line.strip_prefix("SIP/2.0 ") else {
            ensure!(!line.ends_with(" SIP/2.0"), "the server sends a request where an answer should be");
            fail!("the answer begins with {}, and not with a status line of SIP/2.0", excerpt(line))
        };
        let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let status = code.parse().ok().filter(|status| (100..=699).contains(status) && code.len() == 3);
        let Some(status) = status else { fail!("the status {code:?} is no number of three digits from 100 to 699") };
        Ok(Answer { status, reason: reason.trim().to_owned(), headers: Vec::new() })
    }

    fn field(&mut self, line: &str) -> Result<(), Failure> {
        // A line that begins with a blank continues the one before (section 7.3.1).
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
            return Ok(());
        }
        let Some((name, value)) = line.split_once(':') else { fail!("the header has a line without a colon") };
        self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        Ok(())
    }

    /// Passes over the content, so that the next answer can be read.
    fn skip(&self, conn: &Conn) -> Result<(), Failure> {
        let Some(length) = self.header("content-length").or_else(|| self.header("l")) else { return Ok(()) };
        match length.parse::<u32>() {
            Ok(bytes) if bytes <= CONTENT_BYTES_MAX => {
                conn.exactly(bytes)?;
                Ok(())
            }
            _ => fail!("the server announces a content of {length:?} bytes"),
        }
    }

    pub(crate) fn is_final(&self) -> bool {
        self.status >= 200
    }

    /// Status and reason in one line.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.status, self.reason).trim_end().to_owned()
    }

    /// The value of a header, in any case of its name; the first one where there are several.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    fn call_id(&self) -> Option<&str> {
        self.header("call-id").or_else(|| self.header("i"))
    }
}

fn line(conn: &Conn) -> Result<String, Failure> {
    match conn.line(LINE_BYTES_MAX) {
        Err(IoError::TooLong) => fail!("the answer has a line of more than {LINE_BYTES_MAX} bytes"),
        other => Ok(other?),
    }
}
