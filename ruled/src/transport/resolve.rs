//! From the name of a host to its addresses.

use std::net::{IpAddr, SocketAddr};

use super::{ConnectError, Endpoint, reason};

/// More addresses than this are not tried; a name with more is a mistake or an attack.
const ADDRESSES_MAX: usize = 32;

/// The addresses of the host, in the order in which the resolver gives them. A numeric address is not looked up.
pub(super) async fn resolve(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, ConnectError> {
    let host = endpoint.host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, endpoint.port)]);
    }
    let failed = |reason| ConnectError::Resolve { host: endpoint.host.clone(), reason };
    let found = tokio::net::lookup_host((host, endpoint.port)).await.map_err(|error| failed(sentence(&error)))?;
    let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    if addresses.is_empty() { Err(failed("the name has no address".into())) } else { Ok(addresses) }
}

/// What the resolver says, without std's preface.
fn sentence(error: &std::io::Error) -> String {
    let text = reason(error);
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.to_lowercase()
}
