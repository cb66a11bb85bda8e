// The bot's commands over the composer: opened by "/" or the menu button, walked with the arrows.

import { element } from "./dom.js";
import { _ } from "./words.js";

export class CommandMenu {
  constructor({ onChoose }) {
    this.onChoose = onChoose;
    this.all = [];
    this.shown = [];
    this.chosen = 0;
    this.root = element("div.commands", { role: "listbox", "aria-label": _("Commands"), hidden: true });
    document.addEventListener("pointerdown", (event) => {
      if (this.pinned && !this.root.contains(event.target) && !event.target.closest(".menu-button")) this.#hide();
    });
  }

  set(commands) {
    this.all = commands;
  }

  toggle() {
    if (!this.root.hidden) return this.#hide();
    this.pinned = true;
    this.#show(this.all);
  }

  // Shows the commands that begin with what is written, once that begins with a slash.
  filter(text) {
    if (!/^\/\w*$/.test(text)) return this.#hide();
    this.#show(this.all.filter(({ command }) => command.startsWith(text.slice(1).toLowerCase())));
  }

  // Takes the keys of an open menu. True when the key was for it.
  key(event) {
    if (this.root.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#choose((this.chosen + step + this.shown.length) % this.shown.length);
    else if (event.key === "Enter" || event.key === "Tab") this.#pick(this.shown[this.chosen]);
    else if (event.key === "Escape") this.#hide();
    else return false;
    event.preventDefault();
    return true;
  }

  #show(commands) {
    this.shown = commands;
    this.root.hidden = !commands.length;
    this.root.replaceChildren(
      ...commands.map((command, index) =>
        element(
          "button.command",
          { type: "button", role: "option", onclick: () => this.#pick(command), onpointermove: () => this.#choose(index) },
          element("b", {}, `/${command.command}`),
          element("span", {}, command.description),
        ),
      ),
    );
    this.#choose(0);
  }

  #choose(index) {
    this.chosen = index;
    [...this.root.children].forEach((node, at) => {
      node.setAttribute("aria-selected", String(at === index));
      if (at === index) node.scrollIntoView({ block: "nearest" });
    });
  }

  #pick(command) {
    this.#hide();
    if (command) this.onChoose(command.command);
  }

  #hide() {
    this.pinned = false;
    this.root.hidden = true;
  }
}
