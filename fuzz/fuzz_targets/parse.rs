//! What the parser must keep to, whatever it reads. The rules are in [`ruled_fuzz::parse`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ruled_fuzz::parse::holds(bytes));
