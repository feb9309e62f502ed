//! `not-obeyed-yet`: settings that this version reads and does nothing about.

use grammar::ast::{LimitName, LimitSetting, Setting, SettingKind, Statement, TlsOption, TlsSettingKind};
use grammar::{Finding, Span};

use super::Entry;
use crate::check::View;

const NAME: &str = "not-obeyed-yet";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a setting that is read and not obeyed", include_str!("not_obeyed_yet.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for statement in &view.file.statements {
        if let Statement::Set(setting) = statement {
            of_setting(setting, findings);
        }
    }
}

fn of_setting(setting: &Setting, findings: &mut Vec<Finding>) {
    let what = match &setting.kind {
        SettingKind::MailServers { servers, .. } => {
            for server in servers.iter().filter(|server| server.tls.iter().any(names_ciphers)) {
                let consequence = "so the ciphers are those of this version, which are strong";
                findings.push(finding(server.span, "the list of ciphers is not obeyed", consequence));
            }
            return;
        }
        SettingKind::Limits(limits) => return findings.extend(limits.iter().filter_map(of_limit)),
        SettingKind::Mmonit(_) => ("M/Monit is told nothing", "so it would take this machine for dead"),
        SettingKind::Httpd(_) => ("nothing listens: there is no page and no door for commands", "so nobody is let in"),
        SettingKind::IdFile(_) => ("ruled has no number of its own to keep", "so this file is not there"),
        SettingKind::Fips => ("ruled's cryptography is not the approved one", "so this changes nothing"),
        SettingKind::Terminal => ("colours follow the terminal and `--color`", "so this changes nothing"),
        // The foreground is where ruled always is.
        SettingKind::Init
        // What waits for a mail server is kept with the state, in as many slots.
        | SettingKind::EventQueue { .. }
        | SettingKind::Tls(_)
        | SettingKind::MailFormat(_)
        | SettingKind::Alert(_)
        | SettingKind::OnReboot(_)
        | SettingKind::StateFile(_)
        | SettingKind::PidFile(_)
        | SettingKind::ExpectBuffer(_)
        | SettingKind::Daemon { .. }
        | SettingKind::Log(_) => return,
    };
    findings.push(finding(setting.span, what.0, what.1));
}

/// Whether an option chooses ciphers.
fn names_ciphers(option: &TlsOption) -> bool {
    match option {
        TlsOption::Block(block) => block.options.iter().any(|one| matches!(one.kind, TlsSettingKind::Ciphers(_))),
        _ => false,
    }
}

/// The lengths of time are what tests and programs are given; the sizes are not.
fn of_limit(limit: &LimitSetting) -> Option<Finding> {
    let what = match limit.name.node {
        LimitName::ProgramOutput => "the output of a program is cut at a length of its own",
        LimitName::FileContentBuffer => "lines are looked at up to a length of their own",
        LimitName::HttpContentBuffer => "pages are looked at up to a length of their own",
        LimitName::SendExpectBuffer
        | LimitName::NetworkTimeout
        | LimitName::ProgramTimeout
        | LimitName::StopTimeout
        | LimitName::StartTimeout
        | LimitName::RestartTimeout => return None,
    };
    Some(finding(limit.span, what, "so this changes nothing"))
}

fn finding(span: Span, headline: &str, consequence: &str) -> Finding {
    Finding::warning(NAME, span, headline)
        .here(consequence)
        .note("this version reads the statement and does nothing about it")
}
