//! The depth of queues, in a spool that was made and in that of a real Postfix.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;

use super::Example;
use crate::rig::{PATIENCE, free_port, until};
use crate::world::mail::postfix::Postfix;

const SPOOL: &str = "/var/spool/postfix";

/// Makes so many messages in a queue, spread over folders as `hash_queue_depth = 1` does.
fn fill(spool: &Path, queue: &str, count: usize) {
    for number in 0..count {
        let folder = spool.join(queue).join(format!("{:X}", number % 16));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("4c{number:08X}")), "a message").expect("a message");
    }
}

#[test]
fn the_depth_of_a_queue() {
    let example = Example::new("postfix_queue");
    example.is_checked();
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("spool");
    let here = spool.to_str().expect("UTF-8");
    let cycle = || example.cycle(&[(SPOOL, here)]);
    cycle().tells(&[("mail", "is not there; is Postfix installed?")]);
    for queue in ["incoming", "active", "deferred", "hold"] {
        fs::create_dir_all(spool.join(queue)).expect("a queue");
    }
    cycle().passes("0 messages wait");
    fill(&spool, "deferred", 90);
    fill(&spool, "active", 20);
    fs::write(spool.join("incoming/4c0"), "a message").expect("a message");
    cycle().passes("111 messages wait");
    fill(&spool, "deferred", 500);
    fill(&spool, "hold", 1);
    cycle().tells(&[("mail", "depth"), ("mail", "deferred"), ("mail", "hold")]);
    // A queue that is none, or that is gone, is no empty one.
    fs::remove_dir_all(spool.join("active")).expect("a folder of ours");
    cycle().tells(&[("mail", "there is no")]);
    std::os::unix::fs::symlink("/etc", spool.join("active")).expect("a link");
    cycle().tells(&[("mail", "active")]);
}

/// Hands in a message by SMTP (RFC 5321).
fn hand_in(port: u16) {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut answers = BufReader::new(&stream).lines();
    let mut says = |line: &str, status: &str| {
        (&stream).write_all(line.as_bytes()).expect("it is taken");
        let answer = answers.next().expect("an answer").expect("an answer");
        assert!(answer.starts_with(status), "{line:?}: {answer}");
    };
    says("", "220");
    says("HELO test\r\n", "250");
    says("MAIL FROM:<anna@example.com>\r\n", "250");
    says("RCPT TO:<bert@example.com>\r\n", "250");
    says("DATA\r\n", "354");
    says("Subject: x\r\n\r\nx\r\n.\r\n", "250");
    says("QUIT\r\n", "221");
}

#[test]
fn the_depth_of_the_queue_of_postfix() {
    // Nobody takes what it hands on, so all of it is deferred.
    let Some(postfix) = Postfix::start(free_port()) else { return };
    let example = Example::new("postfix_queue");
    let spool = postfix.at("queue");
    let cycle = |depth: &str| example.cycle(&[(SPOOL, &spool), ("depth > 500", depth)]);
    cycle("depth > 2").passes("0 messages wait");
    for _ in 0..3 {
        hand_in(postfix.open);
    }
    let told = until(|| Some(cycle("depth > 2")).filter(|cycle| !cycle.events.is_empty())).expect("3 messages wait");
    told.tells(&[("mail", "depth")]);
    cycle("depth > 3").passes("3 messages wait");
    println!("tried against a real peer: the example postfix_queue (postfix)");
}
