//! Whether a pattern matches: the host's answer in a component, that of a small engine in `cargo test`.

/// Whether the pattern of an option matches somewhere in the bytes.
#[cfg(target_arch = "wasm32")]
pub(crate) fn matches(option: &str, _pattern: &str, bytes: &[u8]) -> bool {
    crate::glue::ruled::plugin::patterns::matches(option, bytes)
}

/// Whether the pattern matches somewhere in the bytes, those that are no UTF-8 replaced. The host takes more patterns,
/// and takes bytes as they are.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn matches(_option: &str, pattern: &str, bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    match regex_lite::Regex::new(pattern) {
        Ok(pattern) => pattern.is_match(&text),
        Err(error) => panic!("the test sets a pattern that is none: {error}"),
    }
}
