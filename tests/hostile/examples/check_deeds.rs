//! A check of its own that asks for everything, and does with it what the option `deed` says. Where `tells` is set, it
//! passes with the error that it was told, and does not fail with it.

use std::hint::black_box;

use ruled_plugin::*;

struct Deeds;

impl Checker for Deeds {
    fn describe() -> Describe {
        Describe::new("deeds", "Does what it is told")
            .version("1.2.3")
            .port(7)
            .option("deed", OptionType::Text, "What it does")
            .option("name", OptionType::Text, "Of which connection, or the name of a header")
            .option("text", OptionType::Text, "A path, an address, or the value of a header")
            .option("password", OptionType::Secret, "What nobody must read")
            .option("tells", OptionType::Boolean, "Whether an error is told and not failed with")
            .default_value(Value::Boolean(false))
            .metric("known", MetricKind::Gauge, "A number that the description names")
            .needs(GrantKind::Connect, "host:7", "to do with it what it is told")
    }

    fn check(options: &Options) -> Check {
        match deed(options) {
            Err(Failure::Io(error)) if options.boolean("tells") == Some(true) => ok(format!("{error:?}")).into(),
            other => other,
        }
    }
}
checker!(Deeds);

fn deed(options: &Options) -> Check {
    let name = options.text("name").unwrap_or_default();
    let text = options.text("text").unwrap_or_default();
    let place = || files::Place::at(text);
    match options.text("deed").unwrap_or_default() {
        "" => ok("behaved").metric("known", 1.0).into(),
        "granted" => {
            let paths: Vec<String> = files::granted().iter().map(|place| place.path().to_owned()).collect();
            ok(format!("{:?} {paths:?} {:?}", dial::granted(), http::granted())).into()
        }
        "open" => ok(dial::open(name)?.line(255)?).fact("first", dial::first().is_ok().to_string()).into(),
        "echo" => {
            let conn = dial::open(name)?;
            conn.send("hello\n")?;
            ok(conn.line(255)?).into()
        }
        "open_start_tls" => {
            let conn = dial::open(name)?;
            conn.line(255)?;
            conn.start_tls()?;
            ok("encrypted").into()
        }
        "open_reopen" => {
            let conn = dial::open(name)?;
            let first = conn.line(255)?;
            conn.reopen()?;
            let second = conn.line(255)?;
            ok(format!("{first} {second} {:?}", conn.reopen())).into()
        }
        "open_after_the_end" => {
            let conn = dial::open(name)?;
            let ends: Vec<_> = (0..3).map(|_| conn.receive(1)).collect();
            ok(format!("{}", ends.iter().all(|end| *end == Err(IoError::Closed)))).into()
        }
        "open_edges" => {
            let conn = dial::open(name)?;
            let nothing = conn.receive(0)?.len();
            let burst = conn.receive(u32::MAX)?.len() <= 64 << 10;
            let (empty, much) = (conn.until("", 64), conn.exactly(u32::MAX).map(|got| got.len()));
            ok(format!("{nothing} {burst} {empty:?} {much:?}")).into()
        }
        "open_many" => {
            let opened: Vec<_> = (0..5).map(|_| dial::open(name).map(|_| ())).collect();
            ok(format!("{opened:?}")).into()
        }
        "open_and_leave" => {
            for _ in 0..5 {
                dial::open(name)?;
            }
            ok("opened five").into()
        }
        "send_over_both" => {
            let (one, other) = (dial::open(name)?, dial::open(name)?);
            one.send(vec![0; 600 << 10])?;
            other.send(vec![0; 600 << 10])?;
            ok("sent more than 1 MiB").into()
        }
        "receive_over_both" => {
            let both = [dial::open(name)?, dial::open(name)?];
            loop {
                for conn in &both {
                    black_box(conn.receive(u32::MAX)?);
                }
            }
        }
        "read" => ok(place().text(1_000)?).into(),
        "read_far" => ok(format!("{:?}", place().read_from(10 << 30, 3)?)).into(),
        "read_on" => loop {
            black_box(place().read_from(0, u32::MAX)?);
        },
        "read_at_most" => ok(format!("{}", place().read_from(0, u32::MAX)?.len())).into(),
        // One piece, then the test has its turn, then the next one.
        "read_in_pieces" => {
            let test = dial::first()?;
            let mut content = place().read_from(0, 4)?;
            test.send("read\n")?;
            test.line(9)?;
            content.extend(place().read_from(4, 1_000)?);
            ok(String::from_utf8_lossy(&content)).into()
        }
        "inspect" => {
            let found = place().inspect()?;
            ok(format!("{:?} {} {:o} {}", found.kind, found.size, found.mode, found.age().as_secs() < 600)).into()
        }
        "inspect_link" => ok(format!("{:?}", place().inspect_link()?.kind)).into(),
        "entries" => {
            let mut entries: Vec<String> =
                place().entries()?.iter().map(|entry| format!("{} {:?}", entry.name, entry.kind)).collect();
            entries.sort();
            ok(entries.join(", ")).into()
        }
        "count" => {
            let files::Tally { files, directories, links, others } = place().count(2)?;
            ok(format!("{files} {directories} {links} {others}")).into()
        }
        "count_on" => {
            let mut times = 0;
            loop {
                match place().count(2) {
                    Ok(_) => times += 1,
                    Err(error) => break ok(format!("{times} {error:?}")).into(),
                }
            }
        }
        "count_deep" => ok(format!("{}", place().count(33)?.files)).into(),
        "fetch" => {
            let answer = http::get(text).fetch(1_000)?;
            let ordered = answer.connected_us <= answer.answered_us && answer.answered_us <= answer.finished_us;
            ok(format!("{} {} {ordered} {}", answer.status, answer.url, answer.text())).into()
        }
        "fetch_once" => ok(format!("{}", http::get(text).redirects(0).fetch(1_000)?.status)).into(),
        "fetch_with" => {
            let password = options.secret("password").unwrap_or("none");
            let asked = http::request("POST", text).header("Authorization", password).body("x=1");
            ok(asked.fetch(1_000)?.text()).into()
        }
        "fetch_header" => ok(http::get(text).header(name, "a\r\nInjected: b").fetch(1_000)?.text()).into(),
        "fetch_own_header" => ok(http::get(text).header(name, "x").fetch(1_000)?.text()).into(),
        "fetch_method" => ok(http::request(name, text).fetch(1_000)?.text()).into(),
        "fetch_on" => loop {
            black_box(http::get(text).fetch(1_000)?);
        },
        "loop" => loop {
            black_box(());
        },
        "grow" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        "grow_a_little" => ok(format!("{}", black_box(vec![1_u8; 24 << 20]).len())).into(),
        "panic" => panic!("the guest gives up"),
        "shrug" => Err(Failure::Unknown("nobody \u{1b}[31mcan tell".into())),
        "lie" => Err(Failure::Io(match name {
            "tls" => IoError::Tls,
            "not_granted" => IoError::NotGranted,
            "not_found" => IoError::NotFound,
            "unreachable" => IoError::Unreachable,
            _ => IoError::Limit,
        })),
        "boast" => ok("\u{1b}[2J\u{7}line\nbreak ".repeat(1_000))
            .fact("bad\u{0}name", "\u{1b}]0;title\u{7}".repeat(200))
            .metric("known", f64::NAN)
            .metric("known", f64::INFINITY)
            .metric("Un known", 1.0)
            .into(),
        "return_much" => Err(Failure::Protocol("x".repeat(4 << 20))),
        "betray" => {
            let password = options.secret("password").unwrap_or_default();
            note(password);
            note(&format!("{}{password}", "x".repeat(4_090)));
            ok(format!("{}{password}", "x".repeat(1_020))).fact("password", password).fact(password, "x").into()
        }
        "betray_in_failure" => Err(Failure::Rejected(options.secret("password").unwrap_or_default().into())),
        "betray_in_options" => Err(Failure::Misconfigured(options.secret("password").unwrap_or_default().into())),
        "betray_in_panic" => panic!("{}", options.secret("password").unwrap_or_default()),
        "betray_in_path" => {
            ok(files::Place::at(format!("/{}", options.secret("password").unwrap_or_default())).text(1)?).into()
        }
        "betray_in_name" => ok(dial::open(options.secret("password").unwrap_or_default())?.line(9)?).into(),
        "betray_in_address" => {
            let password = options.secret("password").unwrap_or_default();
            ok(http::get(&format!("http://{password}.example/{password}")).fetch(9)?.text()).into()
        }
        deed => Err(Failure::Misconfigured(format!("{deed} is no deed"))),
    }
}
