// Rich messages: blocks (headings, tables, lists, quotes…) of rich text. A block we do not know shows its own text.

import { element, link } from "./dom.js";
import { media } from "./media.js";
import { codeBlock, expandableQuote, pressable, spoiler } from "./text.js";

let count = 0;

export function richMessage(message, act) {
  count += 1; // anchors are of one message: two messages may use the same names
  return element("div.rich", { dir: message.is_rtl ? "rtl" : "auto" }, blocks(message.blocks, { act, scope: `rich-${count}` }));
}

const blocks = (list, context) => (list ?? []).map((block) => blockOf(block, context));

function blockOf(block, context) {
  const text = () => richText(block.text, context);
  switch (block.type) {
    case "paragraph":
      return element("p", {}, text());
    case "heading":
      return element("p.heading", { role: "heading", "aria-level": String(Math.min(block.size + 1, 6)), "data-size": String(block.size) }, text());
    case "pre":
      return codeBlock(text(), block.language);
    case "blockquote":
      return element("blockquote", {}, blocks(block.blocks, context), credit(block.credit, context));
    case "expandable_blockquote":
      return expandableQuote([...text(), credit(block.credit, context)].filter(Boolean));
    case "pullquote":
      return element("blockquote.pull", {}, text(), credit(block.credit, context));
    case "list":
      return listOf(block, context);
    case "table":
      return tableOf(block, context);
    case "details":
      return element("details", { open: block.is_open }, element("summary", {}, richText(block.summary, context)), blocks(block.blocks, context));
    case "divider":
      return element("hr");
    case "footer":
      return element("p.rich-footer", {}, text());
    case "thinking":
      return element("p.thinking", {}, text());
    case "mathematical_expression":
      return element("p.formula", {}, element("code", {}, block.expression));
    case "anchor":
      return element("span", { id: `${context.scope}-${block.name}` });
    case "buttons":
      return element("div.rich-buttons", { "data-align": block.align ?? "left" }, block.buttons.map((button) => buttonOf(button, context)));
    case "collage":
    case "slideshow":
      return element(`figure.${block.type}`, {}, blocks(block.blocks, context), caption(block.caption, context));
    case "map":
      return element("figure", {}, media({ location: block.location }), caption(block.caption, context));
    case "photo":
    case "video":
    case "animation":
    case "audio":
    case "document":
      return element("figure", {}, media(block), caption(block.caption, context));
    case "voice_note":
      return element("figure", {}, media({ voice: block.voice_note }), caption(block.caption, context));
    default:
      return element("p", {}, block.text ? text() : null, blocks(block.blocks, context));
  }
}

const credit = (text, context) => (text ? element("cite", {}, richText(text, context)) : null);

const caption = (given, context) =>
  given ? element("figcaption", {}, richText(given.text, context), credit(given.credit, context)) : null;

function listOf(block, context) {
  return element(
    "div.list",
    { role: "list" },
    block.items.map((item) =>
      element(
        "div.list-item",
        { role: "listitem" },
        item.has_checkbox
          ? element("input.list-label", { type: "checkbox", checked: item.is_checked, disabled: true })
          : element("span.list-label", {}, item.label),
        element("div", {}, blocks(item.blocks, context)),
      ),
    ),
  );
}

function tableOf(block, context) {
  const classes = [block.is_bordered && "bordered", block.is_striped && "striped", block.is_compact && "compact"].filter(Boolean);
  const rows = block.cells.map((row) => element("tr", {}, row.map((cell) => cellOf(cell, context))));
  const head = block.caption ? element("caption", {}, richText(block.caption, context)) : null;
  return element("div.table-frame", { tabindex: "0" }, element(["table", ...classes].join("."), {}, head, element("tbody", {}, rows)));
}

function cellOf(cell, context) {
  return element(
    cell.is_header ? "th" : "td",
    { colSpan: cell.colspan, rowSpan: cell.rowspan, "data-align": cell.align, "data-valign": cell.valign },
    cell.text === undefined || cell.text === null ? null : richText(cell.text, context),
  );
}

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", marked: "mark",
  subscript: "sub", superscript: "sup", mention: "span.mention", text_mention: "span.mention",
  hashtag: "span.mention", cashtag: "span.mention", bank_card_number: "span", date_time: "time",
};

function richText(text, context) {
  if (text === undefined || text === null) return [];
  if (typeof text === "string") return [text];
  if (Array.isArray(text)) return text.flatMap((part) => richText(part, context));
  const children = richText(text.text, context);
  switch (text.type) {
    case "spoiler":
      return [spoiler(children)];
    case "url":
      return [link(text.url, children)];
    case "email_address":
      return [link(`mailto:${text.email_address}`, children)];
    case "phone_number":
      return [link(`tel:${String(text.phone_number).replace(/[^+\d]/g, "")}`, children)];
    case "bot_command":
      return [pressable(children, context.act.say && (() => context.act.say(text.bot_command ?? plain(text))))];
    case "custom_emoji":
      return [element("span.custom-emoji", {}, text.alternative_text)];
    case "mathematical_expression":
      return [element("code.formula", {}, text.expression)];
    case "button":
      return [buttonOf(text.button, context)];
    case "anchor":
      return [element("span", { id: `${context.scope}-${text.name}` })];
    case "anchor_link":
      return [jump(children, `${context.scope}-${text.anchor_name}`)];
    case "reference":
      return [element("span.reference", { id: `${context.scope}-ref-${text.name}` }, children)];
    case "reference_link":
      return [element("sup", {}, jump(children, `${context.scope}-ref-${text.reference_name}`))];
    default:
      return [element(TAGS[text.type] ?? "span", {}, children)];
  }
}

function jump(children, id) {
  return pressable(children, () => {
    const target = document.getElementById(id);
    target?.scrollIntoView({ block: "center", behavior: "smooth" });
    target?.classList.add("flash");
    setTimeout(() => target?.classList.remove("flash"), 1200);
  });
}

function buttonOf(button, context) {
  const style = ["danger", "success", "primary", "link"].includes(button.style) ? `.${button.style}` : "";
  return element(
    `button.inline-button${style}`,
    { type: "button", disabled: Boolean(button.disabled), onclick: (event) => context.act.pressButton?.(button, event.currentTarget) },
    richText(button.text, context),
  );
}

// The words of a rich text without its marks: for previews and for copying.
export function plain(text) {
  if (text === undefined || text === null) return "";
  if (typeof text === "string") return text;
  if (Array.isArray(text)) return text.map(plain).join("");
  return plain(text.text ?? text.alternative_text ?? text.expression ?? "");
}

export function plainOfBlocks(list) {
  const words = (block) =>
    [block.text, block.summary].map(plain).join(" ") +
    (block.cells ?? []).flat().map((cell) => ` ${plain(cell.text)}`).join("") +
    plainOfBlocks(block.blocks ?? []) +
    (block.items ?? []).map((item) => plainOfBlocks(item.blocks)).join(" ");
  return (list ?? []).map(words).join(" ").trim();
}
