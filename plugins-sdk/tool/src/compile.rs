//! Compiling, and making components of modules, in a child process with limits: what somebody else wrote can be made to take
//! long and much for it, and a compiler is too large a program to let it loose on such a thing without.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use crate::build::world::CONTRACT;
use crate::pack::World;
use crate::{COMPONENT_BYTES_MAX, FINE, Refusal, shown};

/// How much processor time a compilation may take; the largest component there is, one in Python, takes some 20 s on a fast
/// machine.
const CPU_SECONDS_MAX: u64 = 300;

/// How long it may take. It is polite, so on a busy machine it waits for others most of that.
const SECONDS_MAX: u64 = 900;

/// How much address space the child may have, in GiB; the largest component takes 330 MB of memory.
const ADDRESS_SPACE_GIB_MAX: u64 = 2;

/// The longest code that is taken from the child.
const CODE_BYTES_MAX: u64 = 256 << 20;

/// What the child says when it fails is cut after so many bytes.
const COMPLAINT_BYTES_MAX: u64 = 4 << 10;

/// Compiles standard input to standard output. This program calls itself with it.
#[derive(Args)]
#[command(hide = true)]
pub(crate) struct Compile {
    /// It is a module, and only becomes a component.
    #[arg(long)]
    pack: bool,
    /// Of this world, where it carries none.
    #[arg(long, requires = "pack")]
    world: Option<String>,
}

/// What is said of a module that does not become a component, behind its name.
const UNPACKED: &str = "cannot be packed as a component: ";

impl Compile {
    /// The child's side.
    pub(crate) fn run(self) -> Result<u8, Refusal> {
        limit()?;
        let io = |error: std::io::Error| Refusal::unusable(format!("cannot read the component: {error}"));
        let mut component = Vec::new();
        std::io::stdin().lock().take(COMPONENT_BYTES_MAX + 1).read_to_end(&mut component).map_err(io)?;
        let code = match (self.pack, self.world) {
            (false, _) => ruled_builder::compile_own(&component),
            (true, None) => ruled_builder::component("it", &component),
            (true, Some(world)) => ruled_builder::component_of("it", component, CONTRACT, &world),
        };
        let code = code.map_err(|why| Refusal::failed_in_lines(&why))?;
        let mut out = std::io::stdout().lock();
        out.write_all(&code).and_then(|()| out.flush()).map_err(io)?;
        Ok(FINE)
    }
}

/// Takes from this process what compiling does not need.
fn limit() -> Result<(), Refusal> {
    let cannot = |error: rustix::io::Errno| Refusal::unusable(format!("cannot limit the compiler: {error}"));
    let limits = [
        (Resource::As, ADDRESS_SPACE_GIB_MAX << 30),
        (Resource::Cpu, CPU_SECONDS_MAX),
        (Resource::Core, 0),
        // It writes to its standard output, which is a pipe, and to no file.
        (Resource::Fsize, 0),
        (Resource::Nofile, 16),
    ];
    for (resource, most) in limits {
        // Where this program is allowed less, so is its child.
        let most = getrlimit(resource).maximum.map_or(most, |already| already.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(cannot)?;
    }
    // Politeness and the network are taken where that is possible: a machine may forbid both.
    rustix::process::nice(10).ok();
    use nix::sched::{CloneFlags, unshare};
    unshare(CloneFlags::CLONE_NEWNET).or_else(|_| unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)).ok();
    Ok(())
}

/// The machine code of a component.
pub(crate) fn compile(component: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    limited(&[], component)?.map_err(|why| Refusal::failed_in_lines(&format!("it cannot be compiled: {why}")))
}

/// The component of a module: of this world, where it carries none. `name` is for messages.
pub(crate) fn component(name: &str, module: Vec<u8>, world: Option<World>) -> Result<Vec<u8>, Refusal> {
    let arguments = world.map_or_else(|| vec!["--pack"], |world| vec!["--pack", "--world", world.name()]);
    limited(&arguments, module)?.map_err(|why| {
        let why = why.strip_prefix("it ").and_then(|why| why.strip_prefix(UNPACKED)).unwrap_or(&why);
        Refusal::failed_in_lines(&format!("{} {UNPACKED}{why}", shown::line(name)))
    })
}

/// What the child makes of these bytes, or why it makes nothing of them.
fn limited(arguments: &[&str], bytes: Vec<u8>) -> Result<Result<Vec<u8>, String>, Refusal> {
    let own = std::env::current_exe()
        .map_err(|error| Refusal::unusable(format!("cannot find this program to call it again: {error}")))?;
    let mut child = Command::new(own)
        .arg("compile")
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Refusal::unusable(format!("cannot start the compiler: {error}")))?;
    let deadline = Instant::now() + Duration::from_secs(SECONDS_MAX);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
        return Err(Refusal::unusable("the compiler has no pipes"));
    };
    // A child that ends early closes its pipes, so none of these waits longer than the child lives.
    let feeding = std::thread::spawn(move || stdin.write_all(&bytes).ok());
    let taking = std::thread::spawn(move || all(stdout, CODE_BYTES_MAX));
    let complaining = std::thread::spawn(move || all(stderr, COMPLAINT_BYTES_MAX));
    let ended = wait(&mut child, deadline);
    feeding.join().ok();
    let code = taking.join().unwrap_or_default();
    let complaint = String::from_utf8_lossy(&complaining.join().unwrap_or_default()).trim().to_owned();
    Ok(match ended? {
        status if status.success() && !code.is_empty() => Ok(code),
        status => Err(why(status, &complaint)),
    })
}

/// Why the child failed: what the child says, or what ended it.
fn why(status: ExitStatus, complaint: &str) -> String {
    const EXCEEDED: &[i32] = &[Signal::XCPU.as_raw(), Signal::KILL.as_raw()];
    match (complaint.strip_prefix("ruled-plugin: "), status.signal()) {
        (Some(why), _) => why.to_owned(),
        (None, Some(signal)) if EXCEEDED.contains(&signal) => {
            format!("that takes more than the {CPU_SECONDS_MAX} s of processor time that there are for it")
        }
        // What has no room left aborts.
        (None, Some(signal)) if signal == Signal::ABORT.as_raw() => {
            format!("that takes more than the {ADDRESS_SPACE_GIB_MAX} GiB of memory that there are for it")
        }
        (None, Some(signal)) => format!("the compiler ended with signal {signal}"),
        (None, None) => format!("the compiler failed: {}", complaint.lines().next().unwrap_or("it did not say why")),
    }
}

fn all(from: impl Read, bytes_max: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.take(bytes_max).read_to_end(&mut bytes).ok();
    bytes
}

/// Waits for the child, and ends it when its time is over.
fn wait(child: &mut Child, deadline: Instant) -> Result<ExitStatus, Refusal> {
    const PAUSE: Duration = Duration::from_millis(5);
    loop {
        let cannot = |error| Refusal::unusable(format!("cannot wait for the compiler: {error}"));
        if let Some(status) = child.try_wait().map_err(cannot)? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            child.kill().ok();
            child.wait().ok();
            return Err(Refusal::failed(format!("it cannot be compiled within {SECONDS_MAX} s")));
        }
        std::thread::sleep(PAUSE);
    }
}
