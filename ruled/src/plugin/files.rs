//! Files for guests: the interface `files`. It reads, and only below the paths that a rule grants.
//!
//! A file system may not answer. So nothing is asked of one on the thread of guests: each check that reads files has a
//! thread of its own, with descriptors of its own, for as long as it lasts.
//!
//! What does not live here: what is granted (`granted`), how a path is followed without leaving that (`below`), and the thread
//! (`reader`).

mod below;
mod count;
mod granted;
mod reader;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::bindings::checks::ruled::plugin::files::{Entry, Host, Kind, Listing, Metadata, Tally};
use super::bindings::ruled::plugin::types::IoError;
use super::guest::{Answer, Guest, Quota};
use super::limits::{CALL_BYTES_MAX, READERS_MAX};
use crate::words;
use below::{Opened, Refusal, Target};
use reader::Reader;
pub(super) use reader::Readers;

/// What is listed at most in one call, as the WIT says.
const ENTRIES_MAX: usize = 10_000;
/// What one check counts at most.
const COUNTED_MAX: u64 = 1_000_000;
/// What an entry counts for beside its name.
const ENTRY_BYTES: usize = 16;

/// What a check may read, and the thread that reads it.
pub(super) struct Files {
    /// Absolute paths, as the rule writes them, without a slash at the end.
    grants: Vec<String>,
    /// How many threads there are, so that file systems that do not answer do not hold more and more of them.
    readers: Arc<Readers>,
    reader: Option<Reader>,
    /// How many entries were counted so far.
    counted: u64,
}

impl Files {
    pub(super) fn new(grants: Vec<PathBuf>, readers: Arc<Readers>) -> Files {
        let text = |path: PathBuf| {
            let path = path.to_string_lossy().into_owned();
            let bare = path.trim_end_matches('/');
            if bare.is_empty() { "/".to_owned() } else { bare.to_owned() }
        };
        Files { grants: grants.into_iter().map(text).collect(), readers, reader: None, counted: 0 }
    }

    /// The grant to which a path belongs, and what lies behind it; the longest where there are several.
    /// `shown` is the path for people.
    fn target(&self, path: &str, shown: &str) -> Result<Target, String> {
        if path.contains('\0') || path.split('/').any(|part| part == "..") {
            return Err(format!("the plugin asks for the path {shown}, in which `..` or a zero byte stands"));
        }
        if !path.starts_with('/') {
            return Err(format!("the plugin asks for the path {shown}, which is not absolute"));
        }
        let below = |grant: &String| {
            let rest = path.strip_prefix(grant.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/').to_owned())
        };
        let found = self.grants.iter().filter_map(|grant| Some((grant, below(grant)?)));
        match found.max_by_key(|(grant, _)| grant.len()) {
            Some((grant, rest)) => Ok(Target { grant: grant.clone(), rest, shown: shown.to_owned() }),
            None => Err(format!(
                "the plugin asks for {shown}, and the rule does not grant that; write `grant read \"{}\"`",
                shown.replace('"', "")
            )),
        }
    }
}

impl Guest {
    /// Asks the file system on the thread of this check, and waits until the deadline.
    async fn ask<T: Send + 'static>(
        &mut self,
        path: &str,
        ask: impl FnOnce(&mut Opened, &Target, &dyn Fn() -> bool) -> Result<T, Refusal> + Send + 'static,
    ) -> Answer<T> {
        let shown = words::one_line(&self.secrets.mask(path));
        let target = match self.reach.files.target(path, &shown) {
            Ok(target) => target,
            Err(sentence) => return self.refuse(IoError::NotGranted, sentence, true),
        };
        let deadline = self.reach.deadline;
        // Why it was over stands there already; each further question would begin another thread.
        if Instant::now() >= deadline {
            return Ok(Err(IoError::TimedOut));
        }
        let files = &mut self.reach.files;
        if files.reader.is_none() {
            match files.readers.take() {
                Ok(Some(reader)) => files.reader = Some(reader),
                Ok(None) => {
                    let sentence = format!("{READERS_MAX} checks wait for file systems that do not answer");
                    return self.refuse(IoError::TimedOut, sentence, true);
                }
                Err(error) => {
                    let sentence = format!("no thread can be started that reads files: {}", words::reason(&error));
                    return self.refuse(IoError::Unreachable, sentence, true);
                }
            }
        }
        let asking = match &files.reader {
            Some(reader) => reader.ask(move |opened, is_given_up| ask(opened, &target, is_given_up)),
            None => return self.refuse(IoError::Other, "there is no thread that reads files".to_owned(), true),
        };
        match tokio::time::timeout_at(deadline.into(), asking).await {
            Ok(Some(Ok(answer))) => Ok(Ok(answer)),
            Ok(Some(Err(Refusal { error, sentence, is_ours }))) => self.refuse(error, sentence, is_ours),
            // The thread is left behind; it ends when the file system answers.
            Ok(None) | Err(_) => {
                self.reach.files.reader = None;
                let sentence = format!("the file system of {shown} does not answer");
                self.refuse(IoError::TimedOut, sentence, false)
            }
        }
    }

    /// Charges for what was read.
    fn charged<T>(&mut self, answer: Result<T, IoError>, bytes: impl Fn(&T) -> usize) -> Answer<T> {
        if let Ok(read) = &answer {
            self.traffic.received(bytes(read));
        }
        Ok(answer)
    }

    /// Whether anything more may be read.
    fn may_read(&mut self) -> Result<(), IoError> {
        if self.traffic.may_receive() {
            return Ok(());
        }
        self.used_up = Some(Quota::Read);
        Err(IoError::Limit)
    }
}

impl Host for Guest {
    fn granted(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(self.reach.files.grants.clone())
    }

    async fn inspect(&mut self, path: String, follows_links: bool) -> Answer<Metadata> {
        self.ask(&path, move |opened, target, _| opened.inspect(target, follows_links)).await
    }

    async fn read(&mut self, path: String, offset: u64, at_most: u32) -> Answer<Vec<u8>> {
        if let Err(error) = self.may_read() {
            return Ok(Err(error));
        }
        let at_most = (at_most as usize).min(CALL_BYTES_MAX);
        let answer = self.ask(&path, move |opened, target, _| opened.read(target, offset, at_most)).await?;
        self.charged(answer, Vec::len)
    }

    async fn entries(&mut self, path: String, at_most: u32) -> Answer<Listing> {
        if let Err(error) = self.may_read() {
            return Ok(Err(error));
        }
        let at_most = (at_most as usize).min(ENTRIES_MAX);
        let answer = self
            .ask(&path, move |opened, target, _| {
                let (entries, complete) = opened.entries(target, at_most)?;
                let entries = entries.into_iter().map(|(name, kind)| Entry { name, kind }).collect();
                Ok(Listing { entries, complete })
            })
            .await?;
        self.charged(answer, |listing| listing.entries.iter().map(|entry| entry.name.len() + ENTRY_BYTES).sum())
    }

    async fn count(&mut self, path: String, levels: u32) -> Answer<Tally> {
        let left = COUNTED_MAX.saturating_sub(self.reach.files.counted);
        let answer =
            self.ask(&path, move |opened, target, is_given_up| opened.count(target, levels, left, is_given_up));
        let answer = answer.await?;
        self.reach.files.counted += match &answer {
            Ok(tally) => tally.files + tally.directories + tally.links + tally.others,
            Err(IoError::TooLong) => left,
            Err(_) => 0,
        };
        Ok(answer)
    }
}

/// What a file is, in the words of the WIT.
fn kind(of: rustix::fs::FileType) -> Kind {
    match of {
        rustix::fs::FileType::RegularFile => Kind::File,
        rustix::fs::FileType::Directory => Kind::Directory,
        rustix::fs::FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    }
}
