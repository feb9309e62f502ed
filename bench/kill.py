#!/usr/bin/env python3
"""From `kill -9` of a service to the first line of its start program: ruled beside Monit, s6, runit and supervisord.

    bench/kill.py [--times 50] [--interval 5] [--load none|hanging|bomb] [--only NAME,NAME]
    bench/kill.py --young [--times 50]      ruled alone: a service killed at any moment after it came up

Needs `cargo build --release` (or RULED=path) and `cc`; monitors that are not installed (Debian: monit s6 runit supervisor)
are left out, and said to be. Each runs in the foreground in a folder of its own, with nothing of the system's. They take
turns, so that a busy machine disturbs all of them. With `hanging`, the file of ruled and Monit has 50 hosts that do not
answer and 1,000 other services; with `bomb` a check program of `ruled-rules` multiplies without end meanwhile, as a user of
its own with at most 50 processes (as root only; a file of Monit's takes only users that exist, and has none). Only processes started here are ended, by pid; every wait is bounded.
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from victims import build, lines, quantile, reap_orphans, wait_for

HERE = pathlib.Path(__file__).resolve().parent
BOMBER = 61875
HANGING, OTHERS = 50, 1000


class Monitor:
    """One monitor in the foreground over a folder of its own."""

    def __init__(self, name, folder, victim, options, sleeper):
        self.name, self.folder, self.victim = name, folder / name, victim
        self.folder.mkdir()
        self.log = open(self.folder / "log", "w")
        command = getattr(self, name.split("-")[0])(options, sleeper)
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, start_new_session=True)
        known.add(self.process.pid)

    def words(self, mode):
        return f"{self.victim} {self.folder}/starts {self.folder}/pid {mode}"

    def control_file(self, options, sleeper, own):
        place = self.folder
        text = f"set daemon {options.interval}\n{own}check process victim with pidfile {place}/pid\n"
        text += f"    start program = \"{self.words('daemon')}\" with timeout 5 seconds\n"
        if options.load == "hanging":
            for number, port in enumerate(silent_ports):
                text += (f"check host silent{number} with address 127.0.0.1\n"
                         f"    if failed port {port} protocol http with timeout 4 seconds for 60 cycles then alert\n")
            pidfile = place / "sleeper"
            pidfile.write_text(f"{sleeper}\n")
            for number in range(OTHERS):
                text += f"check process other{number} with pidfile {pidfile}\n    if memory > 5 GB then alert\n"
        if options.load == "bomb" and self.name == "ruled-rules":
            bomb = place / "bomb"
            # It goes off only inside its limits, and every process of it ends by itself after 5 s of work.
            bomb.write_text(f"#!/bin/sh\n[ $(id -u) = {BOMBER} ] || exit 9\nulimit -t 5 || exit 9\n"
                            "exec prlimit --nproc=50:50 perl -e 'fork while 1'\n")
            bomb.chmod(0o755)
            text += (f"check program bomb with path \"{bomb}\" as uid {BOMBER} timeout 20 seconds\n"
                     "    if status > 1 then alert\n")
        rules = place / ("file.rules" if self.name == "ruled-rules" else "monitrc")
        rules.write_text(text)
        rules.chmod(0o600)
        return str(rules)

    def ruled(self, options, sleeper):
        dialect = "rules" if self.name == "ruled-rules" else "monit"
        program = os.environ.get("RULED", str(HERE.parent / "target/release/ruled"))
        rules = self.control_file(options, sleeper, "")
        return [program, "run", "--dialect", dialect, "--state", str(self.folder / "state"), rules]

    def monit(self, options, sleeper):
        own = "".join(f"set {kind}file {self.folder}/monit.{kind}\n" for kind in ("pid", "id", "state"))
        return [os.environ.get("MONIT", "monit"), "-I", "-c", self.control_file(options, sleeper, own)]

    def run_script(self):
        service = self.folder / "services" / "victim"
        service.mkdir(parents=True)
        script = service / "run"
        script.write_text(f"#!/bin/sh\nexec {self.words('foreground')}\n")
        script.chmod(0o755)
        return str(service.parent)

    def s6(self, options, sleeper):
        return ["s6-svscan", self.run_script()]

    def runit(self, options, sleeper):
        return ["runsvdir", "-P", self.run_script()]

    def supervisord(self, options, sleeper):
        config = self.folder / "supervisord.conf"
        config.write_text(f"[supervisord]\nnodaemon=true\nlogfile={self.folder}/supervisord.log\n"
                          f"pidfile={self.folder}/supervisord.pid\n[program:victim]\n"
                          f"command={self.words('foreground')}\nautorestart=true\nstartsecs=1\n")
        return ["supervisord", "-n", "-c", str(config)]

    def stop(self):
        """Ends it and what it started: those whom it is the session's leader of, and what stands in its pid file."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        # A supervisor of one service outlives the one of all: each is ended before its service.
        for _ in range(3):
            for pid in processes_with(str(self.folder)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.log.close()


def processes_with(word):
    """The processes that have this folder in their command line, or work in it."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes().decode(errors="replace")
            folder = os.readlink(place / "cwd")
        except OSError:
            continue
        if (word in line or folder.startswith(word)) and int(place.name) != os.getpid():
            found.append(int(place.name))
    return found


def kill_once(monitor, options, found):
    """Kills the service and notes how long its next start took."""
    starts, pid = monitor.folder / "starts", int(lines(monitor.folder / "pid")[0])
    before = len(lines(starts))
    killed = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        sys.exit(f"{monitor.name}: the service was gone; its log:\n" + (monitor.folder / "log").read_text())
    if wait_for(lambda: len(lines(starts)) > before, 60 + 3 * options.interval):
        found.append((int(lines(starts)[before]) - killed) / 1e6)
        wait_for(lambda: lines(monitor.folder / "pid") not in ([], [str(pid)]), 5)
    else:
        sys.exit(f"{monitor.name} never started the service again; its log:\n" + (monitor.folder / "log").read_text())


def main(options, folder):
    victim = folder / "victim"
    build(folder)
    folder.chmod(0o755)
    names = ["ruled-monit", "ruled-rules", "monit", "s6", "runit", "supervisord"]
    programs = {"monit": "monit", "s6": "s6-svscan", "runit": "runsvdir", "supervisord": "supervisord"}
    missing = [name for name, program in programs.items() if not shutil.which(program)]
    names = [name for name in names if name not in missing]
    if options.only:
        names = [name for name in names if name in options.only.split(",")]
    if options.young:
        names = [name for name in names if name.startswith("ruled")]
    sleeper = subprocess.Popen(["sleep", "1800"])
    known.add(sleeper.pid)
    running, found = {}, {name: [] for name in names}
    try:
        for name in names:
            running[name] = Monitor(name, folder, victim, options, sleeper.pid)
        for name, monitor in running.items():
            if not wait_for(lambda: lines(monitor.folder / "pid"), 60 + 3 * options.interval):
                sys.exit(f"{name} never started the service; its log:\n" + (monitor.folder / "log").read_text())
        # So that the first look at a thousand services is over.
        time.sleep(2 * options.interval if options.load != "none" else 1)
        for _ in range(options.times):
            for name, monitor in running.items():
                if options.young:
                    # Well for more than a cycle; then killed, and killed again at any moment after it came up.
                    time.sleep(options.interval + 1.5)
                    kill_once(monitor, options, [])
                    time.sleep(random.uniform(0.03, options.interval))
                else:
                    # Any phase of the cycle; others let a service run for a second before they start it at once.
                    time.sleep(random.uniform(1.5, 1.5 + options.interval))
                kill_once(monitor, options, found[name])
        what = "killed again at any moment after a restart" if options.young else "kill -9"
        print(f"{what} to the first line of the start program, load: {options.load}, cycles of {options.interval} s, ms")
        print(f"{'':12}{'n':>5}{'p50':>11}{'p99':>11}{'least':>11}{'most':>11}")
        for name, values in found.items():
            row = (statistics.median(values), quantile(values, 0.99), min(values), max(values))
            print(f"{name:12}{len(values):5}" + "".join(f"{value:11.2f}" for value in row))
        for name in missing:
            print(f"{name:12} is not installed")
    finally:
        for monitor in running.values():
            monitor.stop()
        sleeper.kill()
        sleeper.wait(10)
        end_bomb()


def end_bomb():
    """Ends whatever still runs as the user of the bomb."""
    for _ in range(200):
        left = []
        for place in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if place.stat().st_uid == BOMBER and "State:\tZ" not in (place / "status").read_text():
                    left.append(int(place.name))
            except OSError:
                pass
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if not left:
            return
        time.sleep(0.02)
    print(f"processes of user {BOMBER} are left", file=sys.stderr)


def silence():
    """Ports of the loopback that take connections and never answer."""
    listeners = [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(HANGING)]
    return listeners, [listener.getsockname()[1] for listener in listeners]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--interval", type=int, default=5)
    parser.add_argument("--load", choices=["none", "hanging", "bomb"], default="none")
    parser.add_argument("--only", help="some of the monitors, separated by commas")
    parser.add_argument("--young", action="store_true")
    options = parser.parse_args()
    if options.load == "bomb" and os.geteuid() != 0:
        sys.exit("a fork bomb needs a user of its own, which only root can give it")
    known = reap_orphans()
    listeners, silent_ports = silence()
    with tempfile.TemporaryDirectory(prefix="kill-") as name:
        main(options, pathlib.Path(name))
