// Elements are built, never parsed: what people and bots write reaches the page only as text.

export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made && typeof made[key] !== "object") made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const PATHS = {
  send: "M3 20.5v-7l9-1.5-9-1.5v-7L22 12z",
  stop: "M7 7h10v10H7z",
  back: "M15 5l-7 7 7 7",
  down: "M6 9.5l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  commands: "M4 7h16M4 12h16M4 17h10",
  keyboard: "M3 7h18v10H3zM7 10.5h.01M11 10.5h.01M15 10.5h.01M7 14h10",
  more: "M12 5h.01M12 12h.01M12 19h.01",
  reply: "M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 7",
  edit: "M4 20h4L19 9l-4-4L4 16z",
  copy: "M8 8h12v12H8zM16 8V4H4v12h4",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  group: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2.8 3.5 2.7 3.5 5.5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.5-6.5 8-6.5s8 2.5 8 6.5",
  link: "M7 17L17 7M9 7h8v8",
  app: "M4 5h16v14H4zM4 9h16",
  pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v6",
  plus: "M12 5v14M5 12h14",
  block: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.6 5.6l12.8 12.8",
  play: "M8 5.5v13l11-6.5z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  clock: "M12 5v7l4 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, classes = "") {
  return element(`button.icon-button${classes}`, { type: "button", title: label, "aria-label": label, onclick }, icon(name));
}

const SAFE = new Set(["http:", "https:", "tg:", "mailto:", "tel:"]);

// The address if it may be opened from a message, else null: no scripts, no data.
export function safeAddress(given) {
  const text = /^[a-z][a-z0-9+.-]*:/i.test(given) ? given : `https://${given}`;
  try {
    return SAFE.has(new URL(text).protocol) ? text : null;
  } catch {
    return null;
  }
}

export function link(given, ...children) {
  const href = safeAddress(given);
  if (href === null) return element("span", {}, ...children);
  return element("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: href }, ...children);
}

export function avatar(name, id) {
  const letters = [...name.trim()].filter((sign) => /[\p{L}\p{N}]/u.test(sign));
  return element(`span.avatar.tint-${Math.abs(id) % 6}`, { "aria-hidden": "true" }, (letters[0] ?? "?").toUpperCase());
}

export const fullName = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ") || user.title || "";
