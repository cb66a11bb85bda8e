// Inline mode over the composer: "@bot words" asks that bot, and its results are walked and chosen like commands.

import { element, icon } from "./dom.js";
import { _ } from "./words.js";

const TYPED = /^@(\w{3,64})\s([^]*)$/;
const PAUSE_MS = 250; // between letters; each question reaches the bot as an update
const LONGEST_QUERY = 256;

export class InlineMenu {
  // `find(username)`: the bot, or nothing; `ask(bot, query, offset)`: {query_id, answer}; `onChoose(queryId, result)`;
  // `onButton(bot, button)`.
  constructor({ find, ask, onChoose, onButton }) {
    this.acts = { find, ask, onChoose, onButton };
    this.asked = 0;
    this.results = [];
    this.chosen = -1; // none: what is written may as well be sent as it is
    this.waiting = false;
    this.above = element("button.inline-above", { type: "button", hidden: true });
    this.list = element("div.inline-list", { role: "listbox", "aria-label": _("Results"), onscroll: () => this.#scrolled() });
    this.state = element("div.inline-state", { role: "status", hidden: true });
    this.root = element("div.inline-results", { hidden: true }, this.above, this.list, this.state);
  }

  // Looks at what is written now; asks when it names a bot and words.
  async type(text) {
    const found = TYPED.exec(text);
    if (found && this.text === text && !this.root.hidden) return;
    this.text = text;
    const turn = ++this.asked;
    clearTimeout(this.timer);
    const bot = found ? await this.acts.find(found[1]) : null;
    if (turn !== this.asked) return;
    if (!bot) return this.#hide();
    this.bot = bot;
    this.query = found[2].slice(0, LONGEST_QUERY);
    this.#wait();
    this.timer = setTimeout(() => this.#ask(turn, ""), PAUSE_MS);
  }

  // Takes the keys of an open list. True when the key was for it.
  key(event) {
    if (this.root.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.#hide();
    else if (!this.results.length) return false;
    else if (step) this.#choose(this.#beside(step), true);
    else if (event.key === "Enter" && !event.shiftKey && this.chosen >= 0) this.#pick(this.results[this.chosen]);
    else if (event.key === "Tab" && !event.shiftKey) this.#pick(this.results[Math.max(this.chosen, 0)]);
    else return false;
    event.preventDefault();
    return true;
  }

  #beside(step) {
    const count = this.results.length;
    return this.chosen < 0 && step < 0 ? count - 1 : (this.chosen + step + count) % count;
  }

  #wait() {
    this.waiting = true;
    this.root.hidden = false;
    this.root.setAttribute("aria-busy", "true");
    if (!this.results.length) this.#say(element("span.spinner"), _("Looking…"));
  }

  async #ask(turn, offset) {
    let told;
    try {
      told = await this.acts.ask(this.bot, this.query, offset);
    } catch (error) {
      told = { trouble: error.message };
    }
    if (turn !== this.asked) return;
    this.waiting = false;
    this.root.removeAttribute("aria-busy");
    this.#show(told, offset);
  }

  #show({ query_id: queryId, answer, trouble }, offset) {
    if (!answer) {
      this.#replace([]);
      return this.#say(trouble ?? _("The bot does not answer."));
    }
    const fresh = answer.results.map((result) => ({ ...result, queryId }));
    this.nextOffset = answer.next_offset || null;
    this.#replace(offset ? [...this.results, ...fresh] : fresh, offset ? this.chosen : -1);
    this.above.hidden = !answer.button;
    if (answer.button) {
      const bot = this.bot;
      this.above.replaceChildren(element("span", {}, answer.button.text), icon("link"));
      this.above.onclick = () => this.acts.onButton(bot, answer.button);
    }
    this.state.hidden = this.results.length > 0 || Boolean(answer.button);
    if (!this.state.hidden) this.#say(_("Nothing was found."));
  }

  #replace(results, chosen = -1) {
    this.results = results;
    this.state.hidden = results.length > 0;
    this.above.hidden = true;
    this.list.replaceChildren(...results.map((result, index) => this.#row(result, index)));
    this.#choose(chosen, false);
    if (chosen < 0) this.list.scrollTop = 0;
  }

  #row(result, index) {
    const sign = [...(result.title ?? "")].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? "•";
    return element(
      "button.inline-result",
      { type: "button", role: "option", onclick: () => this.#pick(result), onpointermove: () => this.#choose(index, false) },
      element(`span.inline-sign.tint-${(result.title ?? "").length % 6}`, { "aria-hidden": "true" }, sign.toUpperCase()),
      element("span.inline-words", {}, element("b", {}, result.title ?? ""), element("span", {}, result.description ?? "")),
    );
  }

  #choose(index, seen) {
    this.chosen = index;
    [...this.list.children].forEach((node, at) => {
      node.setAttribute("aria-selected", String(at === index));
      if (seen && at === index) node.scrollIntoView({ block: "nearest" });
    });
  }

  #pick(result) {
    this.#hide();
    if (result) this.acts.onChoose(result.queryId, result);
  }

  #scrolled() {
    const nearEnd = this.list.scrollTop + this.list.clientHeight > this.list.scrollHeight - 60;
    if (!nearEnd || !this.nextOffset || this.waiting) return;
    const offset = this.nextOffset;
    this.nextOffset = null;
    this.waiting = true;
    this.#ask(this.asked, offset);
  }

  #say(...words) {
    this.state.hidden = false;
    this.state.replaceChildren(...words);
  }

  #hide() {
    this.asked += 1;
    clearTimeout(this.timer);
    this.waiting = false;
    this.results = [];
    this.list.replaceChildren();
    this.root.hidden = true;
  }
}
