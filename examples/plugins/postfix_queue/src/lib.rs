//! How many messages wait in the queues of Postfix.

use ruled_plugin::*;

/// The queues in which messages are on their way (qmgr(8)), each a folder of the spool.
const ON_THE_WAY: [(&str, &str); 3] = [
    ("incoming", "Messages that have just come in"),
    ("active", "Messages that are being delivered"),
    ("deferred", "Messages that could not be delivered yet"),
];

/// The queue of messages that are not. Postfix makes its folder when it starts for the first time.
const HOLD: &str = "hold";

/// How deep the folders of a queue are at most: `hash_queue_depth` of postconf(5) is 1, and more than 2 is unheard of.
const LEVELS_MAX: u32 = 4;

struct PostfixQueue;

impl Checker for PostfixQueue {
    fn describe() -> Describe {
        let about = Describe::new("postfix_queue", "How many messages wait in the queues of Postfix")
            .version(env!("CARGO_PKG_VERSION"))
            .page(
                "Counts the files in the folders of the spool, which is what a message is; none is opened. Postfix need \
                 not run for it. The spool is for root and for the user postfix only.",
            )
            .metric("depth", MetricKind::Gauge, "Messages that are on their way: incoming, active and deferred")
            .metric(HOLD, MetricKind::Gauge, "Messages that somebody holds back")
            .needs(GrantKind::Read, "/var/spool/postfix", "to count the messages in the queues");
        ON_THE_WAY.iter().fold(about, |about, (name, help)| about.metric(name, MetricKind::Gauge, help))
    }

    fn check(_options: &Options) -> Check {
        let spool = files::first()?;
        ensure!(spool.exists()?, "{} is not there; is Postfix installed?", spool.path());
        let mut outcome = ok("");
        let mut depth = 0;
        for (name, _) in ON_THE_WAY {
            let messages = spool.join(name).count(LEVELS_MAX)?.files;
            depth += messages;
            outcome = outcome.metric(name, messages as f64);
        }
        let hold = spool.join(HOLD);
        let held = if hold.exists()? { hold.count(LEVELS_MAX)?.files } else { 0 };
        outcome = outcome.metric(HOLD, held as f64);
        outcome.summary = match depth {
            1 => "1 message waits".into(),
            depth => format!("{depth} messages wait"),
        };
        outcome.metric("depth", depth as f64).into()
    }
}
checker!(PostfixQueue);

#[cfg(test)]
mod tests {
    use super::*;

    const SPOOL: &str = "/var/spool/postfix";

    fn queues() -> Scene {
        ON_THE_WAY.iter().fold(scene().reads(SPOOL), |scene, (name, _)| scene.folder(&format!("{SPOOL}/{name}")))
    }

    #[test]
    fn messages_are_counted_wherever_their_queue_keeps_them() {
        let outcome = queues()
            .file("/var/spool/postfix/deferred/A/A1B2C3", "a message")
            .file("/var/spool/postfix/deferred/F/F4D5E6", "another one")
            .file("/var/spool/postfix/active/0A0A0A", "on its way")
            .file("/var/spool/postfix/hold/0B0B0B", "held back")
            .run::<PostfixQueue>()
            .unwrap();
        assert_eq!(outcome.summary, "3 messages wait");
        let found = |name: &str| outcome.metrics.iter().find(|(found, _)| found == name).map(|(_, value)| *value);
        assert_eq!([found("depth"), found("deferred"), found("hold")], [Some(3.0), Some(2.0), Some(1.0)]);
    }

    #[test]
    fn queues_within_queues_are_counted_and_links_are_not() {
        // `hash_queue_depth = 2`, and a link that somebody put there.
        let outcome = queues()
            .file("/var/spool/postfix/deferred/A/1/A1B2C3", "a message")
            .link("/var/spool/postfix/deferred/A/link", "../../active")
            .file("/var/spool/postfix/active/0A0A0A", "on its way")
            .run::<PostfixQueue>()
            .unwrap();
        assert_eq!(outcome.summary, "2 messages wait");
    }

    #[test]
    fn a_queue_that_cannot_be_read_fails() {
        let spool = scene().reads(SPOOL).folder("/var/spool/postfix/incoming").unreadable("/var/spool/postfix/active");
        assert_eq!(spool.run::<PostfixQueue>(), Err(Failure::Io(IoError::Unreachable)));
    }

    #[test]
    fn an_empty_queue_passes_and_a_missing_spool_fails() {
        let empty = queues().run::<PostfixQueue>().unwrap();
        assert_eq!((empty.summary.as_str(), empty.metrics.len()), ("0 messages wait", 5));
        let missing = scene().reads(SPOOL).run::<PostfixQueue>();
        assert_eq!(missing, Err(Failure::Protocol("/var/spool/postfix is not there; is Postfix installed?".into())));
    }
}
