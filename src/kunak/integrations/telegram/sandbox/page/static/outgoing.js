// What the person sends. What could not go for want of a server waits and goes when it is back, once; what was refused
// says so and may be sent again.

import { toast } from "./dialogs.js";

const PICTURES = new Set(["image/jpeg", "image/png", "image/webp"]);

export class Outgoing {
  // `onForgotten`: the server no longer knows the chat or the person; bring it up to date.
  constructor({ api, history, person, onForgotten }) {
    this.api = api;
    this.history = history;
    this.person = person;
    this.onForgotten = onForgotten;
  }

  say(text, replyTo) {
    const message = { text, from: this.person, date: Math.floor(Date.now() / 1000) };
    if (replyTo) message.reply_to_message = this.history.messages.get(replyTo);
    const key = `p${performance.now()}`;
    this.history.pending.set(key, { message, replyTo });
    this.history.sticks = true;
    return this.send(key);
  }

  async send(key) {
    const waiting = this.history.pending.get(key);
    this.history.pending.set(key, { ...waiting, state: "sending", underway: true });
    this.history.draw();
    try {
      const sent = await this.api.say(waiting.message.text, waiting.replyTo);
      this.history.pending.delete(key);
      this.history.put(sent);
    } catch (error) {
      if (this.history.pending.has(key)) this.#failed(key, error);
    }
  }

  sendWaiting() {
    for (const [key, { state, underway }] of [...this.history.pending]) if (state === "sending" && !underway) this.send(key);
  }

  // One after another, so they stand in the order they were chosen in; the caption goes with the first.
  async upload(files, caption) {
    for (const [index, file] of files.entries()) {
      const kind = PICTURES.has(file.type) ? "photo" : file.type.startsWith("audio/ogg") ? "voice" : "document";
      this.history.put(await this.api.upload(file, kind, index === 0 ? caption : ""));
    }
  }

  #failed(key, error) {
    const waiting = this.history.pending.get(key);
    const forgotten = error.status === 404 && !waiting.forgotten; // told so twice, it is the message that is wrong
    const comesBack = error.status === 0 || forgotten;
    this.history.pending.set(key, { ...waiting, forgotten, state: comesBack ? "sending" : "failed", underway: false });
    this.history.draw();
    if (forgotten) this.onForgotten();
    else if (!comesBack) toast(error.message);
  }
}
