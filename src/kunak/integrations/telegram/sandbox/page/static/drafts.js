// Messages a bot is writing: shown for a while, growing, until the message itself comes.

const DRAFT_LIVES_MS = 30_000;

export class Drafts {
  // `onStoppable(id)`: the draft the person may stop now, or null.
  constructor({ history, author, onStoppable }) {
    this.history = history;
    this.author = author;
    this.onStoppable = onStoppable;
    this.timers = new Map();
  }

  // A draft takes the place of the one before it in its thread.
  show(draft) {
    const id = draft.draft_id;
    for (const [other, known] of [...this.history.drafts]) {
      if (other !== id && known.message_thread_id === draft.message_thread_id) this.#forget(other);
    }
    this.history.drafts.set(id, {
      ...draft,
      from: this.author,
      date: Math.floor(Date.now() / 1000),
      text: draft.rich_message ? undefined : draft.text || "…",
    });
    clearTimeout(this.timers.get(id));
    this.timers.set(id, setTimeout(() => this.drop(id), DRAFT_LIVES_MS));
    this.history.draw();
    this.onStoppable(draft.can_stop ? id : null);
  }

  drop(id) {
    this.#forget(id);
    this.onStoppable(null);
    this.history.draw();
  }

  // Forgets all without drawing: the caller draws what comes in their place.
  forget() {
    for (const id of [...this.history.drafts.keys()]) this.#forget(id);
    this.onStoppable(null);
  }

  #forget(id) {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.history.drafts.delete(id);
  }
}
