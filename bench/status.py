#!/usr/bin/env python3
"""How long `status` takes, from the start of the process to its end, beside `monit status`.

    bench/status.py [--services 1000] [--times 40]

Both daemons watch the same files. Needs `cargo build --release`, or RULED=path, and for the comparison the program `monit`.
Only processes started here are ended, by pid; every wait is bounded; Monit listens on the loopback only.
"""
import argparse
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
RULED = os.environ.get("RULED", str(HERE.parent / "target/release/ruled"))
PATIENCE_S = 30


def wait_for(what, is_so):
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"{what} in vain"
        time.sleep(0.02)


def milliseconds(command, environment):
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True,
                          timeout=PATIENCE_S)
    return (time.perf_counter() - began) * 1000, done.stdout


def measure(name, command, environment, services, times):
    taken = []
    for _ in range(times):
        spent, output = milliseconds(command, environment)
        assert output.count(b"file0") > 0 and output.count(b"monitoring mode") >= services, output[:500]
        taken.append(spent)
    taken.sort()
    print(f"{name}: p50 {statistics.median(taken):.1f} ms, best {taken[0]:.1f} ms, worst {taken[-1]:.1f} ms, "
          f"{len(output)} bytes", flush=True)
    return statistics.median(taken)


def rules(folder, services, more):
    for number in range(services):
        (folder / f"file{number}").write_text("text\n")
    check = "check file file{0} with path {1}/file{0}\n    if size > 1 GB then alert\n"
    text = "set daemon 600\n" + more + "".join(check.format(number, folder) for number in range(services))
    path = folder / "monitrc"
    path.write_text(text)
    path.chmod(0o600)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--times", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        folder = pathlib.Path(folder)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = dict(os.environ, RUNTIME_DIRECTORY=str(folder / "run"), STATE_DIRECTORY=str(folder / "state"))
        httpd = f"set httpd port {port} and use address 127.0.0.1\n    allow 127.0.0.1\n"
        places = "".join(f"set {word} {folder}/{word}\n" for word in ["idfile", "statefile"])
        path = rules(folder, options.services, httpd + places)
        log = open(folder / "log", "w")
        daemon = subprocess.Popen([RULED, "-q", "run", path], env=environment, stdout=log, stderr=log)
        try:
            status = [RULED, "status", "--config", path]
            wait_for("ruled", lambda: subprocess.run(status, env=environment, capture_output=True).stdout.count(b"data collected")
                     >= options.services)
            empty = min(milliseconds([RULED, "--version"], environment)[0] for _ in range(20))
            print(f"ruled --version, best: {empty:.1f} ms")
            ours = measure("ruled status", status, environment, options.services, options.times)
        finally:
            daemon.terminate()
            daemon.wait(PATIENCE_S)
        if not shutil.which("monit"):
            print("monit is not installed")
            return
        monit = ["monit", "-c", path, "-p", folder / "monit.pid", "-l", folder / "monit.log"]
        daemon = subprocess.Popen([*monit, "-I"], env=environment, stdout=log, stderr=log)
        try:
            status = [*monit, "-B", "status"]
            wait_for("monit", lambda: subprocess.run(status, env=environment, capture_output=True).stdout.count(b"data collected")
                     >= options.services)
            theirs = measure("monit status", status, environment, options.services, options.times)
        finally:
            daemon.terminate()
            daemon.wait(PATIENCE_S)
        print(f"ruled / monit: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
