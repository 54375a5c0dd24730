// Sends a request again while it has no answer: the connection may have broken, or the server may have been started
// anew, without the request.

const LOOK = 1500; // milliseconds between two looks at whether the server is there
const PATIENCE = 3; // looks after which an unanswered request is sent again; then twice as many, and so on

/** Watches a request until its answer is here. */
export class Resending {
  /**
   * @param {{ waiting: () => boolean, again: () => void, alive: () => Promise<boolean>, away: () => void }} page
   *   whether an answer is still awaited, how it is asked for again, whether the server can be reached, and what is
   *   done once it cannot
   * @param {(look: () => void, after: number) => number} later as setTimeout
   */
  constructor(page, later = (look, after) => setTimeout(look, after)) {
    this.page = page;
    this.later = later;
    this.watching = false;
  }

  // A request was sent.
  begin() {
    Object.assign(this, { lost: false, looks: 0, next: PATIENCE });
    if (this.watching) return;
    this.watching = true;
    this.later(() => this.look(), LOOK);
  }

  /** @type {() => Promise<void>} */
  async look() {
    if (this.page.waiting()) {
      const alive = await this.page.alive();
      this.looks++;
      if (!alive && !this.lost && this.page.waiting()) this.page.away();
      if (!alive) this.lost = true;
      else if (this.page.waiting() && (this.lost || this.looks >= this.next)) this.again();
    }
    if (this.page.waiting()) this.later(() => this.look(), LOOK);
    else this.watching = false;
  }

  again() {
    this.next = 2 * this.looks;
    this.page.again();
  }
}

/** @returns {Promise<boolean>} whether the server of this page can be reached */
export async function reachable() {
  try {
    return (await fetch(new URL("_stcore/health", document.baseURI), { cache: "no-store" })).ok;
  } catch {
    return false; // no server answers
  }
}
