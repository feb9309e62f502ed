//! What the manual's chapter for authors says of the languages but Rust, done as it says; its first pages are in `chapter.rs`.

use std::os::unix::fs::symlink;

use super::{Author, installed, root};

/// What the chapter calls the check that it makes.
const NAME: &str = "lines";

/// The commands of the chapter that make a check in a language, build and try it.
fn commands(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/plugins.md")).expect("the chapter is there");
    let mut blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let block = blocks.find(|block| block.contains(&format!(" --language {language} ")));
    let block = block.unwrap_or_else(|| panic!("the chapter has no commands for {language}"));
    block.lines().flat_map(|line| line.split(" && ")).map(str::to_owned).collect()
}

impl Author {
    /// Makes a check as the chapter says, up to the folder that it is in; what was said.
    pub(super) fn makes_as_the_chapter_says(&self, language: &str, name: &str) -> String {
        self.follows("", name, commands(language).iter().take_while(|command| *command != &format!("cd {NAME}")))
    }

    /// Goes on in that folder; what was said.
    pub(super) fn builds_as_the_chapter_says(&self, language: &str, name: &str) -> String {
        self.follows(
            name,
            name,
            commands(language).iter().skip_while(|command| *command != &format!("cd {NAME}")).skip(1),
        )
    }

    fn follows<'a>(&self, folder: &str, name: &str, commands: impl Iterator<Item = &'a String>) -> String {
        commands
            .map(|command| {
                let words: Vec<&str> = command.split(' ').map(|word| if word == NAME { name } else { word }).collect();
                match words.as_slice() {
                    ["ruled-plugin", words @ ..] => self.does(folder, words),
                    ["apt", "install", packages @ ..] => {
                        is_installed(packages);
                        String::new()
                    }
                    // `tests/install` has done it, with the files of the templates.
                    ["python3", "-m", "venv", ".venv"] => self.has_installed(folder, "python", ".venv"),
                    [".venv/bin/pip", "install", "-r", "requirements.txt"] => {
                        assert!(self.path(folder).join(".venv/bin/pip").is_file(), "there is no pip");
                        let wanted = self.read(&format!("{folder}/requirements.txt"));
                        let installs = std::fs::read_to_string(root().join("tests/install")).expect("it is there");
                        assert!(
                            installs.contains("pip install") && wanted.starts_with("componentize-py=="),
                            "{wanted}"
                        );
                        String::new()
                    }
                    ["npm", "install"] => {
                        assert!(self.read(&format!("{folder}/package.json")).contains("\"componentize-qjs\""));
                        self.has_installed(folder, "javascript/node_modules", "node_modules")
                    }
                    other => panic!("nobody knows how the tests do {other:?}"),
                }
            })
            .collect()
    }

    /// What is installed for the tests, in place of what the author installs.
    fn has_installed(&self, folder: &str, what: &str, place: &str) -> String {
        symlink(installed().join(what), self.path(folder).join(place)).expect("a link");
        String::new()
    }
}

/// Whether the tests install these packages, too.
fn is_installed(packages: &[&str]) {
    let installs = std::fs::read_to_string(root().join("tests/install")).expect("it is there");
    let known: Vec<&str> = installs.split(|letter: char| letter.is_whitespace() || "()".contains(letter)).collect();
    for package in packages {
        assert!(known.contains(package), "tests/install does not install {package}");
    }
}
