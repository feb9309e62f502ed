//! A guest that does what a guest must not. The option `deed` says what; without one it behaves.

use std::hint::black_box;

use ruled_plugin::*;

struct Hostile;

impl Probe for Hostile {
    fn describe() -> Describe {
        Describe::new("hostile", "Does what a guest must not").option("deed", OptionType::Text, "What it does").metric(
            "known",
            MetricKind::Gauge,
            "A number that the description names",
        )
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
