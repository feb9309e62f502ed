//! The tests of checking: the language is tested through text.

mod allow;
mod catalog;
mod causes;
mod check;
mod literate;
mod manual;
mod pages;
mod pictures;
mod rig;
