//! How long a certificate is still valid, at any port that begins with TLS.

use ruled_plugin::*;

/// A day, in seconds.
const DAY: i64 = 86_400;

struct ExpiryOfCertificate;

impl Checker for ExpiryOfCertificate {
    fn describe() -> Describe {
        Describe::new("certificate", "How long a certificate is still valid, at any port that begins with TLS")
            .version(env!("CARGO_PKG_VERSION"))
            .page(
                "Opens the connection that the rule grants, which the host encrypts, and reads until when the \
                 certificate of the server is valid. The server is told the name that stands in the grant, so that one \
                 with many names shows the right one. Nothing else is said to it.\n\n\
                 The host verifies the certificate as the grant says. One that it does not accept, such as one that has \
                 expired, makes the check fail with the reason. To look at a certificate that nobody vouches for, grant \
                 the connection `with ssl { verify: disable }`.",
            )
            .port(443)
            .metric("expires_in", MetricKind::DurationMs, "How long it is still valid; below 0 where it has expired")
            .needs(GrantKind::Connect, "www.example.org:443", "to look at its certificate; grant it `with ssl`")
    }

    fn check(_options: &Options) -> Check {
        let conn = dial::first()?;
        let Some(tls) = conn.tls() else {
            return Err(Failure::Misconfigured("the connection is not encrypted; grant it `with ssl`".into()));
        };
        let Some(certificate) = tls.certificate else { fail!("the server shows no certificate") };
        let Some(until) = certificate.not_after else { fail!("the certificate does not say until when it is valid") };
        let left = until.saturating_sub(i64::try_from(now().0).unwrap_or(i64::MAX));
        let summary = match left {
            0.. => format!("{} is valid for another {}", certificate.subject, days(left)),
            _ => format!("{} expired {} ago", certificate.subject, days(left.saturating_neg())),
        };
        ok(summary)
            .fact("subject", certificate.subject)
            .fact("issuer", certificate.issuer)
            .metric("expires_in", left as f64 * 1_000.0)
            .into()
    }
}
checker!(ExpiryOfCertificate);

/// A time span for people; what is less than a day is none.
fn days(seconds: i64) -> String {
    match seconds / DAY {
        1 => "1 day".into(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Until then the certificates of scripts are valid.
    const END: i64 = u32::MAX as i64;

    /// A server that shows a certificate, so many seconds before its end.
    fn before_the_end(seconds: i64) -> Scene {
        let at = u64::try_from(END - seconds).expect("after 1970");
        scene().connection("www.example.org:443", script().encrypted()).at_time(at)
    }

    #[test]
    fn the_time_that_is_left_is_a_metric() {
        for (left, sentence) in [
            (14 * DAY, "CN=host.example is valid for another 14 days"),
            (2 * DAY - 1, "CN=host.example is valid for another 1 day"),
            (0, "CN=host.example is valid for another 0 days"),
            (-3 * DAY, "CN=host.example expired 3 days ago"),
        ] {
            let outcome = before_the_end(left).run::<ExpiryOfCertificate>().unwrap();
            assert_eq!(outcome.summary, sentence);
            assert_eq!(outcome.metrics, [("expires_in".to_owned(), left as f64 * 1_000.0)]);
        }
    }

    #[test]
    fn a_grant_without_encryption_is_a_mistake_of_the_rule() {
        let plain = scene().connection("www.example.org:443", script()).run::<ExpiryOfCertificate>();
        let sentence = "the connection is not encrypted; grant it `with ssl`".to_owned();
        assert_eq!(plain, Err(Failure::Misconfigured(sentence)));
    }

    #[test]
    fn nobody_there_is_a_failure() {
        let nobody = scene().unreachable("www.example.org:443").run::<ExpiryOfCertificate>();
        assert_eq!(nobody, Err(Failure::Io(IoError::Unreachable)));
    }
}
