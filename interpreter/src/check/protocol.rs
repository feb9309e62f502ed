//! Protocols, checked against what the language knows of them and what their plugins say about themselves.

use std::rc::Rc;

use grammar::ast::{self, ProtocolOption};
use grammar::{Severity, Span, Spanned};

use super::Context;
use super::connection::Said;
use crate::catalog::{KnownProtocol, OptionKind, ProtocolEntry, Transport};
use crate::lint;
use crate::program::{ProtocolCall, ProtocolSetting, SettingValue};

/// The name of the bare connection.
const BARE: &str = "default";
/// The protocol of an address.
pub(super) const HTTP: &str = "http";

/// The protocol that is spoken, and everything that was said to it or to those before it: of several protocols the last
/// one counts, and to Monit what it has in common with the others stays.
#[derive(Default)]
pub(super) struct Spoken<'t> {
    written: Option<&'t ast::Protocol>,
    entry: Option<Rc<ProtocolEntry>>,
    settings: Vec<(Span, ProtocolSetting)>,
}

impl<'t> Spoken<'t> {
    /// What a whole address says.
    pub(super) fn page(span: Span, request: String, login: Option<(String, String)>) -> Spoken<'t> {
        let mut settings = vec![("request", SettingValue::Text(request))];
        if let Some((username, password)) = login {
            settings.push(("username", SettingValue::Text(username)));
            settings.push(("password", SettingValue::Secret(password)));
        }
        let settings = settings.into_iter();
        let settings = settings.map(|(name, value)| (span, ProtocolSetting { name: name.to_owned(), value }));
        let entry = KnownProtocol::find(HTTP).map(KnownProtocol::entry).map(Rc::new);
        Spoken { written: None, entry, settings: settings.collect() }
    }

    /// The name as it is known; nothing for a bare connection.
    pub(super) fn name(&self) -> Option<&str> {
        self.entry.as_ref().map(|entry| entry.name.as_str()).filter(|name| *name != BARE)
    }

    /// The protocol as it is spoken, with those settings that it has; nothing for a bare connection.
    pub(super) fn call(&self) -> Option<ProtocolCall> {
        let name = self.name()?;
        let own = self.settings.iter().filter(|(_, setting)| self.has(&setting.name));
        Some(ProtocolCall {
            name: KnownProtocol::find(name).map_or(name, |known| known.spoken()).to_owned(),
            settings: own.map(|(_, setting)| setting.clone()).collect(),
        })
    }

    fn has(&self, name: &str) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.option(name).is_some())
    }

    fn setting(&self, name: &str) -> Option<&(Span, ProtocolSetting)> {
        self.settings.iter().find(|(_, setting)| setting.name == name && self.has(name))
    }

    /// Of an option that is given twice the last value counts; headers add up.
    fn take(&mut self, span: Span, mut setting: ProtocolSetting) {
        let before = self.settings.iter().position(|(_, one)| one.name == setting.name);
        let before = before.map(|place| self.settings.remove(place).1.value);
        if let (Some(SettingValue::Headers(mut headers)), SettingValue::Headers(more)) = (before, &mut setting.value) {
            headers.append(more);
            *more = headers;
        }
        self.settings.push((span, setting));
    }
}

impl Context<'_> {
    /// What is known of a protocol. It is put together once of each.
    fn protocol(&mut self, name: &str) -> Option<Rc<ProtocolEntry>> {
        if let Some(known) = self.described.get(name) {
            return known.clone();
        }
        let entry = self.protocols.described(name).map(Rc::new);
        self.described.insert(name.to_owned(), entry.clone());
        entry
    }

    /// Takes up a protocol with its settings, and says whether there was no error.
    pub(super) fn speak<'t>(&mut self, written: &'t ast::Protocol, said: &mut Said<'t>) -> bool {
        let Some(entry) = self.protocol(&written.name.node) else {
            let namesake = self.surroundings.namesake(&written.name.node);
            self.report(match namesake {
                Some(namesake) => lint::unknown_protocol::namesake(&written.name, &namesake),
                None => lint::unknown_protocol::finding(&written.name, self.protocols),
            });
            return false;
        };
        if let Some((first, _)) = said.steps.first() {
            self.report(lint::conflicting_options::forgotten_words(*first, &entry.name));
            said.steps.clear();
        }
        let known = KnownProtocol::find(&written.name.node);
        said.encrypted |= known.is_some_and(|known| known.encrypts.is_some());
        said.datagrams |= known.is_some_and(|known| known.transport == Transport::Datagrams);
        let mut sound = true;
        if known.is_some_and(|known| known.needs_an_option) && written.options.is_empty() {
            self.report(lint::missing_option::any(written, &entry));
            sound = false;
        }
        for option in &written.options {
            match self.protocol_setting(&entry, known, option) {
                Some(setting) => said.spoken.take(option.span, setting),
                None => sound = false,
            }
        }
        said.spoken.written = Some(written);
        said.spoken.entry = Some(entry);
        sound
    }

    fn protocol_setting(
        &mut self,
        protocol: &ProtocolEntry,
        known: Option<&KnownProtocol>,
        option: &ProtocolOption,
    ) -> Option<ProtocolSetting> {
        let name =
            known.and_then(|known| known.option(&option.name.node)).map_or(option.name.node.as_str(), |one| one.name);
        let Some(entry) = protocol.option(name) else {
            return self.refuse(lint::unknown_option::finding(option, protocol));
        };
        let value = self.option_value(protocol, entry, option)?;
        if let (SettingValue::Headers(headers), ast::OptionValue::Headers(written)) = (&value, &option.value.node) {
            let pairs = headers.iter().zip(written);
            for (_, header) in pairs.filter(|((name, value), _)| asks_to_stay(name, value)) {
                self.report(lint::ignored_header::connection(header.span));
            }
        }
        Some(ProtocolSetting { name: entry.name.clone(), value })
    }

    /// Whether a protocol was told everything that it needs.
    pub(super) fn is_complete(&mut self, spoken: &Spoken<'_>) -> bool {
        let (Some(written), Some(entry)) = (spoken.written, &spoken.entry) else { return true };
        let mut sound = true;
        for missing in entry.options.iter().filter(|one| one.required) {
            if spoken.setting(&missing.name).is_none() {
                self.report(lint::missing_option::finding(written, entry, missing));
                sound = false;
            }
        }
        sound
    }

    /// Whether a protocol that is spoken over UDP is.
    pub(super) fn fits_transport(&mut self, spoken: &Spoken<'_>, datagrams: bool) -> bool {
        let (Some(written), Some(known)) = (spoken.written, spoken.name().and_then(KnownProtocol::find)) else {
            return true;
        };
        let fits = known.transport != Transport::DatagramsSaid || datagrams;
        if !fits {
            self.report(lint::conflicting_options::needs_datagrams(written.name.span, known.name));
        }
        fits
    }

    /// Whether there is a content where one is looked at.
    pub(super) fn has_content(&mut self, spoken: &Spoken<'_>, content: Option<Span>) -> bool {
        let head = SettingValue::Text("head".to_owned());
        let is_head = spoken.setting("method").is_some_and(|(_, method)| method.value == head);
        let looked_at = content.or_else(|| spoken.setting("checksum").map(|(span, _)| *span)).filter(|_| is_head);
        if let Some(span) = looked_at {
            self.report(lint::conflicting_options::no_content(span));
        }
        looked_at.is_none()
    }

    /// Whether the server's key is used where its checksum is asked for.
    pub(super) fn needs_key(&mut self, spoken: &Spoken<'_>, encrypted: bool) -> bool {
        let Some((span, _)) = spoken.setting("rsakey") else { return true };
        let reason = match spoken.setting("username") {
            None => "a password is encrypted by it, and nobody logs in here",
            Some(_) if encrypted => "over TLS the password is encrypted already",
            Some(_) => return true,
        };
        self.report(lint::conflicting_options::no_key(*span, reason));
        false
    }

    /// A number out of the range of its option. To Monit the default of SIP takes its place, and others stay as they are.
    pub(super) fn odd_integer(&mut self, name: &str, written: &Spanned<i64>, least: i64, most: i64) -> Option<i64> {
        /// Over how many proxies a request of SIP goes when the number cannot be meant.
        const HOPS: i64 = 70;
        if name != "max_forward" {
            return self.is_monit().then_some(written.node);
        }
        let (range, dialect) = (least..=most, self.dialect);
        let finding =
            lint::out_of_range::finding(written.span, Severity::Warning, "proxies", written.node, &range, dialect);
        self.report(finding.note(format!("Monit uses {HOPS} in its place")));
        Some(HOPS)
    }
}

/// Whether a header asks the server to keep the connection open.
fn asks_to_stay(name: &str, value: &str) -> bool {
    name.trim().eq_ignore_ascii_case("connection") && !value.to_ascii_lowercase().contains("close")
}

/// The options of a secret kind, which stand in the text as they are.
pub(crate) fn secrets<'a>(protocol: &ProtocolEntry, written: &'a ast::Protocol) -> Vec<&'a ProtocolOption> {
    let known = KnownProtocol::find(&protocol.name);
    let secret = |option: &&ProtocolOption| {
        let known = known.and_then(|known| known.option(&option.name.node)).map(|option| &option.kind);
        known.or_else(|| protocol.option(&option.name.node).map(|entry| &entry.kind)) == Some(&OptionKind::Secret)
    };
    written.options.iter().filter(secret).collect()
}
