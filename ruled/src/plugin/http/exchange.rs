//! One request and its answer, over one connection that ends with it. The library `hyper` reads and writes; here it is
//! bounded.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use hyper::Uri;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderValue};

use super::super::guest::Traffic;
use super::asked::Asked;
use super::stream::Stream;
use crate::transport::Connected;
use crate::words;

/// How long the head of an answer may be.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// How many headers an answer may have.
const HEADERS_MAX: usize = 100;

/// An answer.
pub(super) struct Answered {
    pub(super) response: Head,
    pub(super) body: Vec<u8>,
    /// When there was a connection, and when the answer began.
    pub(super) connected: Instant,
    pub(super) answered: Instant,
}

/// What stands above the body.
pub(super) struct Head {
    pub(super) status: hyper::StatusCode,
    pub(super) headers: HeaderMap,
}

/// Why there is no answer.
pub(super) enum Problem {
    /// It has more bytes than are wanted.
    TooLong,
    /// All that came in the check is too much.
    Received,
    /// It is not as it should be; why.
    Unreadable(String),
    /// The request cannot be made; why.
    Unaskable(String),
}

/// Asks, and reads the whole answer.
pub(super) async fn exchange(
    connected: Connected,
    asked: &Asked,
    body_at_most: usize,
    traffic: &Arc<Traffic>,
) -> Result<Answered, Problem> {
    let since = Instant::now();
    let unreadable = |error: hyper::Error| if traffic.may_receive() { unreadable(&error) } else { Problem::Received };
    let mut http = http1::Builder::new();
    http.max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    let (mut sender, connection) =
        http.handshake(Stream::over(connected, Arc::clone(traffic))).await.map_err(unreadable)?;
    // The connection is driven as long as somebody waits for the answer, and then it is closed.
    let driving = async {
        // Why it ended the answer says.
        connection.await.ok();
        std::future::pending::<Infallible>().await
    };
    let asking = async {
        let response = sender.send_request(request(asked)?).await.map_err(unreadable)?;
        let answered = Instant::now();
        let (head, body) = response.into_parts();
        let head = Head { status: head.status, headers: head.headers };
        let body = whole(body, body_at_most, &unreadable).await?;
        Ok::<_, Problem>(Answered { response: head, body, connected: since, answered })
    };
    tokio::select! {
        biased;
        answer = asking => answer,
        never = driving => match never {},
    }
}

/// The request as the library wants it.
fn request(asked: &Asked) -> Result<hyper::Request<Whole>, Problem> {
    let odd = |error: &dyn std::fmt::Display| Problem::Unaskable(words::one_line(&error.to_string()));
    let target: Uri = asked.target().parse().map_err(|error| odd(&error))?;
    let host = HeaderValue::from_str(&asked.origin.authority()).map_err(|error| odd(&error))?;
    let mut request = hyper::Request::new(Whole(Some(Bytes::from(asked.body.clone()))));
    *request.method_mut() = asked.method.clone();
    *request.uri_mut() = target;
    *request.headers_mut() = asked.headers.clone();
    request.headers_mut().insert(HOST, host);
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

/// Reads a body to its end.
async fn whole(
    mut body: hyper::body::Incoming,
    at_most: usize,
    unreadable: &(dyn Fn(hyper::Error) -> Problem + Sync),
) -> Result<Vec<u8>, Problem> {
    let mut read = Vec::new();
    if body.size_hint().lower() > at_most as u64 {
        return Err(Problem::TooLong);
    }
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(unreadable)?.into_data() else { continue };
        if read.len() + data.len() > at_most {
            return Err(Problem::TooLong);
        }
        read.extend_from_slice(&data);
    }
    Ok(read)
}

fn unreadable(error: &hyper::Error) -> Problem {
    // The library's own words, and below them those of whatever was the cause.
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let said = deeper.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        cause = deeper.source();
    }
    Problem::Unreadable(words::one_line(&words))
}

/// A body that is there as a whole.
struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
