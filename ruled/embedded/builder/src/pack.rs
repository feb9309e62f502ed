//! From a core module to a component, and from a component to machine code.

use wasmtime::Engine;

use crate::engine_config;

/// A compiler for the processor family of `target`. Naming the target keeps the code to what every processor of the
/// family can do; without a name it would use whatever this machine has, and not load on an older one.
pub(crate) fn compiler(target: &str) -> Result<Engine, String> {
    let mut config = engine_config();
    config.target(target).map_err(|error| format!("the plugins cannot be compiled for {target}: {error:#}"))?;
    Engine::new(&config).map_err(|error| format!("the compiler for plugins does not start: {error:#}"))
}

/// Wraps a core module, which carries its WIT in a custom section, as a component.
pub(crate) fn component(package: &str, module: &[u8]) -> Result<Vec<u8>, String> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("{package} cannot be packed as a component: {error:#}"))
}

/// Compiles a component.
pub(crate) fn precompiled(engine: &Engine, package: &str, component: &[u8]) -> Result<Vec<u8>, String> {
    engine.precompile_component(component).map_err(|error| format!("{package} cannot be compiled: {error:#}"))
}
