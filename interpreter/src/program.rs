//! What is meant: the checked program. Plain data that runs without any place in a text.

mod action;
pub mod cipher;
mod command;
mod connection;
mod http;
mod origin;
mod plugin;
mod service;
mod settings;
mod test;
mod tls;

pub use action::{Action, Exec, Recovery};
pub use command::{Command, Identity};
pub use connection::{
    Connection, Endpoint, Family, Ping, ProtocolCall, ProtocolSetting, ResponseTime, SettingValue, Step, Wanted,
    is_this_machine,
};
pub use http::{Allowed, Http, PasswordKind, UnixDoor};
pub use origin::Origin;
pub use plugin::{Grant, PluginCheck, PluginTest};
pub use service::{Every, Mode, RestartLimit, Rule, Service, ServiceId, Target};
pub use settings::{
    AlertTarget, Behaviour, EventMask, EventQueue, Limits, LogTarget, MailAddress, MailFormat, MailServer,
    MailSettings, Mmonit, OnReboot, Settings,
};
pub use test::{Changed, ContentTest, Limit, Owner, PerformanceTest, PerformanceUnit, Rate, Relation, Test};
pub use tls::{HashKind, Tls, TlsProtocol};

/// A whole checked program.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// What holds for all services.
    pub settings: Settings,
    /// The services; a [`ServiceId`] is an index into this list.
    pub services: Vec<Service>,
}

impl Program {
    /// The service of that number, if the program has one.
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.get(id.index())
    }

    /// The service that stands for the machine, if there is one.
    pub fn system(&self) -> Option<ServiceId> {
        let is_system = |service: &Service| service.kind() == grammar::ast::ServiceKind::System;
        self.services.iter().position(is_system).map(ServiceId::new)
    }

    /// The number of the service of that name; names are compared without regard to case.
    pub fn find(&self, name: &str) -> Option<ServiceId> {
        let index = self.services.iter().position(|service| service.name.eq_ignore_ascii_case(name))?;
        Some(ServiceId::new(index))
    }

    /// All numbers of services, in the order of the program.
    pub fn ids(&self) -> impl Iterator<Item = ServiceId> + use<> {
        (0..self.services.len()).map(ServiceId::new)
    }
}
