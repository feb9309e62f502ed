//! The performance data that programs print as plugins of Nagios do: figures by name.
//!
//! Its form is that of the Monitoring Plugins Development Guidelines ("Plugin Output", "Performance data",
//! <https://www.monitoring-plugins.org/doc/guidelines.html>), and of several lines that of the Nagios Plugin API ("Plugin
//! Output Spec", <https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/pluginapi.html>):
//!
//! ```text
//! text | figures
//! more text
//! more text | figures
//! figures
//! ```
//!
//! Figures stand apart by blanks, each `'label'=value[unit];[warn];[crit];[min];[max]`. This is foreign text: what has
//! another form is passed over, and nothing is guessed.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Lines;

use crate::program::PerformanceUnit;

/// So much of an output is looked at: four times what ruled keeps of one, because every byte that is no text takes three.
pub(crate) const OUTPUT_BYTES_MAX: usize = 256 * 1024;

/// So many figures of an output are looked at; the largest plugins report some for each port of a switch.
pub(crate) const FIGURES_MAX: usize = 10_000;

/// So much of what a program wrote stands in a reason, in characters.
const QUOTED_MAX: usize = 40;

const BLANKS: [char; 2] = [' ', '\t'];

/// The figure of this name in the base unit, or as it was written where no unit is wanted; otherwise why it is unknown.
/// Of an output that may be cut, what ends with it is not believed.
pub(crate) fn find(output: &str, may_be_cut: bool, label: &str, unit: Option<PerformanceUnit>) -> Result<f64, String> {
    let looked_at = output.get(..output.floor_char_boundary(OUTPUT_BYTES_MAX)).unwrap_or_default();
    let may_be_cut = may_be_cut || looked_at.len() < output.len();
    let mut figures = Figures::of(looked_at);
    let mut found: Option<Figure<'_>> = None;
    for figure in figures.by_ref().filter(|figure| figure.label == label) {
        match &found {
            Some(before) if before.value != figure.value => {
                let (one, other) = (quoted(before.value), quoted(figure.value));
                return Err(format!("it is there twice, as {one} and as {other}"));
            }
            _ => found = Some(figure),
        }
    }
    match found {
        Some(figure) if figure.is_open && may_be_cut => {
            Err(format!("the output was cut behind {}", quoted(figure.value)))
        }
        Some(figure) => amount(figure.value, unit),
        None if figures.left == 0 => Err(format!("it is not among the first {FIGURES_MAX} figures")),
        None if may_be_cut => Err("it is not in the performance data as far as the output was read".to_owned()),
        None if !figures.has_data => Err("the program printed no performance data".to_owned()),
        None => Err("it is not in the performance data".to_owned()),
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Figure<'a> {
    /// What the program calls it.
    label: Cow<'a, str>,
    /// Its value and its unit, as written.
    value: &'a str,
    /// Whether the output ends with the value: where it was cut, a part of it may be missing.
    is_open: bool,
}

/// The figures of an output.
struct Figures<'a> {
    lines: Peekable<Lines<'a>>,
    /// What is left of the performance data of this line.
    rest: &'a str,
    is_first_line: bool,
    /// Whether every line that follows is performance data.
    is_data: bool,
    /// Whether there is any.
    has_data: bool,
    left: usize,
}

impl<'a> Figures<'a> {
    fn of(output: &'a str) -> Figures<'a> {
        Figures {
            lines: output.lines().peekable(),
            rest: "",
            is_first_line: true,
            is_data: false,
            has_data: false,
            left: FIGURES_MAX,
        }
    }

    /// The performance data of the next line that has some.
    fn next_data(&mut self) -> Option<&'a str> {
        loop {
            let line = self.lines.next()?;
            let is_first = std::mem::take(&mut self.is_first_line);
            if self.is_data {
                return Some(line);
            }
            if let Some((_, data)) = line.split_once('|') {
                self.is_data = !is_first;
                self.has_data |= !data.trim().is_empty();
                return Some(data);
            }
        }
    }
}

impl<'a> Iterator for Figures<'a> {
    type Item = Figure<'a>;

    fn next(&mut self) -> Option<Figure<'a>> {
        while self.left > 0 {
            let rest = self.rest.trim_start_matches(BLANKS);
            if rest.is_empty() {
                self.rest = self.next_data()?;
                continue;
            }
            let (label, behind) = label(rest);
            let (token, behind) = behind.split_at(behind.find(BLANKS).unwrap_or(behind.len()));
            self.rest = behind;
            if let (Some(label), Some(value)) = (label, token.strip_prefix('=')) {
                self.left -= 1;
                let (value, is_closed) = value.split_once(';').map_or((value, false), |(value, _)| (value, true));
                let is_open = !is_closed && behind.is_empty() && self.lines.peek().is_none();
                return Some(Figure { label, value, is_open });
            }
        }
        None
    }
}

/// The label with which a text begins, and what stands behind it, which is `=` and a value where it is a figure's. In a
/// quoted label two quotes stand for one; behind a quote that is never closed there is nothing.
fn label(text: &str) -> (Option<Cow<'_, str>>, &str) {
    let Some(inside) = text.strip_prefix('\'') else {
        let end = text.find(['=', '\'', ' ', '\t']).unwrap_or(text.len());
        let (label, behind) = text.split_at(end);
        return ((end > 0).then_some(Cow::Borrowed(label)), behind);
    };
    let (mut at, mut has_quotes) = (0, false);
    while let Some(quote) = inside.get(at..).and_then(|rest| rest.find('\'')) {
        let end = at + quote;
        let behind = inside.get(end + 1..).unwrap_or_default();
        if !behind.starts_with('\'') {
            let label = inside.get(..end).unwrap_or_default();
            return (Some(if has_quotes { label.replace("''", "'").into() } else { label.into() }), behind);
        }
        (at, has_quotes) = (end + 2, true);
    }
    (None, "")
}

/// A value in the base unit.
fn amount(value: &str, unit: Option<PerformanceUnit>) -> Result<f64, String> {
    if value == "U" {
        return Err("the program says that it does not know it".to_owned());
    }
    let Some((number, written)) = number(value) else {
        return Err(format!("{} is no number", quoted(value)));
    };
    let (amount, wanted) = match unit {
        None => return Ok(number),
        Some(PerformanceUnit::Percent) => ((written == "%").then_some(number), "share in per cent"),
        Some(PerformanceUnit::Bytes) => (bytes(written).map(|bytes| number * bytes), "size"),
        Some(PerformanceUnit::Seconds) => (parts_of_second(written).map(|parts| number / parts), "time"),
    };
    amount.filter(|amount| amount.is_finite()).ok_or_else(|| format!("{} is no {wanted}", quoted(value)))
}

/// A number and the unit behind it, which has neither digits nor signs: `0,5` is half a number.
fn number(value: &str) -> Option<(f64, &str)> {
    let bytes = value.as_bytes();
    let sign = |at: usize| usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let digits = |at: usize| bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = sign(0);
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    // Plugins print very large numbers so, though the guidelines have no such form.
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + sign(end + 1);
        end = if digits(exponent) > 0 { exponent + digits(exponent) } else { end };
    }
    let (number, unit) = value.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    let is_unit = unit.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '%' | '/' | '°' | '_'));
    (is_unit && number.is_finite()).then_some((number, unit))
}

/// How many bytes a unit has. As everywhere in the language, `kB` and `KiB` are the same. A small `b` is a bit to many.
fn bytes(unit: &str) -> Option<f64> {
    let power = match unit.strip_suffix('B')? {
        "" => 0,
        "k" | "K" | "ki" | "Ki" => 1,
        "M" | "Mi" => 2,
        "G" | "Gi" => 3,
        "T" | "Ti" => 4,
        "P" | "Pi" => 5,
        "E" | "Ei" => 6,
        _ => return None,
    };
    Some(1_024_f64.powi(power))
}

/// How many of a unit are a second.
fn parts_of_second(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" => 1.0,
        "ms" => 1_000.0,
        // With the micro sign and with the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000_000.0,
        _ => return None,
    })
}

/// What a program wrote, not too long.
fn quoted(written: &str) -> String {
    match written.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("`{}…`", written.get(..end).unwrap_or_default()),
        None => format!("`{written}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PerformanceUnit::{Bytes, Percent, Seconds};
    use proptest::prelude::*;

    /// Labels and values as they are written.
    fn read(output: &str) -> Vec<String> {
        Figures::of(output).map(|figure| format!("{}: {}", figure.label, figure.value)).collect()
    }

    fn of(output: &str, label: &str, unit: Option<PerformanceUnit>) -> Result<f64, String> {
        find(output, false, label, unit)
    }

    #[test]
    fn figures_stand_behind_the_bar() {
        // What the plugins of Debian's monitoring-plugins-basic 2.3.3 print.
        let load = "LOAD WARNING - total load average: 7.75, 6.26, 5.98|load1=7.750;5.000;10.000;0; load5=6.260;5.000;10.000;0; ";
        assert_eq!(read(load), ["load1: 7.750", "load5: 6.260"]);
        let disk = "DISK OK - free space: / 44494MiB (47% inode=96%);| /=50916753408B;257024904396;265141480325;0;270552530944";
        assert_eq!(read(disk), ["/: 50916753408B"]);
        assert_eq!(of(disk, "/", Some(Bytes)), Ok(50_916_753_408.0));
        let ping =
            "PING OK - Packet loss = 0%, RTA = 0.05 ms|rta=0.053000ms;100.000000;200.000000;0.000000 pl=0%;50;90;0;";
        assert_eq!(read(ping), ["rta: 0.053000ms", "pl: 0%"]);
        assert_eq!(of(ping, "rta", Some(Seconds)), Ok(0.000_053));
        assert_eq!(of(ping, "pl", Some(Percent)), Ok(0.0));
        assert_eq!(read("PROCS OK: 95 processes | procs=95;1:9999;1:9999;0;"), ["procs: 95"]);
        assert_eq!(read("SWAP CRITICAL - 0% free |swap=0B;0;0;0;0"), ["swap: 0B"]);
        for empty in ["", "|", "fine", "fine |", "load1=5", "\n\nload1=5\n", "a | \n b"] {
            assert_eq!(read(empty), [""; 0], "{empty:?}");
        }
    }

    #[test]
    fn figures_go_on_behind_the_second_bar() {
        let text = "DISK OK | /=2643MB;5948;5958;0;5968\n/ 15272 MB (77%);\nno=3\n/boot 68 MB (69%); | /boot=68MB;88;93;0;98\n\
                    /home=69357MB;253404;253409;0;253414 \n/log=818MB;970;975;0;980";
        assert_eq!(read(text), ["/: 2643MB", "/boot: 68MB", "/home: 69357MB", "/log: 818MB"]);
        // A warning of the loader, on standard error, came first.
        assert_eq!(read("cannot set locale\nfine | a=1\nb=2"), ["a: 1", "b: 2"]);
    }

    #[test]
    fn labels_are_what_the_program_calls_them() {
        let text = "x| 'C:\\ %'=5% 'it''s'=3 '''=''|'=4;;; a=1;'b'=2\t=7 ''=8 'ä ö'=9 w/o=10 'last'=11";
        let labels = ["C:\\ %: 5%", "it's: 3", "'='|: 4", "a: 1", ": 8", "ä ö: 9", "w/o: 10", "last: 11"];
        assert_eq!(read(text), labels);
        assert_eq!(
            read("x| used memory=5 = 6 b =7 c= 8 'd' =9 'e'f=10 don't=11 g=12=13"),
            ["memory: 5", "c: ", "g: 12=13"]
        );
        assert_eq!(
            read("x| a=1 'b c=2 d=3\n| e=4"),
            ["a: 1", "e: 4"],
            "a quote that is never closed ends with its line"
        );
    }

    #[test]
    fn numbers_have_the_units_that_they_have() {
        let as_written = [("5", 5.0), ("-.5", -0.5), ("+3.", 3.0), ("1e3", 1_000.0), ("1.5E+2B", 150.0), ("2EB", 2.0)];
        for (value, number) in as_written.into_iter().chain([("7c", 7.0), ("20°C", 20.0), ("3req/s", 3.0)]) {
            assert_eq!(amount(value, None), Ok(number), "{value}");
        }
        for value in [
            "",
            "U",
            "-",
            ".",
            "e5",
            "0,5",
            "0x10",
            "1.2.3",
            "5-3",
            "12:30",
            "NaN",
            "inf",
            "1e999",
            "1_000",
            "5'",
            "5\u{fffd}",
        ] {
            assert!(amount(value, None).is_err(), "{value}");
        }
        for (value, bytes) in
            [("8B", 8.0), ("1KB", 1_024.0), ("1kB", 1_024.0), ("3MiB", 3_145_728.0), ("1TB", 2_f64.powi(40))]
        {
            assert_eq!(amount(value, Some(Bytes)), Ok(bytes), "{value}");
        }
        for (value, seconds) in [("0.7s", 0.7), ("700ms", 0.7), ("-5us", -0.000_005), ("5µs", 0.000_005)] {
            assert_eq!(amount(value, Some(Seconds)), Ok(seconds), "{value}");
        }
        let wrong = [
            ("5", Bytes),
            ("5Mb", Bytes),
            ("5s", Bytes),
            ("5", Seconds),
            ("5S", Seconds),
            ("5m", Seconds),
            ("5%", Seconds),
        ];
        for (value, unit) in
            wrong.into_iter().chain([("5", Percent), ("5s", Percent), ("5c", Percent), ("1e308TB", Bytes)])
        {
            assert!(amount(value, Some(unit)).is_err(), "{value} {unit:?}");
        }
    }

    #[test]
    fn what_is_unknown_has_a_reason() {
        let reason = |output: &str, unit| of(output, "a", unit).err().unwrap_or_default();
        assert_eq!(reason("fine", None), "the program printed no performance data");
        assert_eq!(reason("fine | b=1", None), "it is not in the performance data");
        assert_eq!(reason("fine | a=U", None), "the program says that it does not know it");
        assert_eq!(reason("fine | a=7s", Some(Percent)), "`7s` is no share in per cent");
        assert_eq!(reason("fine | a=1 b=2 a=3", None), "it is there twice, as `1` and as `3`");
        assert_eq!(of("fine | a=1;2 a=1;3", "a", None), Ok(1.0));
        assert!(reason(&format!("fine | a={}", "9".repeat(1_000)), None).len() < 100);
        assert_eq!(of("fine | A=1", "a", None).ok(), None, "labels are compared letter by letter");
    }

    #[test]
    fn what_may_be_cut_is_not_believed() {
        let cut = |output: &str| find(output, true, "a", None);
        assert_eq!(cut("fine | a=12"), Err("the output was cut behind `12`".to_owned()));
        assert_eq!(cut("fine | b=1 a="), Err("the output was cut behind ``".to_owned()));
        assert_eq!(
            cut("fine | b=1"),
            Err("it is not in the performance data as far as the output was read".to_owned())
        );
        for whole in ["fine | a=12;", "fine | a=12;5", "fine | a=12 b=1", "fine | a=12 ", "fine | a=12\nmore"] {
            assert_eq!(cut(whole), Ok(12.0), "{whole:?}");
        }
        let long = format!("fine | {}", "a=1 ".repeat(OUTPUT_BYTES_MAX));
        assert!(of(&long, "b", None).is_err());
        let many = format!("fine | {} b=1", "a=1 ".repeat(FIGURES_MAX));
        assert_eq!(of(&many, "b", None), Err("it is not among the first 10000 figures".to_owned()));
        assert_eq!(of(&many, "a", None), Ok(1.0));
        // Cut in the middle of a number, in the middle of a letter.
        let text = format!("{}é | a=12", "x".repeat(OUTPUT_BYTES_MAX - 10));
        assert_eq!(text.len(), OUTPUT_BYTES_MAX - 1);
        assert_eq!(of(&format!("{text}3 b=1"), "a", None), Err("the output was cut behind `123`".to_owned()));
        assert!(of(&"é".repeat(OUTPUT_BYTES_MAX), "a", None).is_err());
    }

    fn outputs() -> impl Strategy<Value = String> {
        let pieces =
            ["|", "\n", " ", "'", "''", "=", ";", "a", "b", "1", "23", ".5", "-", "e", "U", "%", "MB", "ms", "é", "\t"];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_output_is_too_strange(output in "(\\PC|[|\n ='0-9a;])*", label in "\\PC{0,3}") {
            for unit in [None, Some(Percent), Some(Bytes), Some(Seconds)] {
                prop_assert!(of(&output, &label, unit).is_ok_and(f64::is_finite) || of(&output, &label, unit).is_err());
            }
        }

        /// Wherever an output is cut, a figure is unknown or is what the whole output says.
        #[test]
        fn no_cut_makes_another_number(output in outputs(), at in any::<prop::sample::Index>()) {
            let end = output.floor_char_boundary(at.index(output.len() + 1));
            for label in ["a", "b", "a'", "1"] {
                // What comes behind the cut may have the same name.
                let first = Figures::of(&output).find(|figure| figure.label == label).map(|figure| amount(figure.value, None));
                if let Ok(value) = find(&output[..end], true, label, None) {
                    prop_assert_eq!(first, Some(Ok(value)));
                }
            }
        }

        #[test]
        fn what_is_written_is_read(labels in prop::collection::btree_map("[^\\pC\\pZ]([^\\pC]{0,8}[^\\pC\\pZ])?", any::<i32>(), 1..9)) {
            let figures = labels.iter().map(|(label, value)| format!("'{}'={value};;;", label.replace('\'', "''")));
            let output = format!("fine | {}", figures.collect::<Vec<_>>().join(" "));
            for (label, value) in &labels {
                prop_assert_eq!(of(&output, label, None), Ok(f64::from(*value)));
            }
        }
    }
}
