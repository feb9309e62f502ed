//! The settings that compiled code depends on. The build scripts compile this same file, so that the two sides cannot
//! differ; wasmtime refuses code that was compiled with other settings.

use wasmtime::Config;

/// Deep enough for any parser in a plugin, and small beside the stack of 1 MiB that the host gives a check.
const WASM_STACK_BYTES: usize = 512 << 10;

/// How much memory a guest may have: one in Rust starts with 1.1 MiB, and an answer that a check keeps whole has at most
/// 1 MiB. No more than this is kept free for it, so that thousands of guests fit into a modest address space; for that its
/// code compares addresses with the size of its memory.
pub const MEMORY_BYTES_MAX: usize = 16 << 20;

/// What lies behind a memory and is nobody's: what is out of bounds by less needs no comparison of its own.
const GUARD_BYTES: u64 = 64 << 10;

/// The settings that compiled code depends on.
pub fn engine_config() -> Config {
    let mut config = Config::new();
    config
        // A guest that loops is interrupted at the next turn of its loop; this costs 4 % where fuel costs 8 %.
        .epoch_interruption(true)
        // Guests are synchronous; saying so on both sides keeps code and engine compatible whatever the features.
        .concurrency_support(false)
        // The image of a small guest is copied faster than it is mapped, and an instance needs 4 mappings, not 7.
        .memory_init_cow(false)
        .memory_reservation(MEMORY_BYTES_MAX as u64)
        .memory_reservation_for_growth(0)
        .memory_guard_size(GUARD_BYTES)
        .guard_before_linear_memory(false)
        .max_wasm_stack(WASM_STACK_BYTES);
    config
}

/// How much memory a plugin of somebody's own may have at most: one that carries an engine for its language with it, as
/// those in Python and JavaScript do, has a heap of tens of megabytes. Smaller ones get less, see the room `plugin`.
pub const OWN_MEMORY_BYTES_MAX: usize = 128 << 20;

/// The settings that the code of somebody's own plugins depends on. They differ from those of the stock plugins in the
/// memory: it may be large, and its image is mapped and not copied, because it may be large, too.
pub fn own_engine_config() -> Config {
    let mut config = engine_config();
    config.memory_init_cow(true).memory_reservation(OWN_MEMORY_BYTES_MAX as u64);
    config
}

/// The engine for somebody's own plugins in one word: code that was compiled for another one is not run. Wasmtime
/// recognises that itself; the word is there so that it can be said beforehand. Its middle part counts up with the settings
/// of [`own_engine_config`].
pub fn engine_word() -> String {
    format!("wasmtime-48.0.8-1-{}", std::env::consts::ARCH)
}
