//! The stock probe for MQTT: connects as a client does, and leaves in good order (MQTT 5.0 and MQTT 3.1.1, both by OASIS).
//! A broker that does not know version 5 is asked in version 3.1.1. It publishes nothing and subscribes to nothing.
//!
//! What does not live here: how packets are written and read, which is `packet`.

use ruled_plugin::*;

mod packet;

use packet::{Answer, Login, Version};

/// Chance in the name of a client, so that no client of the same name is put out.
const CHANCE_BYTES: u32 = 8;

/// DISCONNECT, in good order.
const DISCONNECT: &[u8] = &[0xe0, 0];

struct Mqtt;

impl Probe for Mqtt {
    fn describe() -> Describe {
        Describe::new("mqtt", "A message broker that lets a client in")
            .version(env!("CARGO_PKG_VERSION"))
            .port(1883)
            .tls_port(8883)
            .page(
                "Connects as a client of MQTT 5 with a new session, expects that the broker accepts it (`CONNACK`), and \
                 leaves. A broker that says that it does not know this version, or hangs up, is asked again in version \
                 3.1.1 over a new connection.\n\n\
                 A broker that refuses says why, and fails the test: a wrong password, a client that may not connect, a \
                 broker that is busy or shuts down. One that lets nobody in without a name fails where no user is given.\n\n\
                 Specified in MQTT 5.0 and MQTT 3.1.1, by OASIS.",
            )
            .option("username", OptionType::Text, "The user to log in as")
            .option("password", OptionType::Secret, "The password to log in with")
            .option("client_id", OptionType::Text, "The name of the client")
            .explained(
                "Without one the client has a name by chance, another one each time. A broker puts out a client that is \
                 connected under the same name, so the name must be nobody else's.",
            )
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let login = Login {
            client: match options.text("client_id") {
                Some(client) => client.to_owned(),
                None => format!("ruled{}", hex(&random_bytes(CHANCE_BYTES))),
            },
            username: options.text("username"),
            password: options.secret("password"),
        };
        // A broker may say why it refuses, and repeat it.
        let shown = |failure: Failure| failure.without(&[login.password.unwrap_or_default()]);
        // In version 3.1.1 a password without a user is an error (section 3.1.2.9).
        if login.username.is_none() && login.password.is_some() {
            return Err(Failure::Misconfigured("a password is given, and no user".into()));
        }
        let mut version = Version::Five;
        conn.send(login.packet(version)?)?;
        let answer = match Answer::read(conn) {
            Ok(Answer::UnknownVersion) | Err(Failure::Io(IoError::Closed | IoError::Reset)) => {
                version = Version::Three;
                conn.reopen()?;
                conn.send(login.packet(version)?)?;
                Answer::read(conn).map_err(shown)?
            }
            other => other.map_err(shown)?,
        };
        match answer {
            Answer::UnknownVersion => Err(Failure::Rejected("the broker knows neither MQTT 5 nor MQTT 3.1.1".into())),
            Answer::Accepted(properties) => {
                conn.send(DISCONNECT).ok();
                let outcome =
                    ok(format!("it lets a client in, by MQTT {version}")).fact("version", version.to_string());
                properties.shown(outcome).into()
            }
        }
    }
}
probe!(Mqtt);

#[cfg(test)]
mod tests;
