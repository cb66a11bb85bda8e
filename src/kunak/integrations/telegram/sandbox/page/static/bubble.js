// One message as it stands in the chat.

import { avatar, element, fullName, icon } from "./dom.js";
import { isVisual, media, mediaWord, photo } from "./media.js";
import { plainOfBlocks, richMessage } from "./rich.js";
import { formatted } from "./text.js";
import { _, exactTimeOf, timeOf } from "./words.js";

// The first words of a message: for the list of chats, quotes and copying.
export function summary(message) {
  const words = message.text ?? message.caption ?? (message.rich_message ? plainOfBlocks(message.rich_message.blocks) : "");
  return words || mediaWord(message) || serviceText(message) || _("Message");
}

export function serviceText(message) {
  const who = message.from ? fullName(message.from) : "";
  const names = (users) => users.map(fullName).join(", ");
  if (message.new_chat_members) return _("%(who)s joined the group", { who: names(message.new_chat_members) });
  if (message.left_chat_member) return _("%(who)s left the group", { who: fullName(message.left_chat_member) });
  if (message.new_chat_title) return _("%(who)s named the group “%(title)s”", { who, title: message.new_chat_title });
  if (message.pinned_message) return _("%(who)s pinned “%(words)s”", { who, words: summary(message.pinned_message).slice(0, 60) });
  if (message.group_chat_created || message.supergroup_chat_created) return _("%(who)s created the group", { who });
  if (message.forum_topic_created) return _("%(who)s opened the topic “%(title)s”", { who, title: message.forum_topic_created.name });
  if (message.forum_topic_closed) return _("%(who)s closed the topic", { who });
  if (message.forum_topic_reopened) return _("%(who)s opened the topic again", { who });
  if (message.new_chat_photo || message.delete_chat_photo) return _("%(who)s changed the photo of the group", { who });
  if (message.managed_bot_created) return _("%(who)s created the bot @%(username)s", { who, username: message.managed_bot_created.bot.username });
  if (message.write_access_allowed) return _("The bot may write to you now");
  if (message.web_app_data) return _("Data of “%(title)s” was sent to the bot", { title: message.web_app_data.button_text });
  return null;
}

export const serviceLine = (words, properties = {}) => element("div.service", properties, element("span", {}, words));

// `view`: {mine, isGroup, first, last, reactions, state, act}; `album` holds all messages of a media group.
export function bubble(message, view, album = [message]) {
  const classes = ["row", view.mine ? "mine" : "theirs", view.first && "first", view.last && "last"].filter(Boolean);
  const body = element(
    ["div", "bubble", isVisual(message) && "visual", bare(message) && "bare"].filter(Boolean).join("."),
    {},
    view.isGroup && view.first && !view.mine ? senderName(message) : null,
    forwarded(message),
    message.via_bot ? element("div.via", {}, _("via @%(name)s", { name: message.via_bot.username })) : null,
    quoted(message, view.act),
    album.length > 1 ? albumOf(album) : media(message),
    words(message, album, view),
    view.state === "failed" ? element("button.send-again", { type: "button", onclick: () => view.act.sendAgain() }, _("Send again")) : null,
  );
  const column = element("div.column", {}, body, inlineKeyboard(message, view.act), reactionsOf(view));
  const face = view.isGroup && !view.mine ? (view.last ? avatar(fullName(message.from), message.from.id) : element("span.avatar.none")) : null;
  return element(classes.reduce((tag, name) => `${tag}.${name}`, "div"), { "data-message": String(message.message_id ?? ""), tabindex: "-1" }, face, column);
}

const bare = (message) => Boolean(message.sticker || message.dice);

function senderName(message) {
  return element(`div.sender.tint-ink-${Math.abs(message.from.id) % 6}`, {}, fullName(message.from));
}

function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user ? fullName(origin.sender_user) : (origin.sender_user_name ?? origin.chat?.title ?? origin.sender_chat?.title ?? "");
  return element("div.forwarded", {}, _("Forwarded from %(name)s", { name }));
}

function quoted(message, act) {
  const target = message.reply_to_message;
  if (!target) return null;
  return element(
    "button.quoted",
    { type: "button", onclick: () => act.showMessage?.(target.message_id) },
    element("b", {}, target.from ? fullName(target.from) : ""),
    element("span", {}, (message.quote?.text ?? summary(target)).slice(0, 120)),
  );
}

function albumOf(album) {
  return element(`div.album.of-${Math.min(album.length, 10)}`, {}, album.map((message) => (message.photo ? photo(message) : media(message))));
}

function words(message, album, view) {
  const meta = metaOf(message, view);
  const told = album.find((one) => one.caption) ?? message;
  if (message.rich_message) return element("div.words", { dir: "auto" }, richMessage(message.rich_message, view.act), meta);
  const text = message.text ?? told.caption;
  const entities = message.text === undefined ? told.caption_entities : message.entities;
  if (text !== undefined) return element("div.words", { dir: "auto" }, formatted(text, entities, view.act), meta);
  if (mediaWord(message)) return element("div.words.only-time", {}, meta);
  return element("div.words", {}, element("i.muted", {}, _("The sandbox does not show this kind of message")), meta);
}

function metaOf(message, view) {
  const edited = message.edit_date ? element("span", {}, _("edited")) : null;
  const time = element("time", { dateTime: new Date(message.date * 1000).toISOString(), title: exactTimeOf(message.date) }, timeOf(message.date));
  return element("span.meta", {}, edited, time, view.mine ? ticks(view.state ?? "read") : null);
}

function ticks(state) {
  const names = { sending: _("Sending"), failed: _("Not sent"), read: _("Read") };
  const mark = element(`span.ticks.${state}`, { role: "img", "aria-label": names[state], title: names[state] });
  if (state === "sending") mark.append(icon("clock"));
  else mark.textContent = state === "failed" ? "!" : "";
  return mark;
}

function reactionsOf(view) {
  if (!view.reactions?.length) return null;
  return element("div.reactions", {}, view.reactions.map(({ emoji, count, own }) =>
    element(`button.reaction${own ? ".own" : ""}`, { type: "button", "aria-pressed": String(own), onclick: () => view.act.react?.(own ? null : emoji) }, emoji, count > 1 ? ` ${count}` : ""),
  ));
}

function inlineKeyboard(message, act) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return element("div.inline-keyboard", {}, rows.map((row) => element("div.keyboard-row", {}, row.map((button) => inlineButton(button, act)))));
}

function inlineButton(button, act) {
  const style = ["danger", "success", "primary"].includes(button.style) ? `.${button.style}` : "";
  const sign = button.url || button.login_url ? icon("link") : button.web_app ? icon("app") : button.copy_text ? icon("copy") : null;
  return element(
    `button.inline-button${style}`,
    { type: "button", disabled: Boolean(button.disabled), onclick: (event) => act.pressButton?.(button, event.currentTarget) },
    element("span", {}, button.text),
    sign,
  );
}
