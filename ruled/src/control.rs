//! The door: a socket through which people ask a daemon how things stand, and for things to be done.
//!
//! `place` says where it is, `door` makes it, `protocol` is what is said, `server` serves it on a thread of its own, `client` is
//! the other side. What is asked is answered by the loop (`world/driver`).

pub mod client;
pub mod door;
pub mod pidfile;
pub mod place;
pub mod protocol;
pub mod server;
pub mod tell;
pub mod which;

use interpreter::engine::Request;

/// What an action of the protocol asks of the engine.
pub fn request(action: protocol::Action) -> Request {
    match action {
        protocol::Action::Start => Request::Start,
        protocol::Action::Stop => Request::Stop,
        protocol::Action::Restart => Request::Restart,
        protocol::Action::Monitor => Request::Monitor,
        protocol::Action::Unmonitor => Request::Unmonitor,
    }
}
