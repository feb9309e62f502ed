//! What the translation of Monit's files must keep to, whatever it translates. The rules are in [`ruled_fuzz::import`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ruled_fuzz::import::holds(bytes));
