// What the person sends. What could not go for want of a server waits and goes when it is back, once; what was refused
// says so and may be sent again.

import { toast } from "./dialogs.js";

const PICTURES = new Set(["image/jpeg", "image/png", "image/webp"]);

function kindOf(file) {
  if (PICTURES.has(file.type)) return "photo";
  if (/\.(oga|ogg|opus)$/i.test(file.name) || file.type.startsWith("audio/ogg")) return "voice";
  return file.type.startsWith("audio/") ? "audio" : "document";
}

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

  // One after another, so they stand in the order they were chosen in; the caption goes with the first. Pictures alone,
  // or files alone, are an album.
  async upload(files, caption, replyTo) {
    const kinds = files.map(kindOf);
    const isAlbum = files.length > 1 && kinds[0] !== "voice" && kinds.every((kind) => kind === kinds[0]);
    const album = isAlbum ? String(Date.now()) : "";
    for (const [index, file] of files.entries()) {
      const about = index === 0 ? { caption, replyTo, album } : { album };
      this.history.put(await this.api.upload(file, kinds[index], about));
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
