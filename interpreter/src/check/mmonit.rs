//! M/Monit servers.

use std::mem;
use std::time::Duration;

use grammar::ast::MmonitServer;

use super::Context;
use crate::program::{Mmonit, Settings};

impl Context<'_> {
    /// `set mmonit …`: more servers.
    pub(super) fn mmonit(&mut self, written: &[MmonitServer], settings: &mut Settings) {
        for server in written {
            let default = self.mmonit_timeout();
            settings.mmonit.extend(self.mmonit_server(server, default));
            // To Monit the words are a switch for all servers.
            if self.is_monit() && settings.mmonit.iter().any(|one| !one.register_credentials) {
                for one in &mut settings.mmonit {
                    one.register_credentials = false;
                }
            }
        }
    }

    /// How long a server may take that says nothing about it. Monit fills in the limit when it has read the server
    /// before it, so that the first one has what holds when nothing is said.
    fn mmonit_timeout(&mut self) -> Duration {
        let now = self.limits.network_timeout;
        if self.is_monit() { mem::replace(&mut self.next_mmonit_timeout, now) } else { now }
    }

    fn mmonit_server(&mut self, server: &MmonitServer, default: Duration) -> Option<Mmonit> {
        let url = self.url(&server.url);
        let timeout = server.timeout.as_ref().map_or(Some(default), |timeout| self.timeout(timeout));
        let is_encrypted = url.as_ref().is_some_and(|url| url.scheme.eq_ignore_ascii_case("https"));
        let said = self.tls(server.tls.iter(), None, is_encrypted);
        let url = url?;
        Some(Mmonit {
            scheme: url.scheme,
            host: url.host,
            port: url.port,
            path: url.path,
            query: url.query,
            login: url.login,
            register_credentials: server.without_credentials.is_none(),
            timeout: timeout?,
            tls: said?.tls,
        })
    }
}
