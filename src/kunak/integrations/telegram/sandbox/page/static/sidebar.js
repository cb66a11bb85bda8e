// The list of chats and the person it belongs to.

import { summary } from "./bubble.js";
import { avatar, element, fullName } from "./dom.js";
import { _, language, shortTimeOf } from "./words.js";

export const keyOf = (entry) => (entry.type === "private" ? `${entry.bot_id}/${entry.chat_id}` : `g/${entry.chat_id}`);
// The colour of a chat is its bot's or its group's.
export const faceOf = (entry) => (entry.type === "private" ? entry.bot_id : entry.chat_id);

export class Sidebar {
  constructor({ onOpen, onPerson }) {
    this.onOpen = onOpen;
    this.entries = [];
    this.unread = new Map();
    this.list = document.getElementById("chat-list");
    this.person = document.getElementById("person");
    this.person.addEventListener("click", (event) => onPerson(event));
  }

  showPerson(person) {
    this.person.hidden = false;
    this.person.replaceChildren(avatar(fullName(person), person.id), element("span", {}, fullName(person)));
    this.person.title = _("Change who you are");
    this.me = person.id;
  }

  showNobody() {
    this.person.hidden = false;
    this.person.replaceChildren(element("span", {}, _("Who are you?")));
    this.list.removeAttribute("aria-busy");
    this.list.replaceChildren(element("div.list-state", {}, element("p", {}, _("Tell your name to see the bots."))));
  }

  show(entries) {
    this.entries = entries;
    this.list.removeAttribute("aria-busy");
    this.draw();
  }

  showTrouble(message, retry) {
    this.list.removeAttribute("aria-busy");
    this.list.replaceChildren(element("div.list-state", {}, element("p", {}, message), element("button.button", { type: "button", onclick: retry }, _("Try again"))));
  }

  select(key) {
    this.selected = key;
    this.unread.delete(key);
    this.draw();
  }

  knows(key, botId) {
    return this.entries.some((entry) => keyOf(entry) === key || (entry.type === "private" && entry.bot_id === botId));
  }

  // A message came into some chat: its words in the list, and a count when the chat is not open.
  note(key, message, isNew) {
    const entry = this.entries.find((one) => keyOf(one) === key);
    if (!entry) return;
    if (!entry.last_message || entry.last_message.message_id <= message.message_id) entry.last_message = message;
    if (isNew && key !== this.selected && message.from?.id !== this.me) this.unread.set(key, (this.unread.get(key) ?? 0) + 1);
    this.draw();
  }

  draw() {
    if (!this.entries.length) {
      this.list.replaceChildren(element("div.list-state", {}, element("p", {}, _("There are no bots yet. Make one here and give its token to your program, or start Kunak with a bot."))));
      return;
    }
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const newest = (entry) => entry.last_message?.date ?? 0;
    const sorted = [...this.entries].sort((a, b) => newest(b) - newest(a) || a.title.localeCompare(b.title, language));
    this.list.replaceChildren(...sorted.map((entry) => this.#row(entry)));
    if (focused) this.list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #row(entry) {
    const key = keyOf(entry);
    const last = entry.last_message;
    const count = this.unread.get(key) ?? 0;
    return element(
      "button.chat-row",
      { type: "button", "data-key": key, "aria-current": key === this.selected ? "true" : null, onclick: () => this.onOpen(key) },
      avatar(entry.title, faceOf(entry)),
      element(
        "span.chat-row-text",
        {},
        element("span.chat-row-head", {}, element("span.chat-row-title", {}, entry.title), last ? element("time", {}, shortTimeOf(last.date)) : null),
        element("span.chat-row-foot", {}, element("span.chat-row-words", {}, this.#words(entry, last)), count ? element("span.badge", {}, String(count)) : null),
      ),
    );
  }

  #words(entry, last) {
    if (!last) return entry.type === "private" ? `@${entry.username}` : _("No messages yet");
    const words = summary(last).slice(0, 120);
    if (last.from?.id === this.me) return _("You: %(words)s", { words });
    return entry.type === "private" ? words : `${last.from?.first_name ?? ""}: ${words}`;
  }
}
