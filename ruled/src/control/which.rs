//! Which services a request means.

use std::collections::HashMap;

use grammar::english;
use interpreter::pattern::{Pattern, Syntax};
use interpreter::program::{Program, ServiceId};

use super::protocol::Which;

/// The longest name that a message repeats, in characters.
const SHOWN_CHARS_MAX: usize = 80;

/// What makes a name a pattern.
const PATTERN_SIGNS: &[char] = &['^', '$', '*', '+', '?', '[', ']', '(', ')', '|', '\\', '.'];

/// The services that are meant, in the order of the program; the error is a sentence. Names and groups are compared without
/// regard to case, as Monit does; a name that is none may be a pattern of POSIX, which has to fit the whole name.
pub fn find(program: &Program, which: &Which, all: bool) -> Result<Vec<ServiceId>, String> {
    if all {
        return Ok(program.ids().collect());
    }
    let mut found = Vec::new();
    if let Some(group) = &which.group {
        let is_in = |id: &ServiceId| {
            let groups = program.service(*id).map_or(&[][..], |service| &service.groups);
            groups.iter().any(|other| other.eq_ignore_ascii_case(group))
        };
        found.extend(program.ids().filter(is_in));
        if found.is_empty() {
            return Err(no_group(program, group));
        }
        if which.services.is_empty() {
            return Ok(found);
        }
    }
    let names: HashMap<String, ServiceId> =
        program.ids().filter_map(|id| Some((program.service(id)?.name.to_ascii_lowercase(), id))).collect();
    let mut named = Vec::new();
    for name in &which.services {
        let lower = name.to_ascii_lowercase();
        match names.get(&lower) {
            Some(id) => named.push(*id),
            None => {
                let fitting = fitting(program, &lower);
                if fitting.is_empty() {
                    return Err(no_service(program, name));
                }
                named.extend(fitting);
            }
        }
    }
    if which.group.is_some() {
        // Both narrow: a name within a group.
        named.retain(|id| found.contains(id));
        if named.is_empty() {
            return Err(format!(
                "none of them is in the group '{}'",
                shown(which.group.as_deref().unwrap_or_default())
            ));
        }
    }
    named.sort();
    named.dedup();
    Ok(named)
}

/// The one service of this name; the error is a sentence.
pub fn one(program: &Program, name: &str) -> Result<ServiceId, String> {
    program.find(name).ok_or_else(|| no_service(program, name))
}

fn fitting(program: &Program, lower: &str) -> Vec<ServiceId> {
    if !lower.contains(PATTERN_SIGNS) {
        return Vec::new();
    }
    let whole = if lower.contains(['^', '$']) { lower.to_owned() } else { format!("^({lower})$") };
    let Ok(pattern) = Pattern::new(&whole, Syntax::Posix) else { return Vec::new() };
    let fits = |id: &ServiceId| {
        program.service(*id).is_some_and(|service| pattern.is_match(service.name.to_ascii_lowercase().as_bytes()))
    };
    program.ids().filter(fits).collect()
}

fn no_service(program: &Program, name: &str) -> String {
    let names = program.services.iter().map(|service| service.name.as_str());
    let near = grammar::suggest::nearest(name, names);
    let near: Vec<String> = near.iter().map(|name| format!("'{name}'")).collect();
    match near.as_slice() {
        [] => format!("there is no service '{}'; `ruled summary` lists all", shown(name)),
        near => format!("there is no service '{}'; did you mean {}?", shown(name), english::or(near)),
    }
}

fn no_group(program: &Program, group: &str) -> String {
    let mut groups: Vec<&str> =
        program.services.iter().flat_map(|service| &service.groups).map(String::as_str).collect();
    groups.sort_unstable();
    groups.dedup();
    let near = grammar::suggest::nearest(group, groups.iter().copied());
    match (near.as_slice(), groups.as_slice()) {
        ([], []) => format!("there is no group '{}', nor any other in these rules", shown(group)),
        ([], groups) => {
            let some: Vec<&&str> = groups.iter().take(10).collect();
            format!("there is no group '{}'; there is {}", shown(group), english::and(some))
        }
        (near, _) => format!("there is no group '{}'; did you mean {}?", shown(group), english::or(near)),
    }
}

fn shown(name: &str) -> String {
    crate::words::one_line(&name.chars().take(SHOWN_CHARS_MAX).collect::<String>())
}
