// What the page says, in the reader's language: the catalogue comes with the page.

const data = JSON.parse(document.getElementById("page-data").textContent);

export const language = data.language;
export const apiUrl = data.api;

const categories = new Intl.PluralRules(language);
const order = { one: 0, few: 1, many: 2, other: language === "ru" ? 2 : 1 };

function fill(sentence, values) {
  return values ? sentence.replace(/%\((\w+)\)s/g, (_whole, name) => String(values[name])) : sentence;
}

export function _(sentence, values) {
  return fill(data.words[sentence] ?? sentence, values);
}

export function ngettext(singular, plural, n, values) {
  const forms = data.words[singular] ?? [singular, plural];
  return fill(forms[order[categories.select(n)]] ?? plural, { n, ...values });
}

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "medium", hour12: false });
const short = new Intl.DateTimeFormat(language, { day: "2-digit", month: "2-digit", year: "2-digit" });

const fromUnix = (seconds) => new Date(seconds * 1000);

export const timeOf = (seconds) => clock.format(fromUnix(seconds));
export const exactTimeOf = (seconds) => exact.format(fromUnix(seconds));

const days = new Map(); // formatting a date is slow, and every message of a day asks

export function dayOf(seconds) {
  const date = fromUnix(seconds);
  const today = new Date();
  const key = `${date.toDateString()} as of ${today.toDateString()}`;
  if (!days.has(key)) days.set(key, nameOfDay(date, today));
  return days.get(key);
}

function nameOfDay(date, today) {
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return _("Today");
  if (date.toDateString() === yesterday.toDateString()) return _("Yesterday");
  return (date.getFullYear() === today.getFullYear() ? day : dayOfYear).format(date);
}

export function shortTimeOf(seconds) {
  const date = fromUnix(seconds);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : short.format(date);
}

export function sizeOf(bytes) {
  if (bytes < 1024) return _("%(n)s B", { n: bytes });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  if (bytes < 1024 * 1024) return _("%(n)s KB", { n: number.format(bytes / 1024) });
  return _("%(n)s MB", { n: number.format(bytes / 1024 / 1024) });
}
