//! From a core module to a component, and from a component to machine code.

use wasmtime::{Config, Engine};
use wit_component::StringEncoding;
use wit_parser::Resolve;

use crate::own_engine_config;

/// A compiler for the processor family of `target`. Naming the target keeps the code to what every processor of the
/// family can do; without a name it would use whatever this machine has, and not load on an older one.
pub(crate) fn compiler(mut config: Config, target: &str) -> Result<Engine, String> {
    config.target(target).map_err(|error| format!("the plugins cannot be compiled for {target}: {error:#}"))?;
    Engine::new(&config).map_err(|error| format!("the compiler for plugins does not start: {error:#}"))
}

/// Compiles a component of somebody's own for machines like this one.
///
/// # Errors
/// When it is no valid component, or the compiler gives up: a sentence.
pub fn compile_own(component: &[u8]) -> Result<Vec<u8>, String> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let engine = compiler(own_engine_config(), &target)?;
    engine.precompile_component(component).map_err(|error| format!("{error:#}"))
}

/// Wraps a core module, which carries its WIT in a custom section, as a component. `package` is for messages.
///
/// # Errors
/// When the module carries no WIT, or does not keep to it: a sentence.
pub fn component(package: &str, module: &[u8]) -> Result<Vec<u8>, String> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("{package} cannot be packed as a component: {error:#}"))
}

/// Wraps a core module that carries no WIT, as those in C do not, as a component of one of the worlds of `wit`.
///
/// # Errors
/// When the module does not keep to the world: a sentence.
pub fn component_of(package: &str, mut module: Vec<u8>, wit: &str, world: &str) -> Result<Vec<u8>, String> {
    let mut resolve = Resolve::default();
    resolve
        .push_str("ruled.wit", wit)
        .and_then(|contract| resolve.select_world(&[contract], Some(world)))
        .and_then(|world| wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8))
        .map_err(|error| format!("{package} cannot be packed as a component: {error:#}"))?;
    component(package, &module)
}

/// Compiles a component.
pub(crate) fn precompiled(engine: &Engine, package: &str, component: &[u8]) -> Result<Vec<u8>, String> {
    engine.precompile_component(component).map_err(|error| format!("{package} cannot be compiled: {error:#}"))
}
