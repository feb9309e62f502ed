//! Suites of ciphers, and the lists of them that OpenSSL reads (openssl-ciphers(1)), of which Monit's `ciphers:` is one.

/// A suite of ciphers that is spoken: those of TLS 1.2 with forward secrecy and authenticated encryption, and those of TLS
/// 1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CipherSuite {
    /// `TLS_AES_256_GCM_SHA384`
    Tls13Aes256,
    /// `TLS_AES_128_GCM_SHA256`
    Tls13Aes128,
    /// `TLS_CHACHA20_POLY1305_SHA256`
    Tls13Chacha20,
    /// `ECDHE-ECDSA-AES256-GCM-SHA384`
    EcdsaAes256,
    /// `ECDHE-ECDSA-AES128-GCM-SHA256`
    EcdsaAes128,
    /// `ECDHE-ECDSA-CHACHA20-POLY1305`
    EcdsaChacha20,
    /// `ECDHE-RSA-AES256-GCM-SHA384`
    RsaAes256,
    /// `ECDHE-RSA-AES128-GCM-SHA256`
    RsaAes128,
    /// `ECDHE-RSA-CHACHA20-POLY1305`
    RsaChacha20,
}

/// Words that OpenSSL knows and that no suite answers to that is spoken here.
const NOTHING: [&str; 47] = [
    "3DES",
    "ADH",
    "AECDH",
    "AESCCM",
    "AESCCM8",
    "ARIA",
    "ARIA128",
    "ARIA256",
    "ARIAGCM",
    "CAMELLIA",
    "CAMELLIA128",
    "CAMELLIA256",
    "CBC",
    "COMPLEMENTOFALL",
    "COMPLEMENTOFDEFAULT",
    "DES",
    "DH",
    "DHE",
    "DSS",
    "EDH",
    "ENULL",
    "EXP",
    "EXPORT",
    "GOST",
    "IDEA",
    "KDHE",
    "KDHEPSK",
    "KECDHEPSK",
    "KEDH",
    "KPSK",
    "KRSA",
    "KRSAPSK",
    "KSRP",
    "LOW",
    "MD5",
    "MEDIUM",
    "NULL",
    "PSK",
    "RC2",
    "RC4",
    "SEED",
    "SHA",
    "SHA1",
    "SRP",
    "SSLV3",
    "ANULL",
    "ADSS",
];

impl CipherSuite {
    /// All of them, the strongest first.
    pub const ALL: [CipherSuite; 9] = [
        CipherSuite::Tls13Aes256,
        CipherSuite::Tls13Aes128,
        CipherSuite::Tls13Chacha20,
        CipherSuite::EcdsaAes256,
        CipherSuite::EcdsaAes128,
        CipherSuite::EcdsaChacha20,
        CipherSuite::RsaAes256,
        CipherSuite::RsaAes128,
        CipherSuite::RsaChacha20,
    ];

    /// The name of IANA, which is OpenSSL's for TLS 1.3.
    pub fn standard_name(self) -> &'static str {
        match self {
            CipherSuite::Tls13Aes256 => "TLS_AES_256_GCM_SHA384",
            CipherSuite::Tls13Aes128 => "TLS_AES_128_GCM_SHA256",
            CipherSuite::Tls13Chacha20 => "TLS_CHACHA20_POLY1305_SHA256",
            CipherSuite::EcdsaAes256 => "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            CipherSuite::EcdsaAes128 => "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            CipherSuite::EcdsaChacha20 => "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            CipherSuite::RsaAes256 => "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            CipherSuite::RsaAes128 => "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            CipherSuite::RsaChacha20 => "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        }
    }

    /// The name of OpenSSL.
    pub fn name(self) -> &'static str {
        match self {
            CipherSuite::EcdsaAes256 => "ECDHE-ECDSA-AES256-GCM-SHA384",
            CipherSuite::EcdsaAes128 => "ECDHE-ECDSA-AES128-GCM-SHA256",
            CipherSuite::EcdsaChacha20 => "ECDHE-ECDSA-CHACHA20-POLY1305",
            CipherSuite::RsaAes256 => "ECDHE-RSA-AES256-GCM-SHA384",
            CipherSuite::RsaAes128 => "ECDHE-RSA-AES128-GCM-SHA256",
            CipherSuite::RsaChacha20 => "ECDHE-RSA-CHACHA20-POLY1305",
            one => one.standard_name(),
        }
    }

    /// Whether it is one of TLS 1.3, which a list for TLS 1.2 does not concern.
    pub fn is_newest(self) -> bool {
        matches!(self, CipherSuite::Tls13Aes256 | CipherSuite::Tls13Aes128 | CipherSuite::Tls13Chacha20)
    }

    /// Whether a word of OpenSSL's, in capitals, is about this suite; nothing when nobody knows the word.
    fn answers_to(self, word: &str) -> Option<bool> {
        use CipherSuite::{EcdsaAes128, EcdsaAes256, EcdsaChacha20, RsaAes128, RsaAes256, RsaChacha20};
        if self.name() == word || self.standard_name() == word {
            return Some(true);
        }
        if CipherSuite::ALL.iter().any(|one| one.name() == word || one.standard_name() == word) {
            return Some(false);
        }
        let older = !self.is_newest();
        Some(match word {
            "ALL" | "DEFAULT" | "HIGH" | "ECDHE" | "EECDH" | "KECDHE" | "KEECDH" | "ECDH" | "AEAD" | "TLSV1.2"
            | "FIPS" => older,
            "AES" | "AESGCM" => older && !matches!(self, EcdsaChacha20 | RsaChacha20),
            "AES128" => matches!(self, EcdsaAes128 | RsaAes128),
            "AES256" => matches!(self, EcdsaAes256 | RsaAes256),
            "SHA256" | "SHA384" => false,
            "CHACHA20" => matches!(self, EcdsaChacha20 | RsaChacha20),
            "ARSA" | "RSA" => word == "ARSA" && matches!(self, RsaAes128 | RsaAes256 | RsaChacha20),
            "AECDSA" | "ECDSA" => matches!(self, EcdsaAes128 | EcdsaAes256 | EcdsaChacha20),
            "SUITEB128" | "SUITEB192" | "SUITEB128ONLY" => matches!(self, EcdsaAes128 | EcdsaAes256),
            word if NOTHING.contains(&word) => false,
            // Whole names of suites that OpenSSL has and that are not spoken here.
            word if word.contains('-') && word.split('-').all(|part| !part.is_empty()) => false,
            word if word.starts_with("TLS_") => false,
            _ => return None,
        })
    }
}

/// The mark in front of an item of a list, and the words that it joins, in capitals.
fn item(written: &str) -> (char, String) {
    let (mark, words) = match written.chars().next() {
        Some(mark @ ('!' | '-' | '+' | '@')) => (mark, written.get(1..).unwrap_or_default()),
        _ => (' ', written),
    };
    (mark, words.to_ascii_uppercase())
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split([':', ',', ' ', ';']).filter(|item| !item.is_empty())
}

/// The first item of a list of OpenSSL's that nobody knows.
pub fn unknown(list: &str) -> Option<&str> {
    let is_unknown = |written: &&str| {
        let (mark, words) = item(written);
        // The order is ours anyway, and so is the level of security.
        mark != '@' && words.split('+').any(|word| CipherSuite::RsaAes128.answers_to(word).is_none())
    };
    items(list).find(is_unknown)
}

/// The suites that a list of OpenSSL's chooses, in its order; what nobody knows is left out. Those of TLS 1.3 are chosen by
/// their names only, and all of them where none is named. They are all that is left where the others that are asked for are
/// not spoken. Nothing is chosen by a list that asks for nothing.
pub fn chosen(list: &str) -> Vec<CipherSuite> {
    let mut chosen: Vec<CipherSuite> = Vec::new();
    let mut banned: Vec<CipherSuite> = Vec::new();
    let mut asks = false;
    for (mark, words) in items(list).map(item).filter(|(mark, _)| *mark != '@') {
        let fits = |suite: &CipherSuite| words.split('+').all(|word| suite.answers_to(word) == Some(true));
        let fitting: Vec<CipherSuite> = CipherSuite::ALL.into_iter().filter(fits).collect();
        match mark {
            '!' => {
                banned.extend(&fitting);
                chosen.retain(|suite| !fitting.contains(suite));
            }
            '-' => chosen.retain(|suite| !fitting.contains(suite)),
            '+' => {
                let (last, first) = chosen.iter().partition::<Vec<_>, _>(|suite| fitting.contains(suite));
                chosen = first.into_iter().chain(last).collect();
            }
            _ => {
                asks = true;
                let new = fitting.into_iter().filter(|suite| !banned.contains(suite) && !chosen.contains(suite));
                let new: Vec<CipherSuite> = new.collect();
                chosen.extend(new);
            }
        }
    }
    if !asks {
        return Vec::new();
    }
    if !chosen.iter().any(|suite| suite.is_newest()) {
        let newest = CipherSuite::ALL.into_iter().filter(|suite| suite.is_newest() && !banned.contains(suite));
        chosen = newest.chain(chosen).collect();
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn older(list: &str) -> Vec<&'static str> {
        chosen(list).into_iter().filter(|suite| !suite.is_newest()).map(CipherSuite::name).collect()
    }

    #[test]
    fn words_and_names() {
        assert_eq!(older("ECDHE-RSA-AES128-GCM-SHA256"), ["ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(older("ALL:!aNULL:!3DES").len(), 6);
        assert_eq!(older("ECDHE+AESGCM:!AES256"), ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(older("CHACHA20,ECDHE+aRSA:-AES128").first(), Some(&"ECDHE-ECDSA-CHACHA20-POLY1305"));
        assert_eq!(older("HIGH:+AES256:@STRENGTH").last(), Some(&"ECDHE-RSA-AES256-GCM-SHA384"));
        assert_eq!(older("AES128-SHA:ECDHE-ECDSA-AES256-GCM-SHA384"), ["ECDHE-ECDSA-AES256-GCM-SHA384"]);
    }

    #[test]
    fn the_newest_version_has_its_own() {
        let names = |list: &str| chosen(list).into_iter().map(CipherSuite::name).collect::<Vec<_>>();
        assert_eq!(names("TLS_AES_128_GCM_SHA256"), ["TLS_AES_128_GCM_SHA256"]);
        assert_eq!(names("AES128+ECDSA").len(), 4);
    }

    #[test]
    fn what_cannot_be_chosen() {
        assert_eq!(unknown("AES:ROT13"), Some("ROT13"));
        assert_eq!(unknown("RC4+ROT13:AES"), Some("RC4+ROT13"));
        assert_eq!(unknown("HIGH:!aNULL:!MD5:@STRENGTH:DHE-RSA-AES256-SHA"), None);
        assert_eq!(older("ROT13:AES128+ECDSA"), ["ECDHE-ECDSA-AES128-GCM-SHA256"]);
        assert_eq!(older("RC4-SHA:3DES"), [""; 0]);
        assert_eq!(chosen("!AES"), []);
        assert_eq!(chosen(""), []);
    }
}
