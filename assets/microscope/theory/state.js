// What the page Theory shows and what a person is doing on it, in one place; beside it only its clock.

import { noClass, noLesson } from "../core/state.js";

/**
 * @typedef {object} TheoryRun the last message
 * @property {Uint8Array} bytes the message itself
 * @property {Object<string, import("../core/types.js").NamedArray>} arrays of looped/theory/lab.py
 * @property {object} meta
 * @property {number} traces messages that came
 */

/**
 * @typedef {object} Hand what a hand has changed and no answer shows yet
 * @property {number[]} [x] the tokens
 * @property {number[]} [g] values of a drawn curve; h: of the other
 * @property {number[]} [h]
 * @property {number[]} [y] the sequence of the lemma
 */

/**
 * @typedef {object} Asked
 * @property {number} number of the last request
 * @property {number} answered number of the last answer
 * @property {Object<string, string>|null} wanted what is asked for when the answer that is under way is there
 * @property {Object<string, string>|null} sent what was asked for last
 */

/**
 * @typedef {object} TheoryView how the setting is drawn
 * @property {boolean} zoom the elevator is seen around the clock
 * @property {number|null} delta the place of a distance among those that were searched
 * @property {{ panel: string, at: number }|null} grip the point that the keyboard moves
 * @property {"cells"|"loops"} over what the error is drawn over
 * @property {string|null} rate the rate experiment that is shown
 * @property {string|null} present the panel that is presented alone
 * @property {string[]|null} panels those that a link shows, null for all
 */

/**
 * @typedef {object} Written what stands in the address bar
 * @property {string|null} setting as JSON
 * @property {number|null} went the loop of the entry to which the browser went back or on, until it is shown
 * @property {boolean} came it is shown: the address has an entry of the history already
 */

/** The state of the page. */
export class TheoryState {
  constructor() {
    /** @type {TheoryRun|null} */
    this.run = null;
    /** @type {Hand} */
    this.hand = {};
    /** @type {Asked} */
    this.asked = { number: 0, answered: 0, wanted: null, sent: null };
    /** @type {TheoryView} */
    this.view = { zoom: false, delta: null, grip: null, over: "cells", rate: null, present: null, panels: null };
    /** @type {Written} */
    this.written = { setting: null, went: null, came: false };
    /** @type {import("../core/state.js").Learning} */
    this.learning = noLesson();
    /** @type {import("../core/state.js").Together} */
    this.together = noClass();
    /** @type {{ kind: string, text: string }|null} what is said of a link */
    this.trouble = null;
  }
}
