//! The real world, on the real machine: processes, files, programs, mail.
//!
//! Every wait has a bound, and only processes that a test started are ended.

mod bomb;
mod changes;
pub(crate) mod crash;
mod deeds;
mod faulty_disk;
mod hang;
mod lamp;
mod launch;
mod log;
pub(crate) mod mail;
pub(crate) mod mount;
mod namespace;
mod observation;
mod performance;
mod pidfile;
mod places;
mod process;
mod procfs;
mod program;
mod scarce;
mod state;
mod stop;
mod syslog;
mod takers;
mod things;
mod torn;
mod watch;

use std::future::Future;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Far longer than anything here takes, so that a busy machine does not matter.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process of the test, ended with it.
pub(crate) struct Started(Child);

impl Started {
    pub(crate) fn new(program: &str, arguments: &[&str]) -> Started {
        let child = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Started(child.expect("the program starts"))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let result = runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await.expect("in time") });
    runtime.shutdown_background();
    result
}

fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}
