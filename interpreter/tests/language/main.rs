//! The tests of checking: the language is tested through text.

mod catalog;
mod check;
mod literate;
mod pages;
mod pictures;
mod rig;
