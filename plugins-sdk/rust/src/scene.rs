//! A world made of lines for [`Checker`]s, in `cargo test`: connections, files and answers over HTTP. It is strict: what
//! the check does and the scene does not expect fails the test, and so does a check that passes without having done
//! what it must.
//!
//! What does not live here: how a scene is played (`playing`), and its files (`tree`).

mod playing;
#[cfg(test)]
mod tests;
mod tree;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::script::{complete, fix_time};
use crate::{Check, Checker, IoError, Options, Script, Value};

pub(crate) use playing::Playing;
use tree::{Node, Tree};

/// What a check finds; see [`scene`].
#[derive(Clone, Debug, Default)]
pub struct Scene {
    connections: Vec<(String, Door)>,
    paths: Vec<String>,
    tree: Tree,
    origins: Vec<String>,
    exchanges: Vec<Exchange>,
    settings: Vec<(String, Value)>,
    now: Option<u64>,
}

/// Who opens when a connection is asked for.
#[derive(Clone, Debug)]
enum Door {
    Opens(Script),
    Fails(IoError),
}

/// A scene in which nothing is granted.
pub fn scene() -> Scene {
    Scene::default()
}

impl Scene {
    /// The rule sets this option.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// So many seconds since 1970 is the time that [`now`](crate::now) tells, and at which files were changed.
    pub fn at_time(mut self, seconds: u64) -> Self {
        self.now = Some(seconds);
        self
    }

    /// The rule grants a connection by this name, and this peer is there. The name is that of the grant, or its text:
    /// `mq1.internal:5672`. Named again it is the peer that is there when the connection is opened once more.
    pub fn connection(mut self, name: &str, peer: Script) -> Self {
        let peer = match name.rsplit_once(':') {
            Some((host, port)) => port.parse().map_or(peer.clone(), |port| peer.named(host, port)),
            None => peer,
        };
        self.connections.push((name.into(), Door::Opens(peer)));
        self
    }

    /// The rule grants a connection by this name, and nobody is there.
    pub fn unreachable(mut self, name: &str) -> Self {
        self.connections.push((name.into(), Door::Fails(IoError::Unreachable)));
        self
    }

    /// The rule grants this path to be read.
    pub fn reads(mut self, path: &str) -> Self {
        self.paths.push(path.into());
        self
    }

    /// There is a file with this content, and there are the folders in which it lies.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        self.node(path, Node::File(content))
    }

    /// There is a folder.
    pub fn folder(self, path: &str) -> Self {
        self.node(path, Node::Directory)
    }

    /// There is a symbolic link that leads there.
    pub fn link(self, path: &str, target: &str) -> Self {
        self.node(path, Node::Link(target.into()))
    }

    /// There is something of this name that cannot be read, because it is somebody else's or no file.
    pub fn unreadable(self, path: &str) -> Self {
        self.node(path, Node::Other)
    }

    /// What was added last was changed so long ago.
    ///
    /// # Panics
    /// When no file was added.
    pub fn aged(mut self, age: Duration) -> Self {
        self.tree.age_last(age);
        self
    }

    /// The rule grants requests to this origin: `https://api.example.org`.
    pub fn fetches(mut self, origin: &str) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// The check must make this request next, and is answered so.
    pub fn exchange(mut self, exchange: Exchange) -> Self {
        self.exchanges.push(exchange);
        self
    }

    /// Runs the check of `C` in this scene, with the defaults of the options that are not set.
    ///
    /// # Panics
    /// When the check does what the scene does not expect, or passes without having done what it must; when it has no
    /// option of a name that is set.
    pub fn run<C: Checker>(self) -> Check {
        let settings = complete(C::describe(), self.settings.clone());
        fix_time(self.now);
        let playing = Rc::new(Playing::new(self));
        let on_stage = OnStage::enter(Rc::clone(&playing));
        let check = C::check(&Options::new(settings));
        drop(on_stage);
        if check.is_ok() {
            playing.must_be_over();
        }
        check
    }

    fn node(mut self, path: &str, node: Node) -> Self {
        self.tree.add(path, node);
        self
    }
}

/// A request that a check must make, byte for byte, and its answer; see [`exchange`].
#[derive(Clone, Debug)]
pub struct Exchange {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    answer: Result<(u16, Vec<u8>), IoError>,
    answer_headers: Vec<(String, String)>,
    ends_at: Option<String>,
    takes: Duration,
}

/// A request without headers or body, which is answered with the status 200 and nothing else.
pub fn exchange(method: &str, url: &str) -> Exchange {
    Exchange {
        method: method.into(),
        url: url.into(),
        headers: Vec::new(),
        body: Vec::new(),
        answer: Ok((200, Vec::new())),
        answer_headers: Vec::new(),
        ends_at: None,
        takes: Duration::from_millis(3),
    }
}

impl Exchange {
    /// The request must have this header, and none that is not said here.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The request must have this body.
    #[must_use]
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// It is answered with this status and body.
    #[must_use]
    pub fn answers(mut self, status: u16, body: impl AsRef<[u8]>) -> Self {
        self.answer = Ok((status, body.as_ref().to_vec()));
        self
    }

    /// The answer has this header.
    #[must_use]
    pub fn answer_header(mut self, name: &str, value: &str) -> Self {
        self.answer_headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Redirects were followed, and the answer is of this URL.
    #[must_use]
    pub fn ends_at(mut self, url: &str) -> Self {
        self.ends_at = Some(url.into());
        self
    }

    /// The answer takes so long.
    #[must_use]
    pub fn takes(mut self, span: Duration) -> Self {
        self.takes = span;
        self
    }

    /// There is no answer, for this reason.
    #[must_use]
    pub fn fails(mut self, error: IoError) -> Self {
        self.answer = Err(error);
        self
    }
}

thread_local! {
    /// The scene that is played on this thread.
    static PLAYING: RefCell<Option<Rc<Playing>>> = const { RefCell::new(None) };
}

/// Asks the scene that is played on this thread.
///
/// # Panics
/// When there is none.
pub(crate) fn playing<T>(ask: impl FnOnce(&Playing) -> T) -> T {
    let playing = PLAYING.with_borrow(Clone::clone);
    ask(&playing.expect("what a check opens, reads or fetches is that of a scene: scene()…run::<TheCheck>()"))
}

/// Takes the scene off again, also when the check panics.
struct OnStage;

impl OnStage {
    fn enter(playing: Rc<Playing>) -> OnStage {
        PLAYING.set(Some(playing));
        OnStage
    }
}

impl Drop for OnStage {
    fn drop(&mut self) {
        PLAYING.set(None);
    }
}
