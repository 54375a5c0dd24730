// The looks of series that stand side by side in one chart, such as the checkpoints of a task.

const GROUPS = [3, 4, 6, 8, 5]; // colours of groups that differ from those before them
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 2], [12, 4], [4, 2, 1, 2]];

/**
 * Colour and dashes of series i. As the numbers of colours (10) and of dashes (7) have no common divisor, the first 70
 * series have looks of their own.
 * @param {Object<string, *>} colours of the page, by name
 * @param {number} i from 0
 * @returns {[string, number[]]}
 */
export function seriesStyle({ accent, warm, cool, text, muted, groups }, i) {
  const tints = [accent, warm, cool, text, muted, ...GROUPS.map((k) => groups[k])];
  return [tints[i % tints.length], DASHES[i % DASHES.length]];
}
