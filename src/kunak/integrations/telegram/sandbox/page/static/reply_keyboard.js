// The keyboard a bot puts in place of the person's own.

import { askForm } from "./dialogs.js";
import { element } from "./dom.js";
import { _ } from "./words.js";

export class ReplyKeyboard {
  constructor({ onChanged, ...acts }) {
    this.acts = acts; // onSay, onApp, onContact, onLocation, onManagedBot
    this.onChanged = onChanged;
    this.markup = null;
    this.open = false;
    this.root = element("div.reply-keyboard", { role: "group", "aria-label": _("The bot's keyboard") });
  }

  set(markup) {
    this.markup = markup?.keyboard ? markup : null;
    this.open = Boolean(this.markup);
    const rows = this.markup?.keyboard ?? [];
    this.root.replaceChildren(...rows.map((row) => element("div.keyboard-row", {}, row.map((button) => this.#button(button)))));
  }

  toggle() {
    this.open = !this.open;
    this.onChanged();
  }

  // A keyboard for one use hides after it; the button beside the text brings it back.
  used() {
    if (this.markup?.one_time_keyboard) this.open = false;
    this.onChanged();
  }

  #button(given) {
    const button = typeof given === "string" ? { text: given } : given;
    const cannot = button.request_poll || button.request_users || button.request_chat;
    return element(
      "button.reply-button",
      { type: "button", disabled: Boolean(cannot), title: cannot ? _("The sandbox cannot do what this button asks") : null, onclick: () => this.#press(button) },
      button.text,
    );
  }

  #press(button) {
    if (button.web_app) this.acts.onApp(button);
    else if (button.request_contact) this.#askPhone();
    else if (button.request_location) this.#askPlace();
    else if (button.request_managed_bot) this.#askBot(button.request_managed_bot);
    else this.acts.onSay(button.text);
  }

  #askPhone() {
    askForm({
      title: _("Share your phone number with the bot?"),
      submit: _("Share"),
      fields: [{ name: "phone", label: _("Phone number"), type: "tel", required: true, value: "+79280000000" }],
      onSubmit: (form) => this.acts.onContact(form.get("phone")),
    });
  }

  #askBot(suggested) {
    askForm({
      title: _("Create a bot that this bot manages?"),
      submit: _("Create"),
      fields: [
        { name: "name", label: _("Name"), required: true, value: suggested.suggested_name },
        { name: "username", label: _("Username"), hint: _("Latin letters, digits and _; ends with “bot”"), required: true, value: suggested.suggested_username },
      ],
      onSubmit: async (form) => {
        await this.acts.onManagedBot(form.get("name"), form.get("username"));
        this.used();
      },
    });
  }

  #askPlace() {
    const number = { type: "text", required: true };
    askForm({
      title: _("Share your location with the bot?"),
      submit: _("Share"),
      fields: [
        { ...number, name: "latitude", label: _("Latitude"), value: "43.4846" },
        { ...number, name: "longitude", label: _("Longitude"), value: "43.6071" },
      ],
      onSubmit: (form) => this.acts.onLocation(Number(form.get("latitude")), Number(form.get("longitude"))),
    });
  }
}
