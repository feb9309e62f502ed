#!/usr/bin/env python3
"""What plugins of one's own cost, in each language: building, adding, memory, and CPU time of a check.

    bench/plugins.py [--languages rust,c,javascript,python] [--checks 1000] [--cycles 3] [--every 10]

Each language has the same check, that of `ruled-plugin new --kind check`: it reads a log of 137 bytes and counts lines.
Beside it `check file` looks at the same file without a plugin. Needs `cargo build --release -p ruled`, likewise
`-p ruled-plugin-tool`, or RULED=path with `ruled-plugin` beside it, and what builds plugins of that language. Only processes
started here are ended, by pid; every wait is bounded.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
RULED = pathlib.Path(os.environ.get("RULED", str(HERE.parent / "target/release/ruled"))).resolve()
TOOL = RULED.parent / "ruled-plugin"
PATIENCE_S = 600
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def run(words, folder, environment):
    """Runs a program to its end; the seconds that it took."""
    began = time.monotonic()
    done = subprocess.run([str(word) for word in words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S)
    assert done.returncode == 0, f"{words}: {done.stdout.decode(errors='replace')[-2000:]}"
    return time.monotonic() - began


def cpu_s(pid):
    """User and system time of a process so far (proc_pid_stat(5), fields 14 and 15)."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def memory_mb(pid):
    """Resident memory, and of it what is not shared with a file, in MB of 1,000,000 bytes."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "RssAnon"))}
    return int(found["VmRSS"]) * 1.024e-3, int(found["RssAnon"]) * 1.024e-3


class Watch:
    """A ruled over some rules."""

    def __init__(self, folder, name, text, environment):
        self.rules = folder / f"{name}.rules"
        self.rules.write_text(text)
        self.environment = dict(environment, STATE_DIRECTORY=str(folder / name), RUNTIME_DIRECTORY=str(folder / name))
        (folder / name).mkdir()
        self.log = open(folder / f"{name}.log", "w")
        self.daemon = subprocess.Popen([RULED, "-q", "run", self.rules], env=self.environment, stdout=self.log,
                                       stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.daemon.terminate()
        self.daemon.wait(30)
        self.log.close()

    def status(self):
        words = [RULED, "status", "--json", "-c", self.rules]
        done = subprocess.run(words, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def reach(self, cycle):
        """Waits until this cycle has begun and all services of the one before were looked at."""
        end = time.monotonic() + PATIENCE_S
        while True:
            status = self.status()
            if status and status["daemon"]["cycle"] >= cycle and all("seen_us" in one for one in status["services"]):
                return status
            assert self.daemon.poll() is None and time.monotonic() < end, pathlib.Path(self.log.name).read_text()[-2000:]
            time.sleep(0.1)


def measure(folder, name, text, environment, checks, cycles):
    """CPU time of a check in microseconds, and the memory at the end."""
    with Watch(folder, name, text, environment) as watch:
        watch.reach(2)
        time.sleep(1)
        before = cpu_s(watch.daemon.pid), watch.status()["daemon"]["cycle"]
        watch.reach(2 + cycles)
        time.sleep(1)
        status = watch.status()
        after = cpu_s(watch.daemon.pid), status["daemon"]["cycle"]
        bad = [one["name"] for one in status["services"] if one["state"] not in ("ok", "initializing")]
        assert not bad, (bad[:3], pathlib.Path(watch.log.name).read_text()[-2000:])
        late = sum(one.get("late_cycles", 0) for one in status["services"])
        each = (after[0] - before[0]) / (after[1] - before[1]) / checks * 1e6
        return each, memory_mb(watch.daemon.pid), late


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default="rust,c,javascript,python")
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--cycles", type=int, default=3)
    parser.add_argument("--every", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        environment = dict(os.environ, RULED_PLUGINS=str(folder / "store"), XDG_CACHE_HOME=str(folder / "cache"))
        log = folder / "service.log"
        log.write_text("INFO ready\nERROR one\nERROR two\n" + "x" * 106)
        head = f"set daemon {options.every}\n"

        def rules(check, count):
            return head + "".join(check.format(number) for number in range(count))

        native = f"check file f{{0}} with path {log}\n    if size > 1 MB then alert\n"
        each, memory, _ = measure(folder, "native1", rules(native, 1), environment, 1, 1)
        print(f"native, 1 check: RSS {memory[0]:.1f} MB, of it anonymous {memory[1]:.1f}", flush=True)
        each, memory, late = measure(folder, "native", rules(native, options.checks), environment, options.checks,
                                     options.cycles)
        print(f"native, {options.checks} checks: {each:.0f} µs each, RSS {memory[0]:.1f} MB, late {late}", flush=True)
        for language in options.languages.split(","):
            name = f"in_{language}"
            run([TOOL, "new", name, "--language", language, "--kind", "check"], folder, environment)
            build = run([TOOL, "build", name], folder, environment)
            component = folder / name / f"{name}.wasm"
            # Before anything else has compiled it: what was compiled once is kept.
            add = run([TOOL, "add", component], folder, environment)
            test = run([TOOL, "test", component, folder / name / f"{name}.script"], folder, environment)
            code = sum(path.stat().st_size for path in (folder / "store").glob("*.cwasm"))
            check = f"check plugin p{{0}} using \"{component}\"\n    grant read \"{log}\"\n    if lines > 10 then alert\n"
            _, one, _ = measure(folder, f"{language}1", rules(check, 1), environment, 1, 1)
            each, memory, late = measure(folder, language, rules(check, options.checks), environment, options.checks,
                                         options.cycles)
            print(f"{language}: built in {build:.1f} s, {component.stat().st_size / 1000:.0f} kB; tested in {test:.1f} s; "
                  f"added in {add:.1f} s, all code so far {code / 1e6:.1f} MB; one check: RSS {one[0]:.1f} MB, of it "
                  f"anonymous {one[1]:.1f}; {options.checks} checks: {each:.0f} µs each, RSS {memory[0]:.1f} MB, of it "
                  f"anonymous {memory[1]:.1f}, late {late}", flush=True)


if __name__ == "__main__":
    main()
