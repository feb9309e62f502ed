//! Encryption, held against what Python and OpenSSL make of the same key and the same chance.

use proptest::collection::vec;
use proptest::prelude::*;
use ruled_plugin::*;

use super::Key;

/// A key of 1,024 bits that `openssl genrsa` made for this test.
pub(crate) const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDABZp8mh6EIupkha0ht4S2p+Zr\n\
    7kQvK3yTeT10nChBcswCbEcyAaD5MPGlSxx5RRfEwHcdQBElYlQ4yRrqrfedxVs1\n\
    bPyOVu1ZcXx90CoebC1jqz4plmgefPKpQgYIM8QvU07erlgQ0LsnMyuT3Igi3/fE\n\
    doz7dnEhwQI7X5Rn2wIDAQAB\n\
    -----END PUBLIC KEY-----\n";

const SECRET: &str = "976c11cd438bcc4e3c34fbd47451809013c7452a4104ea758e649f88a1a617af6a3a8fcbe1e70ce4d4785a9f9f02ae99\
    9b679a7082e316bb8ae1702666af46093ee60d671c2ed03bd5026913a3f625125d7157da4b5d60a82af15439e91217ab\
    cd7fa1d722a41b9eedf9e0ad44cbabc01ecaee3dab3ea69ea739f2976a5817c5";

#[test]
fn encrypts_as_others_do() {
    let key = Key::read(PEM.as_bytes()).unwrap();
    assert_eq!(hex(&key.encrypt(b"secret\0").unwrap()), SECRET);
    assert!(key.encrypt(&[7; 86]).is_some());
    assert!(key.encrypt(&[7; 87]).is_none());
}

#[test]
fn what_is_no_key_is_refused() {
    let inner = PEM.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let der = base64::decode(&inner).unwrap();
    let pem = |der: &[u8]| format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", base64::encode(der));
    assert!(Key::read(pem(&der).as_bytes()).is_some());
    for length in 0..der.len() {
        assert!(Key::read(pem(&der[..length]).as_bytes()).is_none());
    }
    for other in ["", "-----BEGIN PUBLIC KEY-----", "\u{0}", "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----"] {
        assert!(Key::read(other.as_bytes()).is_none());
    }
    assert!(Key::read(&[0xff; 300]).is_none());
}

proptest! {
    #[test]
    fn any_odd_key_is_survived(at in 0_usize..162, byte in any::<u8>(), message in vec(any::<u8>(), 0..80)) {
        let inner = PEM.lines().filter(|line| !line.starts_with('-')).collect::<String>();
        let mut der = base64::decode(&inner).unwrap();
        der[at] = byte;
        let pem = format!("-----BEGIN PUBLIC KEY-----{}-----END PUBLIC KEY-----", base64::encode(&der));
        if let Some(key) = Key::read(pem.as_bytes()) {
            key.encrypt(&message);
        }
    }

    /// The remainder of a product, beside the same in 128 bits.
    #[test]
    fn products_are_right(one in any::<u64>(), other in any::<u64>(), modulus in 1_u64 << 32..) {
        let halves = |number: u64| vec![number as u32, (number >> 32) as u32];
        let (one, other) = (one % modulus, other % modulus);
        let key = Key { modulus: halves(modulus), exponent: 3 };
        let right = (u128::from(one) * u128::from(other) % u128::from(modulus)) as u64;
        prop_assert_eq!(key.product(&halves(one), &halves(other)), halves(right));
    }
}
