//! `failed port N …`, `failed url U …`, `failed unixsocket PATH …` and `failed ping …`.

use super::grammar::Rule;
use super::text::Wanted;
use super::{Builder, Pair, small, span};
use crate::ast::{
    self, Connection, ConnectionOption, Endpoint, Family, Ping, PingOption, ResponseTime, SocketKind, TlsOption,
};
use crate::{Finding, Span, Spanned};

impl Builder<'_> {
    /// A connection; nothing when it goes nowhere.
    pub(super) fn connection(&mut self, pair: Pair<'_>) -> Option<Connection> {
        let place = span(&pair);
        let (mut host, mut endpoint, mut options) = (None, None, Vec::new());
        let mut parts = pair.into_inner();
        let wanted = wanted(&parts.next()?);
        for part in parts {
            let here = span(&part);
            let first = endpoint.is_none() && options.is_empty();
            match part.as_rule() {
                Rule::host => {
                    self.need_order(here, first && host.is_none(), "the host", "the port");
                    host = part.into_inner().nth(1).map(|host| self.text(&host, Wanted::Word));
                }
                Rule::port | Rule::url_target | Rule::unix => {
                    self.need_order(here, first, "where to connect", "all other options");
                    endpoint = self.endpoint(part).or(endpoint);
                }
                _ => options.extend(self.connection_option(part).map(|option| (here, option))),
            }
        }
        let endpoint = match endpoint {
            Some(Endpoint::Port { port, .. }) => Endpoint::Port { host, port },
            Some(other) => other,
            None => {
                let finding = Finding::error("syntax-error", place, "this connection has no port")
                    .here("`port` and a number are missing")
                    .help("write where to connect, as in `failed port 443 protocol https`");
                self.report(finding);
                return None;
            }
        };
        self.judge_options(&endpoint, &options);
        let options = options.into_iter().map(|(_, option)| option).collect();
        Some(Connection { wanted, endpoint, options })
    }

    fn endpoint(&mut self, pair: Pair<'_>) -> Option<Endpoint> {
        let form = pair.as_rule();
        let given = pair.into_inner().nth(1)?;
        Some(match form {
            Rule::port => Endpoint::Port { host: None, port: self.value(&given) },
            Rule::unix => Endpoint::Unix(self.text(&given, Wanted::Path)),
            _ if given.as_rule() == Rule::url => Endpoint::Url(span(&given).with(self.written(&given).to_owned())),
            _ => {
                let url = self.text(&given, Wanted::Text);
                let finding = if url.node.contains("://") && self.is_monit() {
                    Finding::warning("not-portable", url.span, "Monit refuses this address in quotes").fix(
                        "leave the quotes out",
                        url.span,
                        url.node.clone(),
                        true,
                    )
                } else if url.node.contains("://") {
                    return Some(Endpoint::Url(url));
                } else {
                    Finding::error("syntax-error", url.span, format!("`{}` is not a whole address", url.node))
                        .help("write it from the beginning, as in `http://www.example.com/page`")
                };
                self.report(finding);
                Endpoint::Url(url)
            }
        })
    }

    fn connection_option(&mut self, pair: Pair<'_>) -> Option<ConnectionOption> {
        Some(match pair.as_rule() {
            Rule::protocol => ConnectionOption::Protocol(self.protocol(pair)?),
            Rule::send => ConnectionOption::Send(self.text(&pair.into_inner().nth(1)?, Wanted::Word)),
            Rule::expect => ConnectionOption::Expect(self.text(&pair.into_inner().nth(1)?, Wanted::Word)),
            Rule::content_equals => ConnectionOption::Content(self.content(pair)?),
            Rule::timeout => ConnectionOption::Timeout(self.timeout(pair)?),
            Rule::retry => ConnectionOption::Retry(self.value(&pair.into_inner().nth(1)?)),
            Rule::response_time => ConnectionOption::ResponseTime(self.response_time(pair)?),
            Rule::source => ConnectionOption::SourceAddress(self.text(&pair.into_inner().nth(1)?, Wanted::Word)),
            Rule::family => {
                let word = pair.into_inner().next()?;
                let version = if self.written(&word).ends_with('4') { Family::Ipv4 } else { Family::Ipv6 };
                ConnectionOption::Family(span(&word).with(version))
            }
            Rule::socket => {
                let word = pair.into_inner().nth(1)?;
                let kind = match &*small(self.written(&word)) {
                    "udp" => SocketKind::Udp,
                    "tcp" => SocketKind::Tcp,
                    _ => SocketKind::TcpSsl,
                };
                ConnectionOption::Socket(span(&word).with(kind))
            }
            _ => ConnectionOption::Tls(self.tls_option(pair)?),
        })
    }

    fn response_time(&mut self, pair: Pair<'_>) -> Option<ResponseTime> {
        let place = span(&pair);
        let (mut operator, mut value) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_response_time => {}
                Rule::kw_changed => operator = Some(span(&part).with(ast::Operator::Changed)),
                Rule::operator | Rule::wrong_operator => operator = Some(self.operator(&part)),
                _ => value = Some(self.quantity(part)),
            }
        }
        Some(ResponseTime { span: place, operator, value: value? })
    }

    /// An echo request.
    pub(super) fn ping(&mut self, pair: Pair<'_>) -> Option<Ping> {
        let mut parts = pair.into_inner();
        let wanted = wanted(&parts.next()?);
        let (mut family, mut options): (Option<Spanned<Family>>, _) = (None, Vec::new());
        for part in parts {
            let here = span(&part);
            let option = match part.as_rule() {
                Rule::ping_word => {
                    let version = match self.written(&part).as_bytes().last() {
                        Some(b'4') => Family::Ipv4,
                        Some(b'6') => Family::Ipv6,
                        _ => Family::Any,
                    };
                    family = Some(here.with(version));
                    continue;
                }
                Rule::kw_icmp | Rule::kw_type | Rule::kw_echo => {
                    family = Some(family.map_or(here, |family| family.span.to(here)).with(Family::Any));
                    continue;
                }
                Rule::ping_count => PingOption::Count(self.value(&part.into_inner().nth(1)?)),
                Rule::ping_size => PingOption::Size(self.value(&part.into_inner().nth(1)?)),
                Rule::timeout => PingOption::Timeout(self.timeout(part)?),
                Rule::source => PingOption::SourceAddress(self.text(&part.into_inner().nth(1)?, Wanted::Word)),
                _ => PingOption::ResponseTime(self.response_time(part)?),
            };
            options.push(option);
        }
        Some(Ping { wanted, family: family?, options })
    }

    fn need_order(&mut self, place: Span, in_order: bool, what: &str, before: &str) {
        if self.is_monit() && !in_order {
            let finding = Finding::error("option-order", place, format!("{what} must stand before {before}"))
                .here("Monit refuses it here")
                .help("write `failed host … port … protocol … with timeout …`, in this order");
            self.report(finding);
        }
    }

    /// What Monit takes for each kind of endpoint.
    fn judge_options(&mut self, endpoint: &Endpoint, options: &[(Span, ConnectionOption)]) {
        use ConnectionOption as O;
        let mut old_tls = false;
        for (place, option) in options {
            let fits = match (endpoint, option) {
                // Monit's old words for TLS stand behind `type tcpssl` only.
                (_, O::Tls(TlsOption::Version(_) | TlsOption::CertMd5(_))) => old_tls,
                (Endpoint::Url(_), O::Content(_) | O::Timeout(_) | O::Retry(_) | O::Tls(_)) => true,
                (Endpoint::Url(_), O::ResponseTime(_)) => !self.is_monit(),
                (Endpoint::Url(_), _) => false,
                (Endpoint::Unix(_), O::Tls(_) | O::Family(_) | O::SourceAddress(_) | O::Content(_)) => false,
                (Endpoint::Port { .. } | Endpoint::Unix(_), _) => true,
            };
            old_tls = match option {
                O::Socket(kind) => kind.node == SocketKind::TcpSsl,
                O::Tls(TlsOption::Version(_) | TlsOption::CertMd5(_)) => old_tls,
                _ => false,
            };
            if fits {
                continue;
            }
            let what = match endpoint {
                Endpoint::Port { .. } => "a port",
                Endpoint::Url(_) => "a `url`",
                Endpoint::Unix(_) => "a `unixsocket`",
            };
            let word = self.slice(*place).split_ascii_whitespace().next().unwrap_or_default();
            let headline = format!("`{word}` cannot stand in a test of {what} like this");
            let finding = Finding::error("syntax-error", *place, headline);
            let finding = match (endpoint, option) {
                (_, O::Tls(TlsOption::Version(_))) => finding.help("write `with ssl with options { version: … }`"),
                (_, O::Tls(TlsOption::CertMd5(_))) => finding.help("write `with certificate checksum …`"),
                (Endpoint::Url(_), _) => finding.help("write the test with `host`, `port` and `protocol` instead"),
                _ => finding.here("it means nothing for a socket in the filesystem"),
            };
            self.report(finding);
        }
    }
}

fn wanted(word: &Pair<'_>) -> ast::Wanted {
    if word.as_rule() == Rule::kw_failed { ast::Wanted::Failed } else { ast::Wanted::Succeeded }
}
