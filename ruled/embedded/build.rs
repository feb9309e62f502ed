//! Builds the stock plugins. A new one is one line here, and one in the list of build dependencies.

use ruled_builder::Guest;

fn main() {
    ruled_builder::embed(&[
        Guest {
            package: "apache-status-probe",
            folder: "plugins/apache-status",
            describe: apache_status_probe::describe,
        },
        Guest { package: "clamav-probe", folder: "plugins/clamav", describe: clamav_probe::describe },
        Guest { package: "dns-probe", folder: "plugins/dns", describe: dns_probe::describe },
        Guest { package: "dwp-probe", folder: "plugins/dwp", describe: dwp_probe::describe },
        Guest { package: "fail2ban-probe", folder: "plugins/fail2ban", describe: fail2ban_probe::describe },
        Guest { package: "ftp-probe", folder: "plugins/ftp", describe: ftp_probe::describe },
        Guest { package: "gps-probe", folder: "plugins/gps", describe: gps_probe::describe },
        Guest { package: "http-probe", folder: "plugins/http", describe: http_probe::describe },
        Guest { package: "imap-probe", folder: "plugins/imap", describe: imap_probe::describe },
        Guest { package: "ldap2-probe", folder: "plugins/ldap2", describe: ldap2_probe::describe },
        Guest { package: "ldap3-probe", folder: "plugins/ldap3", describe: ldap3_probe::describe },
        Guest { package: "lmtp-probe", folder: "plugins/lmtp", describe: lmtp_probe::describe },
        Guest { package: "memcache-probe", folder: "plugins/memcache", describe: memcache_probe::describe },
        Guest { package: "mongodb-probe", folder: "plugins/mongodb", describe: mongodb_probe::describe },
        Guest { package: "mqtt-probe", folder: "plugins/mqtt", describe: mqtt_probe::describe },
        Guest { package: "mysql-probe", folder: "plugins/mysql", describe: mysql_probe::describe },
        Guest { package: "nntp-probe", folder: "plugins/nntp", describe: nntp_probe::describe },
        Guest { package: "ntp3-probe", folder: "plugins/ntp3", describe: ntp3_probe::describe },
        Guest { package: "pgsql-probe", folder: "plugins/pgsql", describe: pgsql_probe::describe },
        Guest { package: "pop-probe", folder: "plugins/pop", describe: pop_probe::describe },
        Guest {
            package: "postfix-policy-probe",
            folder: "plugins/postfix-policy",
            describe: postfix_policy_probe::describe,
        },
        Guest { package: "radius-probe", folder: "plugins/radius", describe: radius_probe::describe },
        Guest { package: "rdate-probe", folder: "plugins/rdate", describe: rdate_probe::describe },
        Guest { package: "redis-probe", folder: "plugins/redis", describe: redis_probe::describe },
        Guest { package: "rsync-probe", folder: "plugins/rsync", describe: rsync_probe::describe },
        Guest { package: "sieve-probe", folder: "plugins/sieve", describe: sieve_probe::describe },
        Guest { package: "sip-probe", folder: "plugins/sip", describe: sip_probe::describe },
        Guest { package: "smtp-probe", folder: "plugins/smtp", describe: smtp_probe::describe },
        Guest { package: "spamassassin-probe", folder: "plugins/spamassassin", describe: spamassassin_probe::describe },
        Guest { package: "ssh-probe", folder: "plugins/ssh", describe: ssh_probe::describe },
        Guest { package: "tns-probe", folder: "plugins/tns", describe: tns_probe::describe },
        Guest { package: "websocket-probe", folder: "plugins/websocket", describe: websocket_probe::describe },
    ]);
}
