// About how long the answers to questions take, of a 9×9 board, two words of twelve letters or twenty examples on one
// core beside a busy one: measured by `python -m looped bench questions`. Only the order of magnitude is shown.

/** @type {Object<string, number>} by question, of a model with a token at each place */
export const SECONDS = {
  layerwise: 0.03,
  similarity: 0.05,
  rollout: 0.07,
  influence: 0.27,
  locality: 0.27,
  linear: 0.57,
  lyapunov: 0.73,
  heads: 0.86,
  noise: 0.9,
  turns: 0.99,
  weights: 0.99,
  temperature: 1,
  adaptive: 1.2,
  recovery: 1.9,
  calibration: 2,
  exits: 2.1,
  spectrum: 2.2,
  lengths: 2.2,
  sizes: 2.4,
  clues: 2.5,
  methods: 2.5,
  resting_minimal: 3.4,
  resting: 3.7,
  wavefront: 4.2,
  probes: 4.2,
  scaling: 4.7,
  layers: 5.3,
  shifts: 6.5,
  tables: 7,
  farther: 7.4,
  inputs: 8.4,
  compute: 12,
  bias: 14,
  cells: 15,
  multistep: 18,
  exits_minimal: 18,
  sweep: 51,
};
/** @type {Object<string, number>} the same of a net with a state for each candidate */
export const OF_CANDIDATES = {
  similarity: 0.25,
  layerwise: 0.84,
  locality: 1.5,
  linear: 4,
  lyapunov: 4.6,
  turns: 7.5,
  noise: 7.7,
  calibration: 10,
  spectrum: 10,
  recovery: 12,
  resting: 12,
  exits: 12,
  resting_minimal: 14,
  probes: 32,
  inputs: 34,
  compute: 36,
  scaling: 46,
  exits_minimal: 77,
  cells: 103,
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

const MEASURED = { tokens: 81 * 32, candidates: 81 * 64 }; // places × loops of the runs that were measured

/**
 * @param {string|undefined} question its name
 * @param {{ work?: number, ofCandidates?: boolean }} [of] places × loops of the run that is asked about, and whether
 *   its model has a state for each candidate
 * @returns {string} the order of magnitude; "" for at once
 */
export function costWords(question, { work, ofCandidates = false } = {}) {
  const [all, measured] = ofCandidates ? [OF_CANDIDATES, MEASURED.candidates] : [SECONDS, MEASURED.tokens];
  const seconds = (all[question] * (work ?? measured)) / measured;
  return Number.isNaN(seconds) ? "" : STEPS.find(([most]) => seconds < most)[1];
}
