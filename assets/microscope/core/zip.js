// Adds files to a zip, uncompressed. Only what a zip without a comment and below 4 GiB needs.

const END = 22; // bytes of the record at the end of a zip
const LOCAL = 30; // bytes of what stands before a file
const UTF8 = 0x0800; // flag: names are UTF-8

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/** @param {Uint8Array} data @returns {number} the check sum of a zip */
function crc32(data) {
  let sum = -1;
  for (const byte of data) sum = (sum >>> 8) ^ table[(sum ^ byte) & 255];
  return ~sum >>> 0;
}

// Numbers in a row, little-endian: [value, bytes], …
function record(...fields) {
  const bytes = [];
  for (const [value, size] of fields) for (let i = 0; i < size; i++) bytes.push(Math.floor(value / 256 ** i) & 255);
  return Uint8Array.from(bytes);
}

function total(parts) {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

function joined(parts) {
  const whole = new Uint8Array(total(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {Uint8Array} zip as `looped/ui/download.py` makes it
 * @param {[name: string, data: Uint8Array][]} files
 * @param {Date} [now] when the files were made, by the clock on the wall, as a zip keeps it
 * @returns {Uint8Array} the zip with these files behind its own
 */
export function addToZip(zip, files, now = new Date()) {
  const day = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const end = new DataView(zip.buffer, zip.byteOffset + zip.length - END);
  const [count, size, begin] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  const bodies = [zip.subarray(0, begin)];
  const entries = [zip.subarray(begin, begin + size)];
  let at = begin;
  for (const [name, data] of files) {
    const called = new TextEncoder().encode(name);
    const about = [[20, 2], [UTF8, 2], [0, 2], [time, 2], [day, 2], [crc32(data), 4]];
    about.push([data.length, 4], [data.length, 4], [called.length, 2], [0, 2]);
    const before = record([0x04034b50, 4], ...about);
    entries.push(record([0x02014b50, 4], [20, 2], ...about, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]), called);
    bodies.push(before, called, data);
    at += LOCAL + called.length + data.length;
  }
  const whole = count + files.length;
  const long = total(entries);
  const last = record([0x06054b50, 4], [0, 2], [0, 2], [whole, 2], [whole, 2], [long, 4], [at, 4], [0, 2]);
  return joined([...bodies, ...entries, last]);
}
