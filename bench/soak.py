#!/usr/bin/env python3
"""A soak: 1,000 services, a failure each second, and whether memory and descriptors of ruled stay what they were.

    bench/soak.py [--minutes 30] [--services 1000] [--interval 5]

Needs `cargo build --release` (or RULED=path). In a folder of its own run ruled, in the foreground, and processes that do
nothing; each second one of them is killed, or a file passes its limit or comes back below it. Every ten seconds it is
noted how much memory ruled has, and how many descriptors, threads and children. At the end is said what these came to in
the second fifth and in the last, and whether each process that was killed was started again. Exit status 1: something grew by more
than a tenth (and 1 MB), or a process was not started again. Only processes started here are ended, by pid.
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
import time

HERE = pathlib.Path(__file__).resolve().parent
RULED = os.environ.get("RULED", str(HERE.parent / "target/release/ruled"))
# So many of the services are processes.
SHARE = 10


def rules(folder, options):
    text = f"set daemon {options.interval}\nset log {folder}/log\n"
    processes = options.services // SHARE
    for number in range(processes):
        place = f"{folder}/p{number}"
        start = f"/bin/sh -c 'sleep 7200 & echo $! > {place}.pid; echo {number} >> {folder}/starts'"
        text += f"check process p{number} with pidfile {place}.pid\n    start program = \"{start}\"\n"
        text += "    if memory usage > 1 GB for 3 cycles then alert\n"
    for number in range(options.services - processes):
        text += f"check file f{number} with path {folder}/f{number}\n    if size > 1 kB then alert\n"
        (folder / f"f{number}").write_text("small\n")
    path = folder / "soak.rules"
    path.write_text(text)
    path.chmod(0o600)
    return path, processes


def status(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    value = {line.split(":")[0]: line.split()[1] for line in text.splitlines() if len(line.split()) > 1}
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {"rss_kb": int(value["VmRSS"]), "threads": int(value["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "children": len(children)}


def pid_of(folder, number):
    try:
        return int((folder / f"p{number}.pid").read_text())
    except (OSError, ValueError):
        return None


def is_sleep(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text() == "sleep\n"
    except OSError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--interval", type=int, default=5)
    options = parser.parse_args()
    # Whoever is told to end ends what he started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="soak"))
    path, processes = rules(folder, options)
    ruled = subprocess.Popen([RULED, "run", "-q", "--state", str(folder / "state"), "--socket", str(folder / "socket"),
                              str(path)], cwd=folder, stdout=subprocess.DEVNULL, stderr=open(folder / "err", "w"))
    failures, kills, samples, large = 0, 0, [], set()
    dice = random.Random(1)
    try:
        deadline = time.monotonic() + 120
        while any(not is_sleep(pid_of(folder, number) or 0) for number in range(processes)):
            if time.monotonic() > deadline or ruled.poll() is not None:
                sys.exit(f"the processes did not come up; see {folder}")
            time.sleep(0.5)
        began = time.monotonic()
        print(f"{options.services} services, {processes} of them processes, in {folder}", flush=True)
        while (passed := time.monotonic() - began) < options.minutes * 60:
            if ruled.poll() is not None:
                sys.exit(f"ruled ended; see {folder}/err")
            if dice.random() < 0.5:
                pid = pid_of(folder, dice.randrange(processes))
                if pid and is_sleep(pid):
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
            else:
                number = dice.randrange(options.services - processes)
                large ^= {number}
                (folder / f"f{number}").write_text("x" * (4096 if number in large else 6))
            failures += 1
            if len(samples) < passed / 10:
                samples.append(status(ruled.pid))
            time.sleep(max(0, began + failures - time.monotonic()))
        # What was killed last is started again by now.
        time.sleep(options.interval * 2)
        starts = len((folder / "starts").read_text().splitlines()) - processes
        alive = sum(is_sleep(pid_of(folder, number) or 0) for number in range(processes))
    finally:
        ruled.terminate()
        ruled.wait(30)
        for number in range(processes):
            pid = pid_of(folder, number)
            if pid and is_sleep(pid):
                os.kill(pid, signal.SIGKILL)
    fifth = max(1, len(samples) // 5)
    early, late = samples[fifth:2 * fifth], samples[-fifth:]
    grew = []
    for name in ["rss_kb", "descriptors", "threads", "children"]:
        before, after = (statistics.mean(sample[name] for sample in part) for part in (early, late))
        print(f"{name:12} {before:10.1f} -> {after:10.1f}   most {max(sample[name] for sample in samples)}")
        if after > before * 1.1 and after - before > (1024 if name == "rss_kb" else 4):
            grew.append(name)
    size = sum(file.stat().st_size for file in folder.glob("state*"))
    print(f"{failures} failures in {options.minutes:g} minutes; {kills} processes killed, {starts} started again, "
          f"{alive} of {processes} alive; the state takes {size // 1024} kB")
    if grew or starts < kills or alive < processes:
        sys.exit(f"grew: {', '.join(grew) or 'nothing'}; not started again: {kills - starts}")


main()
