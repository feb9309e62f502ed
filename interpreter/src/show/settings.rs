//! Settings as data.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::number;
use super::service::identity;
use super::tls::{defaults, tls};
use crate::program::{
    AlertTarget, Allowed, Http, Limits, LogTarget, MailAddress, MailFormat, MailSettings, Mmonit, OnReboot, Settings,
};

#[derive(Serialize)]
pub(super) struct ShownSettings {
    daemon: bool,
    poll_s: u64,
    start_delay_s: u64,
    log_file: Option<String>,
    log_facility: Option<String>,
    pid_file: Option<String>,
    id_file: Option<String>,
    state_file: Option<String>,
    on_reboot: &'static str,
    limits: Value,
    event_queue: Option<Value>,
    tls: Option<Value>,
    mmonit: Vec<Value>,
    mail: Value,
    http: Option<Value>,
    alerts: Vec<ShownAlert>,
    terminal_batch: bool,
    foreground: bool,
    fips: bool,
}

/// A recipient as data.
#[derive(Serialize)]
pub(super) struct ShownAlert {
    to: String,
    events: Value,
    reminder_cycles: u32,
    format: Option<Value>,
}

pub(super) fn shown(settings: &Settings) -> ShownSettings {
    let (log_file, log_facility) = match &settings.log {
        None => (None, None),
        Some(LogTarget::File(path)) => (Some(path.clone()), None),
        Some(LogTarget::Syslog(facility)) => (Some("syslog".to_owned()), facility.clone()),
    };
    let queue = settings.event_queue.as_ref();
    ShownSettings {
        daemon: settings.cycle_written,
        poll_s: if settings.cycle_written { settings.cycle.as_secs() } else { 0 },
        start_delay_s: settings.start_delay.as_secs(),
        log_file,
        log_facility,
        pid_file: settings.pid_file.clone(),
        id_file: settings.id_file.clone(),
        state_file: settings.state_file.clone(),
        on_reboot: on_reboot(settings.on_reboot),
        limits: limits(&settings.limits),
        event_queue: queue.map(|queue| json!({ "directory": queue.directory, "slots": queue.slots })),
        tls: settings.tls.as_ref().and_then(|tls| defaults(tls, settings.behaviour.verify_tls)),
        mmonit: settings.mmonit.iter().map(mmonit).collect(),
        mail: mail(&settings.mail),
        http: settings.http.as_ref().filter(|http| http.is_open()).map(http),
        alerts: settings.alerts.iter().map(alert).collect(),
        terminal_batch: settings.terminal_batch,
        foreground: settings.foreground,
        fips: settings.fips,
    }
}

/// A recipient of the events of all services, or of one.
pub(super) fn alert(target: &AlertTarget) -> ShownAlert {
    ShownAlert {
        to: target.address.clone(),
        events: if target.events.is_all() { json!("all") } else { json!(target.events.words()) },
        reminder_cycles: target.reminder_cycles,
        format: target.format.as_ref().map(format),
    }
}

/// The word for what a service does after the machine has started.
pub(super) fn on_reboot(start: OnReboot) -> &'static str {
    match start {
        OnReboot::Start => "start",
        OnReboot::NoStart => "nostart",
        OnReboot::LastState => "laststate",
    }
}

fn seconds(duration: Duration) -> Value {
    number(duration.as_secs_f64())
}

fn limits(limits: &Limits) -> Value {
    json!({
        "program_output_bytes": limits.program_output_bytes,
        "send_expect_buffer_bytes": limits.send_expect_buffer_bytes,
        "file_content_buffer_bytes": limits.file_content_buffer_bytes,
        "http_content_buffer_bytes": limits.http_content_buffer_bytes,
        "network_timeout_s": seconds(limits.network_timeout),
        "program_timeout_s": seconds(limits.program_timeout),
        "stop_timeout_s": seconds(limits.stop_timeout),
        "start_timeout_s": seconds(limits.start_timeout),
        "restart_timeout_s": seconds(limits.restart_timeout),
    })
}

fn mmonit(server: &Mmonit) -> Value {
    json!({
        "scheme": server.scheme,
        "host": server.host,
        "port": server.port,
        "path": server.path,
        "query": server.query,
        "timeout_s": seconds(server.timeout),
        "tls": server.tls.as_ref().map(tls),
        "credentials": server.login.is_some() && server.register_credentials,
    })
}

fn mail(mail: &MailSettings) -> Value {
    let servers = mail.servers.iter().map(|server| {
        json!({
            "host": server.host,
            "port": server.port,
            "tls": server.tls.as_ref().map(tls),
            "username": server.username,
            "password_set": server.password.is_some(),
        })
    });
    let mut shown = json!({
        "servers": servers.collect::<Vec<Value>>(),
        "timeout_s": seconds(mail.timeout),
        "hostname": mail.hostname,
    });
    if let (Some(fields), Value::Object(parts)) = (shown.as_object_mut(), format(&mail.format)) {
        fields.extend(parts);
    }
    shown
}

fn format(format: &MailFormat) -> Value {
    json!({
        "from": format.from.as_ref().map(address),
        "reply_to": format.reply_to.as_ref().map(address),
        "subject": format.subject,
        "message": format.message,
    })
}

fn address(address: &MailAddress) -> Value {
    json!({ "name": address.name, "address": address.address })
}

fn http(http: &Http) -> Value {
    let unix = http.unix.as_ref();
    // Both are about the port.
    let (address, encryption) = match http.port {
        Some(_) => (http.address.as_ref(), http.tls.as_ref()),
        None => (None, None),
    };
    json!({
        "port": http.port,
        "address": address,
        "readonly": http.read_only,
        "tls": encryption.map(tls),
        "unix_socket": unix.map(|door| &door.path),
        "unix_readonly": unix.is_some_and(|door| door.read_only),
        "unix_uid": unix.and_then(|door| door.uid.as_ref()).map(identity),
        "unix_gid": unix.and_then(|door| door.gid.as_ref()).map(identity),
        "unix_mode": unix.and_then(|door| door.mode).map(|mode| format!("{mode:04o}")),
        "signature": http.signature,
        "auth": http.auth(),
        "allow": http.allow.iter().map(allowed).collect::<Vec<Value>>(),
    })
}

fn allowed(allowed: &Allowed) -> Value {
    match allowed {
        Allowed::User { name, read_only, .. } => json!({ "user": name, "readonly": read_only }),
        Allowed::Group { name, read_only } => json!({ "pam_group": name, "readonly": read_only }),
        Allowed::Network(place) => json!({ "network": place }),
        Allowed::Unread(path) => json!({ "file": path }),
    }
}
