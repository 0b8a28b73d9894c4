// Reads Zstandard frames (RFC 8878). A frame must declare its content's size, which is allocated once; whatever the bytes
// are, the decoder ends, writes nowhere else, and throws NotProven where they are none. Checksums are passed over: what is
// unpacked here is signed.

import { join } from "./cbor.js";
import { NotProven, require } from "./checks.js";
import { BackwardBits, decodeHuffman, fseOfOne, FseState, fseTable, readFse, readHuffman, sound } from "./zstd_bits.js";

const MAX_BLOCK = 128 << 10;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** @typedef {import("./zstd_bits.js").FseTable} FseTable */
/** @typedef {{base: number, bits: number}} Code it stands for base + as many further bits */

/** @param {number} plain codes that stand for themselves + start @param {number} start @param {number[]} bits of the others @returns {Code[]} */
function codesOf(plain, start, bits) {
  const codes = Array.from({ length: plain }, (_, i) => ({ base: start + i, bits: 0 }));
  let base = start + plain;
  for (const each of bits) {
    codes.push({ base, bits: each });
    base += 2 ** each;
  }
  return codes;
}

const LITERAL_LENGTHS = codesOf(16, 0, [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const MATCH_LENGTHS = codesOf(32, 3, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

// Section 3.1.1.3.2.2.
const USUAL_LITERAL_LENGTHS = [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1];
const USUAL_MATCH_LENGTHS = [1, 4, 3, 2, 2, 2, 2, 2, 2, ...new Array(37).fill(1), -1, -1, -1, -1, -1, -1, -1];
const USUAL_OFFSETS = [1, 1, 1, 1, 1, 1, 2, 2, 2, ...new Array(15).fill(1), -1, -1, -1, -1, -1];

/** @typedef {{usual: FseTable, maxLog: number, codes: number}} Sort of the three codes of a sequence */
const OF_LITERALS = { usual: fseTable(USUAL_LITERAL_LENGTHS, 6), maxLog: 9, codes: LITERAL_LENGTHS.length };
const OF_OFFSETS = { usual: fseTable(USUAL_OFFSETS, 5), maxLog: 8, codes: 32 };
const OF_MATCHES = { usual: fseTable(USUAL_MATCH_LENGTHS, 6), maxLog: 9, codes: MATCH_LENGTHS.length };

class Input {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
  }

  /** @param {number} count */
  take(count) {
    sound(count <= this.bytes.length);
    const taken = this.bytes.subarray(0, count);
    this.bytes = this.bytes.subarray(count);
    return taken;
  }

  /**
   * Little-endian.
   * @param {number} count of bytes, at most 6
   */
  number(count) {
    return this.take(count).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}

class Decoder {
  /** @param {Uint8Array} out */
  constructor(out) {
    this.out = out;
    this.at = 0;
    this.literals = new Uint8Array(0);
    /** @type {import("./zstd_bits.js").HuffmanTable | null} */
    this.huffman = null;
    /** @type {(FseTable | null)[]} of literal lengths, offsets and match lengths */
    this.tables = [null, null, null];
    this.last = [1, 4, 8];
  }

  /** @param {Input} input */
  decode(input) {
    for (let isLast = false; !isLast;) {
      const head = input.number(3);
      isLast = (head & 1) === 1;
      const kind = (head >> 1) & 3, size = head >> 3;
      sound(size <= MAX_BLOCK && kind < 3);
      const content = input.take(kind === 1 ? 1 : size);
      if (kind === 0) this.put(content);
      else if (kind === 1) this.repeat(content[0], size);
      else this.compressed(new Input(content));
    }
    sound(this.at === this.out.length);
  }

  /** @param {Uint8Array} bytes */
  put(bytes) {
    sound(bytes.length <= this.out.length - this.at);
    this.out.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** @param {number} byte @param {number} count */
  repeat(byte, count) {
    sound(count <= this.out.length - this.at);
    this.out.fill(byte, this.at, this.at + count);
    this.at += count;
  }

  /** @param {number} offset @param {number} length */
  match(offset, length) {
    sound(offset > 0 && offset <= this.at && length <= this.out.length - this.at);
    for (const end = this.at + length; this.at < end; ++this.at) this.out[this.at] = this.out[this.at - offset];
  }

  /** @param {Input} input */
  compressed(input) {
    const begin = this.at;
    this.readLiterals(input);
    this.sequences(input);
    sound(this.at - begin <= MAX_BLOCK);
  }

  /**
   * Section 3.1.1.3.1.
   * @param {Input} input
   */
  readLiterals(input) {
    sound(input.bytes.length > 0);
    const kind = input.bytes[0] & 3, format = (input.bytes[0] >> 2) & 3;
    if (kind < 2) {
      const size = Math.floor(input.number(format === 1 ? 2 : format === 3 ? 3 : 1) / (format % 2 === 0 ? 8 : 16));
      sound(size <= MAX_BLOCK);
      this.literals = kind === 1 ? new Uint8Array(size).fill(input.take(1)[0]) : input.take(size);
      return;
    }
    const bits = format < 2 ? 10 : format === 2 ? 14 : 18;
    const head = Math.floor(input.number((4 + 2 * bits) / 8) / 16);
    const size = head % 2 ** bits, coded = Math.floor(head / 2 ** bits);
    sound(size <= MAX_BLOCK);
    let content = input.take(coded);
    if (kind === 2) {
      const [table, described] = readHuffman(content);
      this.huffman = table;
      content = content.subarray(described);
    }
    sound(this.huffman);
    this.literals = new Uint8Array(size);
    if (format === 0) decodeHuffman(this.huffman, content, this.literals);
    else this.fourStreams(this.huffman, new Input(content));
  }

  /** @param {import("./zstd_bits.js").HuffmanTable} table @param {Input} input */
  fourStreams(table, input) {
    const sizes = [input.number(2), input.number(2), input.number(2)];
    const each = (this.literals.length + 3) >> 2;
    sound(3 * each <= this.literals.length);
    for (let i = 0; i < 4; ++i)
      decodeHuffman(table, input.take(i < 3 ? sizes[i] : input.bytes.length), this.literals.subarray(i * each, i < 3 ? (i + 1) * each : undefined));
  }

  /**
   * Section 3.1.1.3.2.
   * @param {Input} input
   */
  sequences(input) {
    let count = input.number(1);
    if (count === 255) count = input.number(2) + 0x7f00;
    else if (count >= 128) count = ((count - 128) << 8) + input.number(1);
    if (count === 0) {
      sound(input.bytes.length === 0);
      this.put(this.literals);
      return;
    }
    const modes = input.number(1);
    sound((modes & 3) === 0);
    [OF_LITERALS, OF_OFFSETS, OF_MATCHES].forEach((sort, index) => { this.tables[index] = this.table((modes >> (6 - 2 * index)) & 3, sort, input, this.tables[index]); });
    this.execute(count, input.bytes);
  }

  /** @param {number} mode @param {Sort} sort @param {Input} input @param {FseTable | null} before @returns {FseTable} */
  table(mode, sort, input, before) {
    if (mode === 0) return sort.usual;
    if (mode === 1) {
      const symbol = input.number(1);
      sound(symbol < sort.codes);
      return fseOfOne(symbol);
    }
    if (mode === 2) {
      const [table, described] = readFse(input.bytes, sort.maxLog, sort.codes);
      input.take(described);
      return table;
    }
    sound(before);
    return before;
  }

  /** @param {number} count @param {Uint8Array} bytes */
  execute(count, bytes) {
    const bits = new BackwardBits(bytes), literals = new Input(this.literals);
    const [literal, offset, match] = this.tables.map((table) => new FseState(/** @type {FseTable} */ (table), bits));
    for (; count > 0; --count) {
      const offsetValue = 2 ** offset.symbol + bits.read(offset.symbol);
      const matchCode = MATCH_LENGTHS[match.symbol], matchLength = matchCode.base + bits.read(matchCode.bits);
      const literalCode = LITERAL_LENGTHS[literal.symbol], literalLength = literalCode.base + bits.read(literalCode.bits);
      if (count > 1) for (const each of [literal, match, offset]) each.advance(bits);
      this.put(literals.take(literalLength));
      this.match(this.offsetOf(offsetValue, literalLength === 0), matchLength);
    }
    sound(bits.left === 0);
    this.put(literals.bytes);
  }

  /**
   * Section 3.1.1.5: the three last offsets are named by 1 to 3; 0 is none that can be.
   * @param {number} value @param {boolean} noLiterals
   */
  offsetOf(value, noLiterals) {
    const [first, second, third] = this.last;
    if (value > 3) {
      this.last = [value - 3, first, second];
      return value - 3;
    }
    const which = value - 1 + (noLiterals ? 1 : 0);
    if (which === 0) return first;
    const found = which === 3 ? first - 1 : which === 1 ? second : third;
    this.last = [found, first, which === 1 ? third : second];
    return found;
  }
}

/**
 * A frame of blocks that are not compressed: one segment, its size in four bytes.
 * @param {Uint8Array} content @returns {Uint8Array}
 */
export function rawFrame(content) {
  const bytes = (/** @type {number} */ value, /** @type {number} */ count) => Uint8Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255);
  const parts = [Uint8Array.from(MAGIC), Uint8Array.of(0xa0), bytes(content.length, 4)];
  for (let at = 0; at === 0 || at < content.length; at += MAX_BLOCK) {
    const piece = content.subarray(at, at + MAX_BLOCK);
    parts.push(bytes(piece.length * 8 + (at + MAX_BLOCK >= content.length ? 1 : 0), 3), piece);
  }
  return join(parts);
}

/** @param {Uint8Array} file */
export const isFrame = (file) => MAGIC.every((byte, index) => file[index] === byte);

/**
 * The content of one frame, at most `maxBytes`.
 * @param {Uint8Array} frame @param {number} maxBytes @param {string} what it is @returns {Uint8Array} @throws {NotProven}
 */
export function decompress(frame, maxBytes, what) {
  require(isFrame(frame), `${what} is no Zstandard frame`, "malformed");
  try {
    const input = new Input(frame.subarray(4));
    const descriptor = input.number(1);
    const isSingle = (descriptor & 32) !== 0, flag = descriptor >> 6;
    require((descriptor & 11) === 0, `${what} is a frame with a dictionary or a reserved bit`, "malformed");
    require(isSingle || flag > 0, `${what} is a frame that does not say its size`, "malformed");
    if (!isSingle) input.take(1);  // its window: matches reach back as far as the content does
    const low = input.number(flag === 3 ? 4 : 1 << flag), high = flag === 3 ? input.number(4) : 0;
    const size = high * 2 ** 32 + low + (flag === 1 ? 256 : 0);
    require(size <= maxBytes, `${what} has ${size} bytes unpacked; ${maxBytes} are read`, "too_large");
    sound(size <= frame.length * MAX_BLOCK);  // what so many bytes can give at most
    const decoder = new Decoder(new Uint8Array(size));
    decoder.decode(input);
    sound(input.bytes.length === ((descriptor & 4) !== 0 ? 4 : 0));
    return decoder.out;
  } catch (error) {
    if (error instanceof NotProven && error.message !== "a Zstandard frame is damaged") throw error;
    throw new NotProven(`${what} does not unpack: it is cut off or damaged`, "malformed");
  }
}
