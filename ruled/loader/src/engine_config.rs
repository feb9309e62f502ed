//! The settings that compiled code depends on. The build scripts compile this same file, so that the two sides cannot
//! differ; wasmtime refuses code that was compiled with other settings.

use wasmtime::Config;

/// Deep enough for any parser in a plugin, and small beside the stack of 1 MiB that the host gives a check.
const WASM_STACK_BYTES: usize = 512 << 10;

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
        .max_wasm_stack(WASM_STACK_BYTES);
    config
}
