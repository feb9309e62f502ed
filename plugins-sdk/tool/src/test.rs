//! `ruled-plugin test`: tries a component with scripts.

use std::path::{Path, PathBuf};

use clap::Args;
use ruled_manifest::{Kind, Manifest, Store};
use serde_json::Value;

use crate::pack::Plugin;
use crate::play::{self, Played};
use crate::script::{self, Case, Connection, Expected, HERE, Outcome, Step};
use crate::{FAILED, FINE, Refusal, files, host, shown};

/// The longest script that is read.
const SCRIPT_BYTES_MAX: u64 = 1 << 20;

pub(crate) const TEACHING: &str = "\
A script has one test after the other. Each says what the service says (<) and
hears (>), and what must come out:

  test a friendly service
      with { expected: \"world\" }
      < HELLO world\\r\\n
      > BYE\\r\\n
      passes \"world\"
      fact name \"world\"

  test a service that says nothing
      silent
      fails

The plugin is run by ruled, against a server on loopback that says and hears
this and nothing else.

  >... END          hears anything up to END
  silent            says nothing more, and keeps the connection open until the
                    check is over
  with { ... }      options, as in a rule
  timeout ...       as in a rule: timeout 300 ms
  grant ...         what a check is granted, as in a rule; {here} in it is the
                    folder of the script, for files that lie beside it
  \\{ID:4}           in what is heard: any 4 bytes, such as the number of a
                    question; behind that \\{ID} is the same bytes again:
                      > \\{ID:4}PING
                      < \\{ID}PONG
  udp               a probe asks over UDP: each < and > is one datagram
  connection NAME   begins what happens on a connection of a check, which is
                    granted by that name; where a grant is written, {NAME} in
                    it is the port:  grant fetch \"http://127.0.0.1:{NAME}\".
                    The same NAME again is the next connection to that port
  passes, fails, unknown
                    what must come out, with the sentence in double quotes or
                    with any
  metric NAME VALUE, fact NAME VALUE
                    what it must have found, as JSON writes it";

/// Tries a component with scripts of what a service says and hears. Whatever is not in the script fails the test.
#[derive(Args)]
#[command(override_usage = "ruled-plugin test [--granting] [FILE] [SCRIPT]...", after_help = TEACHING)]
pub(crate) struct Test {
    /// The component, or a module that can become one, and the scripts. What is not given is that of the project in this
    /// folder: NAME.wasm and NAME.script.
    #[arg(value_name = "FILES")]
    files: Vec<PathBuf>,
    /// Grants whatever the scripts say. Otherwise they grant what lies below their folder, and ports of the loopback: a script
    /// of somebody else's shall not lead his plugin to your files.
    #[arg(long)]
    granting: bool,
}

impl Test {
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        let (scripts, components): (Vec<PathBuf>, Vec<PathBuf>) =
            self.files.into_iter().partition(|file| file.extension().is_some_and(|ending| ending == "script"));
        if components.len() > 1 {
            let sentence = "one component is tried at a time; the names of scripts end in .script";
            return Err(Refusal::unusable(sentence));
        }
        let plugin = Plugin::take(components.into_iter().next())?;
        let scripts = if scripts.is_empty() { vec![plugin.path.with_extension("script")] } else { scripts };
        // Scripts are read first: a word that is wrong in one shall not wait for a compiler.
        let scripts: Vec<(&PathBuf, Vec<Case>)> =
            scripts.iter().map(|path| cases(path).map(|cases| (path, cases))).collect::<Result<_, _>>()?;
        let store = host::tried()?;
        let manifest = host::store(&store, &plugin.path, &plugin.bytes, &plugin.outside)?;
        let (mut passed, mut failed) = (0, 0);
        for (path, cases) in scripts {
            for case in cases {
                let of_case = |refusal: Refusal| refusal.of(&format!("{}, line {}: ", path.display(), case.line));
                let name = shown::line(&case.name);
                let within = (!self.granting).then(|| folder(path)).transpose()?;
                match tried(&store, plugin.file(), &manifest, &case, within.as_deref()).map_err(of_case)? {
                    None => {
                        shown::say(&format!("ok      {name}"));
                        passed += 1;
                    }
                    Some(why) => {
                        shown::say(&format!("FAILED  {name} ({}:{}): {why}", shown::path(path), case.line));
                        failed += 1;
                    }
                }
            }
        }
        host::forget(&store, &manifest);
        shown::say(&format!("{passed} passed, {failed} failed"));
        Ok(if failed == 0 { FINE } else { FAILED })
    }
}

fn cases(path: &Path) -> Result<Vec<Case>, Refusal> {
    let cannot = |what: String| Refusal::unusable(format!("cannot read {}: {what}", path.display()));
    let text = files::read_text(path, SCRIPT_BYTES_MAX).map_err(|error| cannot(error.to_string()))?;
    let mut cases = script::read(&text).map_err(|what| Refusal::unusable(format!("{}, {what}", path.display())))?;
    let here = folder(path)?.display().to_string();
    for word in cases.iter_mut().flat_map(|case| &mut case.words) {
        *word = word.replace(&format!("{{{HERE}}}"), &here);
    }
    Ok(cases)
}

/// The folder of a script.
fn folder(path: &Path) -> Result<PathBuf, Refusal> {
    let cannot = |error| Refusal::unusable(format!("cannot read {}: {error}", path.display()));
    let whole = std::path::absolute(path).map_err(cannot)?;
    Ok(whole.parent().unwrap_or(&whole).to_path_buf())
}

/// A server of a script, with the name of its connections.
struct Server<'a> {
    name: &'a str,
    played: Played,
}

/// The servers of a test: one for each name of a connection.
fn served(kind: Kind, case: &Case) -> Result<Vec<Server<'_>>, Refusal> {
    let cannot = |error: std::io::Error| Refusal::unusable(format!("cannot serve on loopback: {error}"));
    // A probe has its connection even where the other side does nothing but close it.
    const NOTHING: &[Connection] = &[Connection { name: String::new(), steps: Vec::new() }];
    let connections = match (kind, case.connections.as_slice()) {
        (Kind::Probe, []) => NOTHING,
        (_, connections) => connections,
    };
    let mut conversations: Vec<(&str, Vec<Vec<Step>>)> = Vec::new();
    for Connection { name, steps } in connections {
        match conversations.iter_mut().find(|(other, _)| other == name) {
            Some((_, several)) => several.push(steps.clone()),
            None => conversations.push((name, vec![steps.clone()])),
        }
    }
    if kind == Kind::Probe && conversations.len() != 1 {
        return Err(Refusal::unusable("a probe has one connection"));
    }
    let serve = |(name, several)| Ok(Server { name, played: play::play(several).map_err(cannot)? });
    if case.is_udp {
        if kind == Kind::Check {
            return Err(Refusal::unusable("`udp` is for probes, and this is a check"));
        }
        let steps = conversations.into_iter().flat_map(|(_, several)| several).flatten().collect();
        return Ok(vec![Server { name: "", played: play::play_datagrams(steps).map_err(cannot)? }]);
    }
    conversations.into_iter().map(serve).collect()
}

/// Runs one test; what went wrong, if something did. Where a folder is given, nothing beyond it is granted.
fn tried(
    store: &Store,
    file: &Path,
    manifest: &Manifest,
    case: &Case,
    within: Option<&Path>,
) -> Result<Option<String>, Refusal> {
    let servers = served(manifest.kind, case)?;
    let ports: Vec<(&str, u16)> = servers.iter().map(|server| (server.name, server.played.port)).collect();
    let mut words = case.words_with(&ports).map_err(Refusal::unusable)?;
    let said = if case.is_udp {
        // A grant is one of TCP. By its name a probe is called over any transport, and alone in a store it is this one.
        let address = format!("udp://127.0.0.1:{}", ports.first().map_or(0, |(_, port)| *port));
        words.splice(..0, ["protocol".to_owned(), manifest.description.name.to_string()]);
        let arguments = ["probe", "--json", host::WORDS_ON_STDIN, &address].map(str::to_owned);
        host::Alone::of(store, manifest).and_then(|alone| host::ask(&alone.store, &arguments, &words))
    } else {
        // By its file, so that it is this component and no other one of its name.
        let mut arguments = vec!["plugin".to_owned(), "run".into(), "--json".into(), host::WORDS_ON_STDIN.into()];
        if let Some(folder) = within {
            arguments.extend(["--within".to_owned(), folder.display().to_string()]);
        }
        arguments.push(file.display().to_string());
        // What is granted as the author says is granted in no other way.
        for (name, port) in ports.iter().filter(|(name, _)| !case.grants(name)) {
            let name = if name.is_empty() { "service" } else { name };
            words.push(format!("grant connect \"127.0.0.1:{port}\" as \"{name}\""));
        }
        host::ask(store, &arguments, &words)
    };
    let mut wrong = Vec::new();
    for Server { name, played } in servers {
        let whose = if name.is_empty() { String::new() } else { format!("on the connection {name}, ") };
        wrong.extend(played.end().map(|what| format!("{whose}{what}")));
    }
    let said = said?;
    let Some(expected) = &case.expected else { return Ok(wrong.into_iter().next().map(|why| shown::line(&why))) };
    // What was sent is said first: a wrong word is why the outcome is another one. But a fault of the plugin's is why a
    // word is missing.
    let differs = differs(expected, &said);
    let faulted = said["outcome"] == Outcome::Unknown.word();
    let why = if faulted { differs.or(wrong.into_iter().next()) } else { wrong.into_iter().next().or(differs) };
    Ok(why.map(|why| shown::line(&why) + &log(&said)))
}

/// What the plugin wrote, which tells its author more.
fn log(said: &Value) -> String {
    let lines = said["log"].as_array().map(Vec::as_slice).unwrap_or_default();
    lines.iter().filter_map(Value::as_str).map(|line| format!("\n        its log: {}", shown::line(line))).collect()
}

/// How what came out differs from what must.
fn differs(expected: &Expected, said: &Value) -> Option<String> {
    let (outcome, message) =
        (said["outcome"].as_str().unwrap_or_default(), said["message"].as_str().unwrap_or_default());
    let word = expected.outcome.word();
    if outcome != word {
        return Some(format!("it {outcome}: {message}; the script says {word}"));
    }
    if let Some(wanted) = expected.message.as_ref().filter(|wanted| *wanted != message) {
        return Some(format!("it says {message:?}, and the script {wanted:?}"));
    }
    for (name, wanted) in &expected.values {
        let found = [&said["metrics"][name], &said["facts"][name]].into_iter().find(|value| !value.is_null());
        let Some(found) = found else { return Some(format!("it gives no {name}, which must be {wanted}")) };
        let same = match (found.as_f64(), wanted.parse::<f64>()) {
            (Some(found), Ok(wanted)) => found == wanted,
            _ => serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| *found == wanted),
        };
        if !same {
            return Some(format!("its {name} is {found}, and the script says {wanted}"));
        }
    }
    None
}
