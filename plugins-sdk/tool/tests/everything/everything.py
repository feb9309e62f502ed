"""A check that uses everything that a check has. There is one in each language, and all of them must see the same."""

from datetime import timedelta

import ruled
from ruled import dial, files, http


class Checker(ruled.Checker):
    name = "everything"
    summary = "Uses everything that a check has"
    options = [
        ruled.text("text", "A text", default="usual"),
        ruled.secret("secret", "A secret"),
        ruled.integer("whole", "A whole number", -10, 10, default=-3),
        ruled.number("number", "A number", default=0.5),
        ruled.boolean("boolean", "Yes or no", default=True),
        ruled.duration("span", "A time span", default=timedelta(seconds=1.5)),
        ruled.size("room", "A number of bytes", default=2048),
        ruled.choice("choice", "One of two words", ["one", "other"], default="other"),
        ruled.texts("texts", "Several texts"),
        ruled.comparison("comparison", "A condition on a number"),
        ruled.share("share", "A condition on a share"),
        ruled.pattern("pattern", "A condition on bytes"),
        ruled.checksum("checksum", "A checksum"),
        ruled.headers("headers", "Headers of a request"),
    ]
    metrics = [
        ruled.gauge("gauge", "The number"),
        ruled.counter("counter", "Files below the folder"),
        ruled.milliseconds("span", "The time span"),
        ruled.bytes_metric("room", "The number of bytes"),
        ruled.percent("share", "Half of a hundred"),
    ]
    needs = [
        ruled.needs_connection("localhost:7", "to speak with it"),
        ruled.needs_file("/a/folder", "to read in it"),
        ruled.needs_origin("http://localhost:7", "to ask it"),
    ]

    def run(self, options):
        ruled.note("noted: Grüße")
        match options["text"]:
            case "rejects":
                raise ruled.Rejected("no, says Grüße")
            case "misconfigures":
                raise ruled.Misconfigured("this makes no sense")
            case "knows nothing":
                raise ruled.Unknown("nobody knows")
            case "breaks":
                dial.open("nobody")
        facts = given(options) | conditions(options) | spoken() | read() | asked(options)
        facts["ambient"] = f"{plain(ruled.now() > 1.7e9)} {len(ruled.random_bytes(8))}"
        metrics = {
            "gauge": options["number"],
            "counter": files.count(files.first(), 2).files,
            "span": milliseconds(options),
            "room": options["room"],
            "share": 50,
        }
        return ruled.Passed("everything: Grüße", metrics=metrics, facts=facts)


def plain(truth):
    return str(truth).lower()


def milliseconds(options):
    return options["span"] // timedelta(milliseconds=1)


def given(options):
    whole, number, boolean = options["whole"], options["number"], plain(options["boolean"])
    span, room = milliseconds(options), options["room"]
    checksum = options.get("checksum")
    sha256 = checksum and plain(checksum.kind.name == "SHA256")
    return {
        "options": f"{options['text']} {whole} {number} {boolean} {span} {room} {options['choice']}",
        "secret": options.get("secret", "unset"),
        "texts": "|".join(options.get("texts", [])),
        "checksum": f"{sha256} {checksum.digits}" if checksum else "unset",
        "headers": "|".join(f"{name}={value}" for name, value in options.get("headers", [])),
    }


def conditions(options):
    held = [
        options[name].holds(number) if name in options else True
        for name, number in [("comparison", 399), ("comparison", 400), ("share", 79), ("share", 80)]
    ]
    for data in ["Ärger", "kein Ärger".encode()]:
        held.append(options["pattern"].holds(data) if "pattern" in options else True)
    return {"conditions": " ".join(map(plain, held))}


def failing(work, *arguments, **named):
    """With what it fails."""
    try:
        work(*arguments, **named)
    except ruled.IoError as error:
        return error.reason.name.lower().replace("_", "-")
    return "nothing"


def spoken():
    with dial.open("broker") as connection:
        peer, tls = connection.peer, connection.tls
        connection.command("HELLO Grüße")
        line = connection.line(80)
        exactly, until = connection.exactly(3), connection.until(";", 80)
        silence = failing(connection.receive_within, 20, 10)
        connection.send("MORE\n")
        received = connection.receive(1)
        connection.finish_sending()
        rest = connection.all(100)
        timely = plain(connection.elapsed() > 0 and connection.remaining() > 0)
    again = dial.first()
    again.send("HELLO again\r\n")
    is_tcp = plain(peer.transport.name == "TCP")
    return {
        "granted": " ".join(dial.granted()),
        "peer": f"{is_tcp} {peer.name} {plain(peer.encrypted)} {plain(tls is not None)}",
        "heard": "|".join([line] + [part.decode() for part in (exactly, until, received, rest)]),
        "silence": silence,
        "timely": timely,
        "second": again.line(80),
        "nobody": failing(dial.open, "nobody"),
    }


def read():
    folder = files.first()
    entries = sorted(f"{entry.name}={entry.kind.name.lower()}" for entry in files.entries(folder))
    tally = files.count(folder, 2)
    file = f"{folder}/text"
    known = files.inspect(file)
    modified, _ = known.modified
    refused = [
        failing(files.read, f"{folder}/missing", 9),
        failing(files.read, file, 4),
        failing(files.read, "/etc/passwd", 9),
    ]
    return {
        "folder": folder,
        "entries": " ".join(entries),
        "tally": f"{tally.files} {tally.directories} {tally.links} {tally.others}",
        "file": f"{known.kind.name.lower()} {known.size} {known.mode & 0o777:o} {modified}",
        "text": files.read_text(file, 100),
        "odd": files.read_text(f"{folder}/odd", 100),
        "files": " ".join(refused),
    }


def asked(options):
    origin = http.first()
    page = http.fetch(f"{origin}/page")
    moved = http.fetch(f"{origin}/moved")
    kept = http.fetch(f"{origin}/moved", redirects=0)
    headers = [*options.get("headers", []), ("x-secret", options.get("secret", ""))]
    posted = http.fetch(f"{origin}/echo", method="POST", body="naïve", headers=headers)
    json = http.fetch(f"{origin}/json").json()
    refused = [failing(http.fetch, f"{origin}/page", at_most=4), failing(http.fetch, "http://localhost:9/")]
    return {
        "page": f"{page.status} {page.text()} {page.headers['x-answer']}",
        "moved": f"{moved.status} {moved.url}",
        "kept": f"{kept.status} {kept.url}",
        "posted": posted.text(),
        "http": " ".join(refused),
        "json": f"{json['text']} {json['half']}",
    }
