//! One check that uses everything that a check has, written in each language (`tests/everything`): connections, requests,
//! files, options of every kind, and each way to end. What it sees must be the same in all of them.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Author, TOOL, root};

/// What a rule sets, with one option of each kind.
const SET: &str = "text: \"Grüße, 世界 🌍\", secret: \"s3cret\u{e9}word\", whole: 7, number: 0.25, boolean: false, span: 2 s, \
     room: 4 kB, choice: one, texts: [\"ä\", \"b\"], comparison: >= 400, share: < 80%, pattern: != \"^Ärger\", \
     checksum: \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\", \
     headers: [X-Other: \"2\", Accept: \"text/plain\"]";

/// What is no UTF-8, between characters of two, three and four bytes: longer forms of a character, half of a pair, what lies
/// beyond the last one, and characters that are cut.
const ODD: &[u8] = b"\xc3\xa4 \xc0\x80 \xe4\xb8\x96 \xe0\x80\xaf \xf0\x9f\x8c\x8d \xf0\x80\x80\x80 \xed\xa0\x80 \
                     \xf4\x90\x80\x80 \xe2\x82 \xf0\x9f\x98 \x80 \xff\xfe z\xe2\x82";

impl Author {
    /// Makes it in this language, in a project of its own, and looks at what it sees.
    pub(crate) fn everything(&self, language: &str) {
        let (file, source) = match language {
            "rust" => ("src/lib.rs", include_str!("../everything/everything.rs")),
            "c" => ("everything.c", include_str!("../everything/everything.c")),
            "javascript" => ("everything.js", include_str!("../everything/everything.js")),
            other => panic!("there is none in {other}"),
        };
        self.does("", &["new", "everything", "--language", language, "--kind", "check"]);
        self.write(&format!("everything/{file}"), source);
        if language != "rust" {
            self.asks_for_everything("everything");
        }
        self.does("everything", &["build"]);
        self.sees_everything("everything", "", language == "javascript");
    }

    /// Puts it into the check of the template, because nothing takes as long as to compile another component in Python. It
    /// is done where `word` says so. Returns what is to be granted, too.
    pub(crate) fn adds_everything_in_python(&self, name: &str) -> &'static str {
        self.write(&format!("{name}/everything.py"), include_str!("../everything/everything.py"));
        self.asks_for_everything(name);
        let source = self.read(&format!("{name}/{name}.py"));
        let changed = [
            ("import ruled\n", "import everything\nimport ruled\n"),
            ("    options = [", "    options = everything.Checker.options + ["),
            ("    metrics = [", "    metrics = everything.Checker.metrics + ["),
            (
                "    def run(self, options):\n",
                "    def run(self, options):\n        if options[\"word\"] == \"everything\":\n            \
                 return everything.Checker().run(options)\n",
            ),
        ]
        .into_iter()
        .fold(source, |source, (before, after)| {
            assert!(source.contains(before), "{before}");
            source.replacen(before, after, 1)
        });
        self.write(&format!("{name}/{name}.py"), changed);
        let more = "grant connect \"localhost:9\"\ngrant fetch \"http://localhost:9\"\n";
        for file in ["rules", "script"] {
            let text = self.read(&format!("{name}/{name}.{file}"));
            self.write(&format!("{name}/{name}.{file}"), text.replace("grant read ", &format!("{more}grant read ")));
        }
        more
    }

    /// A value of each kind as the chapter writes it is taken by this check.
    fn takes_what_the_chapter_says(&self, run: impl Fn(&str) -> Value) {
        let kinds = kinds(&fs::read_to_string(root().join("docs/plugins.md")).expect("the chapter"));
        assert_eq!(kinds.len(), SET.matches(": ").count() - 2, "{kinds:?}");
        let set = kinds.iter().map(|(kind, value)| {
            let name = OPTIONS.iter().find(|(of, _)| of == kind).map_or(kind.as_str(), |(_, name)| *name);
            format!("{name}: {value}")
        });
        let said = run(&set.collect::<Vec<_>>().join(", "));
        assert_eq!(said["outcome"], "passed", "{said:#}");
        assert_eq!(said["facts"]["options"], "shop 7 0.25 true 1500 4096 one", "{said:#}");
    }

    fn asks_for_everything(&self, name: &str) {
        let text = self.read(&format!("{name}/plugin.json"));
        assert!(text.contains("[\"read\"]"), "{text}");
        self.write(&format!("{name}/plugin.json"), text.replace("[\"read\"]", "[\"connect\", \"read\", \"fetch\"]"));
    }

    /// What it says where it is granted everything; `first` are words in front of its options.
    pub(crate) fn sees_everything(&self, name: &str, first: &str, has_json: bool) {
        let folder = self.path("folder");
        if !folder.exists() {
            a_folder(&folder);
        }
        let port = serve();
        let (shown, origin) = (folder.display().to_string(), format!("http://127.0.0.1:{port}"));
        let grants = [
            format!("grant connect \"127.0.0.1:{port}\" as \"broker\""),
            format!("grant read \"{shown}\""),
            format!("grant fetch \"{origin}\""),
        ];
        let run = |options: &str| {
            let set: Vec<&str> = [first, options].into_iter().filter(|words| !words.is_empty()).collect();
            let with = if set.is_empty() { String::new() } else { format!("with {{ {} }}", set.join(", ")) };
            let words = ["run", "--json", &with].into_iter().chain(grants.iter().map(String::as_str));
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            let output = self.command(Path::new(TOOL), name, &words);
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complained = String::from_utf8_lossy(&output.stderr);
            let value: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{complained}"));
            value
        };
        let mut facts = json!({
            "options": "Grüße, 世界 🌍 7 0.25 false 2000 4096 one",
            "secret": "***",
            "texts": "ä|b",
            "checksum": "true ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "headers": "X-Other=2|Accept=text/plain",
            "conditions": "false true true false false true",
            "granted": "broker",
            "peer": "true 127.0.0.1 false false",
            "heard": "HEARD Grüße|abc|until;|r|the rest",
            "silence": "timed-out",
            "timely": "true",
            "second": "HEARD again",
            "nobody": "not-granted",
            "folder": shown,
            "entries": "below=directory link=link odd=file text=file",
            "tally": "3 1 1 0",
            "file": "file 16 640 1600000000",
            "text": "Grüße, 世界",
            "odd": String::from_utf8_lossy(ODD),
            "files": "not-found too-long not-granted",
            "page": "200 Grüße yes",
            "moved": format!("200 {origin}/page"),
            "kept": format!("302 {origin}/moved"),
            "posted": "POST 2 text/plain true naïve",
            "http": "too-long not-granted",
            "ambient": "true 8",
        });
        if has_json {
            // JSON may have half of a pair, and a text may not.
            facts["json"] = "Grüße \u{fffd}".into();
        }
        let said = run(SET);
        assert_eq!((&said["outcome"], &said["message"]), (&"passed".into(), &"everything: Grüße".into()), "{said:#}");
        same(&said["facts"], &facts);
        let metrics = json!({ "gauge": 0.25, "counter": 3.0, "span": 2_000.0, "room": 4_096.0, "share": 50.0 });
        assert_eq!(said["metrics"], metrics);
        assert_eq!(said["log"], json!(["info: noted: Grüße"]));

        // What a rule does not set has its default, or is not there.
        facts["options"] = "usual -3 0.5 true 1500 2048 other".into();
        facts["conditions"] = "true true true true true true".into();
        (facts["secret"], facts["checksum"]) = ("unset".into(), "unset".into());
        (facts["texts"], facts["headers"]) = ("".into(), "".into());
        facts["posted"] = "POST false naïve".into();
        same(&run("")["facts"], &facts);

        self.takes_what_the_chapter_says(run);

        // Each way to end that a template does not show.
        for (text, outcome, sentence) in [
            ("rejects", "failed", "no, says Grüße"),
            ("misconfigures", "unknown", "this makes no sense"),
            ("knows nothing", "unknown", "nobody knows"),
            ("breaks", "unknown", "which the rule does not grant"),
        ] {
            let said = run(&format!("text: \"{text}\""));
            assert_eq!(said["outcome"], outcome, "{said:#}");
            assert!(said["message"].as_str().is_some_and(|message| message.contains(sentence)), "{sentence}: {said:#}");
        }
    }
}

/// Options of the check by their kinds, where they are not called by these.
const OPTIONS: [(&str, &str); 3] = [("integer", "whole"), ("duration", "span"), ("size", "room")];

/// The kinds of options that the chapter names, each with a value as rules write it.
fn kinds(chapter: &str) -> Vec<(String, String)> {
    let table = chapter.split("| Kind | In a rule |").nth(1).expect("a table of kinds");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`']).to_owned());
        (cells.next().expect("a kind"), cells.next().expect("a value"))
    })
    .collect()
}

/// Asserts that facts are these, and names those that are not.
fn same(found: &Value, expected: &Value) {
    let names = |facts: &Value| facts.as_object().map(|facts| facts.keys().cloned().collect::<Vec<_>>());
    for name in names(expected).expect("facts") {
        assert_eq!(found[&name], expected[&name], "{name}");
    }
    assert_eq!(names(found), names(expected));
}

/// A folder with two files, one below it, and a link.
fn a_folder(folder: &Path) {
    fs::create_dir_all(folder.join("below")).expect("a folder");
    fs::write(folder.join("below/file"), "x").expect("a file");
    fs::write(folder.join("odd"), ODD).expect("a file");
    fs::write(folder.join("text"), "Grüße, 世界\n").expect("a file");
    symlink("text", folder.join("link")).expect("a link");
    let file = File::options().write(true).open(folder.join("text")).expect("a file");
    file.set_permissions(fs::Permissions::from_mode(0o640)).expect("its rights");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000)).expect("its time");
}

/// A server that speaks what the check does, and HTTP. It serves until the tests end.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on the loopback");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            client.set_read_timeout(Some(Duration::from_secs(20))).ok();
            // Who breaks off is missed where the answers are looked at.
            std::thread::spawn(move || drop(answers(&client)));
        }
    });
    port
}

fn answers(mut client: &TcpStream) -> std::io::Result<()> {
    let mut heard = BufReader::new(client);
    let mut line = String::new();
    heard.read_line(&mut line)?;
    if let Some(name) = line.strip_prefix("HELLO ") {
        write!(client, "HEARD {}\r\nabcuntil;", name.trim_end())?;
        line.clear();
        if heard.read_line(&mut line)? > 0 && line == "MORE\n" {
            client.write_all(b"r")?;
        }
        // It has finished, and hears the rest.
        let more = heard.read_to_end(&mut Vec::new())?;
        return if more == 0 { client.write_all(b"the rest") } else { Ok(()) };
    }
    let request = line.clone();
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        line.clear();
        if heard.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        let (name, value) = line.trim_end().split_once(':').unwrap_or_default();
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let header = |name: &str| headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.as_str());
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    heard.read_exact(&mut body)?;
    let (status, more, answer) = match request.split(' ').nth(1).unwrap_or_default() {
        "/page" => ("200 OK", "X-Answer: yes\r\n", "Grüße".to_owned()),
        "/moved" => ("302 Found", "Location: /page\r\n", String::new()),
        "/json" => ("200 OK", "", "{\"text\": \"Grüße\", \"half\": \"\\ud83c\"}".to_owned()),
        "/echo" => {
            let method = request.split(' ').next().unwrap_or_default();
            let is_secret = header("x-secret") == "s3cret\u{e9}word";
            let (other, accept, body) = (header("x-other"), header("accept"), String::from_utf8_lossy(&body));
            ("200 OK", "", format!("{method} {other} {accept} {is_secret} {body}"))
        }
        _ => ("404 Not Found", "", String::new()),
    };
    write!(client, "HTTP/1.1 {status}\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n{answer}", answer.len())
}
