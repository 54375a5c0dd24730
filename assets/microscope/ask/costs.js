// About how long the answers to questions take, of a 9×9 board, two words of twelve letters or twenty examples on one
// core of a busy server: measured by `python -m looped bench questions`. Only the order of magnitude is shown.

/** @type {Object<string, number>} by question */
export const SECONDS = {
  rollout: 0.2,
  influence: 0.7,
  similarity: 0.3,
  locality: 0.8,
  linear: 1.3,
  layerwise: 1.5,
  weights: 3,
  turns: 3,
  noise: 3.4,
  adaptive: 4,
  heads: 4,
  sizes: 4,
  recovery: 5,
  temperature: 6,
  methods: 6,
  spectrum: 7,
  layers: 8,
  lyapunov: 19,
  clues: 9,
  compute: 9,
  exits: 9,
  tables: 11,
  farther: 11,
  wavefront: 15,
  multistep: 16,
  bias: 18,
  probes: 18,
  calibration: 9,
  resting: 12,
  scaling: 25,
  lengths: 25,
  inputs: 25,
  shifts: 30,
  sweep: 50,
  resting_minimal: 60,
  exits_minimal: 63,
  cells: 73,
};
const STEPS = [
  [0.6, ""],
  [2, "about 1 s"],
  [6, "about 3 s"],
  [20, "about 10 s"],
  [45, "about 30 s"],
  [100, "about 1 min"],
  [Infinity, "some minutes"],
];

const MEASURED = 81 * 32; // positions × loops of the run that was measured

/**
 * @param {string|undefined} question its name
 * @param {number} [work] positions × loops of the run that is asked about
 * @returns {string} the order of magnitude; "" for at once
 */
export function costWords(question, work = MEASURED) {
  const seconds = (SECONDS[question] * work) / MEASURED;
  return Number.isNaN(seconds) ? "" : STEPS.find(([most]) => seconds < most)[1];
}
