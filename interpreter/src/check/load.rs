//! Reading a file and all that it includes into one text.
//!
//! Includes are lexical: the text of the included file takes the place of the statement, wherever that stands.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use grammar::source::{decode, decode_owned};
use grammar::{Dialect, Finding, Segment, Source, SourceFile, Span};

use super::{PathState, ReadError, Surroundings};
use crate::lint;

/// The largest text of a file and all that it includes, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 << 20;
/// How deep files may include files.
pub const DEPTH_MAX: usize = 1_024;
/// How many times files are included in all; without this, a few files that include each other twice would be
/// included forever.
pub const FILES_MAX: usize = 65_536;

/// A text that was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The text with all that it includes.
    pub source: Source,
    /// What is wrong with its bytes and its includes, sorted by place.
    pub findings: Vec<Finding>,
    /// Why the file itself cannot be read, if so. It is among the findings, too.
    pub unreadable: Option<ReadError>,
}

/// Reads a file and all that it includes, in the dialect of the file.
pub fn load(path: &str, dialect: Dialect, surroundings: &dyn Surroundings) -> Loaded {
    match surroundings.read(path) {
        Ok(bytes) => load_bytes(path, bytes.into(), dialect, surroundings),
        Err(error) => {
            let finding = lint::unreadable_file::finding(Span::default(), &error);
            Loaded { source: Source::new(path, ""), findings: vec![finding], unreadable: Some(error) }
        }
    }
}

/// Reads all that a text includes. The text is known by the path that it would have as a file.
pub fn load_text(path: &str, bytes: &[u8], dialect: Dialect, surroundings: &dyn Surroundings) -> Loaded {
    load_bytes(path, bytes.into(), dialect, surroundings)
}

fn load_bytes(path: &str, bytes: Cow<'_, [u8]>, dialect: Dialect, surroundings: &dyn Surroundings) -> Loaded {
    let mut splice = Splice::new(dialect, surroundings);
    match splice.open(path, bytes) {
        Ok(file) => splice.file(file, &mut vec![path.to_owned()]),
        Err(finding) => splice.findings.push(*finding),
    }
    splice.finish(path)
}

/// Reads several files, and all that they include, into one text: the files of a directory, in the order given. The
/// text as a whole is known by `name`.
pub fn load_all(name: &str, paths: &[String], dialect: Dialect, surroundings: &dyn Surroundings) -> Loaded {
    let mut splice = Splice::new(dialect, surroundings);
    let mut chain = vec![name.to_owned()];
    for path in paths {
        if let Err(problem) = splice.included(path.clone(), &mut chain) {
            let place = splice.len;
            splice.report(place, &mut vec![*problem]);
        }
    }
    splice.finish(name)
}

/// Files that are put together to one text.
struct Splice<'a> {
    dialect: Dialect,
    surroundings: &'a dyn Surroundings,
    files: Vec<SourceFile>,
    /// The files that were read, by their paths.
    known: BTreeMap<String, usize>,
    /// The first byte of a file that is not UTF-8, until it is reported.
    invalid: BTreeMap<usize, Span>,
    /// Files that others may write, with who they are.
    open: BTreeMap<usize, String>,
    /// The folders in which everybody may replace a file, until they are reported with the first of their files.
    replaceable: BTreeMap<usize, String>,
    /// Those that were found.
    known_replaceable: BTreeSet<String>,
    segments: Vec<Segment>,
    /// The length of the text so far, as [`Source::from_segments`] makes it.
    len: usize,
    ends_with_break: bool,
    included: usize,
    findings: Vec<Finding>,
}

impl<'a> Splice<'a> {
    fn new(dialect: Dialect, surroundings: &'a dyn Surroundings) -> Splice<'a> {
        Splice {
            dialect,
            surroundings,
            files: Vec::new(),
            known: BTreeMap::new(),
            invalid: BTreeMap::new(),
            open: BTreeMap::new(),
            replaceable: BTreeMap::new(),
            known_replaceable: BTreeSet::new(),
            segments: Vec::new(),
            len: 0,
            ends_with_break: true,
            included: 0,
            findings: Vec::new(),
        }
    }

    /// Takes the bytes of a file, if they are not too many.
    fn open(&mut self, path: &str, bytes: Cow<'_, [u8]>) -> Result<usize, Box<Finding>> {
        if bytes.len().saturating_add(self.len) > TEXT_BYTES_MAX {
            return Err(Box::new(lint::too_large::finding(Span::default(), path)));
        }
        let decoded = match bytes {
            Cow::Owned(bytes) => decode_owned(bytes),
            Cow::Borrowed(bytes) => decode(bytes),
        };
        if decoded.text.len().saturating_add(self.len) > TEXT_BYTES_MAX {
            return Err(Box::new(lint::too_large::finding(Span::default(), path)));
        }
        let file = self.files.len();
        self.invalid.extend(decoded.first_invalid.map(|span| (file, span)));
        self.open.extend(self.surroundings.strangers_may_write(path).map(|who| (file, who)));
        if let Some(folder) = self.surroundings.replaceable_in(path)
            && self.known_replaceable.insert(folder.clone())
        {
            self.replaceable.insert(file, folder);
        }
        self.files.push(SourceFile { name: path.to_owned(), text: decoded.text });
        self.known.insert(path.to_owned(), file);
        Ok(file)
    }

    /// Puts a file and what it includes at the end of the text.
    fn file(&mut self, file: usize, chain: &mut Vec<String>) {
        let text = self.files.get(file).map(|file| file.text.as_str()).unwrap_or_default();
        let end = text.len();
        let includes = grammar::parse::includes(text, self.dialect);
        let mut from = 0;
        let mut problems = Vec::new();
        for include in includes {
            let start = self.part(file, Span::new(from, include.span.start as usize));
            self.report(start, &mut problems);
            problems = self.include(&include.pattern.node, chain);
            from = include.span.end as usize;
        }
        let start = self.part(file, Span::new(from, end));
        self.report(start, &mut problems);
    }

    /// Puts a part of a file at the end of the text, and returns where it begins there.
    fn part(&mut self, file: usize, span: Span) -> usize {
        let part = self.files.get(file).and_then(|file| file.text.get(span.range())).unwrap_or_default();
        if self.len > 0 && !self.ends_with_break {
            self.len += 1;
            self.ends_with_break = true;
        }
        let start = self.len;
        self.len += part.len();
        if !part.is_empty() {
            self.ends_with_break = part.ends_with('\n');
        }
        self.segments.push(Segment { file, span });
        if let Some(who) = self.open.remove(&file) {
            let name = self.files.get(file).map(|file| file.name.as_str()).unwrap_or_default();
            self.findings.push(lint::writable_by_others::finding(Span::new(start, start), name, &who));
        }
        if let Some(folder) = self.replaceable.remove(&file) {
            let name = self.files.get(file).map(|file| file.name.as_str()).unwrap_or_default();
            self.findings.push(lint::replaceable_by_others::finding(Span::new(start, start), name, &folder));
        }
        if let Some(invalid) = self.invalid.get(&file).copied()
            && span.start <= invalid.start
            && invalid.end <= span.end
        {
            self.invalid.remove(&file);
            let place = start + (invalid.start - span.start) as usize;
            let span = Span::new(place, place + invalid.range().len());
            self.findings.push(lint::not_utf8::finding(span));
        }
        start
    }

    /// An include is not in the text; what is said about it stands where the text goes on behind it.
    fn report(&mut self, place: usize, problems: &mut Vec<Finding>) {
        for mut finding in problems.drain(..) {
            for label in &mut finding.labels {
                label.span = Span::new(place, place);
            }
            self.findings.push(finding);
        }
    }

    /// Whether a pattern of names leads into a folder that is there and holds no files, as one for rules to come does.
    fn is_empty_folder(&self, pattern: &str) -> bool {
        let Some((folder, name)) = pattern.rsplit_once('/') else { return false };
        name.contains(['*', '?', '['])
            && self.surroundings.path(folder) == PathState::Directory
            && self.surroundings.glob(&format!("{folder}/*")).is_empty()
    }

    /// Puts everything that a pattern matches at the end of the text, and returns what is wrong with it.
    fn include(&mut self, pattern: &str, chain: &mut Vec<String>) -> Vec<Finding> {
        if chain.len() >= DEPTH_MAX {
            return vec![lint::include_too_deep::finding(Span::default())];
        }
        let pattern = self.resolve(pattern, chain);
        let mut paths = self.surroundings.glob(&pattern);
        paths.retain(|path| !path.ends_with('~'));
        if paths.is_empty() && self.is_empty_folder(&pattern) {
            return Vec::new();
        }
        if paths.is_empty() && self.surroundings.path(&pattern) == PathState::Directory {
            return vec![lint::include_matches_nothing::folder(Span::default(), &pattern, self.dialect)];
        }
        if paths.is_empty() {
            return vec![lint::include_matches_nothing::finding(Span::default(), &pattern)];
        }
        if self.dialect == Dialect::Monit {
            paths.reverse();
        }
        let mut problems = Vec::new();
        for path in paths {
            if let Err(problem) = self.included(path, chain) {
                problems.push(*problem);
            }
        }
        problems
    }

    fn included(&mut self, path: String, chain: &mut Vec<String>) -> Result<(), Box<Finding>> {
        if let Some(first) = chain.iter().position(|one| *one == path) {
            let mut circle: Vec<&str> = chain.iter().skip(first).map(String::as_str).collect();
            circle.push(&path);
            return Err(Box::new(lint::include_loop::finding(Span::default(), &circle)));
        }
        self.included += 1;
        if self.included > FILES_MAX {
            return Err(Box::new(lint::too_large::too_many(Span::default(), &path)));
        }
        let file = match self.known.get(&path) {
            Some(file) => *file,
            None => {
                let bytes = self.surroundings.read(&path);
                let bytes = bytes.map_err(|error| Box::new(lint::unreadable_file::finding(Span::default(), &error)))?;
                self.open(&path, bytes.into())?
            }
        };
        let text = self.files.get(file).map_or(0, |file| file.text.len());
        if text.saturating_add(self.len) > TEXT_BYTES_MAX {
            return Err(Box::new(lint::too_large::finding(Span::default(), &path)));
        }
        chain.push(path);
        self.file(file, chain);
        chain.pop();
        Ok(())
    }

    /// In the `rules` dialect a relative path begins at the folder of the file that includes; Monit takes it as it is.
    fn resolve(&self, pattern: &str, chain: &[String]) -> String {
        if self.dialect == Dialect::Monit || pattern.starts_with('/') {
            return pattern.to_owned();
        }
        match chain.last().and_then(|path| path.rsplit_once('/')) {
            Some((folder, _)) => format!("{folder}/{pattern}"),
            None => pattern.to_owned(),
        }
    }

    fn finish(mut self, path: &str) -> Loaded {
        super::sort(&mut self.findings);
        let source = if self.files.is_empty() {
            Source::new(path, "")
        } else {
            Source::from_segments(self.files, &self.segments)
        };
        Loaded { source, findings: self.findings, unreadable: None }
    }
}
