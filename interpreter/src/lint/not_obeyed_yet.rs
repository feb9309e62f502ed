//! `not-obeyed-yet`: settings that this version reads and does nothing about.

use grammar::ast::{
    AlertTarget, CheckStatement, LimitName, LimitSetting, Setting, SettingKind, Statement, TlsOption, TlsSettingKind,
};
use grammar::{Finding, Span};

use super::Entry;
use crate::check::View;

const NAME: &str = "not-obeyed-yet";
pub(super) const ENTRY: Entry =
    Entry::looked_for(NAME, "a setting that is read and not obeyed", include_str!("not_obeyed_yet.md"), look);

fn look(view: &View<'_>, findings: &mut Vec<Finding>) {
    for statement in &view.file.statements {
        match statement {
            Statement::Set(setting) => of_setting(setting, findings),
            Statement::Check(check) => {
                for statement in &check.statements {
                    if let CheckStatement::Alert(target) = statement {
                        of_recipient(target, findings);
                    }
                }
            }
        }
    }
}

fn of_setting(setting: &Setting, findings: &mut Vec<Finding>) {
    let what = match &setting.kind {
        SettingKind::Alert(target) => return of_recipient(target, findings),
        SettingKind::MailServers { servers, .. } => {
            for server in servers.iter().filter(|server| server.tls.iter().any(asks_for_tls)) {
                let consequence = "so no mail is handed in to this server";
                findings.push(finding(server.span, "mail is not encrypted by this version", consequence));
            }
            return;
        }
        SettingKind::Limits(limits) => return findings.extend(limits.iter().filter_map(of_limit)),
        SettingKind::MailFormat(_) => ("mail looks as it always does", "so none of this is in it"),
        SettingKind::Tls(_) => ("no connection is encrypted by this version", "so nothing asks for this"),
        SettingKind::EventQueue { .. } => {
            ("what cannot be delivered waits in memory", "so nothing is kept here, and it is lost when ruled ends")
        }
        SettingKind::Mmonit(_) => ("M/Monit is told nothing", "so it would take this machine for dead"),
        SettingKind::Httpd(_) => ("nothing listens: there is no page and no door for commands", "so nobody is let in"),
        SettingKind::IdFile(_) => ("ruled has no number of its own to keep", "so this file is not there"),
        SettingKind::ExpectBuffer(_) => {
            ("answers are looked at up to a length of their own", "so this changes nothing")
        }
        SettingKind::Fips => ("ruled's cryptography is not the approved one", "so this changes nothing"),
        SettingKind::Terminal => ("colours follow the terminal and `--color`", "so this changes nothing"),
        // The foreground is where ruled always is.
        SettingKind::Init
        | SettingKind::OnReboot(_)
        | SettingKind::StateFile(_)
        | SettingKind::PidFile(_)
        | SettingKind::Daemon { .. }
        | SettingKind::Log(_) => return,
    };
    findings.push(finding(setting.span, what.0, what.1));
}

/// Whether an option asks for encryption; a block that only chooses ciphers does not.
fn asks_for_tls(option: &TlsOption) -> bool {
    match option {
        TlsOption::Block(block) => block.options.iter().any(|one| !matches!(one.kind, TlsSettingKind::Ciphers(_))),
        TlsOption::Version(version) => !version.node.excluded,
        TlsOption::Plain(_)
        | TlsOption::CertMd5(_)
        | TlsOption::CertificateChecksum { .. }
        | TlsOption::CertificateValid { .. } => true,
    }
}

fn of_recipient(target: &AlertTarget, findings: &mut Vec<Finding>) {
    let (address, fixed) = (&target.address.node, "so this changes nothing");
    if let Some(format) = &target.format {
        findings.push(finding(format.span, "mail looks as it always does", "so none of this is in it"));
    }
    if let Some(cycles) = &target.reminder_cycles {
        findings.push(finding(cycles.span, &format!("{address} is told once, and not again"), fixed));
    }
}

/// The lengths of time are what tests and programs are given; the sizes are not.
fn of_limit(limit: &LimitSetting) -> Option<Finding> {
    let what = match limit.name.node {
        LimitName::ProgramOutput => "the output of a program is cut at a length of its own",
        LimitName::SendExpectBuffer => "answers are looked at up to a length of their own",
        LimitName::FileContentBuffer => "lines are looked at up to a length of their own",
        LimitName::HttpContentBuffer => "pages are looked at up to a length of their own",
        LimitName::NetworkTimeout
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
