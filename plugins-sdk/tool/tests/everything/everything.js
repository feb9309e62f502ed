// A check that uses everything that a check has. There is one in each language, and all of them must see the same.

import * as ruled from "./sdk/javascript/ruled.js";
import * as dial from "./sdk/javascript/dial.js";
import * as files from "./sdk/javascript/files.js";
import * as http from "./sdk/javascript/http.js";

export const checker = ruled.check({
  name: "everything",
  summary: "Uses everything that a check has",
  options: [
    ruled.text("text", "A text", { default: "usual" }),
    ruled.secret("secret", "A secret"),
    ruled.integer("whole", "A whole number", -10, 10, { default: -3 }),
    ruled.number("number", "A number", { default: 0.5 }),
    ruled.boolean("boolean", "Yes or no", { default: true }),
    ruled.duration("span", "A time span", { default: 1500 }),
    ruled.size("room", "A number of bytes", { default: 2048 }),
    ruled.choice("choice", "One of two words", ["one", "other"], { default: "other" }),
    ruled.texts("texts", "Several texts"),
    ruled.comparison("comparison", "A condition on a number"),
    ruled.share("share", "A condition on a share"),
    ruled.pattern("pattern", "A condition on bytes"),
    ruled.checksum("checksum", "A checksum"),
    ruled.headers("headers", "Headers of a request"),
  ],
  metrics: [
    ruled.gauge("gauge", "The number"),
    ruled.counter("counter", "Files below the folder"),
    ruled.milliseconds("span", "The time span"),
    ruled.bytes("room", "The number of bytes"),
    ruled.percent("share", "Half of a hundred"),
  ],
  needs: [
    ruled.needsConnection("localhost:7", "to speak with it"),
    ruled.needsFile("/a/folder", "to read in it"),
    ruled.needsOrigin("http://localhost:7", "to ask it"),
  ],

  run(options) {
    ruled.note("noted: Grüße");
    if (options.text === "rejects") throw new ruled.Rejected("no, says Grüße");
    if (options.text === "misconfigures") throw new ruled.Misconfigured("this makes no sense");
    if (options.text === "knows nothing") throw new ruled.Unknown("nobody knows");
    if (options.text === "breaks") dial.open("nobody");
    const facts = { ...given(options), ...conditions(options), ...spoken(), ...read(), ...asked(options) };
    facts.ambient = `${ruled.now() > 1.7e12} ${ruled.randomBytes(8).length}`;
    const { number, span, room } = options;
    const counter = files.count(files.first(), 2).files;
    return { summary: "everything: Grüße", facts, metrics: { gauge: number, counter, span, room, share: 50 } };
  },
});

function given({ text, secret, whole, number, boolean, span, room, choice, texts = [], checksum, headers = [] }) {
  return {
    options: `${text} ${whole} ${number} ${boolean} ${span} ${room} ${choice}`,
    secret: secret ?? "unset",
    texts: texts.join("|"),
    checksum: checksum ? `${checksum.kind === "sha256"} ${checksum.digits}` : "unset",
    headers: headers.map(([name, value]) => `${name}=${value}`).join("|"),
  };
}

function conditions({ comparison, share, pattern }) {
  const all = [comparison?.holds(399), comparison?.holds(400), share?.holds(79), share?.holds(80)];
  all.push(pattern?.holds("Ärger"), pattern?.holds(ruled.utf8("kein Ärger")));
  return { conditions: all.map((held) => held ?? true).join(" ") };
}

// With what it fails.
function failing(work) {
  try {
    work();
    return "nothing";
  } catch (error) {
    if (error instanceof ruled.IoError) return error.reason;
    throw error;
  }
}

function spoken() {
  const connection = dial.open("broker");
  const { transport, name, encrypted } = connection.peer;
  const { tls } = connection;
  connection.command("HELLO Grüße");
  const line = connection.line(80);
  const [exactly, until] = [connection.exactly(3), connection.until(";", 80)];
  const silence = failing(() => connection.receiveWithin(20, 10));
  connection.send("MORE\n");
  const received = connection.receive(1);
  connection.finishSending();
  const rest = connection.all(100);
  const timely = connection.elapsed() > 0 && connection.remaining() > 0;
  connection.close();
  const again = dial.first();
  again.send("HELLO again\r\n");
  return {
    granted: dial.granted().join(" "),
    peer: `${transport === "tcp"} ${name} ${encrypted} ${Boolean(tls)}`,
    heard: [line, ...[exactly, until, received, rest].map(ruled.textOf)].join("|"),
    silence,
    timely,
    second: again.line(80),
    nobody: failing(() => dial.open("nobody")),
  };
}

function read() {
  const folder = files.first();
  const entries = files.entries(folder).map(({ name, kind }) => `${name}=${kind}`);
  const tally = files.count(folder, 2);
  const file = `${folder}/text`;
  const known = files.inspect(file);
  return {
    folder,
    entries: entries.sort().join(" "),
    tally: `${tally.files} ${tally.directories} ${tally.links} ${tally.others}`,
    file: `${known.kind} ${known.size} ${(known.mode & 0o777).toString(8)} ${known.modified[0]}`,
    text: files.readText(file, 100),
    odd: files.readText(`${folder}/odd`, 100),
    files: [
      failing(() => files.read(`${folder}/missing`, 9)),
      failing(() => files.read(file, 4)),
      failing(() => files.read("/etc/passwd", 9)),
    ].join(" "),
  };
}

function asked({ headers = [], secret = "" }) {
  const origin = http.first();
  const page = http.fetch(`${origin}/page`);
  const moved = http.fetch(`${origin}/moved`);
  const kept = http.fetch(`${origin}/moved`, { redirects: 0 });
  const sent = [...headers, ["x-secret", secret]];
  const posted = http.fetch(`${origin}/echo`, { method: "POST", body: "naïve", headers: sent });
  const json = http.fetch(`${origin}/json`).json();
  return {
    page: `${page.status} ${page.text()} ${page.headers["x-answer"]}`,
    moved: `${moved.status} ${moved.url}`,
    kept: `${kept.status} ${kept.url}`,
    posted: posted.text(),
    http: [
      failing(() => http.fetch(`${origin}/page`, { atMost: 4 })),
      failing(() => http.fetch("http://localhost:9/")),
    ].join(" "),
    json: `${json.text} ${json.half}`,
  };
}
