//! What the checker must keep to, whatever it is asked about. The rules are in [`ruled_fuzz::check`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ruled_fuzz::check::holds(bytes));
