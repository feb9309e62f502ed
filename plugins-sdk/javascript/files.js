// Files and directories that a check reads, each below what one `grant read "/path"` of the rule names.
//
// plugin.json must say "grants": ["read"]. Paths are absolute. What goes wrong throws `IoError`.

import files from "ruled:plugin/files@0.1.0";
import { call, IoError, textOf } from "./ruled.js";

const CALL_BYTES_MAX = 1 << 20;

/** The paths that the rule grants, in its order. */
export function granted() {
  return files.granted();
}

/** The first path that the rule grants, for checks that need one only. */
export function first() {
  const [path] = granted();
  if (path === undefined) throw new IoError("not-granted");
  return path;
}

/** The bytes of a file, all of them; more than `atMost` are "too-long". */
export function read(path, atMost = CALL_BYTES_MAX) {
  const parts = [];
  for (let size = 0; ; ) {
    const wanted = Math.min(atMost + 1 - size, CALL_BYTES_MAX);
    const part = readPart(path, size, wanted);
    parts.push(part);
    size += part.length;
    if (size > atMost) throw new IoError("too-long");
    if (part.length < wanted) return joined(parts, size);
  }
}

/** So many bytes of a file from an offset on, at most 1 MiB. Fewer than asked for means that the file ends there. */
export function readPart(path, offset, atMost) {
  return call(() => files.read(path, offset, atMost));
}

/** The text of a file. Bytes that are no UTF-8 become U+FFFD. */
export function readText(path, atMost = CALL_BYTES_MAX) {
  return textOf(read(path, atMost));
}

/** What is known of a file without opening it: kind, size, mode, owner, group, links, modified, changed. */
export function inspect(path, followsLinks = true) {
  return call(() => files.inspect(path, followsLinks));
}

/** What is in a directory: objects with name and kind. More than `atMost` are "too-long". */
export function entries(path, atMost = 10_000) {
  const listing = call(() => files.entries(path, atMost));
  if (!listing.complete) throw new IoError("too-long");
  return listing.entries;
}

/** How many files, directories, links and others are in a directory and so many levels below it. */
export function count(path, levels = 0) {
  return call(() => files.count(path, levels));
}

function joined(parts, size) {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
