// A record's readings: rows as CBOR, packed columns, and the check against the root and figures that the device signed
// (docs/formats.md, Device records).

import { decodeSequence, encode, join } from "./cbor.js";
import { same } from "./certificates.js";
import { NotProven, require } from "./checks.js";
import { hex, treeHead } from "./hashes.js";
import { decompress, rawFrame } from "./zstd.js";

const MAX_BYTES = 4 << 20;  // of columns, and of rows

/** @typedef {import("./records.js").DeviceRecord} DeviceRecord */
/** @typedef {(number | bigint | null)[]} Row offset in seconds, then a value per field; null is a missing value */

/** @param {bigint} number @param {number[]} out */
function putVarint(number, out) {
  for (; number > 127n; number >>= 7n) out.push(Number(number & 127n) | 128);
  out.push(Number(number));
}

/**
 * Differences modulo 2^64, as signed numbers in zigzag form.
 * @param {(number | bigint)[]} numbers @param {number[]} out
 */
function putColumn(numbers, out) {
  let before = 0n;
  for (const number of numbers) {
    const delta = BigInt.asIntN(64, BigInt(number) - before);
    putVarint(delta >= 0n ? 2n * delta : -2n * delta - 1n, out);
    before = BigInt(number);
  }
}

/**
 * A packed series.
 * @param {Row[]} rows @param {number} fields @returns {Uint8Array}
 */
export function pack(rows, fields) {
  /** @type {number[]} */
  const out = [];
  putVarint(BigInt(rows.length), out);
  putVarint(BigInt(fields), out);
  putColumn(rows.map((row) => row[0] ?? 0), out);
  for (let field = 1; field <= fields; ++field) {
    const nulls = new Uint8Array((rows.length + 7) >> 3);
    const values = [];
    for (const [i, row] of rows.entries()) {
      const value = row[field];
      if (value === null) nulls[i >> 3] |= 1 << (i & 7);
      else values.push(value);
    }
    out.push(...nulls);
    putColumn(values, out);
  }
  return rawFrame(Uint8Array.from(out));
}

class ColumnReader {
  /** @param {Uint8Array} content */
  constructor(content) {
    this.content = content;
    this.at = 0;
  }

  varint() {
    let value = 0n;
    for (let i = 0n; i < 10n; ++i) {
      require(this.at < this.content.length, "the packed series ends inside a number", "malformed");
      const byte = this.content[this.at++];
      value |= BigInt(byte & 127) << (7n * i);
      if (byte >= 128) continue;
      require((byte !== 0 || i === 0n) && value < 1n << 64n, "a number of the packed series is not written as it must be", "malformed");
      return value;
    }
    throw new NotProven("a number of the packed series does not fit 64 bits", "malformed");
  }

  /** @param {number} count @returns {bigint[]} */
  numbers(count) {
    require(count <= this.content.length - this.at, "the packed series ends inside a column", "malformed");
    const out = [];
    for (let before = 0n; count > 0; --count) {
      const zigzag = this.varint();
      before = BigInt.asIntN(64, before + ((zigzag >> 1n) ^ -(zigzag & 1n)));
      out.push(before);
    }
    return out;
  }

  /** @param {number} count */
  bytes(count) {
    require(count <= this.content.length - this.at, "the packed series ends inside a column", "malformed");
    this.at += count;
    return this.content.subarray(this.at - count, this.at);
  }
}

/**
 * The rows as they would stand in key 12, byte for byte.
 * @param {DeviceRecord} record @param {Uint8Array} packed
 */
export function unpack(record, packed) {
  const reader = new ColumnReader(decompress(packed, MAX_BYTES, "the packed series"));
  const rows = Number(reader.varint()), fields = Number(reader.varint());
  require(rows === record.rows && fields === record.fields.length,
    `the packed series has ${rows} rows of ${fields} fields, the record ${record.rows} of ${record.fields.length}`, "malformed");
  const offsets = reader.numbers(rows);
  /** @type {Row[]} */
  const columns = [];
  for (let field = 0; field < fields; ++field) {
    const nulls = reader.bytes((rows + 7) >> 3);
    const isNull = (/** @type {number} */ row) => ((nulls[row >> 3] >> (row & 7)) & 1) === 1;
    let missing = 0;
    for (let row = 0; row < 8 * nulls.length; ++row) {
      if (!isNull(row)) continue;
      require(row < rows, "the packed series has a bit set after the last row", "malformed");
      ++missing;
    }
    const present = reader.numbers(rows - missing).values();
    columns.push(offsets.map((_, row) => (isNull(row) ? null : present.next().value ?? null)));
  }
  require(reader.at === reader.content.length, "bytes are left over in the packed series", "malformed");
  const out = join(offsets.map((offset, row) => encode([offset, ...columns.map((column) => column[row])])));
  require(out.length <= MAX_BYTES, "the packed series has too many bytes unpacked", "too_large");
  return out;
}

/**
 * count, missing, sum, min, max, first, last of one field, counted from 0.
 * @param {Row[]} rows @param {number} field @returns {(bigint | null)[]}
 */
export function summarize(rows, field) {
  /** @type {bigint[]} */
  const present = [];
  for (const row of rows) {
    const value = row[1 + field];
    if (value !== null) present.push(BigInt(value));
  }
  const count = BigInt(present.length), missing = BigInt(rows.length) - count;
  if (present.length === 0) return [count, missing, 0n, null, null, null, null];
  let [min] = present, max = min, sum = 0n;
  for (const value of present) {
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  return [count, missing, sum, min, max, present[0], present[present.length - 1]];
}

/** @param {Uint8Array[]} rows @param {number} rowsPerLeaf */
export function rootOf(rows, rowsPerLeaf) {
  const leaves = [];
  for (let at = 0; at < rows.length; at += rowsPerLeaf) leaves.push(join(rows.slice(at, at + rowsPerLeaf)));
  return treeHead(leaves);
}

const LEAST = -(2n ** 63n), MOST = 2n ** 63n - 1n;

/** @param {any} value */
const isValue = (value) => value === null || ((typeof value === "number" || typeof value === "bigint") && value >= LEAST && value <= MOST);

/**
 * Whether rows give the root and the summary that the device has signed.
 * @param {DeviceRecord} record @param {Uint8Array} series @throws {import("./checks.js").NotProven}
 */
export function checkSeries(record, series) {
  /** @type {Row[]} */
  const rows = [];
  const encoded = [];
  let last = -1;
  for (const [row, bytes] of decodeSequence(series)) {
    require(Array.isArray(row) && row.length === record.fields.length + 1 && typeof row[0] === "number" && row.every(isValue),
      "a row does not hold an offset and one value per field", "malformed");
    require(last < row[0] && row[0] < record.endS - record.startS, "the rows' offsets do not rise in the period", "malformed");
    last = row[0];
    rows.push(row);
    encoded.push(bytes);
  }
  const root = rootOf(encoded, record.rowsPerLeaf);
  require(same(root, record.root), `the series of ${rows.length} rows has the root ${hex(root)}, the record says ${hex(record.root)}`, "root_mismatch");
  for (const [index, field] of record.fields.entries()) {
    const found = summarize(rows, index), said = record.summary[index];
    require(found.every((each, at) => (each === null ? said[at] === null : said[at] !== null && BigInt(/** @type {number} */ (said[at])) === each)),
      `"${field.name}": the summary says ${said.join(", ")}, the series ${found.join(", ")}`, "summary_mismatch");
  }
}
