"""What measurements share that kill services: the service itself, whoever reaps what is left of it, and waiting."""
import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PR_SET_CHILD_SUBREAPER = 36


def build(folder):
    """Compiles the service; needs `cc`."""
    victim = folder / "victim"
    subprocess.run(["cc", "-O2", "-static", "-o", victim, HERE / "victim.c"], check=True)
    return victim


def reap_orphans():
    """Adopts and reaps what the monitors' programs leave behind, so that no zombie hides a death from anybody. Handed back
    is a set: whose numbers are put there are the caller's own to reap."""
    # Whoever is told to end ends what he started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    known = set()

    def reap():
        while True:
            for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = status.read_text().rsplit(")", 1)[1].split()
                    if fields[1] == str(os.getpid()) and fields[0] == "Z" and int(status.parent.name) not in known:
                        os.waitpid(int(status.parent.name), os.WNOHANG)
                except OSError:
                    pass
            time.sleep(0.05)
    threading.Thread(target=reap, daemon=True).start()
    return known


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.002)
    return None


def lines(path):
    try:
        return path.read_text().split()
    except OSError:
        return []


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]
