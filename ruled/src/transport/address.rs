//! From a route to the addresses that are tried for it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use interpreter::program::Family;

use super::{ConnectError, Endpoint, Reach, Route, resolve};

/// More addresses than this are not tried; a name with more is a mistake or an attack.
const ADDRESSES_MAX: usize = 32;

/// The addresses of a route, in the order in which they are tried; none of a socket in the filesystem. A numeric address is
/// not looked up, and neither is `localhost` (RFC 6761).
pub(super) async fn of(route: &Route) -> Result<Vec<SocketAddr>, ConnectError> {
    match &route.endpoint {
        Endpoint::Unix(_) => Ok(Vec::new()),
        Endpoint::Port { host, port } => {
            let found = of_host(host, *port, route.family, route.source).await?;
            if route.reach == Reach::Elsewhere { elsewhere(host, found) } else { Ok(found) }
        }
    }
}

/// Those of the addresses that are neither this machine's nor its link's, unless the host says by itself that it is there.
fn elsewhere(host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, ConnectError> {
    let bare = bare(host);
    if numeric(bare).is_some() || is_localhost(bare) {
        return Ok(found);
    }
    let (near, far): (Vec<SocketAddr>, Vec<SocketAddr>) = found.into_iter().partition(|address| is_near(address.ip()));
    match near.first() {
        Some(address) if far.is_empty() => Err(ConnectError::Near { host: host.to_owned(), address: address.ip() }),
        _ => Ok(far),
    }
}

/// Whether an address is this machine's own, or one that is only valid on its link.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        // All of 0.0.0.0/8 is "this host on this network" (RFC 1122, section 3.2.1.3).
        IpAddr::V4(address) => address.is_loopback() || address.octets()[0] == 0 || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unspecified() || address.is_unicast_link_local(),
    }
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// The addresses of a host that fit the family and the address of the sender.
pub(super) async fn of_host(
    host: &str,
    port: u16,
    family: Family,
    source: Option<IpAddr>,
) -> Result<Vec<SocketAddr>, ConnectError> {
    let bare = bare(host);
    let failed = |reason: &str| ConnectError::Resolve { host: host.to_owned(), reason: reason.to_owned() };
    let found = match numeric(bare) {
        Some(address) => vec![SocketAddr::new(address, port)],
        None if is_localhost(bare) => {
            vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port)), SocketAddr::from((Ipv6Addr::LOCALHOST, port))]
        }
        None => resolve::resolve(bare, port).await.map_err(|reason| failed(&reason))?,
    };
    if found.is_empty() {
        return Err(failed("the name has no address"));
    }
    let fits = |address: &SocketAddr| {
        let by_family = match family {
            Family::Any => true,
            Family::Ipv4 => address.is_ipv4(),
            Family::Ipv6 => address.is_ipv6(),
        };
        by_family && source.is_none_or(|source| source.is_ipv4() == address.is_ipv4())
    };
    let fitting: Vec<SocketAddr> = found.into_iter().filter(fits).take(ADDRESSES_MAX).collect();
    if fitting.is_empty() {
        return Err(failed(match (family, source) {
            (Family::Ipv4, _) => "it has no address of IPv4",
            (Family::Ipv6, _) => "it has no address of IPv6",
            (Family::Any, _) => "it has no address of the kind of the source address",
        }));
    }
    Ok(fitting)
}

/// An address that is written in numbers, without an interface behind it.
fn numeric(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// `localhost`, and what ends so (RFC 6761, section 6.3).
fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(host: &str, family: Family) -> Result<Vec<String>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let found = runtime.block_on(of_host(host, 80, family, None)).map_err(|error| error.to_string())?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_name_does_not_lead_to_this_machine_where_that_is_not_wanted() {
        let found = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|address| SocketAddr::new(address.parse().expect("an address"), 80)).collect()
        };
        for near in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "::1",
            "::",
            "fe80::1",
            "::ffff:127.0.0.1",
        ] {
            let refused = elsewhere("db.example", found(&[near])).map_err(|error| error.to_string());
            assert!(refused.as_ref().is_err_and(|sentence| sentence.contains("leads to")), "{near}: {refused:?}");
            // What is written down is meant.
            for host in [near, "localhost", "db.localhost"] {
                assert_eq!(elsewhere(host, found(&[near])).ok(), Some(found(&[near])), "{host}");
            }
            let mixed = elsewhere("db.example", found(&[near, "192.0.2.1"])).ok();
            assert_eq!(mixed, Some(found(&["192.0.2.1"])));
        }
        for far in ["10.0.0.1", "192.168.1.1", "172.16.0.1", "fd00::1", "2001:db8::1"] {
            assert_eq!(elsewhere("db.example", found(&[far])).ok(), Some(found(&[far])));
        }
    }

    #[test]
    fn what_needs_no_lookup() {
        let both = Ok(vec!["127.0.0.1:80".to_owned(), "[::1]:80".to_owned()]);
        for name in ["localhost", "LOCALHOST", "localhost.", "db.localhost"] {
            assert_eq!(addresses(name, Family::Any), both, "{name}");
        }
        assert_eq!(addresses("localhost", Family::Ipv6), Ok(vec!["[::1]:80".to_owned()]));
        assert_eq!(addresses("[::1]", Family::Any), Ok(vec!["[::1]:80".to_owned()]));
        assert_eq!(
            addresses("127.0.0.1", Family::Ipv6),
            Err("cannot resolve 127.0.0.1: it has no address of IPv6".to_owned())
        );
    }
}
