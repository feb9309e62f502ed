// Connections that a check opens by itself, each to what one `grant connect "host:port"` of the rule names.
//
// plugin.json must say "grants": ["connect"]. What goes wrong throws `IoError`.

import dial from "ruled:plugin/dial@0.1.0";
import { call, Connection, IoError } from "./ruled.js";

/** What the rule grants, in its order: names (`as "broker"`), or else the texts of the grants. */
export function granted() {
  return dial.granted();
}

/** Opens one of them, by its name or by the text of its grant. */
export function open(name) {
  return new Connection(call(() => dial.open(name)));
}

/** Opens the first, for checks that need one only. */
export function first() {
  const [name] = granted();
  if (name === undefined) throw new IoError("not-granted");
  return open(name);
}
