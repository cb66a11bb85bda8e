// What happens to a person's chats, as it happens. After a break the caller catches up first and then follows on, so
// nothing is lost and nothing comes twice, also when the server began anew with an empty memory.

import { userEvents } from "./api.js";

const KINDS = [
  "message", "edited", "deleted", "draft", "draft_gone", "chat_action", "callback_answer",
  "reaction", "commands", "menu_button", "membership", "pinned", "reset",
];
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 5000;

export class Stream {
  // `catchUp` loads the present state and returns the id of the last event in it; `onEvent(kind,
  // event, id)`; `onState(connected)`.
  constructor(userId, { catchUp, onEvent, onState }) {
    this.userId = userId;
    this.catchUp = catchUp;
    this.onEvent = onEvent;
    this.onState = onState;
    this.pause = FIRST_PAUSE_MS;
    this.closed = false;
    this.online = () => this.#retrySoon(0);
    this.offline = () => this.#retryLater();
    addEventListener("online", this.online);
    addEventListener("offline", this.offline);
  }

  // One attempt at a time: whoever asks meanwhile waits for the same.
  connect() {
    this.attempt ??= this.#attempt().finally(() => (this.attempt = null));
    return this.attempt;
  }

  async #attempt() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    try {
      const lastId = await this.catchUp();
      if (!this.closed) this.#follow(lastId);
    } catch {
      this.#retryLater();
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.source?.close();
    removeEventListener("online", this.online);
    removeEventListener("offline", this.offline);
  }

  #follow(lastId) {
    const source = new EventSource(userEvents(this.userId, lastId));
    this.source = source;
    source.onopen = () => {
      this.pause = FIRST_PAUSE_MS;
      this.onState(true);
    };
    source.onerror = () => {
      if (source === this.source) this.#retryLater();
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        if (source !== this.source) return;
        if (kind === "reset") this.connect();
        else this.onEvent(kind, JSON.parse(event.data), Number(event.lastEventId));
      });
    }
  }

  #retryLater() {
    this.source?.close();
    this.source = null;
    if (this.closed) return;
    this.onState(false);
    this.#retrySoon(this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  #retrySoon(pause) {
    clearTimeout(this.timer);
    if (!this.closed && !this.source) this.timer = setTimeout(() => this.connect(), pause);
  }
}
