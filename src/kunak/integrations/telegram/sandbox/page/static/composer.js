// Where a person writes: text, files, commands, the bot's keyboard, the stop button of a draft.

import { summary } from "./bubble.js";
import { element, fullName, icon, iconButton } from "./dom.js";
import { CommandMenu } from "./commands.js";
import { InlineMenu } from "./inline.js";
import { ReplyKeyboard } from "./reply_keyboard.js";
import { _ } from "./words.js";

const LONGEST_TEXT = 4096;
const MOST_FILES = 10;

export class Composer {
  constructor(acts) {
    this.acts = acts;
    this.stoppable = null;
    this.mode = null; // {kind: "reply" | "edit", message}
    this.input = element("textarea", {
      rows: 1,
      maxLength: LONGEST_TEXT,
      placeholder: _("Message"),
      "aria-label": _("Message"),
      enterkeyhint: "send",
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
      onpaste: (event) => this.#pasted(event),
    });
    this.commands = new CommandMenu({ onChoose: (command) => this.#send(`/${command}`) });
    this.inline = new InlineMenu({
      find: acts.findInlineBot,
      ask: acts.onInlineAsk,
      onChoose: (queryId, result) => this.#chooseInline(queryId, result),
      onButton: (bot, button) => this.#pressInline(bot, button),
    });
    this.keyboard = new ReplyKeyboard({ onSay: (text) => this.#send(text), onApp: acts.onKeyboardApp, onContact: acts.onContact, onLocation: acts.onLocation, onManagedBot: acts.onManagedBot, onChanged: () => this.#refresh() });
    this.menu = element("button.menu-button", { type: "button", hidden: true, onclick: () => this.#pressMenu() });
    this.files = element("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#chosen([...this.files.files]) });
    this.attach = iconButton("attach", _("Send photos or files"), () => this.files.click());
    this.keys = iconButton("keyboard", _("The bot's keyboard"), () => this.keyboard.toggle());
    this.button = iconButton("send", _("Send"), () => this.#press(), ".send");
    this.context = element("div.context", { hidden: true });
    this.start = element("button.button.wide", { type: "button", hidden: true, onclick: () => this.#send("/start") }, _("Start"));
    this.unblock = element("button.button.quiet.wide", { type: "button", hidden: true, onclick: () => acts.onUnblock() }, _("Unblock the bot"));
    this.line = element("div.line", {}, this.menu, this.attach, this.files, this.input, this.keys, this.button);
    this.root = element("footer.composer", { ondragover: (event) => event.preventDefault(), ondrop: (event) => this.#dropped(event) },
      this.commands.root, this.inline.root, this.context, this.start, this.unblock, this.line, this.keyboard.root);
    this.#refresh();
  }

  focus() {
    if (matchMedia("(pointer: fine)").matches) this.input.focus();
  }

  insert(text) {
    this.input.value = text;
    this.#changed();
    this.input.focus();
  }

  reply(message) {
    this.#setMode({ kind: "reply", message });
  }

  edit(message) {
    this.#setMode({ kind: "edit", message });
    this.insert(message.text);
  }

  setCommands(commands, menuButton) {
    this.commands.set(commands ?? []);
    this.menuButton = menuButton ?? { type: "commands" };
    const isApp = this.menuButton.type === "web_app";
    this.menu.hidden = !isApp && !(commands ?? []).length;
    this.menu.replaceChildren(icon(isApp ? "app" : "commands"), element("span", {}, isApp ? this.menuButton.text : _("Menu")));
  }

  setKeyboard(markup) {
    this.keyboard.set(markup);
    this.input.placeholder = markup?.input_field_placeholder || _("Message");
    this.#refresh();
  }

  // The id of a draft the person may stop, or null.
  setStoppable(draftId) {
    this.stoppable = draftId;
    this.#refresh();
  }

  setBlocked(blocked) {
    this.blocked = blocked;
    this.#refresh();
  }

  offerStart(offered) {
    this.startOffered = offered;
    this.#refresh();
  }

  #refresh() {
    const stops = this.stoppable !== null && !this.input.value.trim();
    this.button.replaceChildren(icon(stops ? "stop" : "send"));
    this.button.classList.toggle("stops", stops);
    const label = stops ? _("Stop the answer") : _("Send");
    this.button.title = label;
    this.button.setAttribute("aria-label", label);
    this.button.disabled = !stops && !this.input.value.trim();
    this.keys.hidden = !this.keyboard.markup;
    this.unblock.hidden = !this.blocked;
    this.start.hidden = this.blocked || !this.startOffered;
    this.line.hidden = Boolean(this.blocked || this.startOffered);
    this.keyboard.root.hidden = Boolean(this.blocked) || !this.keyboard.open;
  }

  #press() {
    if (this.button.classList.contains("stops")) this.acts.onStop();
    else this.#send(this.input.value);
  }

  #send(given) {
    const text = given.trim();
    if (!text) return;
    const mode = this.mode;
    if (this.input.value === given || given.startsWith("/")) this.input.value = "";
    this.#setMode(null);
    this.#changed();
    if (mode?.kind === "edit") this.acts.onEdit(mode.message.message_id, text);
    else this.acts.onSay(text, mode?.message.message_id);
    this.keyboard.used();
  }

  #chooseInline(queryId, result) {
    const mode = this.mode;
    this.input.value = "";
    this.#setMode(null);
    this.#changed();
    this.acts.onInlineChoose(queryId, result.id, mode?.message.message_id);
    this.focus();
  }

  #pressInline(bot, button) {
    this.input.value = "";
    this.#changed();
    this.acts.onInlineButton(bot, button);
  }

  #setMode(mode) {
    this.mode = mode;
    this.context.hidden = !mode;
    if (!mode) return;
    const head = mode.kind === "edit" ? _("Edit the message") : _("Reply to %(name)s", { name: fullName(mode.message.from ?? {}) });
    this.context.replaceChildren(
      icon(mode.kind),
      element("span", {}, element("b", {}, head), element("span", {}, summary(mode.message))),
      iconButton("close", _("Cancel"), () => this.#leaveMode()),
    );
    this.input.focus();
  }

  #leaveMode() {
    if (this.mode?.kind === "edit") this.input.value = "";
    this.#setMode(null);
    this.#changed();
  }

  #changed() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.commands.filter(this.input.value);
    this.inline.type(this.mode?.kind === "edit" ? "" : this.input.value);
    this.#refresh();
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.commands.key(event) || this.inline.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send(this.input.value);
    } else if (event.key === "Escape" && this.mode) {
      this.#leaveMode();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      const own = this.acts.lastOwn();
      if (own) {
        event.preventDefault();
        this.edit(own);
      }
    }
  }

  #pressMenu() {
    if (this.menuButton.type === "web_app") this.acts.onMenuApp();
    else this.commands.toggle();
  }

  #chosen(files) {
    this.files.value = "";
    if (!files.length) return;
    const caption = this.input.value.trim();
    const replyTo = this.mode?.kind === "reply" ? this.mode.message.message_id : undefined;
    this.input.value = "";
    this.#setMode(null);
    this.#changed();
    this.acts.onFiles(files.slice(0, MOST_FILES), caption, replyTo);
  }

  #pasted(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.#chosen(files);
  }

  #dropped(event) {
    event.preventDefault();
    this.#chosen([...event.dataTransfer.files]);
  }
}
