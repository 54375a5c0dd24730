// The panels of the page Theory in their order, and how wide each is: columns of six.

import context from "./context.js";
import elevator from "./elevator.js";
import error from "./error.js";
import func from "./function.js";
import lemma from "./lemma.js";
import moduli from "./moduli.js";
import rates from "./rates.js";
import stages from "./stages.js";
import tokens from "./tokens.js";
import trained from "./trained.js";

/**
 * @typedef {object} TheoryPanel
 * @property {string} name @property {string} title @property {string} help @property {string} formula
 * @property {string} drawing what the figure is, for those who do not see it
 * @property {(seen: object) => string} describe
 * @property {(pen: object, seen: object, width: number, height: number) => void} draw
 * @property {(seen: object) => import("../core/types.js").Table} table
 * @property {boolean} [moves] what it draws is another picture in every loop
 * @property {(meta: object) => [string, string][]} [choices] what to choose above it; chosen, choose: which it is
 * @property {string} [asks] the button below it, which asks the server for what it draws
 * @property {(seen: object) => string} [beyond] what it does not say
 * @property {Function} [pick] what lies under a click: a loop or a δ
 * @property {Function} [grab] what a pointer takes hold of; drag: the draft that follows from where it goes
 * @property {number|Function} [grips] how many points the keyboard can move; gripWords, nudge: of one of them
 */

/** @type {TheoryPanel[]} */
export const PANELS = [stages, tokens, elevator, context, func, moduli, error, lemma, trained, rates];
