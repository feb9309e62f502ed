//! Power that fails while the state is written: whatever part of the last writes is on the disk, and whatever it became
//! there, what was committed before is found again, and nobody calls it damaged.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;

use interpreter::durable::{Kept, ServiceKey};
use ruled::remember::{Keeper, Notice};

use crate::rig::until;

/// How often something is kept.
const TIMES: u32 = 12;

/// At so many places is the log of the database cut, or one of its bytes another.
const PLACES: usize = 60;

fn key() -> ServiceKey {
    ServiceKey { kind: "file".to_owned(), name: "a".to_owned() }
}

/// Opens the state; what is known of the service, and what was said.
fn found(path: &Path) -> (u32, Vec<Notice>) {
    let (sender, notices) = channel();
    let known: BTreeSet<ServiceKey> = [key()].into();
    let tell = Box::new(move |notice| drop(sender.send(notice)));
    let (keeper, recollection) = Keeper::start(path.to_path_buf(), &known, tell).expect("a thread");
    drop(keeper);
    let restarts = recollection.services.get(&key()).map_or(0, |kept| kept.restarts);
    (restarts, notices.try_iter().collect())
}

#[test]
fn what_was_committed_outlives_a_write_that_was_torn() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, log) = (folder.path().join("state"), folder.path().join("state-wal"));
    let (mut keeper, _) =
        Keeper::start(path.clone(), &[key()].into(), Box::new(|notice| panic!("{notice:?}"))).expect("a thread");
    let length = || fs::metadata(&log).map_or(0, |found| found.len());
    // How long the log is when each of them is in it.
    let mut lengths = Vec::new();
    for restarts in 1..=TIMES {
        let before = length();
        keeper.keep(key(), Kept { restarts, ..Kept::default() });
        until(|| (length() > before).then_some(())).expect("it is written");
        lengths.push(usize::try_from(length()).expect("small"));
    }
    let (state, whole) = (fs::read(&path).expect("the state"), fs::read(&log).expect("its log"));
    drop(keeper);
    let lost = |name: &str, log: &[u8]| {
        let place = folder.path().join(name);
        fs::write(&place, &state).expect("written");
        fs::write(folder.path().join(format!("{name}-wal")), log).expect("written");
        found(&place)
    };
    assert_eq!(lost("whole", &whole), (TIMES, Vec::new()));
    let mut different = BTreeSet::new();
    for place in 0..PLACES {
        let at = whole.len() * place / PLACES;
        // What stands whole in the log before this place.
        let least = u32::try_from(lengths.iter().filter(|length| **length <= at).count()).expect("few");
        let mut turned = whole.clone();
        turned[at] ^= 0x55;
        for (what, log) in [("cut", &whole[..at]), ("turned", turned.as_slice())] {
            let (restarts, notices) = lost(&format!("{what}{place}"), log);
            assert_eq!(notices, Vec::new(), "{what} at {at}");
            assert!(restarts >= least && restarts <= TIMES, "{what} at {at}: {restarts}, at least {least}");
            different.insert(restarts);
        }
    }
    assert!(different.len() > 3, "the places must matter: {different:?}");
}
