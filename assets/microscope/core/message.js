// The message: one safetensors file, whose metadata is JSON. looped/serving/message.py writes it.

// How each type of an array is read from its bytes.
const READERS = {
  U8: (part) => new Uint8Array(part),
  BOOL: (part) => new Uint8Array(part),
  I8: (part) => new Int8Array(part),
  U16: (part) => new Uint16Array(part),
  I16: (part) => new Int16Array(part),
  I32: (part) => new Int32Array(part),
  F16: (part) => halves(part),
  F32: (part) => new Float32Array(part),
};

/**
 * @param {number} bits of a 16-bit floating-point number (IEEE 754)
 * @returns {number}
 */
function halfToFloat(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let table = null; // all 65,536 of them, made when a browser without Float16Array first needs them

// Half precision as Float32Array: by the browser's own type where it has one.
function halves(part) {
  return typeof Float16Array === "function" ? new Float32Array(new Float16Array(part)) : halvesByTable(part);
}

/** @param {ArrayBuffer} part @returns {Float32Array} */
export function halvesByTable(part) {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
  const bits = new Uint16Array(part);
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]];
  return values;
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ meta: object, runs: Object<string, import("./types.js").NamedArray>[] }}
 *   the arrays of run i are those whose names begin with "i/"
 */
export function readMessage(bytes) {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const runs = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [run, field] = name.split("/");
    const [from, to] = entry.data_offsets;
    const read = READERS[entry.dtype];
    if (!read) throw new Error(`the trace holds ${name} as ${entry.dtype}, which this page cannot read`);
    runs[run] ??= {};
    runs[run][field] = { values: read(buffer.slice(8 + length + from, 8 + length + to)), shape: entry.shape };
  }
  return { meta: JSON.parse(header.__metadata__.meta), runs };
}
