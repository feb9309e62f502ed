//! The files of a scene, in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::files::{Entry, FileKind, Metadata, Tally};
use crate::{IoError, now};

/// So many links in a row lead in a circle.
const LINKS_MAX: u32 = 40;
/// As many levels as the host counts.
const LEVELS_MAX: u32 = 32;

/// What has a name.
#[derive(Clone, Debug)]
pub(super) enum Node {
    File(Vec<u8>),
    Directory,
    Link(String),
    Other,
}

impl Node {
    fn kind(&self) -> FileKind {
        match self {
            Node::File(_) => FileKind::File,
            Node::Directory => FileKind::Directory,
            Node::Link(_) => FileKind::Link,
            Node::Other => FileKind::Other,
        }
    }
}

/// Everything that has a name, by its path.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    nodes: BTreeMap<String, (Node, Duration)>,
    last: Option<String>,
}

impl Tree {
    pub(super) fn add(&mut self, path: &str, node: Node) {
        assert!(path.starts_with('/'), "paths are absolute: {path}");
        let path = path.trim_end_matches('/');
        for (place, _) in path.match_indices('/') {
            self.nodes.entry(path[..place].to_owned()).or_insert((Node::Directory, Duration::ZERO));
        }
        self.nodes.insert(path.to_owned(), (node, Duration::ZERO));
        self.last = Some(path.to_owned());
    }

    pub(super) fn age_last(&mut self, age: Duration) {
        let last = self.last.as_ref().and_then(|path| self.nodes.get_mut(path));
        last.expect("a file that was added before").1 = age;
    }

    /// Where a path leads that begins with that of a grant.
    fn resolve(&self, grant: &str, path: &str, follows_last: bool) -> Result<String, IoError> {
        let grant = grant.trim_end_matches('/');
        let mut at = grant.to_owned();
        let below = path.strip_prefix(grant).unwrap_or_default();
        let mut rest: Vec<String> = below.rsplit('/').map(str::to_owned).collect();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." if at == grant => return Err(IoError::NotGranted),
                ".." => at.truncate(at.rfind('/').unwrap_or(0)),
                name => {
                    let next = format!("{at}/{name}");
                    match self.nodes.get(&next) {
                        Some((Node::Link(target), _)) if follows_last || !rest.is_empty() => {
                            links += 1;
                            if target.starts_with('/') {
                                return Err(IoError::NotGranted);
                            }
                            if links > LINKS_MAX {
                                return Err(IoError::Unreachable);
                            }
                            rest.extend(target.rsplit('/').map(str::to_owned));
                        }
                        _ => at = next,
                    }
                }
            }
        }
        Ok(at)
    }

    fn find(&self, grant: &str, path: &str, follows_last: bool) -> Result<(String, &Node, Duration), IoError> {
        let path = self.resolve(grant, path, follows_last)?;
        let (node, age) = self.nodes.get(&path).ok_or(IoError::NotFound)?;
        Ok((path, node, *age))
    }

    pub(super) fn inspect(&self, grant: &str, path: &str, follows_last: bool) -> Result<Metadata, IoError> {
        let (_, node, age) = self.find(grant, path, follows_last)?;
        let changed = Duration::from_secs(now().0).saturating_sub(age);
        let changed = (i64::try_from(changed.as_secs()).unwrap_or(i64::MAX), changed.subsec_nanos());
        let (size, mode) = match node {
            Node::File(content) => (content.len() as u64, 0o644),
            Node::Link(target) => (target.len() as u64, 0o777),
            Node::Directory => (4_096, 0o755),
            Node::Other => (0, 0),
        };
        let kind = node.kind();
        Ok(Metadata { kind, size, mode, owner: 0, group: 0, links: 1, modified: changed, changed })
    }

    pub(super) fn read(&self, grant: &str, path: &str, offset: u64, at_most: u32) -> Result<Vec<u8>, IoError> {
        let (_, Node::File(content), _) = self.find(grant, path, true)? else { return Err(IoError::Unreachable) };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = content.get(offset..).unwrap_or_default();
        Ok(rest[..rest.len().min(at_most as usize)].to_vec())
    }

    pub(super) fn entries(&self, grant: &str, path: &str, at_most: u32) -> Result<(Vec<Entry>, bool), IoError> {
        let (path, Node::Directory, _) = self.find(grant, path, true)? else { return Err(IoError::Unreachable) };
        let mut entries: Vec<Entry> = self
            .below(&path)
            .filter(|(name, _)| !name.contains('/'))
            .map(|(name, node)| Entry { name: name.to_owned(), kind: node.kind() })
            .collect();
        let complete = entries.len() <= at_most as usize;
        entries.truncate(at_most as usize);
        Ok((entries, complete))
    }

    pub(super) fn count(&self, grant: &str, path: &str, levels: u32) -> Result<Tally, IoError> {
        let (path, Node::Directory, _) = self.find(grant, path, true)? else { return Err(IoError::Unreachable) };
        if levels > LEVELS_MAX {
            return Err(IoError::TooLong);
        }
        let mut tally = Tally::default();
        for (name, node) in self.below(&path) {
            if name.matches('/').count() > levels as usize {
                continue;
            }
            match node {
                Node::File(_) => tally.files += 1,
                Node::Directory => tally.directories += 1,
                Node::Link(_) => tally.links += 1,
                Node::Other => tally.others += 1,
            }
        }
        Ok(tally)
    }

    /// Everything below a directory, by its path from there.
    fn below(&self, path: &str) -> impl Iterator<Item = (&str, &Node)> {
        let prefix = format!("{path}/");
        self.nodes.iter().filter_map(move |(found, (node, _))| {
            let name = found.strip_prefix(&prefix)?;
            Some((name, node))
        })
    }
}
