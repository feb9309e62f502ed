//! `every`: in which cycles a service is checked.

use grammar::ast::{self, Schedule};
use grammar::{Severity, Spanned};

use super::Context;
use crate::lint;
use crate::program::Every;

/// The largest number of cycles that can be left out.
const CYCLES_MAX: i64 = i32::MAX as i64;
/// The five fields of a schedule with their smallest and largest numbers.
const FIELDS: [(&str, u32, u32); 5] =
    [("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7)];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Context<'_> {
    /// In which cycles a service is checked.
    pub(super) fn every(&mut self, every: &ast::Every) -> Option<Every> {
        match &every.schedule {
            Schedule::Cycles(cycles) => {
                // Monit counts up to the number, so that none, or less, is every cycle.
                let number = self.number(cycles)?;
                let number = self.whole_number(cycles.span, number, "cycles")?;
                let range = 1..=CYCLES_MAX;
                if !range.contains(&number) && !self.is_monit() {
                    let finding = lint::out_of_range::finding(
                        cycles.span,
                        Severity::Warning,
                        "cycles",
                        number,
                        &range,
                        self.dialect,
                    );
                    self.report(finding);
                }
                Some(Every::Cycles(u32::try_from(number.min(CYCLES_MAX)).unwrap_or(0)))
            }
            Schedule::Cron { fields, excluded } => self.cron(fields, *excluded),
        }
    }

    fn cron(&mut self, fields: &Spanned<String>, excluded: bool) -> Option<Every> {
        let plain = |char: char| char.is_ascii_digit() || "*,- \t".contains(char);
        let is_plain = fields.node.chars().all(plain) && fields.node.split_whitespace().count() == FIELDS.len();
        let problem = problem(&fields.node);
        if let Some(problem) = problem {
            if !is_plain {
                return self.refuse(lint::wrong_schedule::finding(fields, &problem));
            }
            // Monit takes whatever is made of these signs.
            self.report(lint::wrong_schedule::warning(fields, &problem));
        } else if self.is_monit() && !is_plain {
            let headline = "Monit refuses this schedule";
            let reason = "it knows neither steps nor names";
            self.report(lint::not_portable::finding(fields.span, headline, reason));
        }
        Some(Every::Cron { fields: fields.node.trim().to_owned(), excluded })
    }
}

/// What is wrong with five fields.
fn problem(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        let count = fields.len();
        return Some(format!("{count} fields: minute, hour, day of the month, month and day of the week are wanted"));
    }
    fields.iter().zip(FIELDS).find_map(|(field, (name, least, most))| {
        let wrong = field.split(',').find(|item| !is_item(item, name, least, most))?;
        Some(format!("`{wrong}` is no {name}"))
    })
}

/// Whether it is `*`, a number or a range, perhaps with a step.
fn is_item(item: &str, field: &str, least: u32, most: u32) -> bool {
    let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
    if step.is_some_and(|step| step.parse::<u32>().map_or(true, |step| step == 0)) {
        return false;
    }
    let number = |text: &str| number(text, field).filter(|number| (least..=most).contains(number));
    match range.split_once('-') {
        _ if range == "*" => true,
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
        None => number(range).is_some(),
    }
}

fn number(text: &str, field: &str) -> Option<u32> {
    let place = |names: &[&str]| names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let named = match field {
        "month" => place(&MONTHS).map(|place| place + 1),
        "day of the week" => place(&WEEKDAYS),
        _ => None,
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    named.and_then(|place| u32::try_from(place).ok()).or_else(|| text.parse().ok().filter(|_| digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_fields_of_numbers_ranges_lists_steps_and_names() {
        for good in ["* * * * *", "*/5 8-19 1,15 jan-jun MON-fri", " 0,30  *\t* * 0 "] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["* * * *", "60 * * * *", "* 5-1 * * *", "*/0 * * * *", "* * 0 * *", "* * * foo *", "* * * * +1"] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }
}
