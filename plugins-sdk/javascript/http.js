// Requests over HTTP, each to an origin that one `grant fetch "https://origin"` of the rule names.
//
// plugin.json must say "grants": ["fetch"]. What goes wrong throws `IoError`; a status of any kind does not.

import http from "ruled:plugin/http@0.1.0";
import { call, IoError, ProtocolError, textOf, utf8 } from "./ruled.js";

/** The origins that the rule grants, in its order. */
export function granted() {
  return http.granted();
}

/** The first origin that the rule grants, for checks that need one only. */
export function first() {
  const [origin] = granted();
  if (origin === undefined) throw new IoError("not-granted");
  return origin;
}

/**
 * Asks, and waits for the whole answer: { status, url, headers, allHeaders, body, milliseconds, text(), json() }. `headers`
 * is an object with names in lower case. A body of more than `atMost` bytes is "too-long"; json() throws a ProtocolError where
 * the body is none.
 *
 * The headers to send are an object, or an array of pairs, as the value of an option of that kind. Up to 5 redirects are
 * followed, each only to an origin that the rule grants; one that is too many is the answer.
 */
export function fetch(url, { method = "GET", headers = {}, body = "", redirects = 5, atMost = 1 << 20 } = {}) {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
  const request = { method, url, headers: pairs, body: utf8(body), redirectsAtMost: redirects };
  const answer = call(() => http.fetch(request, atMost));
  return {
    status: answer.status,
    url: answer.url,
    headers: Object.fromEntries(answer.headers),
    allHeaders: answer.headers,
    body: answer.body,
    milliseconds: answer.finishedUs / 1000,
    text: () => textOf(answer.body),
    json: () => jsonOf(answer.body),
  };
}

// A body that is no JSON is the service's fault, and not the plugin's.
function jsonOf(body) {
  try {
    return JSON.parse(textOf(body));
  } catch (error) {
    throw new ProtocolError(`the answer is no JSON: ${error.message}`);
  }
}
