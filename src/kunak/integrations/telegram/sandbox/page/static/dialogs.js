// What appears over the page: toasts, alerts, menus, pictures, forms.

import { element, icon, iconButton } from "./dom.js";
import { _ } from "./words.js";

const TOAST_MS = 4000;

export function toast(text) {
  const shown = element("div.toast", {}, text);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), TOAST_MS);
}

export function dialog(classes, ...children) {
  const opened = element(`dialog${classes}`, {}, ...children);
  opened.addEventListener("close", () => opened.remove());
  opened.addEventListener("click", (event) => event.target === opened && opened.close());
  document.body.append(opened);
  opened.showModal();
  return opened;
}

export function alertOf(text) {
  const opened = dialog(
    ".alert",
    element("p", {}, text),
    element("button.button", { type: "button", autofocus: true, onclick: () => opened.close() }, _("OK")),
  );
}

export function openPicture(address, description) {
  const opened = dialog(
    ".picture",
    element("img", { src: address, alt: description, onclick: () => opened.close() }),
    iconButton("close", _("Close"), () => opened.close()),
  );
}

// `at`: {left, bottom} of what was pressed. Walked with the arrows, closed by Escape or a press beside.
export function popupMenu(items, at, reactions = null) {
  const before = document.activeElement;
  const menu = element("div.popup-menu", { role: "menu", popover: "manual" });
  const close = () => {
    menu.remove();
    document.removeEventListener("pointerdown", beside, true);
    if (document.body.contains(before)) before.focus({ preventScroll: true });
  };
  const beside = (event) => menu.contains(event.target) || close();
  const run = (act) => () => {
    close();
    act();
  };
  if (reactions) {
    menu.append(element("div.popup-reactions", {}, reactions.emoji.map((emoji) => element("button", { type: "button", role: "menuitem", "aria-label": emoji, onclick: run(() => reactions.react(emoji)) }, emoji))));
  }
  menu.append(...items.map((item) => element(`button.popup-item${item.danger ? ".danger" : ""}`, { type: "button", role: "menuitem", onclick: run(item.act) }, icon(item.icon), element("span", {}, item.label))));
  menu.addEventListener("keydown", (event) => walk(event, menu, close));
  document.body.append(menu);
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(at.bottom + 4, innerHeight - menu.offsetHeight - 8))}px`;
  document.addEventListener("pointerdown", beside, true);
  menu.querySelector(".popup-item").focus();
}

function walk(event, menu, close) {
  const buttons = [...menu.querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape") close();
  else if (step) buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
  else return;
  event.preventDefault();
}

// A form in a dialog. `fields`: {name, label, hint?, type?, options?, required?, value?}. `onSubmit(values)` may throw: the
// dialog stays, with the sentence of the error in it.
export function askForm({ title, fields, submit, onSubmit, extra = [] }) {
  const trouble = element("p.trouble", { role: "alert", hidden: true });
  const send = element("button.button", { type: "submit" }, submit);
  const form = element("form", { method: "dialog", onsubmit: (event) => finish(event) }, element("h2", {}, title), fields.map(fieldOf), extra, trouble,
    element("div.form-buttons", {}, element("button.button.quiet", { type: "button", onclick: () => opened.close() }, _("Cancel")), send));
  const opened = dialog(".form", form);

  async function finish(event) {
    event.preventDefault();
    send.disabled = true;
    try {
      await onSubmit(new FormData(form));
      opened.close();
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
    } finally {
      send.disabled = false;
    }
  }
  return opened;
}

function fieldOf({ name, label, hint, type = "text", options, required, value, maxLength = 64 }) {
  if (type === "checks") {
    return element("fieldset", {}, element("legend", {}, label), options.map(([id, words, checked]) =>
      element("label.check", {}, element("input", { type: "checkbox", name, value: String(id), checked }), element("span", {}, words)),
    ));
  }
  const id = `field-${name}`;
  const control = options
    ? element("select", { id, name }, options.map(([key, words]) => element("option", { value: key, selected: key === value }, words)))
    : element("input", { id, name, type, required, value: value ?? "", maxLength, autocomplete: "off" });
  return element("div.field", {}, element("label", { for: id }, label), control, hint ? element("small.muted", {}, hint) : null);
}
