//! From what the engine knows to what is said through the door.

use interpreter::engine::{DeedEnd, EventState, LastDeed, ServiceStatus, State, Wall, Why};
use interpreter::outbox;

use super::protocol::{Connection, Deed, Done, Fault, Mail, Need, Reading, Reasons, Rule, Service, Undertaken};
use crate::words::{clean, event_words, one_line};

/// The mail that waits, or was given up; nothing when all is well.
pub fn mail(status: outbox::Status) -> Option<Mail> {
    if status.news == 0 && status.given_up == 0 {
        return None;
    }
    let (last_error_us, last_error) = status.last_error.map(|(at, reason)| (at.0, one_line(&reason))).unzip();
    Some(Mail {
        events: status.news as u64,
        letters: status.letters as u64,
        since_us: status.since.map(microseconds),
        given_up: status.given_up,
        last_error,
        last_error_us,
    })
}

/// How a service stands.
pub fn service(status: ServiceStatus) -> Service {
    Service {
        shown: shown(&status),
        kind: status.kind.word().to_owned(),
        title: status.title.to_owned(),
        state: status.state.word().to_owned(),
        since_us: status.since.map(microseconds),
        doing: status.doing.map(str::to_owned),
        faults: status
            .faults
            .into_iter()
            .map(|fault| Fault {
                event: fault.class.word().to_owned(),
                message: clean(&fault.message),
                since_us: fault.since.0,
            })
            .collect(),
        monitored: status.monitored,
        mode: status.mode.to_owned(),
        on_reboot: status.on_reboot.to_owned(),
        every: status.every,
        groups: status.groups,
        depends: status.depends,
        exists: status.exists,
        pid: status.pid,
        uptime_s: status.uptime_s,
        permission: status.mode_bits.map(|mode| format!("{mode:04o}")),
        readings: status
            .readings
            .into_iter()
            .map(|reading| Reading {
                name: reading.name.into_owned(),
                amount: reading.amount,
                percent: reading.percent,
                shown: one_line(&reading.shown),
            })
            .collect(),
        connections: status
            .connections
            .into_iter()
            .map(|connection| Connection {
                place: connection.place,
                protocol: connection.protocol,
                response_ms: connection.response_ms,
                trouble: connection.trouble.map(|trouble| one_line(&trouble)),
            })
            .collect(),
        restarts: status.restarts,
        late_cycles: status.late_cycles,
        seen_us: status.taken.map(microseconds),
        last_deed: status.last_deed.map(done),
        name: status.name,
    }
}

/// The state in Monit's words: `OK`, or what fails, and what is being done about it.
pub fn shown(status: &ServiceStatus) -> String {
    let state = match status.state {
        State::Ok => "OK".to_owned(),
        State::Initializing => "Initializing".to_owned(),
        State::Waiting => "Waiting".to_owned(),
        State::NotMonitored => "Not monitored".to_owned(),
        State::Blocked => "Waiting for what it needs".to_owned(),
        State::Failed => {
            let mut words: Vec<&str> =
                status.faults.iter().map(|fault| event_words(fault.class, EventState::Failed)).collect();
            words.dedup();
            words.join(" | ")
        }
    };
    match status.doing {
        Some(doing) => format!("{state} - {doing} pending"),
        None => state,
    }
}

/// Why a service is in its state.
pub fn reasons(why: Why) -> Reasons {
    Reasons {
        service: service(why.status),
        causes: why.causes.iter().map(|cause| clean(cause)).collect(),
        rules: why
            .rules
            .into_iter()
            .map(|rule| {
                let (file, line) = rule.place.unzip();
                Rule {
                    asks: one_line(&rule.asks),
                    rate: rule.rate,
                    action: rule.action.to_owned(),
                    file,
                    line,
                    failed: rule.failed,
                    last: rule.last.map(|last| one_line(&last)),
                    hits: rule.hits,
                    needed: rule.needed,
                    cycles: rule.cycles,
                    message: rule.message.map(|message| clean(&message)),
                    since_us: rule.since.map(microseconds),
                    attempts: rule.attempts,
                    retry_in_cycles: rule.retry_in_cycles,
                }
            })
            .collect(),
        rules_total: why.rules_total,
        undertaken: why.undertaken.map(|one| Undertaken {
            what: one.what.to_owned(),
            service: one.service,
            reason: clean(&one.reason),
            waits_for: one.waits_for,
            left_ms: one.left_ms,
            steps_left: one.steps_left,
        }),
        wish: why.wish.map(|wish| clean(&wish)),
        needs: why.needs.into_iter().map(|need| Need { name: need.name, why: clean(&need.why) }).collect(),
        last_deed: why.last_deed.map(|deed| Deed {
            message: clean(&deed.message),
            failed: deed.failed,
            since_us: deed.since.map(microseconds),
            started_ago_ms: deed.started_ago_ms,
        }),
        deeds: why.deeds.into_iter().map(done).collect(),
    }
}

/// Something that was done.
fn done(deed: LastDeed) -> Done {
    let (status, signal, refused) = match &deed.end {
        Some(DeedEnd::Exited(status)) => (Some(*status), None, None),
        Some(DeedEnd::Signalled(signal)) => (None, Some(*signal), None),
        Some(DeedEnd::Refused(reason)) => (None, None, Some(clean(reason))),
        _ => (None, None, None),
    };
    Done {
        what: deed.word.to_owned(),
        argv: deed.argv,
        pid: deed.pid,
        event: deed.reason.event.to_owned(),
        reason: clean(&deed.reason.message),
        began_us: microseconds(deed.began),
        took_ms: deed.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        how: deed.end.map_or("running", |end| end.word()).to_owned(),
        status,
        signal,
        refused,
        output: deed.output,
        output_left_out_bytes: deed.output_left_out_bytes,
    }
}

fn microseconds(at: Wall) -> i64 {
    at.0
}
