#!/usr/bin/env python3
"""ruled and Monit side by side, on this machine, in one run.

    bench/side_by_side.py kill [--times 50] [--interval 5]     kill -9 to the first line of the start program
    bench/side_by_side.py watch [--services 100] [--seconds 60]   CPU and RSS while processes are watched
    bench/side_by_side.py check [--times 5]                    CPU to check a control file of 1,000 and 10,000 services

Needs `cargo build --release` (or RULED=path), `monit` (MONIT=path) and `cc`. Both monitors take turns, so that a busy
machine disturbs both. Only processes started here are ended, by pid; every wait is bounded.
"""
import argparse
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from victims import build, lines, quantile, reap_orphans, wait_for

HERE = pathlib.Path(__file__).resolve().parent


def monitors():
    return {
        "ruled": lambda rules: [os.environ.get("RULED", str(HERE.parent / "target/release/ruled")), "run", rules],
        "monit": lambda rules: [os.environ.get("MONIT", "monit"), "-I", "-c", rules],
    }


class Monitor:
    """One monitor in the foreground over a control file of its own."""

    def __init__(self, name, command, folder, interval, services):
        self.name, self.folder = name, pathlib.Path(folder)
        own = "" if name == "ruled" else "".join(
            f"set {kind}file {folder}/monit.{kind}\n" for kind in ("pid", "id", "state"))
        rules = self.folder / "monitrc"
        rules.write_text(f"set daemon {interval}\n{own}{services}")
        rules.chmod(0o600)
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen(command(str(rules)), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_kb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {word: int(status.split(word + ":")[1].split()[0]) for word in ("VmRSS", "RssAnon")}

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.log.close()


def kill(options, folder):
    victim = build(folder)
    found = {}
    running = {}
    for name, command in monitors().items():
        place = folder / name
        place.mkdir()
        service = (f"check process victim with pidfile {place}/pid\n"
                   f"    start program = \"{victim} {place}/starts {place}/pid daemon\" with timeout 5 seconds\n")
        running[name] = Monitor(name, command, place, options.interval, service)
        known.add(running[name].process.pid)
        found[name] = []
    try:
        for name, monitor in running.items():
            if not wait_for(lambda: lines(monitor.folder / "pid"), 30 + 3 * options.interval):
                sys.exit(f"{name} never started the service; see {monitor.folder}/log")
        for turn in range(options.times):
            for name, monitor in running.items():
                starts, pid = monitor.folder / "starts", int(lines(monitor.folder / "pid")[0])
                before = len(lines(starts))
                # A random phase of the cycle; a service that dies within a second of its start waits for a cycle.
                time.sleep(random.uniform(1.5, 1.5 + options.interval))
                killed = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    sys.exit(f"{name}: the service was gone before turn {turn}; its log:\n" + (monitor.folder / "log").read_text())
                if wait_for(lambda: len(lines(starts)) > before, 30 + 3 * options.interval):
                    found[name].append((int(lines(starts)[before]) - killed) / 1e6)
                    wait_for(lambda: lines(monitor.folder / "pid") not in ([], [str(pid)]), 5)
        print(f"kill -9 to the first line of the start program, set daemon {options.interval}, milliseconds")
        print(f"{'':8}{'n':>5}{'p50':>11}{'p99':>11}{'least':>11}{'most':>11}")
        for name, values in found.items():
            row = (statistics.median(values), quantile(values, 0.99), min(values), max(values))
            print(f"{name:8}{len(values):5}" + "".join(f"{value:11.2f}" for value in row))
        ratio = statistics.median(found["monit"]) / statistics.median(found["ruled"])
        print(f"median of Monit / median of ruled: {ratio:.0f}")
    finally:
        for monitor in running.values():
            monitor.stop()
            for pid in lines(monitor.folder / "pid"):
                end(int(pid), victim)


def end(pid, program):
    """Ends a process, if it still is the one that was started here."""
    try:
        if os.readlink(f"/proc/{pid}/exe") == str(program):
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass


def watch(options, folder):
    sleepers = [subprocess.Popen(["sleep", "1800"]) for _ in range(options.services)]
    known.update(sleeper.pid for sleeper in sleepers)
    services = ""
    for number, sleeper in enumerate(sleepers):
        pidfile = folder / f"{number}.pid"
        pidfile.write_text(f"{sleeper.pid}\n")
        services += (f"check process sleeper{number} with pidfile {pidfile}\n"
                     "    if cpu > 95% for 5 cycles then alert\n    if memory > 500 MB for 5 cycles then alert\n")
    running = {}
    try:
        for name, command in monitors().items():
            (folder / name).mkdir()
            running[name] = Monitor(name, command, folder / name, options.interval, services)
            known.add(running[name].process.pid)
        time.sleep(3 * options.interval)
        before = {name: monitor.cpu_s() for name, monitor in running.items()}
        time.sleep(options.seconds)
        print(f"{options.services} processes, set daemon {options.interval}, {options.seconds} s")
        print(f"{'':8}{'CPU ms':>9}{'ms a cycle':>12}{'RSS KiB':>10}{'of it own':>11}")
        cpu = {}
        for name, monitor in running.items():
            cpu[name] = 1000 * (monitor.cpu_s() - before[name])
            size = monitor.rss_kb()
            print(f"{name:8}{cpu[name]:9.0f}{cpu[name] * options.interval / options.seconds:12.2f}"
                  f"{size['VmRSS']:10}{size['RssAnon']:11}")
        print(f"CPU of ruled / CPU of Monit: {cpu['ruled'] / max(cpu['monit'], 1):.2f}")
    finally:
        for monitor in running.values():
            monitor.stop()
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait(10)


def control_file(services):
    """The mix of services of bench/services.rs, about 200 bytes each."""
    text = ("set daemon 30\nset mailserver localhost\nset alert keeper@example.com not on { instance, pid }\n"
            "check system $HOST\n    if loadavg (5min) > 8 for 5 cycles then alert\n    if cpu usage > 95% then alert\n")
    kinds = [
        "check process worker{n} with pidfile /run/worker{n}.pid\n"
        "    start program = \"/bin/true start worker{n}\" with timeout 60 seconds\n"
        "    if memory usage > 500 MB for 5 cycles then restart\n    if 3 restarts within 5 cycles then unmonitor\n",
        "check process web{n} matching \"web{n} --serve\"\n    stop program = \"/bin/true stop web{n}\"\n"
        "    if failed port {port} protocol http for 3 cycles then alert\n    group web\n",
        "check file log{n} with path /var/log/app{n}.log\n    if size > 100 MB then exec \"/bin/true -f log{n}\"\n"
        "    if match \"error [0-9]+\" then alert\n    if timestamp > 15 minutes for 2 cycles then alert\n",
        "check directory spool{n} with path /var/spool/app{n}\n    if failed permission 755 then alert\n"
        "    if failed uid root then alert\n    if changed timestamp then alert   # somebody came by\n    every 2 cycles\n",
        "check filesystem disk{n} with path /srv/disk{n}\n"
        "    if space usage > 90% for 5 times within 15 cycles then alert\n    if inode usage > 95% then alert\n"
        "    if service time > 100 milliseconds for 3 cycles then alert\n",
        "check host shop{n} with address 127.0.0.1\n    if failed ping count 3 with timeout 5 seconds then alert\n"
        "    if failed port 443 protocol https request \"/health\" with timeout 15 seconds for 3 cycles then alert\n",
        "check program backup{n} with path \"/bin/true --verify {n}\" timeout 20 seconds\n    every \"30 2 * * 1-5\"\n"
        "    if status != 0 for 2 cycles then alert\n    alert keeper{n}@example.com only on {{ status }}\n",
        "check network link{n} with interface eth{n}\n    if failed link then alert\n"
        "    if saturation > 90% for 3 cycles then alert\n    if total download > 10 GB in last 2 hours then alert\n",
    ]
    return text + "\n".join(kinds[n % len(kinds)].format(n=n, port=1024 + n % 60000) for n in range(1, services))


def check(options, folder):
    commands = {
        "ruled": lambda rules: [monitors()["ruled"](rules)[0], "check", "--dialect", "monit", rules],
        "monit": lambda rules: [os.environ.get("MONIT", "monit"), "-t", "-c", rules],
    }
    print(f"CPU to check a control file, least of {options.times}, milliseconds")
    print(f"{'services':>9}{'bytes':>11}{'ruled':>10}{'monit':>10}{'monit / ruled':>15}")
    alone = {}
    for services in (1_000, 10_000, 100_000):
        rules = folder / f"{services}.monitrc"
        rules.write_text(control_file(services))
        # Monit refuses a control file that others may read.
        rules.chmod(0o700)
        # Monit's time grows with the square of the services: what would take minutes is left to ruled alone.
        names = ["ruled", "monit"] if services <= 10_000 else ["ruled"]
        least = {name: min(cpu_of(commands[name](str(rules)), folder) for _ in range(turns))
                 for name in names for turns in [options.times if services <= 1_000 else max(1, options.times // 2)]}
        alone[services] = least["ruled"]
        beside = f"{least['monit']:10.0f}{least['monit'] / least['ruled']:15.1f}" if "monit" in least else ""
        print(f"{services:9}{rules.stat().st_size:11}{least['ruled']:10.1f}{beside}")
    for few, many in ((1_000, 10_000), (10_000, 100_000)):
        print(f"ruled, {many:,} services / {few:,} services: {alone[many] / alone[few]:.1f}")


def cpu_of(command, folder):
    """The CPU time of a command that must succeed, in milliseconds: its own and the system's for it."""
    with open(folder / "said", "w+") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        known.add(process.pid)
        guard = threading.Timer(120, process.kill)
        guard.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            guard.cancel()
            known.discard(process.pid)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{said.read(2000)}")
    return 1000 * (used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["kill", "watch", "check"])
    parser.add_argument("--times", type=int, help="turns; 50 for kill, 5 for check")
    parser.add_argument("--interval", type=int, default=5)
    parser.add_argument("--services", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    options.times = options.times or {"check": 5}.get(options.what, 50)
    known = reap_orphans()
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as name:
        {"kill": kill, "watch": watch, "check": check}[options.what](options, pathlib.Path(name))
