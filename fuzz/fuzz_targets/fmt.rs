//! What the formatter must keep to, whatever it lays out. The rules are in [`ruled_fuzz::fmt`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ruled_fuzz::fmt::holds(bytes));
