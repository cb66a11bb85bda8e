// The open chat: its head, its history, its composer, and what happens in it.

import { ChatApi, listBots } from "./api.js";
import { summary } from "./bubble.js";
import { Composer } from "./composer.js";
import { Drafts } from "./drafts.js";
import { avatar, element, fullName, icon, iconButton, safeAddress } from "./dom.js";
import { alertOf, popupMenu, toast } from "./dialogs.js";
import { History } from "./history.js";
import { openMiniApp } from "./mini_app.js";
import { Outgoing } from "./outgoing.js";
import { faceOf } from "./sidebar.js";
import { _, language, ngettext } from "./words.js";

const ACTION_LIVES_MS = 5_500;
const REACTIONS = ["👍", "❤️", "🔥", "😁", "🤔", "👎"];
const ACTIONS = {
  typing: () => _("typing…"),
  upload_photo: () => _("sending a photo…"),
  upload_document: () => _("sending a file…"),
  upload_video: () => _("sending a video…"),
  record_voice: () => _("recording a voice message…"),
  upload_voice: () => _("sending a voice message…"),
  choose_sticker: () => _("choosing a sticker…"),
  find_location: () => _("looking for a place…"),
};

export class ChatView {
  // `onForgotten`: the server no longer knows the chat or the person; bring it up to date.
  constructor(entry, person, { onBack, onForgotten, onBotMade }) {
    this.entry = entry;
    this.person = person;
    this.isGroup = entry.type !== "private";
    this.api = new ChatApi(entry.bot_id, entry.chat_id, person.id, person.language_code ?? language);
    this.waiting = [];
    this.history = new History({
      me: person.id,
      isGroup: this.isGroup,
      actFor: (message, more) => this.#actFor(message, more),
      onMenu: (message, at) => this.#messageMenu(message, at),
    });
    this.outgoing = new Outgoing({ api: this.api, history: this.history, person, onForgotten });
    this.drafts = new Drafts({
      history: this.history,
      author: entry.bot ?? { id: entry.bot_id, is_bot: true, first_name: entry.title },
      onStoppable: (id) => this.composer.setStoppable(id),
    });
    this.composer = new Composer({
      onSay: (text, replyTo) => this.#say(text, replyTo),
      onEdit: (messageId, text) => this.#try(() => this.api.edit(messageId, text)),
      onFiles: (files, caption, replyTo) => this.#try(() => this.outgoing.upload(files, caption, replyTo)),
      onStop: () => this.#stopDraft(),
      onUnblock: () => this.#try(() => this.api.unblock()),
      onMenuApp: () => this.#openMenuApp(),
      onKeyboardApp: (button) => this.#openMiniApp({ url: button.web_app.url, text: button.text }),
      onContact: (phoneNumber) => this.api.shareContact(phoneNumber),
      onManagedBot: async (name, username) => {
        await this.api.makeManagedBot(name, username);
        await onBotMade();
      },
      onLocation: (latitude, longitude) => this.api.shareLocation(latitude, longitude),
      findInlineBot: (username) => this.#findInlineBot(username),
      onInlineAsk: (bot, query, offset) => this.api.askInline(bot.id, query, offset),
      onInlineChoose: (queryId, resultId, replyTo) => this.#try(() => this.api.chooseInline(queryId, resultId, replyTo)),
      onInlineButton: (bot, button) => this.#toInlineBot(bot, button),
      lastOwn: () => this.history.newest((message) => message.from?.id === person.id && message.text !== undefined),
    });
    this.#build(onBack);
  }

  #build(onBack) {
    this.status = element("span.status");
    this.pinned = element("button.pinned", { type: "button", hidden: true });
    const head = element(
      "header.chat-head",
      {},
      iconButton("back", _("Back to the chats"), onBack, ".back"),
      avatar(this.entry.title, faceOf(this.entry)),
      element("div.chat-title", {}, element("h1", {}, this.entry.title), this.status),
      iconButton("more", _("More"), (event) => this.#chatMenu(event)),
    );
    this.empty = element("div.empty", { hidden: true });
    this.state = element("div.chat-state", { role: "status" }, element("span.spinner"), _("Loading…"));
    this.history.root.append(this.empty, this.state);
    this.root = element("section.chat", { "aria-label": this.entry.title }, head, this.pinned, this.history.root, this.composer.root);
    this.#showStatus();
  }

  // Loads or brings up to date; called again whenever the stream was broken. What happens meanwhile waits: the loaded
  // state may be older than it.
  async load() {
    this.loading = true;
    try {
      this.view = await this.api.open();
    } catch (error) {
      this.#showTrouble(error);
      throw error;
    } finally {
      this.loading = false;
    }
    this.#showView(this.view);
    const late = this.waiting.filter(({ id }) => id > this.view.last_event_id);
    this.waiting = [];
    for (const { kind, data } of late) this.handle(kind, data);
    this.outgoing.sendWaiting();
  }

  #showView(view) {
    this.state.hidden = true;
    this.drop();
    if (this.memoryId && this.memoryId !== view.memory_id) this.history.beginAnew();
    this.memoryId = view.memory_id;
    this.history.load(view.messages, view.reactions);
    for (const draft of view.drafts) this.drafts.show(draft);
    this.composer.setCommands(view.commands, view.menu_button);
    this.composer.setKeyboard(view.reply_keyboard);
    this.#showBlocked(view.chat.blocked);
    this.#showPinned(view.pinned ?? []);
    this.#showEmpty();
  }

  // Forgets what lives only for seconds.
  drop() {
    this.drafts.forget();
    clearTimeout(this.actionTimer);
  }

  #showTrouble(error) {
    if (this.view) return; // what was loaded stays readable; the strip above tells that we are offline
    const again = element("button.button", { type: "button", onclick: () => this.load().catch(() => {}) }, _("Try again"));
    this.state.hidden = false;
    this.state.replaceChildren(element("p", {}, _("This chat could not be loaded.")), element("p.muted", {}, error.message), again);
  }

  handle(kind, data, id) {
    if (this.loading) {
      this.waiting.push({ kind, data, id });
      return;
    }
    const handlers = {
      message: () => this.#onMessage(data),
      edited: () => this.history.put(data.message),
      deleted: () => this.history.delete(data.message_id),
      draft: () => this.drafts.show(data),
      draft_gone: () => this.drafts.drop(data.draft_id),
      chat_action: () => this.#showAction(data),
      reaction: () => this.#onReaction(data),
      commands: () => this.#reloadMenu(),
      menu_button: () => this.#reloadMenu(),
      membership: () => !this.isGroup && this.#showBlocked(data.new === "kicked"),
      pinned: () => this.#showPinned(data.pinned ?? (data.message_id ? [data.message_id] : [])),
    };
    handlers[kind]?.();
    this.#showEmpty();
  }

  #onMessage({ message, reply_keyboard: keyboard }) {
    if (message.from?.is_bot) {
      this.drafts.forget(); // a preview ends where the message begins
      this.#showAction({});
    }
    this.history.put(message);
    if (keyboard !== undefined) this.composer.setKeyboard(keyboard);
  }

  #onReaction(data) {
    this.history.setReaction(data.message_id, data.user?.id ?? data.user_id, data.new_reaction ?? data.reaction ?? []);
    this.history.draw();
  }

  async #reloadMenu() {
    const menu = await this.api.menu().catch(() => null);
    if (menu) this.composer.setCommands(menu.commands, menu.menu_button);
  }

  #say(text, replyTo) {
    this.outgoing.say(text, replyTo);
    this.#showEmpty();
  }

  #actFor(message, { pendingKey } = {}) {
    return {
      say: (text) => this.#say(text),
      showMessage: (id) => this.history.show(id),
      pressButton: (button, node) => this.#press(message, button, node),
      react: (emoji) => this.#try(() => this.api.react(message.message_id, emoji)),
      sendAgain: () => this.outgoing.send(pendingKey),
    };
  }

  async #press(message, button, node) {
    if (button.callback_data) await this.#pressCallback(message, button, node);
    else if (button.web_app) await this.#openMiniApp({ url: button.web_app.url });
    else if (button.copy_text) {
      await navigator.clipboard.writeText(button.copy_text.text);
      toast(_("Copied"));
    } else if (button.url ?? button.login_url?.url) this.#openLink(button.url ?? button.login_url.url);
    else if (button.switch_inline_query_current_chat !== undefined) this.composer.insert(`@${this.entry.username} ${button.switch_inline_query_current_chat}`);
    else toast(_("The sandbox cannot do what this button asks"));
  }

  async #pressCallback(message, button, node) {
    node.classList.add("busy");
    node.setAttribute("aria-busy", "true");
    try {
      const { answer } = await this.api.press(message.message_id, button.callback_data);
      if (answer?.url) this.#openLink(answer.url);
      if (answer?.text && answer.show_alert) alertOf(answer.text);
      else if (answer?.text) toast(answer.text);
    } catch (error) {
      toast(error.status === 404 ? _("This message is from before the server began anew; its buttons no longer work.") : error.message);
    } finally {
      node.classList.remove("busy");
      node.removeAttribute("aria-busy");
    }
  }

  // Bots may be made while the page is open: an unknown name is looked for again.
  async #findInlineBot(username) {
    const wanted = username.toLowerCase();
    const known = () => this.bots?.find((bot) => bot.username.toLowerCase() === wanted && bot.supports_inline_queries);
    if (!known()) this.bots = await listBots().catch(() => this.bots);
    return known();
  }

  #toInlineBot(bot, button) {
    if (bot.id === this.entry.bot_id && !this.isGroup) this.#say(`/start ${button.start_parameter ?? ""}`.trim());
    else location.hash = `#${bot.id}/${this.person.id}`;
  }

  #openLink(url) {
    const address = safeAddress(url);
    if (address) window.open(address, "_blank", "noopener,noreferrer");
  }

  async #openMenuApp() {
    await this.#openMiniApp({ url: this.composer.menuButton.web_app.url });
  }

  async #openMiniApp(request) {
    await this.#try(() => openMiniApp(this.api, request, this.entry.title));
  }

  async #stopDraft() {
    const id = this.composer.stoppable;
    this.composer.setStoppable(null);
    if (id !== null) await this.#try(() => this.api.stopDraft(id));
  }

  #showAction({ action }) {
    clearTimeout(this.actionTimer);
    this.#showStatus(action ? (ACTIONS[action]?.() ?? _("typing…")) : null);
    if (action) this.actionTimer = setTimeout(() => this.#showStatus(), ACTION_LIVES_MS);
  }

  #showStatus(action) {
    const members = (this.entry.people?.length ?? 0) + (this.entry.bots?.length ?? 0);
    this.status.textContent = action ?? (this.isGroup ? ngettext("%(n)s member", "%(n)s members", members) : _("bot"));
    this.status.classList.toggle("active", Boolean(action));
  }

  #showBlocked(blocked) {
    this.blocked = Boolean(blocked);
    this.composer.setBlocked(this.blocked);
  }

  #showPinned(ids) {
    const message = this.history.messages.get(ids.at(-1));
    this.pinned.hidden = !message;
    if (!message) return;
    this.pinned.onclick = () => this.history.show(message.message_id);
    this.pinned.replaceChildren(icon("pin"), element("span", {}, element("b", {}, _("Pinned message")), element("span", {}, summary(message))));
  }

  #showEmpty() {
    const { past, messages, pending, drafts } = this.history;
    const isEmpty = this.state.hidden && past.length + messages.size + pending.size + drafts.size === 0;
    this.empty.hidden = !isEmpty;
    this.composer.offerStart(isEmpty && !this.isGroup);
    if (!isEmpty || this.empty.childElementCount) return;
    const description = this.entry.description;
    this.empty.append(
      avatar(this.entry.title, faceOf(this.entry)),
      element("h2", {}, this.entry.title),
      element("p", {}, description || (this.isGroup ? _("Write the first message of this group.") : _("Press Start to see what this bot can do."))),
    );
  }

  #chatMenu(event) {
    const items = [{ icon: "down", label: _("To the newest"), act: () => this.history.toEnd(true) }];
    if (!this.isGroup && this.blocked) items.push({ icon: "block", label: _("Unblock the bot"), act: () => this.#try(() => this.api.unblock()) });
    else if (!this.isGroup) items.push({ icon: "block", label: _("Block the bot"), danger: true, act: () => this.#try(() => this.api.block()) });
    if (this.isGroup) items.push({ icon: "group", label: this.#memberNames(), act: () => {} });
    popupMenu(items, event.currentTarget.getBoundingClientRect());
  }

  #memberNames() {
    return [...(this.entry.people ?? []), ...(this.entry.bots ?? [])].map(fullName).join(", ");
  }

  #messageMenu(message, at) {
    const items = [
      { icon: "reply", label: _("Reply"), act: () => this.composer.reply(message) },
      { icon: "copy", label: _("Copy text"), act: () => navigator.clipboard.writeText(summary(message)) },
    ];
    if (message.from?.id === this.person.id && message.text !== undefined) {
      items.push({ icon: "edit", label: _("Edit"), act: () => this.composer.edit(message) });
    }
    const react = (emoji) => this.#try(() => this.api.react(message.message_id, emoji));
    popupMenu(items, at, { emoji: REACTIONS, react });
  }

  async #try(act) {
    try {
      return await act();
    } catch (error) {
      toast(error.message);
      return null;
    }
  }
}
