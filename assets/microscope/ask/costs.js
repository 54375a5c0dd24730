// About how long the answers to questions take, of a 9×9 board, two words of twelve letters or twenty examples on one
// core of a busy server: measured by `python -m looped bench questions`. Only the order of magnitude is shown.

export const SECONDS = {
  rollout: 0.2,
  influence: 0.7,
  turns: 3,
  noise: 3.4,
  heads: 4,
  sizes: 4,
  temperature: 6,
  spectrum: 7,
  clues: 9,
  exits: 9,
  wavefront: 15,
  probes: 18,
  scaling: 25,
  lengths: 25,
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

/** @param {string|undefined} question its name @returns {string} the order of magnitude; "" for at once */
export function costWords(question) {
  const seconds = SECONDS[question];
  return seconds === undefined ? "" : STEPS.find(([most]) => seconds < most)[1];
}
