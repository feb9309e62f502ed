#!/usr/bin/env python3
"""How soon a changed file is told, and what waiting for changes costs.

    bench/changes.py latency [--times 200]      write() to the event in the events file, with a cycle of 600 s
    bench/changes.py cpu [--seconds 20] [--lines 10000]
                                                CPU of ruled while a log grows, against the same rules in Monit's dialect,
                                                in which only cycles look

Needs `cargo build --release`, or RULED=path. Only processes started here are ended, by pid; every wait is bounded.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
RULED = os.environ.get("RULED", str(HERE.parent / "target/release/ruled"))
FILES = 25
PATIENCE_S = 20


class Ruled:
    """ruled in the foreground over rules of its own, past its first cycle."""

    def __init__(self, folder, dialect, cycle, services):
        self.events = folder / "events"
        rules = folder / "main"
        rules.write_text(f"set daemon {cycle}\n{services}")
        rules.chmod(0o600)
        self.log = open(folder / "log", "w+")
        command = [RULED, "run", "-v", "--dry", "--dialect", dialect, "--events", self.events, rules]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE_S
        while "cycle 1 is over" not in pathlib.Path(self.log.name).read_text():
            assert time.monotonic() < end, pathlib.Path(self.log.name).read_text()
            time.sleep(0.01)

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.log.close()


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def latency(options, folder):
    files = [folder / f"file{number}" for number in range(FILES)]
    for file in files:
        file.write_text("x")
    services = "".join(f"check file {file.name} with path {file}\n  if changed size then alert\n" for file in files)
    ruled = Ruled(folder, "rules", 600, services)
    found, missed = [], 0
    try:
        with open(ruled.events) as events:
            events.read()
            for number in range(options.times):
                file = files[number % FILES]
                time.sleep(random.uniform(0.05, 0.25))
                descriptor = os.open(file, os.O_WRONLY | os.O_APPEND)
                began = time.monotonic()
                os.write(descriptor, b"x")
                line = ""
                while not line.endswith("\n") and time.monotonic() < began + PATIENCE_S:
                    line += events.readline()
                    time.sleep(0.0001)
                took = time.monotonic() - began
                os.close(descriptor)
                if line and json.loads(line)["service"] == file.name and json.loads(line)["early"]:
                    found.append(took * 1000)
                else:
                    missed += 1
    finally:
        ruled.stop()
    print(f"{len(found)} changes of {FILES} files, cycle 600 s, {missed} missed: "
          f"p50 {quantile(found, 0.5):.1f} ms, p90 {quantile(found, 0.9):.1f} ms, p99 {quantile(found, 0.99):.1f} ms, "
          f"worst {max(found):.1f} ms")


def grow(path, lines, seconds):
    """Writes so many lines a second, each with a write() of its own; returns how many it could."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    began, written = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        while written < elapsed * lines:
            os.write(descriptor, b"2026-01-01T00:00:00 host daemon[1]: all is well with number 1\n")
            written += 1
        time.sleep(0.001)
    os.close(descriptor)
    return written / seconds


def cpu(options, folder):
    for what, growing in [("the log that is followed", "log"), ("a neighbour of it", "other"), ("nothing", None)]:
        for dialect in ["rules", "monit"]:
            place = folder / f"{what} {dialect}".replace(" ", "-")
            (place / "logs").mkdir(parents=True)
            (place / "logs/log").write_text("")
            services = f"check file log with path {place}/logs/log\n  if content = \"error\" then alert\n"
            ruled = Ruled(place, dialect, 5, services)
            try:
                before, rate = ruled.cpu_s(), 0
                if growing:
                    rate = grow(place / "logs" / growing, options.lines, options.seconds)
                else:
                    time.sleep(options.seconds)
                used = ruled.cpu_s() - before
            finally:
                ruled.stop()
            print(f"{what} grows by {rate:,.0f} lines/s, cycle 5 s, {dialect:5}: {used / options.seconds * 100:.2f} % CPU")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["latency", "cpu"])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--lines", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        {"latency": latency, "cpu": cpu}[options.what](options, pathlib.Path(folder))


if __name__ == "__main__":
    main()
