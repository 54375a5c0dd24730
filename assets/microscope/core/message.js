// The bytes: one safetensors file a message, whose metadata is JSON (looped/figures/microscope.py writes it).

function halfToFloat(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
let halves = null; // all 65,536 of them, made when first needed

// → { meta, runs }: the arrays of run i are those whose names begin with "i/".
export function readMessage(bytes) {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const headerLength = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, headerLength)));
  const runs = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const {
      dtype,
      shape,
      data_offsets: [from, to],
    } = entry;
    const [run, field] = name.split("/");
    const part = buffer.slice(8 + headerLength + from, 8 + headerLength + to);
    let values;
    if (dtype === "U8") values = new Uint8Array(part);
    else if (dtype === "I8") values = new Int8Array(part);
    else if (dtype === "I16") values = new Int16Array(part);
    else if (dtype === "U16") values = new Uint16Array(part);
    else if (dtype === "F32") values = new Float32Array(part);
    else if (dtype === "F16") {
      halves ||= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
      values = Float32Array.from(new Uint16Array(part), (bits) => halves[bits]);
    } else throw new Error(`the trace holds ${name} as ${dtype}, which this page cannot read`);
    (runs[run] ||= {})[field] = { values, shape };
  }
  return { meta: JSON.parse(header.__metadata__.meta), runs };
}
