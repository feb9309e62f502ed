// What a plugin of ruled is written with, in JavaScript.
//
// A plugin is a module with one export. A probe speaks a protocol over the one connection that ruled opened:
//
//     import { probe, ProtocolError } from "./sdk/javascript/ruled.js";
//
//     export const prober = probe({
//       name: "greeting",
//       summary: "A service that greets",
//       port: 7777,
//       run(connection) {
//         const line = connection.line(80);
//         if (!line.startsWith("HELLO ")) throw new ProtocolError("the greeting is missing");
//         return { summary: line };
//       },
//     });
//
// A check, `export const checker = check({ … })`, is handed no connection: `run(options)`. What it looks at the rule grants,
// and the modules files.js, http.js and dial.js reach it; plugin.json says which of them the plugin asks for.
//
// A run that returns passed: { summary, metrics: { name: number }, facts: { name: text } }. One that throws `Failed`, or
// what is derived from it, failed; a connection that breaks throws `IoError`, so nothing needs to be caught for it. Any
// other exception is a fault of the plugin, and ruled shows it.
//
// The language is that of QuickJS, without what browsers and Node.js add to it: no fetch, no timers, no process. Numbers
// of 64 bits lose what lies beyond 2^53. Bytes are Uint8Array; `utf8` and `textOf` turn texts into bytes and back.

import ambient from "ruled:plugin/ambient@0.1.0";
import logger from "ruled:plugin/log@0.1.0";
import patterns from "ruled:plugin/patterns@0.1.0";

// How a check ends.

/** The check failed. Throw what is derived from it. */
export class Failed extends Error {
  failure() {
    return { tag: "protocol", val: whole(this.message) };
  }
}

/** The peer does not speak the protocol, or what was found is no good; a sentence without its full stop. */
export class ProtocolError extends Failed {}

/** The peer speaks the protocol and says no; what it said. */
export class Rejected extends Failed {
  failure() {
    return { tag: "rejected", val: whole(this.message) };
  }
}

/** The peer answered, but not what the rule wants. Reads as "the WHAT is FOUND, expected EXPECTED". */
export class Mismatch extends Failed {
  constructor(what, expected, found) {
    super(`the ${what} is ${found}, expected ${expected}`);
    this.parts = { what: whole(what), expected: whole(expected), found: whole(found) };
  }

  failure() {
    return { tag: "mismatch", val: this.parts };
  }
}

/** The settings make no sense together, which is an error of the rule. */
export class Misconfigured extends Failed {
  failure() {
    return { tag: "misconfigured", val: whole(this.message) };
  }
}

/** Nothing is known: the peer may be as the rule wants it or not; a sentence without its full stop. */
export class Unknown extends Failed {
  failure() {
    return { tag: "unknown", val: whole(this.message) };
  }
}

/** Sending, receiving, reading or fetching failed. `reason` is a word: "timed-out", "closed", "too-long", "not-found" … */
export class IoError extends Failed {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }

  failure() {
    return { tag: "io", val: this.reason };
  }
}

const REASONS = new Set([
  "timed-out",
  "closed",
  "reset",
  "refused",
  "too-long",
  "tls",
  "not-granted",
  "not-found",
  "unreachable",
  "limit",
  "other",
]);

/** Calls a function of the host; an error that it returns is thrown as `IoError`. */
export function call(work) {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw REASONS.has(reason) ? new IoError(reason) : error;
  }
}

// What a plugin says about itself.

const option = (kind, value) => (name, help, { required = false, page = "", ...rest } = {}) => ({
  name,
  help,
  page,
  kind,
  required,
  default: rest.default === undefined || value === undefined ? null : { tag: value, val: rest.default },
});

/** An option that is a text. Behind the name and the help stands, for every option: { default, required, page }. */
export const text = option({ tag: "text" }, "text");
/** An option that is a text and masked wherever it would be shown. */
export const secret = option({ tag: "secret" });
/** An option that is a number. */
export const number = option({ tag: "number" }, "number");
/** An option that is true or false. */
export const boolean = option({ tag: "boolean" }, "boolean");
/** An option that is a span of time, in milliseconds. */
export const duration = option({ tag: "duration" }, "duration-ms");
/** An option that is a number of bytes. */
export const size = option({ tag: "size" }, "size-bytes");
/** An option that may be written several times; its value is an array. */
export const texts = option({ tag: "texts" });
/** An option that is a condition on a whole number, such as `= 404`; its value has `holds(number)`. */
export const comparison = option({ tag: "comparison" });
/** An option that is a condition on a share in per cent; its value has `holds(number)`. */
export const share = option({ tag: "share" });
/** An option that is a regular expression; its value has `holds(text or bytes)`. */
export const pattern = option({ tag: "pattern" });
/** An option that is a checksum; its value has `kind` and `digits`. */
export const checksum = option({ tag: "hash" });
/** An option that is an array of pairs, the names and values of headers. */
export const headers = option({ tag: "headers" });

/** An option that is a whole number between two others. */
export function integer(name, help, least, greatest, more) {
  return option({ tag: "integer", val: [least, greatest] }, "integer")(name, help, more);
}

/** An option that is one of these words. */
export function choice(name, help, words, more) {
  return option({ tag: "choice", val: words }, "text")(name, help, more);
}

const metric = (kind) => (name, help) => ({ name, help, kind });

/** A metric that goes up and down. */
export const gauge = metric("gauge");
/** A metric that only goes up. */
export const counter = metric("counter");
/** A metric that is a span of time, in milliseconds. */
export const milliseconds = metric("duration-ms");
/** A metric that is a number of bytes. */
export const bytes = metric("bytes");
/** A metric that is a share in per cent. */
export const percent = metric("percent");

const need = (kind) => (example, purpose) => ({ kind, example, purpose });

/** A `grant connect` that the check cannot do without: an example, and what it is for. */
export const needsConnection = need("connect");
/** A `grant read` that the check cannot do without. */
export const needsFile = need("read");
/** A `grant fetch` that the check cannot do without. */
export const needsOrigin = need("fetch");

// What a rule sets.

const RELATIONS = {
  "equal": (found, number) => found === number,
  "not-equal": (found, number) => found !== number,
  "less": (found, number) => found < number,
  "less-or-equal": (found, number) => found <= number,
  "greater": (found, number) => found > number,
  "greater-or-equal": (found, number) => found >= number,
};

function valueOf({ name, value: { tag, val } }) {
  switch (tag) {
    case "comparison":
      return { ...val, holds: (found) => RELATIONS[val.relation](found, val.number) };
    case "pattern":
      return { ...val, holds: (data) => patterns.matches(name, utf8(data)) !== val.negated };
    default:
      return val;
  }
}

// What a plugin sees.

/** A connection that the host opened. Every call waits at most until the deadline of the check. */
export class Connection {
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  /** Closes the connection. At the end of the check it is closed anyway. */
  close() {
    this.#raw[Symbol.dispose]();
  }

  /** Whom the host connected to: name, port, address, transport, encrypted, startTlsWanted. */
  get peer() {
    return this.#raw.peer();
  }

  /** How the connection is encrypted: version, cipher, certificate; null while it is not. */
  get tls() {
    return this.#raw.tls();
  }

  /** Writes all of it, a text or bytes. Over datagrams it is one datagram. */
  send(data) {
    call(() => this.#raw.send(utf8(data)));
  }

  /** Writes a line and CR LF. Refuses control characters, which would make two commands of what a rule says. */
  command(line) {
    if (/[\x00-\x1f\x7f-\x9f]/.test(line)) {
      throw new Misconfigured("what is sent in one line has a line break or another control character in it");
    }
    this.send(line + "\r\n");
  }

  /** Reads a line that ends in LF or CR LF, of at most so many bytes with its end, and returns it without. */
  line(atMost = 1024) {
    return textOf(this.until("\n", atMost)).replace(/\r?\n$/, "");
  }

  /** Reads at least one byte, however much has arrived. Over datagrams it is one datagram. */
  receive(atMost = 65_536) {
    return call(() => this.#raw.receive(atMost));
  }

  /** The same, and gives up after so many milliseconds with "timed-out". */
  receiveWithin(waitMs, atMost = 65_536) {
    return call(() => this.#raw.receiveWithin(atMost, waitMs));
  }

  /** Reads so many bytes. */
  exactly(count) {
    return call(() => this.#raw.receiveExactly(count));
  }

  /** Reads up to and including the delimiter, a text or bytes. */
  until(delimiter, atMost = 65_536) {
    return call(() => this.#raw.receiveUntil(utf8(delimiter), atMost));
  }

  /** Reads until the peer closes; more bytes are "too-long". */
  all(atMost = 1_048_576) {
    return call(() => this.#raw.receiveAll(atMost));
  }

  /** Encrypts the connection from here on. */
  startTls() {
    call(() => this.#raw.startTls());
  }

  /** Opens the connection anew, once in a check. */
  reopen() {
    call(() => this.#raw.reopen());
  }

  /** Tells the peer that nothing more will be sent. */
  finishSending() {
    call(() => this.#raw.finishSending());
  }

  /** Milliseconds since the host began to connect. */
  elapsed() {
    return this.#raw.elapsedUs() / 1000;
  }

  /** Milliseconds until the deadline of the check. */
  remaining() {
    return this.#raw.remainingUs() / 1000;
  }
}

/** Writes a line into the log. */
export function note(message) {
  logger.write("info", whole(message));
}

/** Writes a warning into the log. */
export function warn(message) {
  logger.write("warn", whole(message));
}

/** Milliseconds since 1970, as Date.now() is elsewhere. */
export function now() {
  const [seconds, nanoseconds] = ambient.now();
  return seconds * 1000 + Math.floor(nanoseconds / 1e6);
}

/** From the operating system's generator; at most 4096 bytes. */
export function randomBytes(count) {
  return ambient.randomBytes(count);
}

// The text of anything, as the host takes it: half of a pair is no character, though JSON may have one.
const whole = (text) => String(text).toWellFormed();

/** The bytes of a text; bytes stay what they are. */
export function utf8(data) {
  if (typeof data !== "string") return data;
  const out = [];
  for (const letter of data) {
    const point = letter.codePointAt(0);
    if (point < 0x80) out.push(point);
    else if (point < 0x800) out.push(0xc0 | (point >> 6), continuation(point));
    // Half of a pair is no character.
    else if ((point & ~0x7ff) === 0xd800) out.push(0xef, 0xbf, 0xbd);
    else if (point < 0x10000) out.push(0xe0 | (point >> 12), continuation(point >> 6), continuation(point));
    else out.push(0xf0 | (point >> 18), continuation(point >> 12), continuation(point >> 6), continuation(point));
  }
  return Uint8Array.from(out);
}

const continuation = (bits) => 0x80 | (bits & 0x3f);

/** The text of bytes. What is no UTF-8 becomes U+FFFD. */
export function textOf(data) {
  const parts = [];
  for (let at = 0; at < data.length; ) {
    // Most of what a check reads is ASCII.
    const limit = Math.min(data.length, at + 8192);
    let end = at;
    while (end < limit && data[end] < 0x80) end++;
    if (end > at) {
      parts.push(String.fromCharCode.apply(null, data.subarray(at, end)));
      at = end;
    } else {
      const [point, length] = character(data, at);
      parts.push(String.fromCodePoint(point));
      at += length;
    }
  }
  return parts.join("");
}

/** The character of several bytes that begins there, and how many they are. */
function character(data, at) {
  const first = data[at];
  const count = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // The second byte has narrower bounds where the first alone would allow what is no character, or a longer form of one.
  let [least, greatest] = [{ 0xe0: 0xa0, 0xf0: 0x90 }[first] ?? 0x80, { 0xed: 0x9f, 0xf4: 0x8f }[first] ?? 0xbf];
  let point = first & (0x7f >> count);
  for (let taken = 1; taken < count; taken++) {
    const next = data[at + taken];
    if (!(next >= least && next <= greatest)) return [0xfffd, taken];
    point = (point << 6) | (next & 0x3f);
    [least, greatest] = [0x80, 0xbf];
  }
  return count === 1 ? [0xfffd, 1] : [point, count];
}

// What ruled calls.

function about({ name, version = "0.1.0", summary, page = "", options = [], metrics = [] }) {
  return { name, version, summary, page, options, metrics };
}

function outcome(run, settings) {
  try {
    const options = Object.fromEntries(settings.map((setting) => [setting.name, valueOf(setting)]));
    const { summary, metrics = {}, facts = {} } = run(options);
    return {
      summary: whole(summary),
      metrics: Object.entries(metrics).map(([name, value]) => ({ name, value: measured(name, value) })),
      facts: Object.entries(facts).map(([name, fact]) => [whole(name), whole(fact)]),
    };
  } catch (error) {
    if (error instanceof Failed) throw error.failure();
    logger.lastWords(whole(`${error}\n${error?.stack ?? ""}`));
    throw error;
  }
}

// A text that looks like a number is none.
function measured(name, value) {
  if (typeof value === "number") return value;
  throw new TypeError(`the metric ${name} is no number: ${value}`);
}

/** A probe: { name, version, summary, page, port, tlsPort, transports, startTls, options, metrics, run(connection, options) }. */
export function probe(plugin) {
  const { port = null, tlsPort = null, transports = ["tcp"], startTls = false } = plugin;
  return {
    describe: () => ({ about: about(plugin), transports, defaultPort: port, defaultTlsPort: tlsPort, startTls }),
    check: (raw, settings) => outcome((options) => plugin.run(new Connection(raw), options), settings),
  };
}

/** A check: { name, version, summary, page, port, options, metrics, needs, run(options) }. */
export function check(plugin) {
  const { port = null, needs = [] } = plugin;
  return {
    describe: () => ({ about: about(plugin), defaultPort: port, needs }),
    check: (settings) => outcome((options) => plugin.run(options), settings),
  };
}
