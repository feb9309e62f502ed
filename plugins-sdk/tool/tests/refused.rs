//! What is refused when a plugin is added: components that ruled cannot run or that take too much to compile, and files that
//! are none; and the limits of the process that compiles.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use wasm_encoder::{
    CodeSection, Component, ComponentExportKind, ComponentExportSection, ComponentImportSection,
    ComponentInstanceSection, ComponentTypeRef, ComponentTypeSection, Function, FunctionSection, InstanceType,
    Instruction, Module, ModuleSection, TypeSection, ValType,
};

/// A folder with a component, and a store in it.
struct Trial {
    folder: tempfile::TempDir,
}

impl Trial {
    fn of(bytes: &[u8]) -> Trial {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("odd.wasm"), bytes).expect("it is written");
        Trial { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("odd.wasm")
    }

    /// Adds it, below limits that `ulimit` sets first; what is complained of.
    fn refused(&self, limits: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limits} exec \"$0\" add odd.wasm"), env!("CARGO_BIN_EXE_ruled-plugin")]);
        shell.current_dir(self.folder.path()).env("RULED_PLUGINS", self.folder.path().join("store"));
        let Output { status, stderr, .. } =
            shell.env("XDG_CACHE_HOME", self.folder.path().join("cache")).output().expect("it runs");
        let said = String::from_utf8_lossy(&stderr).into_owned();
        assert_eq!(status.code(), Some(1), "{said}");
        let stored = fs::read_dir(self.folder.path().join("store")).map_or(0, Iterator::count);
        assert_eq!(stored, 0, "something was stored");
        said
    }
}

fn refused(bytes: &[u8]) -> String {
    Trial::of(bytes).refused("")
}

/// A component that looks like a check from outside and has this module in it.
fn check(module: &Module) -> Vec<u8> {
    check_importing(module, None)
}

/// The same; it asks for an instance of this name, too.
fn check_importing(module: &Module, import: Option<&str>) -> Vec<u8> {
    let mut component = Component::new();
    if let Some(import) = import {
        let mut types = ComponentTypeSection::new();
        types.instance(&InstanceType::new());
        let mut imports = ComponentImportSection::new();
        imports.import(import, ComponentTypeRef::Instance(0));
        component.section(&types).section(&imports);
    }
    component.section(&ModuleSection(module));
    let mut instances = ComponentInstanceSection::new();
    instances.export_items(Vec::<(&str, ComponentExportKind, u32)>::new());
    component.section(&instances);
    let mut exports = ComponentExportSection::new();
    let own = u32::from(import.is_some());
    exports.export("ruled:plugin/checker@0.1.0", ComponentExportKind::Instance, own, None);
    component.section(&exports);
    component.finish()
}

/// A module with so many functions of so many additions each.
fn additions(functions: u32, each: u32) -> Module {
    let (mut types, mut section, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([ValType::I32], [ValType::I32]);
    for _ in 0..functions {
        section.function(0);
        let mut function = Function::new([]);
        function.instruction(&Instruction::LocalGet(0));
        for number in 0..each {
            function.instruction(&Instruction::LocalGet(0));
            let odd = number % 3 == 0;
            function.instruction(&if odd { Instruction::I32Mul } else { Instruction::I32Add });
        }
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&section).section(&code);
    module
}

#[test]
fn files_that_are_no_components_are_refused() {
    assert!(refused(b"").contains("is empty"));
    assert!(refused(b"#!/bin/sh\necho hello\n").contains("is no WebAssembly"));
    let module = additions(1, 1).finish();
    assert!(refused(&module).contains("is a module and not a component; `ruled-plugin pack"));
    let whole = check(&additions(1, 1));
    for end in [9, whole.len() / 2, whole.len() - 1] {
        let said = refused(&whole[..end]);
        assert!(said.contains("is damaged") || said.contains("is no plugin"), "{end}: {said}");
    }
    assert!(refused(&[whole.as_slice(), b"\x07rest"].concat()).contains("is damaged"));
}

#[test]
fn names_of_a_component_neither_steer_a_terminal_nor_pass_for_words_of_the_program() {
    let odd = "\x1b[2J\u{202e}\u{9b}31m\nAdded: ruled runs it.";
    for import in [odd.to_owned(), format!("wasi:{odd}"), format!("ruled:plugin/log@9.{odd}"), "é".repeat(50_000)] {
        let said = refused(&check_importing(&additions(1, 1), Some(&import)));
        let is_plain = |letter: char| !letter.is_control() && letter != '\u{202e}';
        assert!(said.trim_end().chars().all(is_plain) && said.len() < 2_000, "{said:?}");
        assert!(said.contains("\\u{1b}[2J\\u{202e}\\u{9b}31m\\nAdded") || said.contains("éé…"), "{said:?}");
    }
}

#[test]
fn what_is_no_regular_file_is_not_read() {
    let trial = Trial::of(b"");
    let said = |arguments: &[&str]| {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_ruled-plugin"));
        let tool = tool.args(arguments).current_dir(trial.folder.path()).env("XDG_CACHE_HOME", trial.folder.path());
        let Output { status, stderr, .. } = tool.output().expect("it runs");
        assert_eq!(status.code(), Some(2));
        String::from_utf8_lossy(&stderr).into_owned()
    };
    let link = |name: &str| std::os::unix::fs::symlink("/dev/zero", trial.folder.path().join(name)).expect("a link");
    for name in ["zero.wasm", "plugin.json"] {
        link(name);
    }
    let piped = Command::new("mkfifo").arg(trial.folder.path().join("pipe.wasm")).status().expect("it runs");
    assert!(piped.success());
    for command in ["inspect", "add", "pack", "test"] {
        for file in ["zero.wasm", "pipe.wasm"] {
            assert!(said(&[command, file]).contains("it is no regular file"), "{command} {file}");
        }
    }
    assert!(said(&["build"]).contains("plugin.json: it is no regular file"));
}

#[test]
fn a_module_that_does_not_become_a_component_is_refused_by_its_name() {
    let trial = Trial::of(&additions(1, 1).finish());
    // The module lacks what the world exports, as the child finds out.
    let mut tool = Command::new(env!("CARGO_BIN_EXE_ruled-plugin"));
    let tool = tool.args(["pack", "--world", "check", "odd.wasm"]).current_dir(trial.folder.path());
    let said = String::from_utf8_lossy(&tool.output().expect("it runs").stderr).into_owned();
    assert!(said.starts_with("ruled-plugin: odd.wasm cannot be packed as a component: "), "{said}");
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read_whole() {
    let trial = Trial::of(b"");
    let file = fs::File::options().write(true).open(trial.file()).expect("it is opened");
    // A hole takes no room on the disk.
    file.set_len(64 << 30).expect("it grows");
    assert!(trial.refused("").contains("has more than 32 MiB"));
}

#[test]
fn what_looks_like_a_plugin_and_is_none_is_refused_in_one_sentence() {
    if !Path::new(env!("CARGO_BIN_EXE_ruled-plugin")).with_file_name("ruled").is_file() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no ruled beside the tool");
        eprintln!("SKIPPED: there is no ruled beside the tool; `cargo build -p ruled` makes it");
        return;
    }
    // It exports an interface with nothing in it.
    let said = refused(&check(&additions(1, 1)));
    assert!(said.starts_with("ruled-plugin: odd.wasm: ") && said.lines().count() == 1, "{said}");
    // A function that promises a number and gives none is found out by the compiler.
    let mut function = Function::new([]);
    function.instruction(&Instruction::End);
    let (mut types, mut section, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], [ValType::I32]);
    section.function(0);
    code.function(&function);
    let mut module = Module::new();
    module.section(&types).section(&section).section(&code);
    let said = refused(&check(&module));
    assert!(said.contains("it cannot be compiled: ") && said.lines().count() == 1, "{said}");
}

#[test]
fn what_takes_too_long_to_compile_is_given_up() {
    let began = Instant::now();
    let said = Trial::of(&check(&additions(2_000, 2_000))).refused("ulimit -t 1;");
    assert!(said.contains("it cannot be compiled: that takes more than the 300 s of processor time"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());
}

#[test]
fn what_takes_too_much_memory_to_compile_is_given_up() {
    let said = Trial::of(&check(&additions(1, 2_000_000))).refused("ulimit -v 350000;");
    assert!(said.contains("it cannot be compiled: that takes more than the 2 GiB of memory"), "{said}");
}

#[test]
fn the_compiler_is_limited_before_it_reads_anything() {
    is_limited(&["compile"]);
    // So is what makes components of modules.
    is_limited(&["compile", "--pack"]);
}

fn is_limited(arguments: &[&str]) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ruled-plugin"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let place = Path::new("/proc").join(child.id().to_string());
    let wanted = [
        ("Max cpu time", "300"),
        ("Max address space", "2147483648"),
        ("Max core file size", "0"),
        ("Max file size", "0"),
        ("Max open files", "16"),
    ];
    let missing = || {
        let limits = fs::read_to_string(place.join("limits")).expect("its limits are read");
        let holds = |(name, most): &&(&str, &str)| {
            let mut line = limits.lines().filter_map(|line| line.strip_prefix(*name)).flat_map(str::split_whitespace);
            line.next() == Some(most) && line.next() == Some(most)
        };
        wanted.iter().find(|limit| !holds(limit)).map(|limit| format!("{limit:?} in {limits}"))
    };
    // It waits for the component until its standard input ends, so there is time to look.
    let deadline = Instant::now() + Duration::from_secs(30);
    while missing().is_some() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(missing(), None);
    let network = |place: &Path| fs::read_link(place.join("ns/net")).expect("its network is read");
    let can = Command::new("unshare").args(["--net", "true"]).stderr(Stdio::null()).status();
    if can.is_ok_and(|status| status.success()) {
        while network(&place) == network(Path::new("/proc/self")) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_ne!(network(&place), network(Path::new("/proc/self")), "it has the network of everybody");
    }
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"garbage").expect("it listens");
    drop(stdin);
    let Output { status, stderr, .. } = child.wait_with_output().expect("it ends");
    assert_eq!(status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stderr).starts_with("ruled-plugin: "), "{}", String::from_utf8_lossy(&stderr));
}
