// The person's side of the sandbox.

import { _, apiUrl } from "./words.js";

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body) {
  const request = { method, headers: {}, cache: "no-store" };
  if (body instanceof FormData) {
    request.body = body;
  } else if (method !== "GET") {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body ?? {});
  }
  let answer;
  try {
    answer = await fetch(apiUrl + path, request);
  } catch {
    const words = method === "GET" ? _("The server does not answer. Try again in a moment.") : _("The server does not answer. What you wrote is kept; try again.");
    throw new ApiError(words, 0);
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiError(content.error ?? _("The server refused (%(status)s).", { status: answer.status }), answer.status);
  return content;
}

const get = (path) => call("GET", path);
const post = (path, body) => call("POST", path, body);

export const listUsers = async () => (await get("/users")).users;
export const createUser = (profile) => post("/users", profile);
export const listBots = async () => (await get("/bots")).bots;
export const createBot = (bot) => post("/bots", bot);
export const createGroup = (group) => post("/groups", group);
export const listChats = (userId, language) => get(`/users/${userId}/chats?language=${language}`);
export const userEvents = (userId, after) => `${apiUrl}/users/${userId}/events?after=${after}`;
export const fileAddress = (fileId) => `${apiUrl}/files/${encodeURIComponent(fileId)}`;

// One chat as one person sees it. Every act says who acts: in a group that cannot be guessed.
export class ChatApi {
  constructor(botId, chatId, userId, language) {
    this.path = `/bots/${botId}/chats/${chatId}`;
    this.userId = userId;
    this.language = language;
  }

  open() {
    return this.#post("/open");
  }
  show() {
    return get(`${this.path}?language=${this.language}`);
  }
  menu() {
    return get(`${this.path}/commands?language=${this.language}`);
  }
  say(text, replyTo) {
    return this.#post("/messages", replyTo ? { text, reply_to_message_id: replyTo } : { text });
  }
  edit(messageId, text) {
    return call("PATCH", `${this.path}/messages/${messageId}`, { text, user_id: this.userId });
  }
  press(messageId, data) {
    return this.#post(`/messages/${messageId}/press`, { data });
  }
  react(messageId, emoji) {
    return this.#post(`/messages/${messageId}/reaction`, { emoji });
  }
  stopDraft(draftId) {
    return this.#post(`/drafts/${draftId}/stop`);
  }
  block() {
    return this.#post("/block");
  }
  unblock() {
    return this.#post("/unblock");
  }
  upload(file, kind, { caption, replyTo, album }) {
    const form = new FormData();
    form.set("kind", kind);
    form.set("user_id", String(this.userId));
    if (caption) form.set("caption", caption);
    if (replyTo) form.set("reply_to_message_id", String(replyTo));
    if (album) form.set("media_group_id", album);
    form.set("file", file, file.name);
    return post(`${this.path}/uploads`, form);
  }
  askInline(botId, query, offset) {
    return this.#post("/inline", { inline_bot_id: botId, query, offset });
  }
  chooseInline(queryId, resultId, replyTo) {
    const result = { query_id: queryId, result_id: resultId };
    return this.#post("/inline/choose", replyTo ? { ...result, reply_to_message_id: replyTo } : result);
  }
  makeManagedBot(name, username) {
    return this.#post("/managed-bots", { name, username });
  }

  shareContact(phoneNumber) {
    return this.#post("/contact", { phone_number: phoneNumber });
  }
  shareLocation(latitude, longitude) {
    return this.#post("/location", { latitude, longitude });
  }
  openMiniApp(request) {
    return this.#post("/mini-app", request);
  }
  sendMiniAppData(data, buttonText) {
    return this.#post("/web-app-data", { data, button_text: buttonText });
  }

  #post(path, body) {
    return post(this.path + path, { ...body, user_id: this.userId });
  }
}
