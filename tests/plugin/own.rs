//! Plugins of one's own: what they are granted, what they are refused, what becomes of their faults. One guest does what
//! the option `deed` says; see `tests/hostile/examples`.

mod connections;
mod describing;
mod fetching;
mod files;
mod granting;
mod limits;
mod loading;
mod rebound;
mod secrets;
mod told;
mod watched;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use interpreter::program::{Behaviour, Tls};
use ruled::plugin::{
    Added, CustomCheck, Description, Grant, Kind, Origin, Plugins, ProbeOutcome, ProbeReport, Setting, Value, Want,
    describe_added,
};
use ruled::transport::{Encryption, Route};
use ruled_manifest::{FORMAT, Manifest, Store, sha256};
use ruled_test_guests::{OWN, Own};

use crate::rig::PATIENCE;

pub(super) fn guest(name: &str) -> &'static Own {
    OWN.iter().find(|own| own.name == name).unwrap_or_else(|| panic!("{name} is not built"))
}

/// What stands in the store for a guest before it was asked what it is.
pub(super) fn manifest(own: &Own, kind: Kind) -> Manifest {
    let description = Description {
        name: own.name.into(),
        version: "0".into(),
        summary: "".into(),
        page: "".into(),
        transports: (&[][..]).into(),
        default_port: None,
        default_tls_port: None,
        start_tls: false,
        options: (&[][..]).into(),
        metrics: (&[][..]).into(),
    };
    Manifest {
        format: FORMAT,
        wasm_sha256: sha256(own.component),
        wasm_bytes: own.component.len() as u64,
        engine: ruled_loader::engine_word(),
        code_sha256: sha256(own.precompiled),
        kind,
        wants: Vec::new(),
        needs: Vec::new(),
        description,
        from: "a test".into(),
        added: 0,
    }
}

pub(super) fn added_as(manifest: Manifest, code: &'static [u8]) -> Arc<Added> {
    Arc::new(Added::new(manifest, move || Ok(code.to_vec())).expect("digests"))
}

/// A guest as it is after it was added: it was asked what it is, once for all tests.
pub(super) fn added(name: &'static str) -> Arc<Added> {
    static ADDED: Mutex<BTreeMap<&str, Arc<Added>>> = Mutex::new(BTreeMap::new());
    let mut added = ADDED.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(added.entry(name).or_insert_with(|| asked(name)))
}

fn asked(name: &str) -> Arc<Added> {
    let own = guest(name);
    let asked = describe_added(added_as(manifest(own, Kind::Check), own.precompiled));
    let (described, wants) = asked.unwrap_or_else(|sentence| panic!("{name}: {sentence}"));
    let (description, needs) = (described.description, described.needs);
    added_as(Manifest { description, wants, needs, ..manifest(own, described.kind) }, own.precompiled)
}

/// Stores a guest as `ruled-plugin add` does, and returns its component.
pub(crate) fn stored(name: &'static str, store: &Store) -> &'static [u8] {
    let own = guest(name);
    store.put(added(name).manifest(), own.precompiled).expect("a store of ours");
    own.component
}

/// A check by the guest that does what it is told, with time enough for a busy machine.
fn deed(name: &str) -> CustomCheck {
    check(added("deeds")).with("deed", name)
}

pub(super) fn check(plugin: Arc<Added>) -> CustomCheck {
    let (settings, grants) = (Vec::new(), Vec::new());
    CustomCheck { plugin, name: "test".into(), settings, grants, timeout: Duration::from_secs(10) }
}

/// What tests set and grant.
pub(super) trait Written: Sized {
    fn setting(self, name: &str, value: Value) -> Self;
    fn grant(self, grant: Grant) -> Self;

    fn with(self, name: &str, text: &str) -> Self {
        self.setting(name, Value::Text(text.to_owned().into()))
    }

    /// It passes with the error that it is told.
    fn telling(self) -> Self {
        self.setting("tells", Value::Boolean(true))
    }

    fn connect(self, host: &str, port: u16, name: Option<&str>) -> Self {
        let (text, name) = (format!("{host}:{port}"), name.map(str::to_owned));
        self.grant(Grant::Connect { route: Route::tcp(host, port), text, name })
    }

    fn read(self, path: &Path) -> Self {
        self.grant(Grant::Read { path: path.to_owned() })
    }

    fn fetch(self, origin: &str) -> Self {
        self.fetch_with(origin, Tls::default())
    }

    fn fetch_with(self, origin: &str, tls: Tls) -> Self {
        let encryption = Encryption::of(&tls, None, &Behaviour::RULES);
        let origin = Origin::read(origin).unwrap_or_else(|reason| panic!("{origin} {reason}"));
        self.grant(Grant::Fetch { origin, encryption })
    }

    /// All three kinds, of which nothing is used.
    fn everything(self) -> Self {
        self.connect("localhost", 9, None).read(Path::new("/nowhere")).fetch("http://localhost:9")
    }

    /// Those of the three kinds that are not granted yet.
    fn rest(self) -> Self;
}

impl Written for CustomCheck {
    fn setting(mut self, name: &str, value: Value) -> Self {
        self.settings.push(Setting { name: name.into(), value, is_secret: false });
        self
    }

    fn grant(mut self, grant: Grant) -> Self {
        self.grants.push(grant);
        self
    }

    fn rest(self) -> Self {
        let lacks = |want: Want| !self.grants.iter().any(|grant| grant.kind() == Some(want));
        let (connect, read, fetch) = (lacks(Want::Connect), lacks(Want::Read), lacks(Want::Fetch));
        let check = if connect { self.connect("localhost", 9, None) } else { self };
        let check = if read { check.read(Path::new("/nowhere")) } else { check };
        if fetch { check.fetch("http://localhost:9") } else { check }
    }
}

pub(super) fn report_by(plugins: &Plugins, check: CustomCheck) -> ProbeReport {
    let (sender, receiver) = mpsc::channel();
    plugins.check(check, Box::new(move |report| sender.send(report).expect("the test waits")));
    receiver.recv_timeout(PATIENCE).expect("every check is reported")
}

/// The report of a check by plugins that all tests share. Each has a name of its own, so that no quarantine bars it.
fn report(check: CustomCheck) -> ProbeReport {
    static PLUGINS: OnceLock<Plugins> = OnceLock::new();
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("test {}", COUNT.fetch_add(1, Ordering::Relaxed));
    report_by(PLUGINS.get_or_init(|| Plugins::with([])), CustomCheck { name, ..check.rest() })
}

/// The summary of a check that must pass.
fn passed(check: CustomCheck) -> String {
    match report(check).outcome {
        ProbeOutcome::Passed { summary, .. } => summary,
        other => panic!("the check should pass: {other:?}"),
    }
}

/// The sentence of a check that must fail because of what it looked at.
fn failed(check: CustomCheck) -> String {
    match report(check).outcome {
        ProbeOutcome::Failed(sentence) => sentence,
        other => panic!("the check should fail: {other:?}"),
    }
}

/// The sentence of a check of which nothing is known, because of the plugin or the rule.
pub(super) fn faulted(check: CustomCheck) -> String {
    match report(check).outcome {
        ProbeOutcome::Faulted(sentence) => sentence,
        other => panic!("the plugin or the rule should be at fault: {other:?}"),
    }
}
