// Types of what crosses a module's border. Nothing is run here.

/**
 * @typedef {object} NamedArray an array of a message
 * @property {Float32Array|Uint8Array|Int8Array|Uint16Array|Int16Array|Int32Array} values in C order
 * @property {number[]} shape
 */

/**
 * @typedef {object} Geometry where the positions of an input stand, and what they and tokens are called
 * @property {number} n positions
 * @property {number} rows
 * @property {number} columns
 * @property {(position: number) => string} name
 * @property {(token: number) => string} sign on a figure
 * @property {(token: number) => string} called in a sentence
 * @property {(position: number) => [number, number]|null} spot row and column; null where it is not drawn
 * @property {(row: number, column: number) => number|null} at
 * @property {(pen: Pen, x: number, y: number, step: number) => void} frame
 * @property {[string, number[]][]} [units] kinds of groups in which a token stands once: what a position calls its own
 *   one, and the number of each position's group
 * @property {number[][]} [lines] the positions of each row of a sequence
 * @property {string[]} [groups] what each row is called
 */

/** @typedef {CanvasRenderingContext2D|import("../draw/surface.js").SvgPen} Pen */

/**
 * @typedef {object} Seen what a panel is told of one run
 * @property {import("./view.js").View} view this run
 * @property {import("./view.js").View[]} views all runs, one or two
 * @property {number} t the clock: 0 is before the first loop
 * @property {number} active the position under the pointer, else the chosen one
 * @property {number} chosen the position that questions are about
 * @property {number|null} hover
 * @property {Set<number>} selected
 * @property {number|null} head null for all of them
 * @property {number} layer
 * @property {string} [mode] chosen entry of the panel's modes
 * @property {Answer|null} asked of the panel's long question
 * @property {boolean} anyAsked whether it is answered of this run or of the one that it is compared with
 * @property {Answer|null} beside of another panel's question about the same, where it was asked
 * @property {Geometry} geometry
 * @property {object} meta of the message
 * @property {number[]|null} solution the one right token of every position, where there is one
 * @property {boolean} judged whether it is known which answers are right
 * @property {Object<string, string>} colours by name
 * @property {string} font
 * @property {string} show what the face draws
 * @property {number} fade from 0 to 1: how far the answers that changed have come up
 * @property {[number, number]} camera turned and tilted, in radians
 * @property {(text: string) => string} words a sentence about this run, in the terms of the task
 * @property {(text: string) => string} shared a sentence about all runs that are compared
 * @property {{ of: string, guess: number[], whose: string }|null} [drawn] a curve that was drawn in a lesson, of what,
 *   a number a loop, and by whom
 * @property {boolean} live whether there is a server to ask
 * @property {string} puzzle the input that was run
 * @property {string} entry what is typed
 * @property {Set<number>} [own] what of it a person entered; the rest is given
 * @property {Set<string>[]} [corner] pencil marks
 * @property {Set<string>[]} [centre]
 */

/**
 * @typedef {object} Answer to a long question
 * @property {number} share of the work that is done, from 0 to 1
 * @property {boolean} running
 * @property {number} [place] in the line of those that wait for the server, from 1; 0 when its turn has come
 * @property {Object<string, NamedArray>} [arrays]
 * @property {object} [meta]
 * @property {number} [cell] what it was asked about
 * @property {number} [loop]
 * @property {string} [error]
 */

/** @typedef {{ cell?: number, loop?: number }} Picked what lies under the pointer */

/** @typedef {{ columns: string[], rows: (string|number)[][] }} Table the numbers of a figure */

/**
 * @typedef {object} Panel what the page asks of a panel, which may have parts of its own beside
 * @property {string} name in links
 * @property {string} title
 * @property {string} needs name of the array without which there is nothing to draw
 * @property {string} help
 * @property {string} [formula]
 * @property {string} [drawing] what the figure is, for those who do not see it
 * @property {string} [question] what a person would ask, in the menu Ask
 * @property {"place"|"run"|"model"|"whatif"} [about] under which heading of that menu
 * @property {string} [page] the only page that has it
 * @property {[string, string, string?][]} [modes] name, words, what the task must offer for it
 * @property {(mode: string, meta: object) => boolean} [offered] whether there is a mode for what is shown
 * @property {string} [turns] the mode that is turned in space
 * @property {boolean} [choosesHead] the lists of heads and layers stand above it
 * @property {object|((about: { mode: string }) => object|null)} [asks] its long question (ask/asking.js)
 * @property {(view: import("./view.js").View) => boolean} [saysWhy] its own sentence says why its question is not asked
 * @property {object} [beside] another panel's question, whose answer about the same it mentions
 * @property {boolean|((mode: string) => boolean)} [blank] nothing is drawn before the question is answered
 * @property {(seen: Seen) => string} describe
 * @property {(pen: Pen, seen: Seen, width: number, height: number) => void} draw
 * @property {(x: number, y: number, seen: Seen, width: number, height: number) => Picked|null} pick
 * @property {(seen: Seen) => Table} table
 * @property {(host: FormHost) => Form} [build] of a form, in place of draw
 */

/**
 * @typedef {object} PageParts what a page says of its own
 * @property {{ title: string, help: string, drawing: string }} face the panel on the left
 * @property {number} faceRatio its width over its height
 * @property {() => { labelled: Element[], buttons: Element[], below?: Element[] }} inputs the elements of the bar and
 *   below the face in which an input is typed, drawn or chosen
 * @property {(meta: object, before: Geometry|null) => Geometry} geometryOf a message: `before` itself where nothing
 *   has moved
 * @property {(meta: object, first: boolean) => void} arrived the message answers the last request
 * @property {(typed: object) => void} recall what was typed before the person went to another page and back
 * @property {(text: string) => void} useText run an example that was chosen, or a text that was pasted
 * @property {(event: KeyboardEvent) => void} faceKey a key while the face has the focus
 * @property {() => number} firstCell the position that is chosen at first
 * @property {() => [string, string][]} settable what the chosen position can be told to hold: value in a change, words
 * @property {() => [string, string][]} donors other inputs whose states it can be given: value in a change, words
 * @property {(seen: Seen) => string} describeFace
 * @property {(pen: Pen, seen: Seen, width: number, height: number) => void} drawFace
 * @property {(seen: Seen) => string[]} faceWords of every position, for screen readers
 * @property {(seen: Seen) => Table} faceTable with the numbers of what is shown
 */

/**
 * @typedef {object} PromptForm how a prompt is drawn
 * @property {number} ratio width over height
 * @property {(pen: Pen, seen: Seen, width: number, height: number) => void} draw
 * @property {(seen: Seen, width: number, height: number) => ([number, number, number, number]|null)[]} boxes left, top,
 *   width and height of the cell of every position
 * @property {(seen: Seen, width: number, height: number) => object} [frameOf] what stands where, for the pointer
 */

/**
 * @typedef {object} Form
 * @property {Element} root
 * @property {() => void} update
 * @property {() => import("../draw/listing.js").Listing|null} [listing] the rows to take away with the view
 * @property {() => Table} [table] and all that is known of them
 */

/**
 * @typedef {object} FormHost what a panel that is a form may know and do
 * @property {object} kept what the form keeps in the state of the page
 * @property {() => Seen} seen the first run
 * @property {(text: string) => string} words
 * @property {() => [string, string][]} settable tokens that the chosen position can be told to hold: value, words
 * @property {() => [string, string][]} donors other inputs whose states it can be given
 * @property {(versus: string) => void} compare run this variant beside the first
 * @property {(message: { kind: string, text: string }) => void} say
 * @property {() => string} verdict what is said of the two runs
 * @property {() => string} mode that is chosen above the panel
 * @property {(text: string) => void} use open another input
 * @property {(start: () => void) => object} askRow a row with a button, progress and a way to cancel (ask/row.js)
 * @property {(question: string, of: { work: number, ofCandidates: boolean }) => string} cost about how long, in words
 * @property {(i: number, about: { source: string, text: string }) => Answer|undefined} inputs what is known of a set
 * @property {(i: number, about: { source: string, text: string }) => Promise<void>} askInputs ask run i about it
 * @property {(labels: string[], name: string, table: Table) => void} saveTable as CSV
 */

/**
 * @typedef {object} LessonSource the server, as lessons ask it; both throw an Error with one sentence
 * @property {(name: string, step: number) => Promise<object>} step as it is before a guess
 * @property {(name: string, step: number, guess: unknown) => Promise<object>} guess what is revealed to it
 */

/**
 * @typedef {[string, number, number|null, number|null, string, boolean]} ClassBar an answer, or several in one bar: its
 *   words, how often it was given, its first and last number; once revealed what is said of it, and whether it happened
 */

/**
 * @typedef {object} ClassTold what the server tells of a class together
 * @property {string} view a link, to which pages go that follow
 * @property {boolean} follows
 * @property {boolean} away the teacher is on a page to which none can follow
 * @property {boolean} unled the teacher's page has not been heard of for some seconds
 * @property {number} here students whose page is open
 * @property {"before"|"after"|null} quiz that is given now
 * @property {number|null} order in which this student is asked the quiz
 * @property {{ before: number, after: number }} handed sheets of the quiz
 * @property {boolean} ended
 * @property {{ lesson: string, step: number, answered: number, mine: unknown, measuring: boolean,
 *   bars: ClassBar[]|null, told: object|null }|null} ask where the class is asked: the own answer, whether
 *   what happens is being measured for a reveal, how often each was given, what was revealed
 */

/**
 * @typedef {object} ClassSource the server, as a class together asks it; all throw an Error with one sentence, whose
 *   `gone` says that there is no such class or no such place in it any more
 * @property {(message: object) => Promise<object|null>} send
 * @property {(message: object, signal: AbortSignal) => AsyncIterable<object>} hear what changes, as it changes
 * @property {(message: object) => Promise<Blob>} counts as CSV
 * @property {Storage} memory of this tab
 */

/**
 * @typedef {object} LessonGround what a lesson needs of its page and not all pages have alike
 * @property {string} path of the page
 * @property {boolean} presenting whether one panel is presented alone
 * @property {{ cells: Element[] }[]} faces whose cells can be outlined
 * @property {(use: (memory: Storage) => *) => *} storage null where there is none
 * @property {(name: string) => Element|null} target a control or a panel, by the name that lessons use
 * @property {Element} face what is looked at where a step points at nothing else
 * @property {Element|null} shownBy what is looked at once the answer is revealed; null: what the step points at
 * @property {(query: URLSearchParams) => void} prepare the look of a first visit, before the view of a link is shown
 * @property {string|null} [run] what is run and on screen, as links tell it; null while another run is on its way
 * @property {(query: URLSearchParams) => boolean} asksRun whether a link names what is run
 * @property {() => void} leave the view is the person's again
 * @property {(opened: boolean) => void} follow in presenter mode, present what the step is about; opened: the page is
 *   new, and what its link presents stays
 */

/**
 * @typedef {object} Host what a page can ask of the world around it; null for what it does not have
 * @property {((request: object) => void)|null} send asks the server for another run
 * @property {((query: URLSearchParams, signal: AbortSignal) => AsyncIterable<object>)|null} ask long questions
 * @property {LessonSource|null} [lessons] what tells and answers the steps of lessons
 * @property {ClassSource|null} [classes] classes together
 * @property {((page: object) => Promise<void>)|null} [exportView]
 * @property {((page: object) => Promise<void>)|null} [exportTheory] the view of the page Theory
 * @property {((page: object) => Promise<void>)|null} [savePage]
 * @property {((page: object, panel: string) => Promise<void>)|null} [saveAnimation] of a panel, or of the face
 * @property {((page: object, about?: object) => Promise<void>)|null} [openSpace] hidden states, or what `about` says,
 *   in a large figure
 * @property {Storage|null} memory
 * @property {boolean} links whether the address bar follows
 * @property {URL} [root] address of the app
 * @property {string[]} [pages] the names of its pages with a microscope, as they stand in addresses
 * @property {[string, object, string][]} [answers] to long questions, that came with a saved page
 * @property {string} [query] the view of a saved page, or of a cell of a notebook
 * @property {boolean} [inside] it stands in a page of somebody else, a notebook: address, keys outside it and clipboard
 *   are not its own
 */

export {};
