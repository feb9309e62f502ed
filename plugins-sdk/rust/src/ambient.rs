//! What a check may know beside its connection: the time, and chance. In `cargo test` both are fixed.

#[cfg(target_arch = "wasm32")]
use crate::glue::ruled::plugin::{ambient, log};

/// Seconds since 1970, and nanoseconds. In tests it is what [`Script::at_time`](crate::Script::at_time) says.
pub fn now() -> (u64, u32) {
    #[cfg(target_arch = "wasm32")]
    return ambient::now();
    #[cfg(not(target_arch = "wasm32"))]
    (native::NOW.get(), 0)
}

/// Unpredictable bytes, at most 4,096 in a call. In tests they are 0, 1, 2 and so on.
pub fn random_bytes(count: u32) -> Vec<u8> {
    #[cfg(target_arch = "wasm32")]
    return ambient::random_bytes(count);
    #[cfg(not(target_arch = "wasm32"))]
    (0..count.min(4_096)).map(|number| number.to_le_bytes()[0]).collect()
}

/// Says something to the person who looks into why a check ends as it does. At most 100 lines and 64 KiB in a check;
/// more ends it. Nothing that is secret belongs there.
pub fn note(line: &str) {
    #[cfg(target_arch = "wasm32")]
    log::write(log::Level::Info, line);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("note: {line}");
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod native {
    use std::cell::Cell;

    thread_local! {
        /// The time of the test that runs on this thread; at first 2026-01-01.
        pub(crate) static NOW: Cell<u64> = const { Cell::new(1_767_225_600) };
    }
}
