//! Patterns for guests: the interface `patterns`. Compiled ones are kept, because every check of a rule has the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use interpreter::pattern::{Pattern, Syntax};
use ruled_embedded::Value;

use super::Setting;
use super::bindings::ruled::plugin::patterns;
use super::guest::Guest;
use super::limits::PATTERNS_KEPT_MAX;

/// The patterns of the options of one check, by the option's name.
pub(super) type Patterns = Vec<(String, Arc<Pattern>)>;

/// Patterns that were compiled.
#[derive(Default)]
pub(super) struct Compiled {
    kept: Mutex<HashMap<(String, bool), Arc<Pattern>>>,
}

impl Compiled {
    /// The patterns of these settings.
    pub(super) fn of(&self, settings: &[Setting]) -> Result<Patterns, String> {
        let mut patterns = Vec::new();
        for Setting { name, value, .. } in settings {
            if let Value::Pattern(pattern) = value {
                patterns.push((name.clone(), self.one(&pattern.text, pattern.posix)?));
            }
        }
        Ok(patterns)
    }

    fn one(&self, text: &str, posix: bool) -> Result<Arc<Pattern>, String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (text.to_owned(), posix);
        if let Some(pattern) = kept.get(&key) {
            return Ok(Arc::clone(pattern));
        }
        let syntax = if posix { Syntax::Posix } else { Syntax::Regex };
        let pattern = Pattern::new(text, syntax).map_err(|error| format!("the pattern {text:?} is none: {error}"))?;
        let pattern = Arc::new(pattern);
        if kept.len() >= PATTERNS_KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&pattern));
        Ok(pattern)
    }
}

impl patterns::Host for Guest {
    fn matches(&mut self, name: String, data: Vec<u8>) -> wasmtime::Result<bool> {
        self.work(data.len())?;
        let pattern = self.patterns.iter().find(|(option, _)| *option == name);
        Ok(pattern.is_some_and(|(_, pattern)| pattern.is_match(&data)))
    }
}
