// A text with its entities. Offsets count UTF-16 units, as JavaScript does.

import { element, link } from "./dom.js";
import { _ } from "./words.js";

// `act` is what a message can do when pressed: say(text), showUser(user).
export function formatted(text, entities = [], act = {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return within(text, sorted, 0, text.length, act);
}

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

function within(text, entities, start, end, act) {
  const parts = [];
  let at = start;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (from >= end) break;
    if (to <= from) continue;
    if (from > at) parts.push(text.slice(at, from));
    const inner = entities.slice(index + 1).filter((other) => other.offset < to);
    parts.push(wrap(entity, text.slice(from, to), within(text, inner, from, to, act), act));
    at = BLOCKS.has(entity.type) && text[to] === "\n" ? to + 1 : to; // the line break after a block only ends it
  }
  if (at < end) parts.push(text.slice(at, end));
  return parts;
}

function wrap(entity, plain, children, act) {
  switch (entity.type) {
    case "bold":
      return element("b", {}, children);
    case "italic":
      return element("i", {}, children);
    case "underline":
      return element("u", {}, children);
    case "strikethrough":
      return element("s", {}, children);
    case "spoiler":
      return spoiler(children);
    case "code":
      return element("code.copyable", {}, children);
    case "pre":
      return codeBlock(children, entity.language);
    case "blockquote":
      return element("blockquote", {}, children);
    case "expandable_blockquote":
      return expandableQuote(children);
    case "text_link":
      return link(entity.url, children);
    case "url":
      return link(plain, children);
    case "email":
      return link(`mailto:${plain}`, children);
    case "phone_number":
      return link(`tel:${plain.replace(/[^+\d]/g, "")}`, children);
    case "bot_command":
      return pressable(children, act.say && (() => act.say(plain)));
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
      return element("span.mention", {}, children);
    case "custom_emoji":
      return element("span.custom-emoji", {}, children);
    default:
      return element("span", {}, children);
  }
}

export function pressable(children, onclick) {
  return onclick ? element("button.text-button", { type: "button", onclick }, children) : element("span.mention", {}, children);
}

export function spoiler(children) {
  const hidden = element("span.spoiler", { role: "button", tabindex: "0", title: _("Show what is hidden") }, element("span", {}, children));
  const reveal = () => {
    hidden.classList.add("shown");
    for (const name of ["role", "tabindex", "title"]) hidden.removeAttribute(name);
  };
  hidden.addEventListener("click", reveal, { once: true });
  hidden.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      reveal();
    }
  });
  return hidden;
}

export function codeBlock(children, language) {
  const code = element("code", {}, children);
  const copy = element("button.code-copy", { type: "button" }, _("Copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    copy.textContent = _("Copied");
  });
  return element("div.code-block", {}, element("div.code-head", {}, element("span", {}, language || ""), copy), element("pre", {}, code));
}

const LINES_OF_CLOSED_QUOTE = 3;
const LETTERS_OF_CLOSED_QUOTE = 140;

export function expandableQuote(children) {
  const quote = element("blockquote.expandable", {}, children);
  const text = quote.textContent;
  if (text.split("\n").length <= LINES_OF_CLOSED_QUOTE && text.length <= LETTERS_OF_CLOSED_QUOTE) return quote;
  const toggle = element("button.quote-toggle", { type: "button", "aria-expanded": "false" }, _("Show all"));
  toggle.addEventListener("click", () => {
    const open = quote.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? _("Show less") : _("Show all");
  });
  return element("div.quote-frame", {}, quote, toggle);
}
