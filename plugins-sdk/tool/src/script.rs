//! Scripts that a component is tried with, whatever language it was written in: what the other side says and hears, and what
//! the plugin must make of it.
//!
//! What does not live here: playing them, which is `play`.

/// The word before what a check is granted.
const GRANT: &str = "grant";

/// What stands for the folder of the script, in braces.
pub(crate) const HERE: &str = "here";

/// A test: some words of a rule, some connections, and what must come out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Case {
    /// What the test is called.
    pub(crate) name: String,
    /// The line of the script where it begins, from 1.
    pub(crate) line: usize,
    /// What stands in the rule: `with { … }`, `grant read "/path"`. `{NAME}` in it is the port of a connection.
    pub(crate) words: Vec<String>,
    /// The connections in the order in which they are made, each with the name that the rule gives it; a probe has one
    /// without a name. Those of one name go to one port.
    pub(crate) connections: Vec<Connection>,
    /// Whether the other side speaks datagrams, each of which is a step.
    pub(crate) is_udp: bool,
    /// What must come out.
    pub(crate) expected: Option<Expected>,
}

/// What happens on a connection.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

/// A step of the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It sends these bytes.
    Says(Vec<Part>),
    /// The plugin must send exactly these bytes.
    Hears(Vec<Part>),
    /// The plugin must send bytes up to these, whatever stands before them.
    HearsUntil(Vec<u8>),
    /// It says nothing more, and keeps the connection open. It is the last step.
    Silent,
}

/// A part of what is said or heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many bytes that the plugin chooses, by this name.
    Any(String, usize),
    /// Those bytes again.
    Same(String),
}

/// How many bytes can be left to the plugin at once.
const ANY_BYTES_MAX: usize = 1_024;

/// What must come out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) outcome: Outcome,
    /// The sentence, if any will do nothing stands here.
    pub(crate) message: Option<String>,
    /// Metrics and facts with their values, as JSON writes them.
    pub(crate) values: Vec<(String, String)>,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    Unknown,
}

impl Outcome {
    /// The word that ruled has for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Unknown => "unknown",
        }
    }
}

/// Reads a script. The error is a sentence with the line.
pub(crate) fn read(text: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let wrong = |what: String| format!("line {number}: {what}");
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(char::is_whitespace).map_or((line, ""), |(word, rest)| (word, rest.trim()));
        if word == "test" {
            if rest.is_empty() {
                return Err(wrong("a test needs a name: `test a friendly service`".into()));
            }
            cases.push(Case { name: rest.into(), line: number, ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            return Err(wrong(format!("`{word}` stands before the first `test NAME`")));
        };
        if case.expected.is_some() && !matches!(word, "metric" | "fact") {
            return Err(wrong(format!("`{word}` stands behind what must come out; only `metric` and `fact` do")));
        }
        match word {
            "<" => step(case, Step::Says(parts(rest).map_err(wrong)?)).map_err(wrong)?,
            ">" => step(case, Step::Hears(parts(rest).map_err(wrong)?)).map_err(wrong)?,
            ">..." => step(case, Step::HearsUntil(bytes(rest).map_err(wrong)?)).map_err(wrong)?,
            "silent" => step(case, Step::Silent).map_err(wrong)?,
            "udp" if !rest.is_empty() || !case.connections.is_empty() => {
                return Err(wrong("`udp` stands alone in its line, and before what is said and heard".into()));
            }
            "udp" => case.is_udp = true,
            "connection" if case.is_udp => {
                return Err(wrong("only a probe can be tried with `udp`, and its connection has no name".into()));
            }
            "connection" => {
                if !is_name(rest) {
                    return Err(wrong(format!("`{rest}` is no name for a connection; it has letters, digits and _")));
                }
                if rest == HERE {
                    let sentence =
                        format!("`{HERE}` is no name for a connection: {{{HERE}}} is the folder of the script");
                    return Err(wrong(sentence));
                }
                case.connections.push(Connection { name: rest.into(), steps: Vec::new() });
            }
            "with" | "timeout" | GRANT => case.words.push(line.into()),
            "passes" => case.expected = Some(expected(Outcome::Passed, rest).map_err(wrong)?),
            "fails" => case.expected = Some(expected(Outcome::Failed, rest).map_err(wrong)?),
            "unknown" => case.expected = Some(expected(Outcome::Unknown, rest).map_err(wrong)?),
            "metric" | "fact" => {
                let pair = rest.split_once(char::is_whitespace).map(|(name, value)| (name.into(), value.trim().into()));
                match (pair, &mut case.expected) {
                    (Some(pair), Some(expected)) => expected.values.push(pair),
                    (None, _) => return Err(wrong(format!("`{word}` needs a name and a value: `{word} depth 12`"))),
                    (_, None) => return Err(wrong(format!("`{word}` stands before `passes`"))),
                }
            }
            other => {
                return Err(wrong(format!(
                    "`{other}` is no word of a script; there are test, <, >, >..., silent, udp, connection, with, \
                     timeout, grant, passes, fails, unknown, metric, fact"
                )));
            }
        }
    }
    if let Some(case) = cases.iter().find(|case| case.expected.is_none()) {
        let Case { line, name, .. } = case;
        return Err(format!(
            "line {line}: the test `{name}` does not say what must come out: `passes`, `fails` or `unknown`"
        ));
    }
    if cases.is_empty() { Err("there is no test in it; one begins with `test NAME`".into()) } else { Ok(cases) }
}

/// Adds a step to the connection that was begun last; to one without a name, where none was.
fn step(case: &mut Case, step: Step) -> Result<(), String> {
    if case.connections.is_empty() {
        case.connections.push(Connection::default());
    }
    let last = case.connections.len() - 1;
    let steps = &mut case.connections[last].steps;
    if steps.last() == Some(&Step::Silent) {
        return Err("this stands behind `silent`, which lasts until the check ends".into());
    }
    if step == Step::HearsUntil(Vec::new()) {
        return Err("`>...` needs what ends it: `>... \\r\\n`".into());
    }
    if case.is_udp && steps.is_empty() && matches!(step, Step::Says(_)) {
        return Err("a service that speaks datagrams hears one before it says anything: `>`".into());
    }
    are_known(steps, &step)?;
    steps.push(step);
    Ok(())
}

/// Whether what is to be the same was heard before.
fn are_known(before: &[Step], step: &Step) -> Result<(), String> {
    let heard = before.iter().filter_map(|step| match step {
        Step::Hears(parts) => Some(parts),
        _ => None,
    });
    let mut names: Vec<&str> = heard.flatten().filter_map(Part::is_chosen).collect();
    let (Step::Says(parts) | Step::Hears(parts)) = step else { return Ok(()) };
    for part in parts {
        match part {
            Part::Bytes(_) => {}
            Part::Any(name, _) if matches!(step, Step::Says(_)) => {
                return Err(format!("`\\{{{name}:…}}` is what the plugin chooses, so it stands behind `>`"));
            }
            Part::Any(name, _) if names.contains(&name.as_str()) => {
                return Err(format!("`{name}` was heard before; write `\\{{{name}}}` for the same bytes"));
            }
            Part::Any(name, _) => names.push(name),
            Part::Same(name) if names.contains(&name.as_str()) => {}
            Part::Same(name) => {
                return Err(format!(
                    "`\\{{{name}}}` was not heard before; `> \\{{{name}:4}}` hears 4 bytes by that name"
                ));
            }
        }
    }
    Ok(())
}

impl Part {
    /// The name of what the plugin chooses.
    fn is_chosen(&self) -> Option<&str> {
        match self {
            Part::Any(name, _) => Some(name),
            _ => None,
        }
    }
}

impl Case {
    /// The words of the rule, with the ports of these connections put in. The error is a sentence.
    pub(crate) fn words_with(&self, ports: &[(&str, u16)]) -> Result<Vec<String>, String> {
        let mut words = self.words.clone();
        for (name, port) in ports.iter().filter(|(name, _)| !name.is_empty()) {
            for word in &mut words {
                *word = word.replace(&format!("{{{name}}}"), &port.to_string());
            }
        }
        match words.iter().filter(|word| word.starts_with(GRANT)).find_map(|word| placeholder(word)) {
            Some(name) => Err(format!("there is no `connection {name}` whose port {{{name}}} could be")),
            None => Ok(words),
        }
    }

    /// Whether the test itself says how a connection is granted.
    pub(crate) fn grants(&self, connection: &str) -> bool {
        let port = format!("{{{connection}}}");
        self.words.iter().any(|word| word.starts_with(GRANT) && word.contains(&port))
    }
}

/// A name that stands in braces and by itself.
fn placeholder(word: &str) -> Option<&str> {
    word.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).find(|name| is_name(name))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn expected(outcome: Outcome, rest: &str) -> Result<Expected, String> {
    let message = match rest {
        "" => None,
        quoted => {
            let inside = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            let inside = inside.ok_or_else(|| format!("the sentence {quoted} must stand in double quotes"))?;
            Some(String::from_utf8_lossy(&bytes(inside)?).into_owned())
        }
    };
    Ok(Expected { outcome, message, values: Vec::new() })
}

/// What is said or heard: bytes, and between them `\{NAME:LENGTH}` for bytes that the plugin chooses and `\{NAME}` for the same
/// again.
fn parts(text: &str) -> Result<Vec<Part>, String> {
    let (mut found, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let plain = brace(rest).unwrap_or(rest.len());
        if plain > 0 {
            found.push(Part::Bytes(bytes(&rest[..plain])?));
        }
        rest = &rest[plain..];
        if rest.is_empty() {
            break;
        }
        let (inside, behind) = rest[2..].split_once('}').ok_or_else(|| format!("`{rest}` has no `}}`"))?;
        let (name, length) = inside.split_once(':').map_or((inside, None), |(name, length)| (name, Some(length)));
        if !is_name(name) {
            return Err(format!("`{name}` is no name for bytes; it has letters, digits and _"));
        }
        found.push(match length {
            None => Part::Same(name.into()),
            Some(length) => {
                let count = length.parse().ok().filter(|count| (1..=ANY_BYTES_MAX).contains(count));
                let wrong = || format!("`{length}` is no number of bytes; it goes from 1 to {ANY_BYTES_MAX}");
                Part::Any(name.into(), count.ok_or_else(wrong)?)
            }
        });
        rest = behind;
    }
    Ok(found)
}

/// Where the next `\{` begins.
fn brace(text: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && letters.next().is_some_and(|(_, next)| next == '{') {
            return Some(at);
        }
    }
    None
}

/// The bytes of a text: `\r`, `\n`, `\t`, `\\`, `\"` and `\x7f` are written as Rust writes them, and everything else stands
/// for itself.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            let mut room = [0; 4];
            bytes.extend_from_slice(letter.encode_utf8(&mut room).as_bytes());
            continue;
        }
        match letters.next() {
            Some('r') => bytes.push(b'\r'),
            Some('n') => bytes.push(b'\n'),
            Some('t') => bytes.push(b'\t'),
            Some('0') => bytes.push(0),
            Some('\\') => bytes.push(b'\\'),
            Some('"') => bytes.push(b'"'),
            Some('x') => {
                let digits: String = letters.by_ref().take(2).collect();
                let byte = u8::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 2);
                bytes.push(byte.ok_or_else(|| format!("`\\x{digits}` needs two hexadecimal digits"))?);
            }
            other => {
                let other = other.map(String::from).unwrap_or_default();
                return Err(format!(
                    "`\\{other}` stands for nothing; there are \\r \\n \\t \\0 \\\\ \\\" \\x7f and \\{{NAME}}"
                ));
            }
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_whole() {
        let text = "# what it is for\ntest a friendly service\n  with { name: \"x\" }\n  < HELLO world\\r\\n\n  > BYE\\r\\n\n  \
                    passes \"world\"\n  metric length 5\n\ntest nobody speaks\n  silent\n  fails\n";
        let cases = read(text).expect("a script");
        assert_eq!(cases.len(), 2);
        assert_eq!((cases[0].name.as_str(), cases[0].line), ("a friendly service", 2));
        assert_eq!(cases[0].words, ["with { name: \"x\" }"]);
        let steps = &cases[0].connections[0].steps;
        let plain = |bytes: &[u8]| vec![Part::Bytes(bytes.to_vec())];
        assert_eq!(steps[..], [Step::Says(plain(b"HELLO world\r\n")), Step::Hears(plain(b"BYE\r\n"))]);
        let expected = cases[0].expected.as_ref().expect("what must come out");
        assert_eq!((expected.outcome, expected.message.as_deref()), (Outcome::Passed, Some("world")));
        assert_eq!(expected.values, [("length".to_owned(), "5".to_owned())]);
        assert_eq!(cases[1].connections[0].steps, [Step::Silent]);
    }

    #[test]
    fn bytes_are_written_as_in_rust() {
        assert_eq!(bytes("a\\x00\\xff\\\\\\\"é"), Ok(b"a\0\xff\\\"\xc3\xa9".to_vec()));
        assert!(bytes("\\x0").is_err() && bytes("\\").is_err() && bytes("\\q").is_err());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong = |text: &str| read(text).expect_err("it is wrong");
        assert_eq!(wrong("< x"), "line 1: `<` stands before the first `test NAME`");
        assert!(wrong("test a\npases").starts_with("line 2: `pases` is no word of a script"));
        assert!(wrong("test a\n< x").contains("line 1: the test `a` does not say what must come out"));
        assert!(wrong("").contains("there is no test"));
        assert!(wrong("test a\npasses world").contains("double quotes"));
        assert!(wrong("test a\npasses\n< x").contains("stands behind what must come out"));
        assert!(wrong("test a\nsilent\n< x\nfails").starts_with("line 3: this stands behind `silent`"));
        assert!(wrong("test a\n>...\nfails").starts_with("line 2: `>...` needs what ends it"));
        assert!(wrong("test a\nconnection a b\nfails").contains("`a b` is no name for a connection"));
        assert!(wrong("test a\nconnection here\nfails").contains("{here} is the folder of the script"));
        assert!(wrong("test a\n> x\nudp\nfails").contains("before what is said and heard"));
        assert!(wrong("test a\nudp\nconnection a\nfails").contains("its connection has no name"));
        assert!(wrong("test a\nudp\n< x\nfails").contains("hears one before it says anything"));
        assert!(wrong("test a\n< \\{id:4}\nfails").contains("what the plugin chooses"));
        assert!(wrong("test a\n< \\{id}\nfails").contains("`\\{id}` was not heard before; `> \\{id:4}`"));
        assert!(wrong("test a\n> \\{id:4}\n> \\{id:4}\nfails").contains("`id` was heard before"));
        assert!(wrong("test a\n> \\{i d:4}\nfails").contains("`i d` is no name for bytes"));
        assert!(wrong("test a\n> \\{id:0}\nfails").contains("`0` is no number of bytes"));
        assert!(wrong("test a\n> \\{id:4\nfails").contains("has no `}`"));
    }

    #[test]
    fn what_the_plugin_chooses_stands_between_bytes() {
        let bytes = |bytes: &[u8]| Part::Bytes(bytes.to_vec());
        let found = parts("\\x01\\{id:4}é\\\\{\\{id}\\{id}").expect("parts");
        let same = || Part::Same("id".into());
        assert_eq!(found, [bytes(b"\x01"), Part::Any("id".into(), 4), bytes("é\\{".as_bytes()), same(), same()]);
        assert_eq!(parts(""), Ok(vec![]));
        // As in JSON.
        assert_eq!(parts("{\"a\": {}}"), Ok(vec![bytes(b"{\"a\": {}}")]));
    }

    #[test]
    fn ports_stand_where_their_connections_are_named() {
        let text = "test a\nwith { url: \"http://127.0.0.1:{api}/\", one: {two} }\ngrant fetch \"http://127.0.0.1:{api}\"\n\
                    connection api\npasses";
        let case = read(text).expect("a script").remove(0);
        let words = vec![
            "with { url: \"http://127.0.0.1:8080/\", one: {two} }".to_owned(),
            "grant fetch \"http://127.0.0.1:8080\"".to_owned(),
        ];
        assert_eq!(case.words_with(&[("api", 8080)]), Ok(words));
        assert!(case.grants("api") && !case.grants("two"));
        let wrong = case.words_with(&[("other", 8080)]).expect_err("it is wrong");
        assert_eq!(wrong, "there is no `connection api` whose port {api} could be");
        let plain =
            read("test a\ngrant connect \"localhost:1\" with ssl { verify: disable }\npasses").expect("a script");
        assert_eq!(plain[0].words_with(&[("api", 8080)]), Ok(plain[0].words.clone()));
    }
}
