//! Looks at network interfaces: link, speed, errors, what they moved.

use std::fs;
use std::io::Read;
use std::net::IpAddr;

use interpreter::engine::{Fact, FactValue, Identity, Metric, Plan, Presence, Raw};

use super::{Figures, readings};

/// Where the kernel tells of interfaces (Documentation/ABI/testing/sysfs-class-net).
const FOLDER: &str = "/sys/class/net";

/// Attributes are one word or number.
const ATTRIBUTE_BYTES_MAX: u64 = 256;

/// Looks at the interface of this name. One that is not there has a link that is down.
pub fn look(name: &str, plan: &Plan) -> (Presence, Figures) {
    let figures = Figures {
        values: readings(&plan.metrics, |metric| value(*metric, name)),
        facts: readings(&plan.facts, |one| fact(*one, name)),
    };
    (Presence::Present(Identity::Itself), figures)
}

/// The interface that has this address.
pub fn with_address(address: &str) -> Result<String, String> {
    let wanted: IpAddr = address.parse().map_err(|_| format!("{address} is no address"))?;
    let interfaces = nix::ifaddrs::getifaddrs()
        .map_err(|error| format!("cannot read the addresses of this machine: {}", error.desc()))?;
    let has = |one: &nix::ifaddrs::InterfaceAddress| {
        let found = one.address.as_ref().and_then(|found| match (found.as_sockaddr_in(), found.as_sockaddr_in6()) {
            (Some(v4), _) => Some(IpAddr::V4(v4.ip())),
            (_, Some(v6)) => Some(IpAddr::V6(v6.ip())),
            _ => None,
        });
        found == Some(wanted)
    };
    let mut interfaces = interfaces;
    let found = interfaces.find(has).map(|one| one.interface_name);
    found.ok_or_else(|| format!("no interface has the address {address}"))
}

fn fact(fact: Fact, name: &str) -> Result<FactValue, String> {
    match fact {
        // What is known to be down is down. The loopback and many tunnels say "unknown" of themselves, and a link whose
        // lower layer is down is none of this interface's.
        Fact::Link => {
            let state = attribute(name, "operstate").unwrap_or_else(|_| "notpresent".to_owned());
            Ok(FactValue::Number(u64::from(!matches!(state.as_str(), "down" | "notpresent"))))
        }
        Fact::LinkErrors => {
            let (received, sent) = (number(name, "statistics/rx_errors")?, number(name, "statistics/tx_errors")?);
            Ok(FactValue::Number(received.saturating_add(sent)))
        }
        Fact::LinkCapacity => {
            let duplex = attribute(name, "duplex").map_err(|_| format!("{name} does not tell its speed"))?;
            Ok(FactValue::Text(format!("{} Mb/s {duplex}-duplex", speed(name)?)))
        }
        _ => Err("a network interface has nothing of the kind".to_owned()),
    }
}

fn value(metric: Metric, name: &str) -> Result<Raw, String> {
    let moved = |way: &str| -> Result<(f64, f64), String> {
        let bytes = number(name, &format!("statistics/{way}_bytes"))?;
        Ok((bytes as f64, number(name, &format!("statistics/{way}_packets"))? as f64))
    };
    match metric {
        Metric::Download => moved("rx").map(|(bytes, pieces)| Raw::Growth { bytes, pieces }),
        Metric::Upload => moved("tx").map(|(bytes, pieces)| Raw::Growth { bytes, pieces }),
        Metric::Saturation => {
            let capacity = speed(name)? as f64 * 1_000_000.0;
            let bits = |way: &str| moved(way).map(|(bytes, _)| bytes * 8.0);
            let is_shared = attribute(name, "duplex").is_ok_and(|duplex| duplex == "half");
            let (one, other) = (bits("rx")?, bits("tx")?);
            // Where only one side can send, both share the line.
            Ok(if is_shared {
                Raw::Busier { one: one + other, other: 0.0, capacity }
            } else {
                Raw::Busier { one, other, capacity }
            })
        }
        _ => Err("a network interface has no such figure".to_owned()),
    }
}

/// The speed of the link, in megabits in a second.
fn speed(name: &str) -> Result<u64, String> {
    let speed = attribute(name, "speed").ok().and_then(|speed| speed.parse::<u64>().ok()).filter(|speed| *speed > 0);
    speed.ok_or_else(|| format!("{name} does not tell its speed"))
}

fn number(name: &str, attribute_name: &str) -> Result<u64, String> {
    let text = attribute(name, attribute_name)?;
    text.parse().map_err(|_| format!("cannot understand {FOLDER}/{name}/{attribute_name}"))
}

fn attribute(name: &str, attribute: &str) -> Result<String, String> {
    // A name that is no file name is none of an interface.
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return Err(format!("there is no network interface `{name}`"));
    }
    let path = format!("{FOLDER}/{name}/{attribute}");
    let mut text = String::new();
    let read = fs::File::open(&path).and_then(|file| file.take(ATTRIBUTE_BYTES_MAX).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text.trim().to_owned()),
        Err(_) if fs::symlink_metadata(format!("{FOLDER}/{name}")).is_err() => {
            Err(format!("there is no network interface `{name}`"))
        }
        Err(error) => Err(format!("cannot read {path}: {}", crate::words::reason(&error))),
    }
}
