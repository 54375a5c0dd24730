// Numbers and names as words.

// A share as a percentage; its space does not break between lines.
/** @type {(share: number) => string} */
export const percent = (p) => {
  if (p >= 0.995 && p < 1) return ">\u00a099\u00a0%";
  if (p > 0 && p < 0.005) return "<\u00a01\u00a0%";
  return `${Math.round(100 * p)}\u00a0%`;
};
// A share beside a bound of less than a hundredth: below that, two digits that count.
/** @type {(share: number) => string} */
export const fine = (p) => (p > 0 && p < 0.01 ? `${Number((100 * p).toPrecision(2))}\u00a0%` : percent(p));
// A probability as a percentage. It comes in 16 bits, in which nearly all is 1 and nearly nothing 0; sure: it is known
// to be all or nothing.
/** @type {(p: number, sure: boolean) => string} */
export const chance = (p, sure) => {
  if (sure || (p > 0 && p < 1)) return percent(p);
  return p ? ">\u00a099\u00a0%" : "<\u00a01\u00a0%";
};
// A share as a percentage with one decimal, where shares are added by the reader.
/** @type {(share: number) => string} */
export const tenths = (p) => `${(100 * p).toFixed(1)}\u00a0%`;
// Two digits that count, with an exponent for very small and very large numbers.
/** @type {(x: number) => string} */
export const short = (x) => {
  if (x === 0) return "0";
  return Math.abs(x) < 0.01 || Math.abs(x) >= 1000 ? x.toExponential(1) : x.toPrecision(2);
};
// Two digits that count, as a decimal fraction down to a ten-thousandth: for errors that a page is about.
/** @type {(x: number) => string} */
export const small = (x) => {
  if (x && (Math.abs(x) < 1e-4 || Math.abs(x) >= 1000)) return x.toExponential(1);
  return String(Number(x.toPrecision(2)));
};
// A factor with three decimals near 1, where two digits that count tell nothing; else as `short`.
/** @type {(x: number) => string} */
export const nearOne = (x) => (Math.abs(x - 1) < 0.1 ? x.toFixed(3) : short(x));
// A number with at least three decimals, and as many more, up to six, as tell it from 1 and −1.
/** @type {(x: number) => string} */
export function apartFromOne(x) {
  const written = [3, 4, 5, 6].map((digits) => x.toFixed(digits));
  return written.find((text) => Math.abs(Number(text)) !== 1) ?? written[3];
}
// Four decimals below a tenth, two above.
/** @type {(x: number) => string} */
export const nearZero = (x) => x.toFixed(Math.abs(x) < 0.1 ? 4 : 2);
// A number that may be negative, with a true minus sign, which a zero has not; two decimals unless `form` says
// otherwise.
/** @type {(x: number, form?: (value: number) => string) => string} */
export const signed = (x, form = (value) => value.toFixed(2)) => {
  const written = form(x);
  return written.replace(/^-/, /[1-9]/.test(written) ? "−" : "");
};
/** @type {(bytes: number) => string} the size of what is sent */
export const sized = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
/** @type {(parts: (string | number)[]) => string} several things as a list with "and" */
export const listed = (parts) =>
  parts.length < 2 ? `${parts[0]}` : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
/** @type {(low: number, high: number) => string} the 95 % interval of a share, as it stands behind it */
export const between = (low, high) => {
  const whole = percent(low) === percent(high) && low !== high; // an interval has a width
  const form = whole && tenths(low) !== tenths(high) ? tenths : percent;
  return `(95\u00a0%: ${form(low)} to ${form(high)})`;
};
// A share in points, with as many decimals; of what is none but would be written as 0, that it is less.
/** @type {(share: number, digits: number) => string} */
export function inPoints(share, digits) {
  const written = (100 * share).toFixed(digits);
  if (Number(written)) return signed(100 * share, () => written);
  return share ? `less than ${(10 ** -digits).toFixed(digits)}` : "0";
}
// A difference of shares and the ends of its 95 % interval, in points, with as many decimals.
/** @type {(gap: number[], digits: number) => string} */
export function points(gap, digits) {
  if (gap.every((share) => !Number((100 * share).toFixed(digits))))
    return `${inPoints(Math.max(...gap.map(Math.abs)), digits)} points, both ends of the 95\u00a0% interval, too`;
  const written = (share) => signed(Number((100 * share).toFixed(digits)) || 0, (x) => x.toFixed(digits));
  const [by, low, high] = gap.map(written);
  return `${by} points, 95\u00a0%: ${low} to ${high}`;
}
/** @type {(measure: string) => string[]} the columns of a table for a measure and its 95 % interval */
export const withEnds = (measure) => [measure, `${measure}, 95 % from`, `${measure}, 95 % to`];
/** @type {(gain: number) => string} a probe's accuracy against that without any loop: 1 more, −1 less, 0 unsure */
export const gainWords = (gain) =>
  ["less than without any {loop}", "no sure gain over no {loop} at all", "more than without any {loop}"][1 + gain];
/** @type {(t: number, loop?: number) => string} what stands before a sentence about a loop, the first unless said
 *  otherwise, while the clock is before the first */
export function beforeFirst(t, loop = 1) {
  if (t) return "";
  const after = loop === 1 ? "it" : `{loop} ${loop}`;
  return `Before the first {loop} nothing has been computed; what follows is after ${after}. `;
}
/** @type {(shown: string) => string} while the clock is before the first loop, of a figure that shows the whole run */
export const beforeAll = (shown) => `No {loop} has run yet; ${shown}.`;
/** @type {(n: number, one: string, many?: string) => string} */
export const plural = (n, one, many = one === "{loop}" ? "{loops}" : `${one}s`) => `${n} ${n === 1 ? one : many}`;
/** @type {(many: number, some: number) => string} of cells of a grid that were named: some to which no way leads */
export function whereNoWay(many, some) {
  if (!some) return "";
  return many === 1 ? ", where no way leads" : `, ${some === many ? "all" : some} of them where no way leads`;
}
const ORDINALS = ["first", "second", "third", "fourth", "fifth"];
/** @type {(n: number) => string} a place in a line: first, second, … and in figures behind the fifth */
export const ordinal = (n) => ORDINALS[n - 1] ?? `number ${n}`;
/** @type {(x: number, low: number, high: number) => number} */
export const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
/** @type {(text: string) => string} */
export const sentence = (text) => (/^[α-ω]/.test(text) ? text : text[0].toUpperCase() + text.slice(1)); // α1 is a name

/** @type {Object<string, string>} what the passes of a looped model are called */
const LOOPS = { loop: "loop", loops: "loops" };
/** @type {(view: { meta: { passes?: Object<string, string> } }) => Object<string, string>} {loop} and {loops} of a run,
 *   terms as those of a task: a standard transformer has layers */
export const passesOf = ({ meta }) => meta.passes ?? LOOPS;
/** @type {(views: { meta: { passes?: Object<string, string> } }[]) => Object<string, string>} the same of what is
 *   shared by runs that are compared: "loop or layer" where they have both */
export function passesOfAll(views) {
  const all = views.length ? views.map(passesOf) : [LOOPS];
  const first = [true, false].flatMap((looped) => all.filter(({ loop }) => (loop === LOOPS.loop) === looped));
  const each = (name) => [...new Set(first.map((passes) => passes[name]))].join(" or ");
  return { loop: each("loop"), loops: each("loops") };
}

/** @type {(view: { loops: number }, t: number) => string} what the pass at the clock is called in a sentence on what it
 *   did: of a run that has ended before, that was its last */
export const passing = ({ loops }, t) => (t > loops ? `its last {loop} (${loops})` : "this {loop}");

/**
 * A text in the terms of a task (Terms of looped/tasks/protocol.py). In the text, {place} stands for the term of that
 * name, {Place} for the same at the beginning of a sentence, {a place} and {A place} for it with its article.
 * @param {string} text
 * @param {Object<string, string>} terms
 */
export function told(text, terms) {
  return text.replace(/\{(?:([aA]) )?([A-Za-z_]+)\}/g, (whole, article, name) => {
    const term = terms[name] ?? terms[name[0].toLowerCase() + name.slice(1)];
    if (term === undefined) return whole;
    if (article) return `${article}${/^[aeiou]/.test(term) ? "n" : ""} ${term}`;
    return name in terms ? term : sentence(term);
  });
}
