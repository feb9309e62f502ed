//! What a machine has answered during one check: a file asks for the same user and the same program many times.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{PathState, ProgramState, Surroundings};

/// Surroundings that ask each question once.
pub(super) struct Remembered<'a> {
    asked: &'a dyn Surroundings,
    users: Answers<Option<u32>>,
    groups: Answers<Option<u32>>,
    programs: Answers<ProgramState>,
    paths: Answers<PathState>,
}

type Answers<T> = RefCell<BTreeMap<String, T>>;

impl<'a> Remembered<'a> {
    /// Nothing has been asked yet.
    pub(super) fn new(asked: &'a dyn Surroundings) -> Remembered<'a> {
        Remembered {
            asked,
            users: Answers::default(),
            groups: Answers::default(),
            programs: Answers::default(),
            paths: Answers::default(),
        }
    }
}

fn remember<T: Copy>(answers: &Answers<T>, name: &str, ask: impl FnOnce(&str) -> T) -> T {
    if let Some(answer) = answers.borrow().get(name) {
        return *answer;
    }
    let answer = ask(name);
    answers.borrow_mut().insert(name.to_owned(), answer);
    answer
}

impl Surroundings for Remembered<'_> {
    fn behind(&self) -> Option<&dyn Surroundings> {
        Some(self.asked)
    }

    fn user(&self, name: &str) -> Option<u32> {
        remember(&self.users, name, |name| self.asked.user(name))
    }

    fn group(&self, name: &str) -> Option<u32> {
        remember(&self.groups, name, |name| self.asked.group(name))
    }

    fn program(&self, path: &str) -> ProgramState {
        remember(&self.programs, path, |path| self.asked.program(path))
    }

    fn path(&self, path: &str) -> PathState {
        remember(&self.paths, path, |path| self.asked.path(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Day, Imaginary};

    #[test]
    fn a_machine_is_asked_once() {
        let mut asked = 0;
        let answers = Answers::default();
        for _ in 0..3 {
            assert_eq!(
                remember(&answers, "www-data", |_| {
                    asked += 1;
                    Some(33)
                }),
                Some(33)
            );
        }
        assert_eq!(asked, 1);
    }

    #[test]
    fn the_answers_are_those_of_the_machine() {
        let machine = Imaginary::new().without_user("nobody").with_program("/bin/no", ProgramState::Missing);
        let machine = Imaginary { today: Day::new(2026, 12, 1), ..machine };
        let remembered = Remembered::new(&machine);
        for _ in 0..2 {
            assert_eq!(remembered.user("root"), Some(0));
            assert_eq!(remembered.user("nobody"), None);
            assert_eq!(remembered.group("nobody"), None);
            assert_eq!(remembered.program("/bin/no"), ProgramState::Missing);
            assert_eq!(remembered.path("/etc"), machine.path("/etc"));
            assert_eq!(remembered.today(), Day::new(2026, 12, 1));
        }
    }
}
