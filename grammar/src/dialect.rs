//! The two ways of reading a text.

/// Which of the two dialects a text is read in.
///
/// The dialect changes how a text is read and what it means; it is chosen once for a file and all
/// that it includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Every file that Monit 5.33 accepts means exactly what it means to Monit.
    Monit,
    /// The words mean what they say; the language of `*.rules` files.
    Rules,
}

impl Dialect {
    /// The dialect that a file of this name is read in: `rules` when the name ends in `.rules`.
    pub fn of_file_name(name: &str) -> Dialect {
        if name.ends_with(".rules") { Dialect::Rules } else { Dialect::Monit }
    }

    /// The word by which users name the dialect on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Dialect::Monit => "monit",
            Dialect::Rules => "rules",
        }
    }
}
