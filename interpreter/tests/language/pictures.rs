//! Pictures of a few findings as a terminal shows them, each with its text above it.

use grammar::Dialect;
use grammar::finding::terminal;

use crate::rig::{machine, run};

fn picture(name: &str, text: &str, dialect: Dialect) {
    let (source, checked) = run(text, dialect, &machine());
    let findings: Vec<String> = checked
        .findings
        .iter()
        .map(|finding| terminal::render(finding, &source, terminal::Look { color: false, width: 100 }))
        .collect();
    let picture = format!("{text}\n{}\n{}", "─".repeat(40), findings.join("\n"));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, picture);
    });
}

#[test]
fn a_size_without_a_unit() {
    let text = "check process nginx with pidfile /run/nginx.pid\n    start program = \"/usr/bin/systemctl start nginx\"\n    \
                if memory usage > 200 for 5 cycles then restart\n";
    picture("bare-byte-threshold", text, Dialect::Rules);
}

#[test]
fn services_that_need_each_other() {
    let text = "check process web with pidfile /run/web.pid\n    depends on shop\n\ncheck process shop with pidfile \
                /run/shop.pid\n    depends on database\n\ncheck process database with pidfile /run/db.pid\n    depends on web\n";
    picture("dependency-cycle", text, Dialect::Rules);
}

#[test]
fn a_test_in_the_wrong_place() {
    let text = "check file database with path /var/lib/shop/shop.db\n    if cpu usage > 80% then alert\n";
    picture("misplaced-test", text, Dialect::Rules);
}

#[test]
fn a_misspelt_protocol() {
    let text = "check host mail with address mail.example.com\n    if failed port 25 protocol smpt then alert\n";
    picture("unknown-protocol", text, Dialect::Monit);
}

#[test]
fn conditions_that_monit_forgets() {
    let text = "check process nginx with pidfile /run/nginx.pid\n    start program = \"/usr/bin/systemctl start nginx\"\n    \
                if cpu usage > 90% and memory usage > 500 MB for 3 cycles then restart\n";
    picture("ignored-condition", text, Dialect::Monit);
}

#[test]
fn a_misspelt_service() {
    let text = "check process database with pidfile /run/database.pid\n\ncheck process web with pidfile /run/web.pid\n    \
                depends on databse\n";
    picture("undefined-service", text, Dialect::Rules);
}
