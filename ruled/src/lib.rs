//! The program: gives the interpreter a real world.

pub mod act;
pub mod added;
pub mod cli;
pub mod control;
pub mod descriptors;
pub mod observe;
pub mod plugin;
pub mod protocols;
pub mod remember;
pub mod report;
pub mod surroundings;
pub mod transport;
pub mod words;
pub mod world;
