//! A guest that does what a guest must not. The option `deed` says what; without one it behaves.

use std::hint::black_box;

use ruled_plugin::*;

struct Hostile;

impl Probe for Hostile {
    fn describe() -> Describe {
        Describe::new("hostile", "Does what a guest must not")
            .over(&[Transport::Tcp, Transport::Udp, Transport::UnixStream, Transport::UnixDatagram])
            .option("deed", OptionType::Text, "What it does")
            .option("password", OptionType::Secret, "What nobody must read")
            .option("content", OptionType::Pattern, "What is matched")
            .metric("known", MetricKind::Gauge, "A number that the description names")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        match options.text("deed").unwrap_or_default() {
            "" => ok("behaved").metric("known", 1.0).into(),
            "loop" => {
                let mut turns = 0_u64;
                loop {
                    turns = black_box(turns.wrapping_add(1));
                }
            }
            "call" => loop {
                black_box(conn.elapsed_us());
            },
            "grow" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(black_box(vec![1_u8; 1 << 20]));
                }
            }
            "grow_at_once" => {
                // As much as a 32-bit machine can ask for in one piece.
                let hoard: Vec<u8> = Vec::with_capacity(black_box(i32::MAX as usize));
                ok(format!("{}", black_box(hoard).capacity())).into()
            }
            "panic" => panic!("the guest gives up \u{1b}[31mhere"),
            "out_of_bounds" => {
                out_of_bounds();
                ok("wrote outside").into()
            }
            "recurse" => ok(format!("{}", recurse(black_box(1)))).into(),
            "send_much" => {
                conn.send(vec![0_u8; black_box(256 << 20)])?;
                ok("sent 256 MiB").into()
            }
            "send_more_than_a_call" => {
                conn.send(vec![0_u8; (1 << 20) + 1])?;
                ok("sent more than 1 MiB at once").into()
            }
            "send_on" => {
                let chunk = vec![0_u8; 256 << 10];
                loop {
                    conn.send(&chunk)?;
                }
            }
            "log" => loop {
                log("a line that nobody wants to read");
            },
            "receive" => {
                conn.receive(1)?;
                ok("received").into()
            }
            "receive_all" => {
                let mut all = 0;
                loop {
                    all += black_box(conn.receive(u32::MAX)?).len();
                    if all == usize::MAX {
                        return ok("received it all").into();
                    }
                }
            }
            "receive_on" => loop {
                black_box(conn.receive(1)?);
            },
            "ignore_errors" => loop {
                black_box(conn.receive(1).is_ok());
            },
            "boast" => ok("\u{1b}[2J\u{7}line\nbreak ".repeat(1_000))
                .fact("bad\u{0}name", "\u{1b}]0;title\u{7}".repeat(200))
                .metric("known", f64::NAN)
                .metric("unknown", 1.0)
                .into(),
            "flood_facts" => {
                let mut outcome = ok("many");
                for number in 0..1_000 {
                    outcome = outcome.fact(&format!("fact_{number}"), "x").metric("known", f64::from(number));
                }
                outcome.into()
            }
            "divide" => ok(format!("{}", 1 / black_box(0_u32))).into(),
            "return_much" => Err(Failure::Protocol("x".repeat(4 << 20))),
            "receive_at_most" => {
                let got = conn.receive(u32::MAX)?.len();
                ok(format!("{}", got <= 64 << 10)).into()
            }
            "receive_nothing" => ok(format!("{}", conn.receive(0)?.len())).into(),
            "exactly_much" => ok(format!("{}", conn.exactly(u32::MAX)?.len())).into(),
            "until" => {
                let first = conn.until("END", 64)?;
                let second = conn.until("END", 64)?;
                ok(format!("{} {}", first.len(), second.len())).into()
            }
            "until_much" => ok(format!("{:?}", conn.until("x".repeat(2 << 10), 64))).into(),
            "until_nothing" => ok(format!("{:?}", conn.until("", 64))).into(),
            "after_the_end" => {
                let ends: Vec<_> = (0..3).map(|_| conn.receive(1)).collect();
                ok(format!("{}", ends.iter().all(|end| *end == Err(IoError::Closed)))).into()
            }
            "whole_line" => ok(conn.line(255)?).into(),
            "wait_a_little" => {
                let waited = conn.receive_within(1, 20);
                ok(format!("{waited:?}")).into()
            }
            "reopen" => {
                let first = conn.line(255)?;
                conn.reopen()?;
                let second = conn.line(255)?;
                ok(format!("{first} {second} {:?}", conn.reopen())).into()
            }
            "start_tls" => {
                conn.line(255)?;
                conn.start_tls()?;
                ok("encrypted").into()
            }
            "tls_without_reason" => Err(Failure::Io(IoError::Tls)),
            "datagrams" => {
                conn.send("ping")?;
                let answer = conn.receive(4)?;
                ok(format!("{} {:?}", String::from_utf8_lossy(&answer), conn.until("\n", 9))).into()
            }
            "peer" => ok(format!("{:?}", conn.peer())).into(),
            "digest_on" => loop {
                black_box(digest(HashKind::Sha256, &[0; 1 << 19]));
            },
            "digest" => {
                let key = stretch(HashKind::Sha256, b"passwd", b"salt", 1).map(|key| hex(&key[..4]));
                let refused = stretch(HashKind::Sha256, b"p", b"s", u32::MAX);
                let whole = hex(&digest(HashKind::Sha1, b"abc")[..4]);
                let mut pieces = Digest::new(HashKind::Md5);
                pieces.update(b"a");
                pieces.update(b"bc");
                let pieces = hex(&pieces.finish()[..4]);
                let keyed = hex(&hmac(HashKind::Md5, b"Jefe", b"what do ya want for nothing?")[..4]);
                ok(format!("{whole} {pieces} {keyed} {key:?} {refused:?}")).into()
            }
            "match" => {
                let line = conn.line(255)?;
                ok(format!("{:?}", options.pattern("content").map(|pattern| pattern.holds(&line)))).into()
            }
            "match_on" => loop {
                black_box(options.pattern("content").map(|pattern| pattern.holds([b'x'; 1 << 19])));
            },
            "hoard_handles" => {
                let hoard: Vec<Digest> = (0..100).map(|_| Digest::new(HashKind::Md5)).collect();
                ok(format!("{}", black_box(hoard).len())).into()
            }
            "random_much" => ok(format!("{}", random_bytes(1 << 20).len())).into(),
            "betray" => {
                let password = options.secret("password").unwrap_or_default();
                note(password);
                ok(password).fact("password", password).fact(password, "x").into()
            }
            "betray_in_failure" => Err(Failure::Rejected(options.secret("password").unwrap_or_default().into())),
            "betray_in_panic" => panic!("{}", options.secret("password").unwrap_or_default()),
            deed => Err(Failure::Misconfigured(format!("{deed} is no deed"))),
        }
    }
}
probe!(Hostile);

/// Writes where there is no memory. Natively there is nothing to write outside of.
fn out_of_bounds() {
    #[cfg(target_arch = "wasm32")]
    // SAFETY: on purpose there is none; that the host survives is what is tested.
    unsafe {
        std::ptr::write_volatile(black_box(0xffff_fff0_usize) as *mut u8, 1);
    }
}

#[allow(unconditional_recursion, reason = "that it does not end is what is tested")]
fn recurse(depth: u64) -> u64 {
    black_box(recurse(black_box(depth + 1)) + depth)
}

fn log(line: &str) {
    #[cfg(target_arch = "wasm32")]
    ruled_plugin::glue::ruled::plugin::log::write(ruled_plugin::glue::ruled::plugin::log::Level::Info, line);
    #[cfg(not(target_arch = "wasm32"))]
    black_box(line);
}
