// Who sits at the page: people are kept by the browser too, so they outlive the sandbox's memory.

import { createUser, listUsers } from "./api.js";
import { _, language } from "./words.js";

const KEPT = "kunak.sandbox.person";

export function keptPerson() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

export function keep(person) {
  localStorage.setItem(KEPT, JSON.stringify(person));
}

// The person of the last visit, made again when the server forgot them; null when nobody was here yet.
export async function returning() {
  const kept = keptPerson();
  const users = await listUsers();
  const known = users.find((user) => user.id === kept?.id);
  if (known) return known;
  return kept ? createUser(profileOf(kept)) : null;
}

const profileOf = ({ id, first_name, last_name, username, language_code }) =>
  Object.fromEntries(Object.entries({ id, first_name, last_name, username, language_code }).filter(([, value]) => value));

export const newPerson = (form) =>
  createUser(profileOf({ first_name: form.get("first_name").trim(), username: form.get("username").trim().replace(/^@/, ""), language_code: form.get("language_code") }));

export const personFields = () => [
  { name: "first_name", label: _("Name"), required: true },
  { name: "username", label: _("Username"), hint: _("May be left empty") },
  { name: "language_code", label: _("Language of Telegram"), value: language, options: [["ru", "Русский"], ["en", "English"], ["uk", "Українська"], ["kk", "Қазақша"], ["de", "Deutsch"]] },
];
