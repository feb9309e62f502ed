//! Programs to run: their words, their user, their time.

use std::time::Duration;

use grammar::Spanned;
use grammar::ast::{self, Exec, Method, MethodKind, ProgramTarget, Value};

use super::Context;
use crate::lint;
use crate::program::{self, Command, Identity};

/// How long a rule's program may run. Monit sets no limit; a day ends only what hangs.
const EXEC_TIMEOUT: Duration = Duration::from_secs(86_400);
/// How many words Monit has room for, the path among them and an empty one at the end.
const WORDS_MAX_MONIT: usize = 64;
/// The largest number of cycles after which a program runs again.
const REPEAT_MAX: i64 = i32::MAX as i64;

/// Which list of names an identity is looked up in.
#[derive(Clone, Copy)]
pub(super) enum Register {
    /// That of the users.
    Users,
    /// That of the groups.
    Groups,
}

impl Context<'_> {
    /// The program of a start, stop or restart.
    pub(super) fn method(&mut self, method: &Method) -> Option<Command> {
        let uid = method.uid.as_ref().map(|name| self.identity(name, Register::Users));
        let gid = method.gid.as_ref().map(|name| self.identity(name, Register::Groups));
        let usual = match method.kind.node {
            MethodKind::Start => self.limits.start_timeout,
            MethodKind::Stop => self.limits.stop_timeout,
            MethodKind::Restart => self.limits.restart_timeout,
        };
        let timeout = method.timeout.as_ref().map_or(Some(usual), |length| self.timeout(length));
        Some(Command { argv: self.words(&method.program)?, uid, gid, timeout: timeout? })
    }

    /// The program that is watched for its status and its output.
    pub(super) fn program_target(&mut self, target: &ProgramTarget) -> Option<Command> {
        let uid = target.uid.as_ref().map(|name| self.identity(name, Register::Users));
        let gid = target.gid.as_ref().map(|name| self.identity(name, Register::Groups));
        let usual = self.limits.program_timeout;
        let timeout = target.timeout.as_ref().map_or(Some(usual), |length| self.timeout(length));
        Some(Command { argv: self.words(&target.program)?, uid, gid, timeout: timeout? })
    }

    /// The program of a rule.
    pub(super) fn exec(&mut self, exec: &Exec) -> Option<program::Exec> {
        let uid = exec.uid.as_ref().map(|name| self.identity(name, Register::Users));
        let gid = exec.gid.as_ref().map(|name| self.identity(name, Register::Groups));
        let repeat = exec.repeat_cycles.as_ref().map_or(Some(0), |cycles| self.repeat(cycles))?;
        let command = Command { argv: self.words(&exec.program)?, uid, gid, timeout: EXEC_TIMEOUT };
        Some(program::Exec { command, repeat_cycles: repeat })
    }

    fn repeat(&mut self, cycles: &Spanned<Value<f64>>) -> Option<u32> {
        u32::try_from(self.whole(cycles, "cycles", 0..=REPEAT_MAX)?).ok()
    }

    fn identity(&mut self, name: &Spanned<String>, register: Register) -> Identity {
        self.identity_for(name, register, "so the program could not be run")
    }

    /// A user or group; `consequence` says what happens when this machine does not know it.
    pub(super) fn identity_for(&mut self, name: &Spanned<String>, register: Register, consequence: &str) -> Identity {
        let word = match register {
            Register::Users => "user",
            Register::Groups => "group",
        };
        let written = name.node.parse().ok();
        let number = written.or_else(|| match register {
            Register::Users => self.surroundings.user(&name.node),
            Register::Groups => self.surroundings.group(&name.node),
        });
        if number.is_none() && self.strangers.insert(format!("{word} {}", name.node)) {
            self.report(lint::unknown_user::finding(name, word, consequence));
        }
        if let (Some(written), true) = (written, self.is_monit()) {
            // A number needs no name to run a program, but Monit refuses the file.
            let known = match register {
                Register::Users => self.surroundings.has_user(written),
                Register::Groups => self.surroundings.has_group(written),
            };
            if !known {
                self.report(lint::unknown_user::number(name, word));
            }
        }
        Identity { written: name.node.clone(), number }
    }

    /// The path of a program and its arguments.
    fn words(&mut self, program: &ast::Program) -> Option<Vec<String>> {
        let argv: Vec<String> = program.words.iter().map(|word| word.node.clone()).collect();
        if argv.first().is_none_or(|path| path.trim().is_empty()) {
            return self.refuse(lint::missing_program::empty(program.span));
        }
        if self.is_monit() && argv.len() >= WORDS_MAX_MONIT {
            let headline = format!("Monit refuses a program with {} arguments", argv.len() - 1);
            let reason = format!("it takes {} at most", WORDS_MAX_MONIT - 2);
            self.report(lint::not_portable::refused(program.span, headline, &reason));
        }
        Some(argv)
    }
}
