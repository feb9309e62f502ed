//! SCRAM-SHA-256 (RFC 5802 and RFC 7677) without channel binding: both sides prove that they know the password, and
//! nobody tells it.
//!
//! A password is taken as it is. One with characters that SASLprep (RFC 4013) would change is another one here; ASCII is
//! never changed.

use ruled_plugin::*;

/// The method as servers name it.
pub(crate) const METHOD: &str = "SCRAM-SHA-256";

/// No channel binding, and no other name to act for.
const HEADER: &str = "n,,";

/// As many as `psql` has.
const NONCE_BYTES: u32 = 18;

pub(crate) struct Login<'a> {
    password: &'a str,
    nonce: String,
}

impl<'a> Login<'a> {
    pub(crate) fn new(password: &'a str) -> Self {
        Login { password, nonce: base64::encode(&random_bytes(NONCE_BYTES)) }
    }

    /// What is said first. The user stands in it, too, and PostgreSQL does not look at it.
    pub(crate) fn first(&self) -> String {
        format!("{HEADER}n=,r={}", self.nonce)
    }

    /// The answer to the server's challenge, and what the server must say then.
    pub(crate) fn answer(&self, challenge: &str) -> Result<(String, String), Failure> {
        let mut fields = challenge.split(',');
        let mut field = |name: &str| fields.next().and_then(|field| field.strip_prefix(name));
        let (Some(nonce), Some(salt), Some(iterations)) = (field("r="), field("s="), field("i=")) else {
            fail!("the challenge of the server is none of SCRAM");
        };
        ensure!(
            nonce.len() > self.nonce.len() && nonce.starts_with(&self.nonce),
            "the challenge of the server belongs to another login"
        );
        let (Some(salt), Ok(iterations)) = (base64::decode(salt), iterations.parse::<u32>()) else {
            fail!("the challenge of the server is none of SCRAM");
        };
        let kind = HashKind::Sha256;
        let Some(salted) = stretch(kind, self.password.as_bytes(), &salt, iterations) else {
            fail!("the server wants the password stretched {iterations} times, which is not done");
        };
        let client_key = hmac(kind, &salted, b"Client Key");
        let without_proof = format!("c={},r={nonce}", base64::encode(HEADER.as_bytes()));
        let said = format!("n=,r={},{challenge},{without_proof}", self.nonce);
        let signature = hmac(kind, &digest(kind, &client_key), said.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(key, signature)| key ^ signature).collect();
        let server = hmac(kind, &hmac(kind, &salted, b"Server Key"), said.as_bytes());
        Ok((format!("{without_proof},p={}", base64::encode(&proof)), format!("v={}", base64::encode(&server))))
    }
}
