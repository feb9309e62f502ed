//! Builds the stock plugins. A new one is one line here, and one in the list of build dependencies.

use ruled_builder::Guest;

fn main() {
    ruled_builder::embed(&[
        Guest::library("apache-status-probe", "plugins/apache-status", apache_status_probe::describe),
        Guest::library("clamav-probe", "plugins/clamav", clamav_probe::describe),
        Guest::library("dns-probe", "plugins/dns", dns_probe::describe),
        Guest::library("dwp-probe", "plugins/dwp", dwp_probe::describe),
        Guest::library("fail2ban-probe", "plugins/fail2ban", fail2ban_probe::describe),
        Guest::library("ftp-probe", "plugins/ftp", ftp_probe::describe),
        Guest::library("gps-probe", "plugins/gps", gps_probe::describe),
        Guest::library("http-probe", "plugins/http", http_probe::describe),
        Guest::library("imap-probe", "plugins/imap", imap_probe::describe),
        Guest::library("ldap2-probe", "plugins/ldap2", ldap2_probe::describe),
        Guest::library("ldap3-probe", "plugins/ldap3", ldap3_probe::describe),
        Guest::library("lmtp-probe", "plugins/lmtp", lmtp_probe::describe),
        Guest::library("memcache-probe", "plugins/memcache", memcache_probe::describe),
        Guest::library("mongodb-probe", "plugins/mongodb", mongodb_probe::describe),
        Guest::library("mqtt-probe", "plugins/mqtt", mqtt_probe::describe),
        Guest::library("mysql-probe", "plugins/mysql", mysql_probe::describe),
        Guest::library("nntp-probe", "plugins/nntp", nntp_probe::describe),
        Guest::library("ntp3-probe", "plugins/ntp3", ntp3_probe::describe),
        Guest::library("pgsql-probe", "plugins/pgsql", pgsql_probe::describe),
        Guest::library("pop-probe", "plugins/pop", pop_probe::describe),
        Guest::library("postfix-policy-probe", "plugins/postfix-policy", postfix_policy_probe::describe),
        Guest::library("radius-probe", "plugins/radius", radius_probe::describe),
        Guest::library("rdate-probe", "plugins/rdate", rdate_probe::describe),
        Guest::library("redis-probe", "plugins/redis", redis_probe::describe),
        Guest::library("rsync-probe", "plugins/rsync", rsync_probe::describe),
        Guest::library("sieve-probe", "plugins/sieve", sieve_probe::describe),
        Guest::library("sip-probe", "plugins/sip", sip_probe::describe),
        Guest::library("smtp-probe", "plugins/smtp", smtp_probe::describe),
        Guest::library("spamassassin-probe", "plugins/spamassassin", spamassassin_probe::describe),
        Guest::library("ssh-probe", "plugins/ssh", ssh_probe::describe),
        Guest::library("tns-probe", "plugins/tns", tns_probe::describe),
        Guest::library("websocket-probe", "plugins/websocket", websocket_probe::describe),
    ]);
}
