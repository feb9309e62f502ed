//! The stock probe for MySQL and MariaDB: reads the greeting of the server and, where a user is given, logs in (MySQL
//! internals manual, "Connection Phase").
//!
//! What does not live here: packets, which are `packet`; how a password is proved, which is `password`; encryption with
//! the server's key, which is `rsa`.

use ruled_plugin::*;

mod packet;
mod password;
mod rsa;

use packet::{Packets, Reader};
use password::Login;

/// What a client may say that it can do; of this only what the server can, too, is said.
mod can {
    /// Passwords are not cut.
    pub(crate) const LONG_PASSWORD: u32 = 1;
    pub(crate) const PROTOCOL_41: u32 = 1 << 9;
    pub(crate) const TLS: u32 = 1 << 11;
    pub(crate) const TRANSACTIONS: u32 = 1 << 13;
    /// Proofs of passwords are 20 bytes and more.
    pub(crate) const SECURE_CONNECTION: u32 = 1 << 15;
    /// The server may name how the password is proved.
    pub(crate) const PLUGIN_AUTH: u32 = 1 << 19;

    /// Without these nobody can log in here. Every server since 2004 has them.
    pub(crate) const NEEDED: u32 = PROTOCOL_41 | SECURE_CONNECTION;
}

/// The only version of the protocol of this century.
const PROTOCOL_VERSION: u8 = 10;

/// utf8mb3, which every server knows.
const CHARACTER_SET: u8 = 33;

/// What MariaDB 10 puts before its version, so that replicas of old do not mistake it.
const REPLICATION_PREFIX: &str = "5.5.5-";

/// A server may ask for another way to prove the password, which happens once.
const ANSWERS_MAX: usize = 4;

/// COM_QUIT.
const QUIT: &[u8] = &[1];
/// COM_QUERY, and what is asked.
const IS_READ_ONLY: &[u8] = b"\x03SELECT @@global.read_only";

/// The heads of answers.
const OK: u8 = 0x00;
const MORE: u8 = 0x01;
const SWITCH: u8 = 0xfe;
const ERROR: u8 = 0xff;

struct MySql;

impl Probe for MySql {
    fn describe() -> Describe {
        Describe::new("mysql", "A MySQL that greets, and lets a user in where one is given")
            .version(env!("CARGO_PKG_VERSION"))
            .port(3306)
            .tls_port(3306)
            .start_tls()
            .page(
                "Expects the greeting of a MySQL or MariaDB server. Where a user is given, it logs in as that user, and \
                 says goodbye. `protocol mysqls` begins encryption after the greeting, as clients of MySQL do.\n\n\
                 Passwords are proved by `mysql_native_password`, `caching_sha2_password`, `sha256_password` and, over \
                 TLS, `mysql_clear_password`. The password itself is only sent over TLS or a Unix socket, or encrypted \
                 by the key that the server sends. Other methods (`ed25519`, `parsec`, Kerberos) cannot be tested, and \
                 the test says so.\n\n\
                 A server with too many connections and one that blocks this host say so in place of the greeting, and \
                 fail. Without a user each test is a connection that was aborted to the server, and it may block hosts \
                 with many of them (`max_connect_errors`); a user without any privileges (`CREATE USER`) avoids that.\n\n\
                 Specified in the internals manual of MySQL, \"Connection Phase\".",
            )
            .option("username", OptionType::Text, "The user to log in as")
            .explained("Without one the greeting of the server suffices.")
            .option("password", OptionType::Secret, "The password to log in with")
            .option("rsakey", OptionType::Hash, "The checksum of the key by which passwords for the server are encrypted")
            .explained(
                "Without TLS a server sends a key to encrypt the password by, and anybody between could send another. \
                 With this option the password is sent only when the key has this checksum, which is that of the text \
                 in `public_key.pem` of the server.",
            )
            .option("writable", OptionType::Boolean, "Whether the server must be one that takes writes")
            .explained("With `true` a server whose variable `read_only` is on fails. It needs a user.")
    }

    fn check(conn: &Conn, options: &Options) -> Check {
        let username = options.text("username");
        let writable = options.boolean("writable") == Some(true);
        if username.is_none() && (writable || options.secret("password").is_some()) {
            return Err(Failure::Misconfigured("a password or what the server must be is given, and no user".into()));
        }
        let mut packets = Packets::new(conn);
        let greeting = Greeting::read(&packets.receive()?)?;
        if conn.peer().start_tls_wanted {
            ensure!(greeting.capabilities & can::TLS != 0, "the server offers no encryption");
            packets.send(&greeting.head(can::TLS))?;
            conn.start_tls()?;
        }
        let version = greeting.version.clone();
        let outcome = ok(&version).fact("version", &version);
        let Some(username) = username else { return outcome.into() };
        let method = log_in(conn, &mut packets, greeting, username, options)?;
        if writable {
            takes_writes(&mut packets)?;
        }
        packets.restart();
        packets.send(QUIT).ok();
        outcome.fact("method", method).into()
    }
}
probe!(MySql);

/// What a server says first.
struct Greeting {
    version: String,
    capabilities: u32,
    /// What the proof of the password is made with, so that it is another one each time.
    challenge: Vec<u8>,
    method: String,
}

impl Greeting {
    fn read(packet: &[u8]) -> Result<Greeting, Failure> {
        let mut reader = Reader::new(packet);
        match reader.byte()? {
            ERROR => return Err(packet::error(reader)),
            PROTOCOL_VERSION => {}
            version => fail!("the server speaks version {version} of the protocol of MySQL, not {PROTOCOL_VERSION}"),
        }
        let version = reader.text()?;
        let version = version.strip_prefix(REPLICATION_PREFIX).unwrap_or(&version).to_owned();
        ensure!(!version.is_empty(), "the server does not tell its version");
        reader.bytes(4)?;
        let mut challenge = reader.bytes(8)?.to_vec();
        reader.byte()?;
        let low = reader.number(2)?;
        reader.bytes(3)?;
        let capabilities = reader.number(2)? << 16 | low;
        let length = usize::from(reader.byte()?);
        reader.bytes(10)?;
        if capabilities & can::SECURE_CONNECTION != 0 {
            let rest = reader.bytes(length.saturating_sub(challenge.len()).max(13))?;
            // The last byte is 0, and no part of it.
            challenge.extend_from_slice(&rest[..rest.len() - 1]);
        }
        let method = if capabilities & can::PLUGIN_AUTH != 0 { reader.text()? } else { password::NATIVE.into() };
        Ok(Greeting { version, capabilities, challenge, method })
    }

    /// What a client begins with, before encryption and after it.
    fn head(&self, tls: u32) -> Vec<u8> {
        const PACKET_BYTES_MAX: u32 = 1 << 24;
        let wanted = can::NEEDED | can::LONG_PASSWORD | can::TRANSACTIONS | can::PLUGIN_AUTH | tls;
        let mut head = (wanted & self.capabilities).to_le_bytes().to_vec();
        head.extend(PACKET_BYTES_MAX.to_le_bytes());
        head.push(CHARACTER_SET);
        head.extend([0; 23]);
        head
    }
}

/// Logs in, and returns the name of the method.
fn log_in(
    conn: &Conn,
    packets: &mut Packets,
    greeting: Greeting,
    username: &str,
    options: &Options,
) -> Result<String, Failure> {
    ensure!(greeting.capabilities & can::NEEDED == can::NEEDED, "the server is too old to log in to");
    if username.contains('\0') {
        return Err(Failure::Misconfigured("the name of the user has a NUL in it".into()));
    }
    let peer = conn.peer();
    let mut hello = greeting.head(if peer.encrypted { can::TLS } else { 0 });
    let mut login = Login {
        password: options.secret("password").unwrap_or_default(),
        method: greeting.method,
        challenge: greeting.challenge,
        is_private: peer.encrypted || peer.transport == Transport::UnixStream,
        key: options.hash("rsakey"),
    };
    // Where the server's usual method is none that is known here, it may still ask this user for another one.
    if !login.is_known() {
        login.method = password::NATIVE.into();
    }
    let proof = login.proof()?;
    hello.extend(username.as_bytes());
    hello.push(0);
    hello.push(proof.len() as u8);
    hello.extend(proof);
    if greeting.capabilities & can::PLUGIN_AUTH != 0 {
        hello.extend(login.method.as_bytes());
        hello.push(0);
    }
    packets.send(&hello)?;
    for _ in 0..ANSWERS_MAX {
        let packet = packets.receive()?;
        let mut reader = Reader::new(&packet);
        match reader.byte()? {
            OK => return Ok(login.method),
            ERROR => return Err(packet::error(reader)),
            SWITCH => {
                ensure!(!reader.is_empty(), "the server wants a proof of the password as before 2004");
                login.method = reader.text()?;
                let challenge = reader.rest();
                login.challenge = challenge.strip_suffix(&[0]).unwrap_or(challenge).to_vec();
                packets.send(&login.proof()?)?;
            }
            MORE => login.go_on(packets, reader.rest())?,
            head => fail!("the server answers a login with a packet of type {head}"),
        }
    }
    fail!("the server does not say whether the user may log in")
}

/// Fails where the server takes no writes.
fn takes_writes(packets: &mut Packets) -> Result<(), Failure> {
    packets.restart();
    packets.send(IS_READ_ONLY)?;
    let first = packets.receive()?;
    let mut reader = Reader::new(&first);
    match reader.byte()? {
        ERROR => return Err(packet::error(reader)),
        1 => {}
        columns => fail!("the server answers a question for one value with {columns} columns"),
    }
    // The description of the column, and the end of the descriptions.
    packets.receive()?;
    packets.receive()?;
    let row = packets.receive()?;
    let mut reader = Reader::new(&row);
    let length = reader.byte()?;
    let value = String::from_utf8_lossy(reader.bytes(usize::from(length))?).into_owned();
    packets.receive()?;
    if value != "0" {
        let (what, expected) = ("variable read_only".into(), "0".into());
        return Err(Failure::Mismatch { what, expected, found: value });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
