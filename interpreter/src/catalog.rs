//! What the language knows, as lists of values: metrics, tests, services, actions, settings, protocols, events.
//!
//! **Invariant:** what exists once in the language exists once in the code; documentation, messages and tests
//! are made from these lists.

mod action;
mod event;
mod manual;
mod metric;
mod plugin;
mod protocol;
mod service;
mod setting;
mod test;

pub use action::{ACTIONS, ActionEntry};
pub use event::{EVENTS, EventEntry, facilities};
pub use manual::{Page, find, manual, pages};
pub use metric::{Dimension, METRICS, Metric, MetricEntry};
pub use plugin::{GrantKind, PluginEntry, PluginMetric, PluginMetricKind, PluginNeed};
pub use protocol::{
    KNOWN_PROTOCOLS, KnownOption, KnownProtocol, OptionKind, ProtocolEntry, ProtocolOptionEntry, Protocols, Transport,
    Words,
};
pub use service::{SERVICES, ServiceEntry};
pub use setting::{SETTINGS, STATEMENTS, SettingEntry};
pub use test::{TESTS, TestEntry, TestName};
