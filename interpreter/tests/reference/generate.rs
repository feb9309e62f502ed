//! Random cases, as proptest makes and shrinks them.

use std::ops::RangeInclusive;

use grammar::Dialect;
use grammar::ast::ServiceKind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::case::{Asks, Case, Change, Happening, Programs, RateText, RuleText, Watched};
use super::dials::{Question, dials, questions};

/// What kind of cases are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) dialects: &'static [Dialect],
    pub(crate) services: RangeInclusive<usize>,
    /// Whether services need each other.
    pub(crate) related: bool,
    /// Whether services are checked by the clock on the wall.
    pub(crate) by_the_clock: bool,
    /// Whether rates and histories are long.
    pub(crate) long: bool,
}

const LIMIT_ACTIONS: [&str; 4] = ["alert", "unmonitor", "exec \"/bin/note\"", "stop"];
const SCHEDULES: [&str; 10] = [
    "every \"* 0-2 * * *\"",
    "every \"30 2 * * *\"",
    "every \"0,20,40 * * * *\"",
    "every \"0-9 1,2,3 * * 0\"",
    "every \"* * 29 3 *\"",
    "every \"5 * 1 * 4\"",
    "not every \"* 2 * * *\"",
    "not every \"10-19 * * * *\"",
    "every \"*/7 * * * *\"",
    "every \"15 */2 1-28/3 jan-nov sun,mon\"",
];
/// How many of them Monit reads.
const MONIT_SCHEDULES: usize = 8;
const ZONES: [&str; 5] =
    ["", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0/2", "IST-5:30"];
/// When cases begin: in the year 2026, on days on which clocks of these zones are changed shortly afterwards, and others.
const BEGINNINGS: [i64; 8] = [
    // 1 January, 0:00, and 28 February, 22:16.
    1_767_225_600,
    1_772_317_000,
    // 29 March, 0:30, and 24 October, 23:50: Berlin.
    1_774_744_200,
    1_792_885_800,
    // 8 March, 6:40, and 1 November, 5:13: New York.
    1_772_952_000,
    1_793_510_000,
    // 4 April, 14:00, and 3 October, 15:00: Lord Howe Island, by half an hour.
    1_775_311_200,
    1_791_039_600,
];
const JUMPS: [i64; 7] = [90, -90, 3_600, -3_600, -20_000, 100_000, 900_000];

/// A random case.
pub(crate) fn case(wish: Wish) -> BoxedStrategy<Case> {
    let cycle = if wish.by_the_clock { vec![60, 420, 1_800, 12] } else { vec![12, 12, 12, 12, 300] };
    let jumps = if wish.by_the_clock { 0..3_usize } else { 0..1 };
    let most = if wish.related || wish.long { 3 } else { 5 };
    let (cycles, happenings) = if wish.long { (100..250, 250) } else { (3..40_u64, 70) };
    let head = (select(wish.dialects), select(cycle), cycles, select(&ZONES[..]), select(&BEGINNINGS[..]));
    let body = (
        vec(service(most, wish.long, wish.by_the_clock), wish.services.clone()),
        vec((0..250_u64, any::<u8>(), any::<u16>()), 0..happenings),
        vec((1..40_u64, select(&JUMPS[..])), jumps),
        any::<bool>(),
    );
    let (related, by_the_clock) = (wish.related, wish.by_the_clock);
    let made = (head, body).prop_map(move |(head, (services, happenings, jumps, mirrored))| {
        let (dialect, cycle_s, cycles, zone, begins_s) = head;
        let (zone, begins_s) = if by_the_clock { (zone, begins_s) } else { (ZONES[0], BEGINNINGS[0]) };
        let mut case = Case { dialect, cycle_s, cycles, zone, begins_s, jumps, services, happenings: Vec::new() };
        tidy(&mut case, related, mirrored);
        end_no_watch(&mut case);
        for (after, service, what) in happenings {
            let service = usize::from(service) % case.services.len();
            if let Some(change) = change(&case, service, usize::from(what)) {
                case.happenings.push(Happening { after: after % cycles, service, change });
            }
        }
        case.happenings.sort_by_key(|one| (one.after, one.service));
        one_move_at_a_time(&mut case.happenings);
        case
    });
    made.boxed()
}

fn service(most_rules: usize, long: bool, by_the_clock: bool) -> impl Strategy<Value = Watched> {
    use ServiceKind::{File, Filesystem, Host, Network, Plugin, Process, Program, System};
    let kinds = [
        Process, Process, Process, Process, File, File, File, System, Host, Program, Program, Filesystem, Network,
        Plugin,
    ];
    let every = if by_the_clock {
        SCHEDULES.to_vec()
    } else {
        vec!["", "", "", "", "", "", "every 2 cycles", "every 3 cycles"]
    };
    let limit = (1..4_u32, 0..6_u32, select(&LIMIT_ACTIONS[..]));
    select(kinds.to_vec()).prop_flat_map(move |kind| {
        let programs = select(&[Programs::None, Programs::Start, Programs::StartAndStop, Programs::All][..]);
        let about_programs = (programs, select(&[1_u64, 1, 15, 27][..]), one_in(4));
        let flags = (one_in(8), one_in(8), one_in(25), select(every.clone()));
        let limits = vec(limit.clone(), 0..3);
        let rest = (limits, vec(0..4_usize, 0..3), vec(rule(kind, long), 1..=most_rules));
        (Just(kind), about_programs, flags, rest).prop_map(|(kind, programs, flags, (limits, needs, rules))| Watched {
            kind,
            by_pattern: flags.0,
            programs: programs.0,
            start_timeout_s: programs.1,
            lame: programs.2,
            passive: flags.1,
            unwatched: flags.2,
            every: flags.3.to_owned(),
            limits: limits.into_iter().map(|(count, more, action)| (count, count + more, action)).collect(),
            needs,
            rules,
        })
    })
}

fn action() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just("alert"),
        4 => Just("exec \"/bin/note\""),
        4 => Just("exec \"/bin/note\" repeat every 2 cycles"),
        6 => Just("restart"),
        2 => Just("start"),
        1 => Just("stop"),
        1 => Just("unmonitor"),
    ]
}

/// True once in so many times, and shrunk to false.
fn one_in(times: u32) -> impl Strategy<Value = bool> {
    prop_oneof![times - 1 => Just(false), 1 => Just(true)]
}

fn rule(kind: ServiceKind, long: bool) -> impl Strategy<Value = RuleText> {
    let (joinable, single) = questions(kind);
    let all: Vec<Question> = joinable.iter().chain(single).copied().collect();
    let one = select(all).prop_map(Asks::One);
    let asks = if joinable.is_empty() {
        one.boxed()
    } else {
        let part = || select(joinable);
        prop_oneof![
            8 => one,
            1 => part().prop_map(Asks::Not),
            1 => (part(), part()).prop_map(|(one, other)| Asks::Both(one, other)),
            1 => (part(), part()).prop_map(|(one, other)| Asks::Either(one, other)),
        ]
        .boxed()
    };
    let recovery = prop_oneof![3 => Just(None), 2 => (rate(long), action()).prop_map(Some)];
    (asks, rate(long), action(), recovery).prop_map(|(asks, rate, action, recovery)| RuleText {
        asks,
        rate,
        action,
        recovery,
    })
}

/// Short rates, or long ones that reach back over a hundred cycles.
fn rate(long: bool) -> BoxedStrategy<RateText> {
    let window =
        |count: u32, cycles: u32| (1..count, 1..cycles).prop_map(|(count, more)| RateText::Cycles(count, count + more));
    if long {
        return prop_oneof![
            1 => Just(RateText::ONCE),
            1 => (2..70_u32).prop_map(|cycles| RateText::Cycles(cycles, cycles)),
            3 => window(40, 120),
        ]
        .boxed();
    }
    prop_oneof![
        8 => Just(RateText::ONCE),
        6 => (2..5_u32).prop_map(|cycles| RateText::Cycles(cycles, cycles)),
        6 => window(5, 12),
        1 => (1..60_u32).prop_map(RateText::Lasting),
    ]
    .boxed()
}

/// Takes out of a case what no control file may say, and what the judge has no opinion about; see the documentation of
/// the test.
fn tidy(case: &mut Case, related: bool, mirrored: bool) {
    let is_monit = case.dialect == Dialect::Monit;
    let count = case.services.len();
    let mut system = false;
    for (place, one) in case.services.iter_mut().enumerate() {
        // Monit has no plugins.
        if one.kind == ServiceKind::Plugin && is_monit {
            one.kind = ServiceKind::Host;
            one.rules = vec![];
        }
        if one.kind == ServiceKind::System && std::mem::replace(&mut system, true) {
            one.kind = ServiceKind::Host;
            one.rules = vec![];
        }
        let needed = |need: usize| if mirrored { place + 1 + need } else { place.wrapping_sub(1 + need) };
        one.needs = one.needs.iter().map(|need| needed(*need)).filter(|need| related && *need < count).collect();
        one.needs.sort_unstable();
        one.needs.dedup();
        if one.kind == ServiceKind::Program && is_monit {
            one.needs.clear();
            one.programs = Programs::None;
        }
        one.lame &= one.programs != Programs::None;
        if one.lame {
            one.start_timeout_s = 1;
        }
        if is_monit && SCHEDULES[MONIT_SCHEDULES..].contains(&one.every.as_str()) {
            one.every = SCHEDULES[0].to_owned();
        }
        one.by_pattern &= one.kind == ServiceKind::Process;
    }
    let jumps = !case.jumps.is_empty();
    for place in 0..count {
        let needed = is_needed(case, place);
        let one = &mut case.services[place];
        let mut classes: Vec<(&str, bool)> = Vec::new();
        one.rules.retain(|rule| {
            let (class, once) = (rule.asks.class(), rule.rate == RateText::ONCE);
            // Monit keeps one state for all rules of a class.
            let shared = classes.iter().any(|(other, both)| *other == class && !(*both && once && !needed));
            classes.push((class, once));
            let single = matches!(rule.asks, Asks::One(_));
            !(is_monit && (shared || !single)) && !(needed && class == "exist") && !(jumps && class == "timestamp")
        });
        if matches!(one.kind, ServiceKind::Program | ServiceKind::Host) && one.rules.is_empty() {
            let (joinable, single) = questions(one.kind);
            let asks = Asks::One(*joinable.iter().chain(single).next().expect("a question"));
            one.rules = vec![RuleText { asks, rate: RateText::ONCE, action: "alert", recovery: None }];
        }
        if is_monit {
            one.rules.iter_mut().for_each(fit_to_monit);
        }
        for rule in &mut one.rules {
            let news = rule
                .asks
                .questions()
                .iter()
                .any(|(text, ..)| text.starts_with("changed") || text.starts_with("content"));
            let holds_when_well = rule.asks.questions().iter().any(|(text, ..)| *text == "succeeded");
            let inverse = rule.asks.class() == "exist" || holds_when_well;
            match &mut rule.recovery {
                recovery @ Some(_) if news => *recovery = None,
                Some((rate, _)) if inverse => *rate = RateText::ONCE,
                _ => {}
            }
        }
    }
}

/// Where something is done to a service for the sake of two others, nobody says what comes first: that it is done, or that
/// it is watched no longer.
fn end_no_watch(case: &mut Case) {
    let shared = |place: usize| {
        let one = &case.services[place];
        one.programs != Programs::None && above(case, place).iter().any(|other| case.services[*other].needs.len() > 1)
    };
    if !(0..case.services.len()).any(shared) {
        return;
    }
    let tame = |action: &mut &str| {
        if matches!(*action, "stop" | "unmonitor") {
            *action = "alert";
        }
    };
    for one in &mut case.services {
        one.limits.iter_mut().for_each(|(_, _, action)| tame(action));
        for rule in &mut one.rules {
            tame(&mut rule.action);
            rule.recovery.iter_mut().for_each(|(_, action)| tame(action));
        }
    }
}

/// A service and all that it needs.
fn above(case: &Case, place: usize) -> Vec<usize> {
    let needed = case.services[place].needs.iter().flat_map(|need| above(case, *need));
    needed.chain([place]).collect()
}

/// Monit counts up to 64 cycles, and no seconds.
fn fit_to_monit(rule: &mut RuleText) {
    let fit = |rate: &mut RateText| match rate {
        RateText::Cycles(count, cycles) => (*count, *cycles) = ((*count).min(64), (*cycles).min(64)),
        RateText::Lasting(seconds) => *rate = RateText::Cycles(1 + *seconds / 12, 6),
    };
    fit(&mut rule.rate);
    if let Some((rate, _)) = &mut rule.recovery {
        fit(rate);
    }
}

fn is_needed(case: &Case, place: usize) -> bool {
    case.services.iter().any(|one| one.needs.contains(&place))
}

/// One of the changes that matter to a service.
fn change(case: &Case, place: usize, which: usize) -> Option<Change> {
    use Change::*;
    let one = &case.services[place];
    let alone = one.needs.is_empty() && !is_needed(case, place);
    let mut changes = Vec::new();
    match one.kind {
        ServiceKind::Process => {
            changes.extend([Dies, ComesBack, ComesBack, IsReplaced, BecomesZombie]);
            if alone && !one.by_pattern {
                changes.push(Leaves);
            }
        }
        ServiceKind::File | ServiceKind::Filesystem => changes.extend([Dies, ComesBack]),
        _ => {}
    }
    // What cannot be seen cannot be stopped either, or started, or not before a time-out.
    let may_stop = one.limits.iter().any(|(.., action)| *action == "stop");
    let may_start = case.dialect == Dialect::Monit && is_needed(case, place);
    if !changes.is_empty() && one.needs.is_empty() && !may_stop && !may_start {
        changes.extend([Hides(true), Hides(false), Hides(false)]);
    }
    if one.kind == ServiceKind::File {
        changes.extend([IsWrong(true), IsWrong(false), IsWrong(false)]);
    }
    for (_, _, about) in one.rules.iter().flat_map(|rule| rule.asks.questions()) {
        match about {
            "size" => changes.extend([500, 1_024, 3_000, 5_000].map(Written)),
            "mode" => changes.extend([0o644, 0o600, 0o600].map(Mode)),
            "lines" => changes.extend(["an error", "fine", "an error"].map(Line)),
            // What there can be errors on is a link, and either dialect has a hash of its own.
            _ => {
                let fits = |name: &str| {
                    name == about || about == "link" && name == "errors" || name.ends_with(about) && about == "checksum"
                };
                for dial in dials(one.kind).iter().filter(|dial| fits(dial.name)) {
                    let readable = 0..dial.settings.len();
                    changes.extend(readable.clone().chain(readable).map(|setting| Turned(dial, setting)));
                }
            }
        }
    }
    let place = which.checked_rem(changes.len())?;
    changes.get(place).copied()
}

/// Keeps one change of being there of those between two cycles.
fn one_move_at_a_time(happenings: &mut Vec<Happening>) {
    let mut moved = Vec::new();
    happenings.retain(|one| {
        let again = one.change.moves() && moved.contains(&one.after);
        if one.change.moves() {
            moved.push(one.after);
        }
        !again
    });
}
