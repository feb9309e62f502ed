//! `ruled docs`: the page of a word of the language.

mod protocol;
mod table;

use clap::Args;
use grammar::english;
use interpreter::catalog;

use super::{FINE, UNUSABLE, print};

const TEACHING: &str = "\
Examples:
  ruled docs restart             an action
  ruled docs \"memory usage\"      something that is measured
  ruled docs set mailserver      a setting
  ruled docs protocol            all protocols, a line each
  ruled docs protocol --table    the same as a table, with ports, options and specifications
  ruled docs protocol https      a protocol as its plugin describes it, with its options
  ruled docs --list              all words, by chapter";

/// Explains a word of the language: a statement, test, protocol, action, event or setting.
///
/// Prints what it does, how it is written, its units, which services take it, and an example.
#[derive(Args)]
#[command(after_help = TEACHING)]
pub(super) struct Docs {
    /// The word, or the words.
    #[arg(value_name = "WORD", required_unless_present = "list")]
    words: Vec<String>,
    /// Lists all words, a line for each chapter.
    #[arg(long)]
    list: bool,
    /// Prints the protocols as a table in Markdown.
    #[arg(long, conflicts_with = "list")]
    table: bool,
}

impl Docs {
    pub(super) fn run(self) -> u8 {
        if self.list {
            print(&list());
            return FINE;
        }
        match self.words.as_slice() {
            [word] if word == "protocol" || word == "protocols" => {
                print(&if self.table { table::page() } else { protocol::list() });
                return FINE;
            }
            _ if self.table => {
                eprintln!("ruled: there is a table of the protocols only: ruled docs protocol --table");
                return UNUSABLE;
            }
            [word, name] if word == "protocol" => return of_protocol(name),
            _ => {}
        }
        let word = self.words.join(" ");
        let pages = catalog::find(&word);
        if pages.is_empty() {
            let known: Vec<String> = catalog::pages().into_iter().flat_map(|page| page.words).collect();
            let near = grammar::suggest::nearest(&word, known.iter().map(String::as_str));
            let hint = match near.as_slice() {
                [] => "`ruled docs --list` lists all".to_string(),
                near => format!("did you mean {}?", english::or(near)),
            };
            eprintln!("ruled: the language has no word `{}`; {hint}", word.escape_debug());
            return UNUSABLE;
        }
        let text: Vec<String> = pages.iter().map(|page| format!("{}\n{}", page.chapter, page.text)).collect();
        print(&text.join("\n"));
        FINE
    }
}

fn of_protocol(name: &str) -> u8 {
    if let Some(page) = protocol::page(name) {
        print(&page);
        return FINE;
    }
    let names = protocol::names();
    let near = grammar::suggest::nearest(name, names.iter().map(String::as_str));
    let hint = match near.as_slice() {
        [] => "`ruled docs protocol` lists all".to_string(),
        near => format!("did you mean {}?", english::or(near)),
    };
    eprintln!("ruled: there is no protocol `{}`; {hint}", name.escape_debug());
    UNUSABLE
}

fn list() -> String {
    let mut text = String::new();
    let mut chapter = "";
    for page in catalog::pages() {
        if page.chapter != chapter {
            text.push_str(&format!("{}{}\n", if chapter.is_empty() { "" } else { "\n" }, page.chapter));
            chapter = page.chapter;
        }
        let name = page.words.first().map_or("", String::as_str);
        text.push_str(&format!("  {name}\n"));
    }
    text
}
