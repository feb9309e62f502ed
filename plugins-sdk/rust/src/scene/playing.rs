//! A scene while it is played.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::{Door, Exchange, Scene};
use crate::files::{Entry, Metadata, Tally};
use crate::http::{Request, Response};
use crate::stage::Stage;
use crate::{Conn, IoError};

/// As many connections as the host opens in a check.
const CONNECTIONS_MAX: usize = 4;
/// As many requests as the host makes in a check.
const FETCHES_MAX: usize = 16;

/// A scene while it is played.
pub(crate) struct Playing {
    scene: Scene,
    /// Who was not met yet.
    doors: RefCell<Vec<(String, Door)>>,
    opened: RefCell<Vec<Rc<Stage>>>,
    exchanged: Cell<usize>,
}

impl Playing {
    pub(super) fn new(scene: Scene) -> Playing {
        let doors = RefCell::new(scene.connections.clone());
        Playing { scene, doors, opened: RefCell::default(), exchanged: Cell::new(0) }
    }

    /// Fails the test when the check has left out something that it must do.
    pub(super) fn must_be_over(&self) {
        for (name, door) in self.doors.borrow().iter() {
            assert!(matches!(door, Door::Fails(_)), "the check passed without opening {name}");
        }
        for stage in self.opened.borrow().iter() {
            stage.must_be_over();
        }
        let left_out = self.scene.exchanges.get(self.exchanged.get());
        if let Some(Exchange { method, url, .. }) = left_out {
            panic!("the check passed without asking {method} {url}");
        }
    }

    pub(crate) fn connections_granted(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (name, _) in &self.scene.connections {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    pub(crate) fn open(&self, name: &str) -> Result<Conn<'static>, IoError> {
        if self.opened.borrow().len() >= CONNECTIONS_MAX {
            return Err(IoError::Limit);
        }
        let mut doors = self.doors.borrow_mut();
        let Some(place) = doors.iter().position(|(granted, _)| granted == name) else {
            panic!("the check opens {name:?}, the scene has {:?}", self.connections_granted());
        };
        match &doors[place].1 {
            Door::Fails(error) => Err(*error),
            Door::Opens(_) => {
                let (_, Door::Opens(script)) = doors.remove(place) else { unreachable!("it was looked at") };
                let stage = Rc::new(script.stage());
                self.opened.borrow_mut().push(Rc::clone(&stage));
                Ok(Conn::owned(stage))
            }
        }
    }

    pub(crate) fn reads_granted(&self) -> Vec<String> {
        self.scene.paths.clone()
    }

    /// The grant to which a path belongs.
    fn grant(&self, path: &str) -> &str {
        let parts = || path.split('/');
        let belongs = |grant: &&String| {
            let below = path.strip_prefix(grant.trim_end_matches('/'));
            below.is_some_and(|below| below.is_empty() || below.starts_with('/')) && !parts().any(|part| part == "..")
        };
        match self.scene.paths.iter().find(belongs) {
            Some(grant) => grant,
            None => panic!("the check looks at {path:?}, the scene grants {:?}", self.scene.paths),
        }
    }

    pub(crate) fn inspect(&self, path: &str, follows_links: bool) -> Result<Metadata, IoError> {
        self.scene.tree.inspect(self.grant(path), path, follows_links)
    }

    pub(crate) fn read(&self, path: &str, offset: u64, at_most: u32) -> Result<Vec<u8>, IoError> {
        self.scene.tree.read(self.grant(path), path, offset, at_most)
    }

    pub(crate) fn entries(&self, path: &str, at_most: u32) -> Result<(Vec<Entry>, bool), IoError> {
        self.scene.tree.entries(self.grant(path), path, at_most)
    }

    pub(crate) fn count(&self, path: &str, levels: u32) -> Result<Tally, IoError> {
        self.scene.tree.count(self.grant(path), path, levels)
    }

    pub(crate) fn origins_granted(&self) -> Vec<String> {
        self.scene.origins.clone()
    }

    pub(crate) fn fetch(&self, request: Request, body_at_most: u32) -> Result<Response, IoError> {
        let Request { method, url, headers, body, .. } = request;
        if self.exchanged.get() >= FETCHES_MAX {
            return Err(IoError::Limit);
        }
        let is_granted = self.scene.origins.iter().any(|origin| {
            let path = url.strip_prefix(origin.as_str());
            path.is_some_and(|path| path.is_empty() || path.starts_with(['/', '?', '#']))
        });
        assert!(is_granted, "the check asks {url:?}, the scene grants {:?}", self.scene.origins);
        let Some(expected) = self.scene.exchanges.get(self.exchanged.get()) else {
            panic!("the check asks {method} {url}, the scene expects no request any more");
        };
        self.exchanged.set(self.exchanged.get() + 1);
        assert!(
            method == expected.method && url == expected.url,
            "the check asks {method} {url}, the scene expects {} {}",
            expected.method,
            expected.url
        );
        assert_eq!(sorted(&headers), sorted(&expected.headers), "the headers of {method} {url}, asked and expected");
        assert_eq!(
            String::from_utf8_lossy(&body),
            String::from_utf8_lossy(&expected.body),
            "the body of {method} {url}, asked and expected"
        );
        let (status, body) = expected.answer.clone()?;
        if body.len() > body_at_most as usize {
            return Err(IoError::TooLong);
        }
        let finished_us = u64::try_from(expected.takes.as_micros()).unwrap_or(u64::MAX);
        Ok(Response {
            status,
            url: expected.ends_at.clone().unwrap_or(url),
            headers: expected.answer_headers.clone(),
            body,
            connected_us: finished_us / 3,
            answered_us: finished_us / 3 * 2,
            finished_us,
        })
    }
}

/// Headers in an order that does not depend on how they were added.
fn sorted(headers: &[(String, String)]) -> Vec<(String, String)> {
    let mut sorted: Vec<(String, String)> =
        headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    sorted.sort();
    sorted
}
