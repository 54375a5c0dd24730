// All panels, in the order in which the menu lists them: one import and one entry each.

import attention from "./attention.js";
import contests from "./contests.js";
import fields from "./fields.js";
import cycle from "./cycle.js";
import trajectory from "./trajectory.js";
import convergence from "./convergence.js";
import timestep from "./timestep.js";
import readout from "./readout.js";
import order from "./order.js";
import rules from "./rules.js";
import flow from "./flow.js";
import whole from "./whole.js";
import distances from "./distances.js";
import orbits from "./orbits.js";
import fixed from "./fixed.js";
import similarity from "./similarity.js";
import lyapunov from "./lyapunov.js";
import layerwise from "./layerwise.js";
import linear from "./linear.js";
import recovery from "./recovery.js";
import locality from "./locality.js";
import encoding from "./encoding.js";
import effect from "./effect.js";
import exits from "./exits.js";
import basins from "./basins.js";
import temperature from "./temperature.js";
import clues from "./clues.js";
import probes from "./probes.js";
import whatif from "./whatif.js";
import table from "./table.js";
import wavefront from "./wavefront.js";
import equations from "./equations.js";
import flood from "./flood.js";
import compute from "./compute.js";
import calibration from "./calibration.js";
import resting from "./resting.js";
import lengths from "./lengths.js";
import scaling from "./scaling.js";
import error from "./error.js";
import descent from "./descent.js";
import reach from "./reach.js";
import influence from "./influence.js";
import sizes from "./sizes.js";
import shifts from "./shifts.js";
import weights from "./weights.js";
import multistep from "./multistep.js";
import farther from "./farther.js";
import bias from "./bias.js";
import layers from "./layers.js";
import adaptive from "./adaptive.js";
import tables from "./tables.js";
import methods from "./methods.js";
import sweep from "./sweep.js";
import inputs from "./inputs.js";

/** @typedef {import("../core/types.js").Panel} Panel */

/** @type {Panel[]} */
export const PANELS = [
  attention,
  contests,
  fields,
  cycle,
  trajectory,
  convergence,
  timestep,
  readout,
  order,
  rules,
  flow,
  whole,
  distances,
  orbits,
  fixed,
  similarity,
  lyapunov,
  layerwise,
  linear,
  recovery,
  locality,
  encoding,
  effect,
  exits,
  basins,
  temperature,
  clues,
  probes,
  whatif,
  table,
  wavefront,
  equations,
  flood,
  compute,
  calibration,
  resting,
  lengths,
  scaling,
  error,
  descent,
  reach,
  influence,
  sizes,
  shifts,
  weights,
  multistep,
  farther,
  bias,
  layers,
  adaptive,
  tables,
  methods,
  sweep,
  inputs,
];
