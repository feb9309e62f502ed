//! What could have stood at a place, in the language's words.

use pest::error::{Error, ErrorVariant};

use super::Rule;

/// How many words a message lists at most; a longer list helps nobody.
const MOST: usize = 8;

/// The words for what pest says that it wanted; each once, in the order of the grammar.
pub(super) fn words_for(error: &Error<Rule>) -> Vec<&'static str> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else { return Vec::new() };
    let mut words: Vec<&'static str> = Vec::new();
    for word in positives.iter().filter_map(|asked| word(*asked)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(MOST);
    words
}

fn word(asked: Rule) -> Option<&'static str> {
    Some(match asked {
        Rule::number | Rule::figure | Rule::quantity | Rule::octal => "a number",
        Rule::text | Rule::quoted | Rule::bare | Rule::double => "a text",
        Rule::path | Rule::quoted_path | Rule::bare_path => "a path that begins with `/`",
        Rule::mail | Rule::recipient => "a mail address",
        Rule::program | Rule::double_program | Rule::path_program => "a program",
        Rule::service_name => "a name",
        Rule::operator | Rule::op_gt | Rule::op_ge | Rule::op_lt | Rule::op_le | Rule::op_eq | Rule::op_ne => {
            "a comparison such as `>`"
        }
        Rule::unit_percent => "`%`",
        Rule::unit_byte | Rule::unit_kilobyte | Rule::unit_megabyte | Rule::unit_gigabyte | Rule::unit_terabyte => {
            "a unit such as `MB`"
        }
        Rule::unit_millisecond
        | Rule::unit_second
        | Rule::unit_minute
        | Rule::unit_hour
        | Rule::unit_day
        | Rule::unit_month
        | Rule::duration
        | Rule::length_part => "a length of time such as `5 seconds`",
        Rule::rate | Rule::rate_of | Rule::rate_in_a_row => "a rate such as `for 3 cycles`",
        Rule::kw_then => "`then`",
        Rule::kw_cycle => "`cycles`",
        Rule::kw_port => "`port`",
        Rule::kw_permission => "`permission`",
        Rule::kw_exist | Rule::existence | Rule::absent | Rule::present => "`exist`",
        Rule::action | Rule::exec => "`alert`, `restart`, `start`, `stop`, `unmonitor` or `exec`",
        Rule::metric | Rule::limit => "something measured, such as `memory usage`",
        Rule::protocol => "`protocol`",
        Rule::protocol_option => "an option of the protocol",
        Rule::timeout | Rule::kw_timeout => "`timeout`",
        Rule::recovery_word => "`recovered`",
        Rule::recovery => "`else`",
        Rule::target | Rule::pidfile | Rule::matching | Rule::target_path | Rule::address => {
            "`pidfile`, `matching`, `path` or `address`"
        }
        Rule::service_kind => "`process`, `file`, `host` or `system`",
        Rule::test | Rule::condition | Rule::connection => "a condition",
        Rule::uid => "`uid`",
        Rule::gid => "`gid`",
        Rule::repeat => "`repeat`",
        Rule::dependency => "the name of a service",
        _ => return None,
    })
}
