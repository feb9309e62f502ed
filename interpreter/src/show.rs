//! The checked program as data, for people's scripts: schema `ruled.program/1`.
//!
//! The types in here are what is written for others; nothing of the program itself can be serialized. What says
//! nothing is left out: absent, null, false and an empty list mean the same.

mod service;
mod test;

use serde::Serialize;
use serde_json::{Value, json};

use crate::program::{LogTarget, Program, Settings};

/// The name of the schema; its number changes only when a field changes its meaning.
pub const SCHEMA: &str = "ruled.program/1";

/// A program as JSON: one object, with a line break at its end.
pub fn program(program: &Program) -> String {
    let shown = Shown {
        schema: SCHEMA,
        settings: settings(&program.settings),
        services: program.services.iter().map(|one| service::shown(program, one)).collect(),
    };
    // Every key is a text and no number is infinite, so that nothing can go wrong.
    serde_json::to_string_pretty(&shown).map(|text| text + "\n").unwrap_or_default()
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    settings: ShownSettings,
    services: Vec<service::ShownService>,
}

#[derive(Serialize)]
struct ShownSettings {
    daemon: bool,
    poll_s: u64,
    start_delay_s: u64,
    log_file: Option<String>,
    log_facility: Option<String>,
    on_reboot: &'static str,
    limits: Value,
    mail: ShownMail,
    alerts: Vec<service::ShownAlert>,
}

#[derive(Serialize)]
struct ShownMail {
    servers: Vec<ShownServer>,
    timeout_s: Value,
    hostname: Option<String>,
}

#[derive(Serialize)]
struct ShownServer {
    host: String,
    port: u16,
    username: Option<String>,
    password_set: bool,
}

fn settings(settings: &Settings) -> ShownSettings {
    let (log_file, log_facility) = match &settings.log {
        None => (None, None),
        Some(LogTarget::File(path)) => (Some(path.clone()), None),
        Some(LogTarget::Syslog(facility)) => (Some("syslog".to_owned()), facility.clone()),
    };
    let servers = settings.mail.servers.iter().map(|server| ShownServer {
        host: server.host.clone(),
        port: server.port,
        username: server.login.as_ref().map(|(user, _)| user.clone()),
        password_set: server.login.is_some(),
    });
    ShownSettings {
        daemon: settings.cycle_written,
        poll_s: if settings.cycle_written { settings.cycle.as_secs() } else { 0 },
        start_delay_s: settings.start_delay.as_secs(),
        log_file,
        log_facility,
        on_reboot: "start",
        limits: limits(),
        mail: ShownMail {
            servers: servers.collect(),
            timeout_s: number(settings.mail.timeout.as_secs_f64()),
            hostname: settings.mail.hostname.clone(),
        },
        alerts: settings.alerts.iter().map(service::alert).collect(),
    }
}

/// The limits that hold while `set limits` cannot be said.
fn limits() -> Value {
    json!({
        "program_output_bytes": 512,
        "send_expect_buffer_bytes": 256,
        "file_content_buffer_bytes": 512,
        "http_content_buffer_bytes": 1_048_576,
        "network_timeout_s": 5,
        "program_timeout_s": 300,
        "stop_timeout_s": 30,
        "start_timeout_s": 30,
        "restart_timeout_s": 30,
    })
}

/// A number without a fraction where it has none.
fn number(value: f64) -> Value {
    /// Below this, whole numbers have a form of their own in which nothing is lost.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "the number is whole and small enough")]
        return Value::from(value as i64);
    }
    Value::from(value)
}
