// Photos, files, voices and the rest of what a message may carry beside text.

import { fileAddress } from "./api.js";
import { element, icon, link } from "./dom.js";
import { openPicture } from "./dialogs.js";
import { sound } from "./sound.js";
import { _, ngettext, sizeOf } from "./words.js";

const WIDEST = 420;
const TALLEST = 420;

const largest = (sizes) => sizes.reduce((best, size) => (size.width * size.height > best.width * best.height ? size : best));

// What stands above the text of a message; null when there is nothing of the kind.
export function media(message) {
  if (message.photo) return photo(message);
  if (message.animation) return moving(message.animation, { loop: true, autoplay: true, muted: true });
  if (message.video) return moving(message.video, { controls: true });
  if (message.video_note) return moving(message.video_note, { controls: true });
  if (message.sticker) return sticker(message.sticker);
  if (message.voice) return sound(message.voice, _("Voice message"));
  if (message.audio) return sound(message.audio, message.audio.title || message.audio.file_name || _("Audio"));
  if (message.document) return file(message.document);
  if (message.venue) return place(message.venue.location, message.venue.title);
  if (message.location) return place(message.location, _("Location"));
  if (message.contact) return contact(message.contact);
  if (message.poll) return poll(message.poll);
  if (message.dice) return element("div.dice", {}, `${message.dice.emoji} ${message.dice.value}`);
  return null;
}

export const isVisual = (message) => Boolean(message.photo || message.video || message.animation);

// One tile of an album or a photo on its own; the place is kept while the picture loads.
export function photo(message) {
  const size = largest(message.photo);
  const scale = Math.min(1, WIDEST / size.width, TALLEST / size.height);
  const address = fileAddress(size.file_id);
  const picture = element("img", {
    src: address,
    alt: message.caption || _("Photo"),
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
    loading: "lazy",
    decoding: "async",
    draggable: false,
  });
  picture.addEventListener("error", () => picture.replaceWith(element("span.missing", {}, _("The picture is no longer kept"))));
  const frame = element("button.photo", { type: "button", "aria-label": _("Open the photo"), onclick: () => openPicture(address, picture.alt) }, picture);
  if (message.has_media_spoiler || message.has_spoiler) veil(frame);
  return frame;
}

function veil(frame) {
  frame.classList.add("veiled");
  frame.addEventListener(
    "click",
    (event) => {
      if (!frame.classList.contains("veiled")) return;
      event.stopImmediatePropagation();
      frame.classList.remove("veiled");
    },
    { capture: true },
  );
}

function moving(video, options) {
  return element("video.video", { src: fileAddress(video.file_id), playsInline: true, preload: "metadata", ...options });
}

function sticker(given) {
  const shown = element("img.sticker", { src: fileAddress(given.file_id), alt: given.emoji || _("Sticker") });
  shown.addEventListener("error", () => shown.replaceWith(element("span.dice", {}, given.emoji || _("Sticker"))));
  return shown;
}

function file(given) {
  return element(
    "a.file",
    { href: fileAddress(given.file_id), download: given.file_name || "file" },
    element("span.file-icon", {}, icon("file")),
    element(
      "span.file-text",
      {},
      element("span.file-name", {}, given.file_name || _("File")),
      element("span.file-size", {}, given.file_size === undefined ? "" : sizeOf(given.file_size)),
    ),
  );
}

function place(location, name) {
  const at = `${location.latitude},${location.longitude}`;
  const address = `https://www.openstreetmap.org/?mlat=${location.latitude}&mlon=${location.longitude}#map=15/${at.replace(",", "/")}`;
  return element("div.place", {}, element("b", {}, name), link(address, at));
}

function contact(given) {
  return element("div.place", {}, element("b", {}, [given.first_name, given.last_name].filter(Boolean).join(" ")), element("span", {}, given.phone_number));
}

function poll(given) {
  return element(
    "div.poll",
    {},
    element("b", {}, given.question),
    element("span.poll-kind", {}, ngettext("%(n)s vote", "%(n)s votes", given.total_voter_count ?? 0)),
    given.options.map((option) => element("span.poll-option", {}, option.text)),
  );
}

// A word for previews: in the list of chats and in the quote of an answer.
export function mediaWord(message) {
  if (message.photo) return _("Photo");
  if (message.video || message.video_note) return _("Video");
  if (message.animation) return "GIF";
  if (message.voice) return _("Voice message");
  if (message.audio) return _("Audio");
  if (message.document) return message.document.file_name || _("File");
  if (message.sticker) return `${message.sticker.emoji ?? ""} ${_("Sticker")}`.trim();
  if (message.venue || message.location) return _("Location");
  if (message.contact) return _("Contact");
  if (message.poll) return message.poll.question;
  if (message.dice) return message.dice.emoji;
  return "";
}
