//! ruled beside Monit itself: the same control file, the same happenings, the same events.
//!
//! What Monit tells stands in each world as data and is held against the Monit that is installed, so the data are true.
//! ruled is held against the same data. Where it tells something else, the world says which entry of the closed list of
//! repairs is the reason. It must still show, else the world is red.

mod collector;
mod compare;
mod environment;
mod monit;
mod ours;
mod repair;
mod stage;
mod told;
mod world;
mod worlds;

pub(crate) use compare::installed;
pub(crate) use monit::MONIT;
pub(crate) use stage::{sleeps, state};
use world::{Differs, World};

/// Lists the worlds: a test for each, and all of them in one list.
macro_rules! worlds {
    ($($kind:ident: $($name:ident),+;)+) => {
        $(mod $kind {
            $(#[test]
            fn $name() {
                super::compare::play(concat!(stringify!($kind), "::", stringify!($name)), &super::worlds::$kind::$name());
            })+
        })+

        /// All worlds with their names.
        fn all() -> Vec<(&'static str, World)> {
            vec![$($((concat!(stringify!($kind), "::", stringify!($name)), worlds::$kind::$name())),+),+]
        }
    };
}

worlds! {
    process: dies_and_is_restarted, dies_and_nobody_acts, dies_and_is_seen_at_once, runs_again_by_itself,
        stops_in_good_order, pidfile_goes_while_it_lives, pidfile_is_garbled_while_it_lives,
        pidfile_names_another_while_it_lives, pidfile_names_a_stranger_after_its_death, pidfile_holds_garbage,
        pidfile_names_nobody, pidfile_names_init, pidfile_holds_two_numbers, becomes_a_zombie, cannot_be_started, has_a_restart_program, runs_a_program_when_it_dies,
        should_not_run, is_found_by_pattern, takes_memory, is_stopped_by_a_rule, changes_its_number, has_children,
        has_an_owner, is_young, opens_a_port, has_another_number_after_an_absence;
    pidfile: is_empty, holds_blanks, holds_zero, holds_a_negative_number, holds_a_huge_number,
        holds_a_number_and_letters, holds_a_fraction, holds_a_number_with_a_sign, holds_more_lines, is_a_folder, is_a_pipe,
        leads_to_itself, is_a_link;
    file: grows, has_a_limit_that_counts_beside_one_that_does_not, comes_late, is_restarted_by_a_rule, changes_its_mode,
        comes_and_goes, is_old, has_two_limits, should_not_be, becomes_a_folder,
        has_an_owner, has_a_group, has_a_checksum, changes_its_checksum, changes_its_size, changes_its_time,
        changes_its_mode_at_all, has_content, lacks_content, is_rotated, has_a_checksum_of_its_own, has_ignored_content,
        has_content_for_two_cycles, has_two_patterns, breaks_every_rule, is_a_pipe;
    rate: for_three_cycles, two_times_within_three, recovers_after_two, recovers_twice_within_four, another_action_after,
        repeats_a_program, repeats_every_third_time, exec_once, changed_for_two_cycles, both_in_one,
        three_times_within_five, recovers_three_times_within_four, becomes_worse, is_missing_meanwhile,
        changed_for_three_cycles, changed_twice_within_four, recovers_nine_times_within_ten;
    service: is_passive, is_unwatched_by_a_rule, begins_unwatched, is_in_a_group, is_restarted_too_often,
        is_seen_every_second_cycle, is_unwatched_by_hand, is_restarted_by_hand, is_stopped_by_hand,
        is_started_with_what_it_needs, is_restarted_too_often_and_told, is_restarted_too_often_on_paper,
        is_unwatched_by_hand_with_its_dependants, needs_one_that_is_unwatched, has_two_limits_of_restarts;
    deed: is_started_by_a_rule, is_passive_and_asked, is_passive_and_unwatched_by_a_rule,
        is_watched_by_hand_with_what_it_needs, is_restarted_without_programs, is_restarted_by_hand_beside_a_limit,
        is_asked_out_of_turn, has_too_many_children;
    dependency: depends_on_another, needs_one_that_fails, needs_one_that_cannot_start,
        is_restarted_with_its_dependants, stops_with_its_dependants, cannot_be_stopped_below,
        is_unwatched_with_its_dependants, is_read_when_another_is_well, needs_one_that_needs_one_that_fails;
    kind: directory_changes, directory_is_removed, pipe_changes, filesystem_fills, program_fails, program_says,
        link_is_up, host_answers_pings, port_closes, system_is_short_of_memory, program_runs_every_second_cycle,
        program_fails_for_two_cycles;
    again: follows_a_file, file_changes, folder_changes, process_changes, fault_lasts, rule_unwatches,
        restarts_are_counted;
}

#[test]
fn the_worlds_are_counted() {
    let all = all();
    let (mut same, mut repaired) = (0, 0);
    for (name, world) in &all {
        match &world.differs {
            Differs::Not => same += 1,
            Differs::Repaired(repair, _) => {
                repaired += 1;
                println!("{name}: {}", repair.sentence());
            }
        }
    }
    if !compare::installed() {
        println!("0 worlds compared with Monit: MONIT IS MISSING");
        return;
    }
    println!("{} worlds compared with Monit ({same} the same, {repaired} repaired)", same + repaired);
}
