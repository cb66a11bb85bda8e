// The messages of one chat: kept by id, drawn in order, scrolled as a reader expects.

import { bubble, serviceLine, serviceText } from "./bubble.js";
import { element, iconButton } from "./dom.js";
import { walkMessages } from "./history_keys.js";
import { _, dayOf } from "./words.js";

const NEAR_END_PX = 120;
const SCROLLED_MS = 900;
const ONE_BREATH_S = 300; // messages of one person within it stand together

const signs = new WeakMap(); // a message never changes: an edited one is another object

function signOf(message) {
  if (!signs.has(message)) signs.set(message, JSON.stringify(message));
  return signs.get(message);
}

export class History {
  // `actFor(message)` gives what may be done with a message; `me` is the person's id.
  constructor({ me, isGroup, actFor, onMenu }) {
    this.me = me;
    this.isGroup = isGroup;
    this.actFor = actFor;
    this.messages = new Map();
    this.past = [];
    this.pending = new Map();
    this.drafts = new Map();
    this.reactions = new Map();
    this.drawn = new Map();
    this.unread = 0;
    this.list = element("div.messages", { role: "log", "aria-live": "polite", "aria-label": _("Messages") });
    this.scroller = element("div.scroller", { tabindex: "0", onscroll: () => this.#scrolled(), oncontextmenu: (event) => this.#menu(event, onMenu) }, this.list);
    walkMessages(this.scroller, this.list, (row) => this.#menuOf(row, row.querySelector(".bubble").getBoundingClientRect(), onMenu));
    this.badge = element("span.badge", { hidden: true });
    this.downButton = iconButton("down", _("To the newest"), () => this.toEnd(true), ".to-end");
    this.downButton.append(this.badge);
    this.downButton.hidden = true;
    this.root = element("div.history", {}, this.scroller, this.downButton);
    new ResizeObserver(() => this.sticks && this.toEnd()).observe(this.scroller);
    new ResizeObserver(() => this.sticks && this.toEnd()).observe(this.list);
    this.sticks = true;
  }

  // The server's messages take the place of ours. What it no longer has between its oldest and newest was deleted; what
  // is older than all of them it has merely forgotten, and we keep it.
  load(messages, reactions = []) {
    const ids = new Set(messages.map((message) => message.message_id));
    const oldest = Math.min(...ids);
    for (const id of this.messages.keys()) if (id >= oldest && !ids.has(id)) this.messages.delete(id);
    for (const message of messages) {
      if (this.loaded && !this.messages.has(message.message_id)) this.#settleOldestLike(message);
      this.messages.set(message.message_id, message);
    }
    this.loaded = true;
    this.reactions.clear();
    for (const { message_id, user_id, reaction } of reactions) this.setReaction(message_id, user_id, reaction);
    this.draw();
  }

  // The server began with an empty memory: what was said before stays to be read, under keys of its own, because ids of
  // messages may come again.
  beginAnew() {
    this.past.push(...this.#ordered());
    this.messages.clear();
    for (const waiting of this.pending.values()) waiting.replyTo = undefined;
  }

  put(message) {
    const isNew = !this.messages.has(message.message_id);
    this.messages.set(message.message_id, message);
    const mine = message.from?.id === this.me;
    if (isNew) this.#settleOldestLike(message);
    if (isNew && !mine && !this.sticks) this.unread += 1;
    if (isNew && mine) this.sticks = true;
    this.draw();
  }

  delete(id) {
    this.messages.delete(id);
    this.draw();
  }

  setReaction(messageId, userId, reaction) {
    const of = this.reactions.get(messageId) ?? new Map();
    const emoji = reaction.find((one) => one.emoji)?.emoji;
    if (emoji) of.set(userId, emoji);
    else of.delete(userId);
    this.reactions.set(messageId, of);
  }

  newest(fits) {
    return [...this.#ordered()].reverse().find(fits);
  }

  draw() {
    const wanted = this.#items();
    const focus = this.#rememberFocus();
    const kept = new Map();
    let next = this.list.firstChild;
    for (const item of wanted) {
      const known = this.drawn.get(item.key);
      const node = known?.sign === item.sign ? known.node : item.build();
      kept.set(item.key, { sign: item.sign, node, parts: item.parts });
      if (known && known.node !== node) {
        if (known.node === next) next = next.nextSibling;
        known.node.remove();
      }
      if (node === next) next = next.nextSibling;
      else this.list.insertBefore(node, next);
      node.dataset.key = item.key;
    }
    for (const [key, { node }] of this.drawn) if (!kept.has(key)) node.remove();
    this.drawn = kept;
    this.#restoreFocus(focus);
    if (this.sticks) this.toEnd();
    this.#showBadge();
  }

  toEnd(smooth = false) {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  show(messageId) {
    const node = this.list.querySelector(`[data-message="${CSS.escape(String(messageId))}"]`);
    node?.scrollIntoView({ block: "center", behavior: "smooth" });
    node?.classList.add("flash");
    setTimeout(() => node?.classList.remove("flash"), 1200);
  }

  #ordered() {
    return [...this.messages.values()].sort((a, b) => a.message_id - b.message_id);
  }

  #items() {
    const items = [];
    const shown = this.#gathered();
    let day = null;
    shown.forEach((entry, index) => {
      const { message } = entry;
      const date = dayOf(message.date);
      if (date !== day) {
        day = date;
        items.push({ key: `day-${date}`, sign: date, build: () => serviceLine(date, { class: "service day" }) });
      }
      const words = entry.draft ? null : serviceText(message);
      if (words) items.push({ key: entry.key, sign: words, build: () => serviceLine(words, { "data-message": String(message.message_id) }) });
      else items.push(this.#item(entry, shown[index - 1], shown[index + 1]));
    });
    return items;
  }

  // Messages in order, albums gathered into one entry, then what is being sent and what is being written.
  #gathered() {
    const entries = [];
    const kept = [...this.past.map((message, index) => [`past-${index}`, message]), ...this.#ordered().map((message) => [`m${message.message_id}`, message])];
    for (const [key, message] of kept) {
      const previous = entries.at(-1);
      if (message.media_group_id && previous?.message.media_group_id === message.media_group_id) previous.album.push(message);
      else entries.push({ key, message, album: [message], state: "read" });
    }
    for (const [key, { message, state }] of this.pending) entries.push({ key, message, album: [message], state });
    for (const [id, message] of this.drafts) entries.push({ key: `draft-${id}`, message, album: [message], draft: true });
    return entries;
  }

  #item(entry, previous, next) {
    const { message, album, state, draft, key } = entry;
    const mine = message.from?.id === this.me;
    const joins = (a, b) => a && b && a.from?.id === b.from?.id && !serviceText(a) && !serviceText(b) && Math.abs(b.date - a.date) < ONE_BREATH_S && dayOf(a.date) === dayOf(b.date);
    const view = { mine, isGroup: this.isGroup, first: !joins(previous?.message, message), last: !joins(message, next?.message), state, reactions: this.#reactionsOn(message.message_id) };
    const sign = `${album.map(signOf)} ${JSON.stringify(view)} ${Boolean(draft)}`;
    const build = () => {
      const node = bubble(message, { ...view, act: this.actFor(message, { pendingKey: state === "read" || draft ? null : key }) }, album);
      if (draft) node.classList.add("draft");
      if (state === "failed") node.classList.add("failed");
      return node;
    };
    return { key, sign, build };
  }

  #reactionsOn(messageId) {
    const counts = new Map();
    const of = this.reactions.get(messageId) ?? new Map();
    for (const emoji of of.values()) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
    return [...counts].map(([emoji, count]) => ({ emoji, count, own: of.get(this.me) === emoji }));
  }

  // The event of our own message may come before the answer to its request: then it takes the place of what waits.
  #settleOldestLike(message) {
    if (message.from?.id !== this.me) return;
    for (const [key, { message: waiting }] of this.pending) {
      if (waiting.text === message.text) {
        this.pending.delete(key);
        return;
      }
    }
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.sticks = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.sticks) this.unread = 0;
    this.#showBadge();
    this.scroller.classList.add("scrolling");
    clearTimeout(this.scrollTimer);
    this.scrollTimer = setTimeout(() => this.scroller.classList.remove("scrolling"), SCROLLED_MS);
  }

  #showBadge() {
    this.downButton.hidden = this.sticks;
    this.badge.hidden = this.unread === 0;
    this.badge.textContent = String(this.unread);
  }

  #menu(event, onMenu) {
    const row = event.target.closest("[data-message]");
    if (!row || event.target.closest("a") || String(getSelection())) return;
    if (this.#menuOf(row, { left: event.clientX, bottom: event.clientY }, onMenu)) event.preventDefault();
  }

  // Whether there is anything to be done with the message of this row.
  #menuOf(row, at, onMenu) {
    const message = row.dataset.key.startsWith("past-") ? null : this.messages.get(Number(row.dataset.message));
    if (message) onMenu(message, at);
    return Boolean(message);
  }

  #rememberFocus() {
    const active = document.activeElement;
    const holder = this.list.contains(active) ? active.closest("[data-key]") : null;
    return holder && { key: holder.dataset.key, index: [...holder.querySelectorAll("button, a")].indexOf(active) };
  }

  #restoreFocus(focus) {
    if (!focus || this.list.contains(document.activeElement)) return;
    this.drawn.get(focus.key)?.node.querySelectorAll("button, a")[focus.index]?.focus({ preventScroll: true });
  }
}
