//! The one test harness: it looks at ruled from outside.

mod architecture;
mod bad_input;
mod beside_monit;
mod checking;
mod cli;
mod control;
mod end_to_end;
mod examples_of_plugins;
mod format;
mod language;
mod moving;
mod net;
mod peers;
mod plugin;
mod readme;
mod rig;
mod scenarios;
mod simulate;
mod world;
