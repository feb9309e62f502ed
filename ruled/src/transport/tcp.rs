//! TCP connections.

use std::net::SocketAddr;

use tokio::net::TcpStream;

use super::{ConnectError, Endpoint, reason, resolve};

/// Tries each address of the host until one accepts.
pub(super) async fn open(endpoint: &Endpoint) -> Result<(TcpStream, SocketAddr), ConnectError> {
    let mut refusal = String::from("the name has no address");
    for address in resolve::resolve(endpoint).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // A probe speaks in turns, and small packets must not wait for each other. Without it the check is
                // slower but right, so a refusal does not matter.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
            Err(error) => refusal = reason(&error),
        }
    }
    Err(ConnectError::Connect { endpoint: endpoint.clone(), reason: refusal })
}
