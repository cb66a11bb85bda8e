// The page: who sits at it, which chat is open, and what happens meanwhile.

import { createBot, createGroup, listBots, listChats, listUsers } from "./api.js";
import { ChatView } from "./chat.js";
import { alertOf, askForm, popupMenu } from "./dialogs.js";
import { element, fullName } from "./dom.js";
import { keep, newPerson, personFields, returning } from "./people.js";
import { keyOf, Sidebar } from "./sidebar.js";
import { Stream } from "./stream.js";
import { _, language } from "./words.js";

const messenger = document.getElementById("messenger");
const place = document.getElementById("conversation");
const nothing = document.getElementById("nothing-open");
const offline = element("div.offline", { role: "status", hidden: true }, element("span.spinner"), _("Connecting to the server…"));
document.body.append(offline);

const sidebar = new Sidebar({ onOpen: (key) => (location.hash = `#${key}`), onPerson: (event) => choosePerson(event.currentTarget) });
let person = null;
let stream = null;
let chat = null;

async function begin() {
  try {
    person = await returning();
  } catch (error) {
    sidebar.showTrouble(error.message, begin);
    return;
  }
  if (person) {
    becomes(person);
  } else {
    sidebar.showNobody();
    askWhoYouAre();
  }
}

function becomes(someone) {
  person = someone;
  keep(person);
  sidebar.showPerson(person);
  sidebar.unread.clear();
  leaveChat();
  stream?.close();
  stream = new Stream(person.id, { catchUp, onEvent: happened, onState: (connected) => (offline.hidden = connected) });
  stream.connect();
}

// The present state of everything shown; returns the last event in it. Runs at the start and after every break.
async function catchUp() {
  try {
    person = (await returning()) ?? person;
    const { chats, last_event_id: lastId } = await listChats(person.id, person.language_code ?? language);
    sidebar.show(chats);
    if (chat) await chat.load();
    else openFromAddress();
    return lastId;
  } catch (error) {
    if (!sidebar.entries.length) sidebar.showTrouble(error.message, () => stream.connect());
    throw error;
  }
}

function happened(kind, { bot_id: botId, chat_id: chatId, data }, id) {
  const key = chatId < 0 ? `g/${chatId}` : `${botId}/${chatId ?? person.id}`;
  if (!sidebar.knows(key, botId)) refreshList(); // a new bot or a new group
  if (kind === "message") sidebar.note(key, data.message, true);
  if (kind === "edited") sidebar.note(key, data.message, false);
  const concernsOpen = chat && (keyOf(chat.entry) === key || (chatId === null && chat.entry.bots?.some((bot) => bot.id === botId)));
  if (concernsOpen) chat.handle(kind, data, id);
}

async function refreshList() {
  const { chats } = await listChats(person.id, person.language_code ?? language);
  sidebar.show(chats);
}

function openFromAddress() {
  const key = decodeURIComponent(location.hash.slice(1));
  const entry = sidebar.entries.find((one) => keyOf(one) === key);
  if (entry && chat && keyOf(chat.entry) === key) return;
  leaveChat();
  if (entry) openChat(entry);
}

function openChat(entry) {
  chat = new ChatView(entry, person, { onBack: () => (location.hash = ""), onForgotten: () => stream.connect(), onBotMade: refreshList });
  nothing.hidden = true;
  place.append(chat.root);
  messenger.classList.add("talking");
  sidebar.select(keyOf(entry));
  document.title = `${entry.title} · Kunak`;
  chat.load().then(() => chat?.composer.focus(), () => {});
}

function leaveChat() {
  chat?.drop();
  chat?.root.remove();
  chat = null;
  nothing.hidden = false;
  messenger.classList.remove("talking");
  sidebar.select(null);
}

async function askWhoYouAre() {
  const users = await listUsers().catch(() => []);
  const known = users.map((user) =>
    element("button.button.quiet", { type: "button", onclick: () => (asked.close(), becomes(user)) }, fullName(user)),
  );
  const asked = askForm({
    title: _("Who will talk to the bots?"),
    fields: personFields(),
    extra: person || !known.length ? [] : [element("p.muted", {}, _("Or go on as")), element("div.known-people", {}, known)],
    submit: _("Begin"),
    onSubmit: async (form) => becomes(await newPerson(form)),
  });
}

async function choosePerson(button) {
  const users = await listUsers().catch(() => []);
  const items = users.map((user) => ({ icon: "person", label: fullName(user), act: () => becomes(user) }));
  items.push({ icon: "plus", label: _("New person"), act: askWhoYouAre });
  popupMenu(items, button.getBoundingClientRect());
}

async function makeGroup() {
  const [bots, users] = await Promise.all([listBots(), listUsers()]);
  askForm({
    title: _("New group"),
    submit: _("Create"),
    fields: [
      { name: "title", label: _("Name of the group"), required: true },
      { name: "user", label: _("People"), type: "checks", options: users.map((user) => [user.id, fullName(user), user.id === person.id]) },
      { name: "bot", label: _("Bots"), type: "checks", options: bots.map((bot) => [bot.id, `${bot.first_name} (@${bot.username})`, false]) },
    ],
    onSubmit: async (form) => {
      const numbers = (name) => form.getAll(name).map(Number);
      if (!numbers("bot").length) throw new Error(_("Choose a bot for the group."));
      const group = await createGroup({ title: form.get("title"), user_ids: [person.id, ...numbers("user").filter((id) => id !== person.id)], bot_ids: numbers("bot") });
      await refreshList();
      location.hash = `#g/${group.id}`;
    },
  });
}

// A group and a bot made by nobody would show nowhere.
const ifSomeoneIsHere = (act) => () => (person ? Promise.resolve(act()).catch((error) => alertOf(error.message)) : askWhoYouAre());

function makeBot() {
  askForm({
    title: _("New bot"),
    submit: _("Create"),
    fields: [
      { name: "name", label: _("Name"), required: true },
      { name: "username", label: _("Username"), hint: _("Latin letters, digits and _; ends with “bot”"), required: true },
    ],
    onSubmit: async (form) => {
      const bot = await createBot({ name: form.get("name"), username: form.get("username") });
      await refreshList();
      alertOf(_("The token for your program: %(token)s", { token: bot.token }));
    },
  });
}

document.getElementById("new-group").addEventListener("click", ifSomeoneIsHere(makeGroup));
document.getElementById("new-bot").addEventListener("click", ifSomeoneIsHere(makeBot));
addEventListener("hashchange", openFromAddress);
begin();
