// A voice message or a piece of music: a round button, how far it is, how long it is.

import { fileAddress } from "./api.js";
import { element, icon } from "./dom.js";
import { toast } from "./dialogs.js";
import { _ } from "./words.js";

let playing = null; // one sounds at a time

export function sound(given, name) {
  const label = given.performer ? `${given.performer} · ${name}` : name;
  const audio = element("audio", { src: fileAddress(given.file_id), preload: "none" });
  const bar = element("progress", { max: 1, value: 0, "aria-label": _("Played") });
  const time = element("span.sound-time", {}, clockOf(given.duration));
  const button = element("button.sound-button", { type: "button", onclick: () => toggle(audio) });
  const show = () => showState(button, audio, label);
  for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, show);
  audio.addEventListener("timeupdate", () => {
    const whole = Number.isFinite(audio.duration) ? audio.duration : given.duration;
    bar.value = whole ? audio.currentTime / whole : 0;
    time.textContent = clockOf(audio.paused ? whole : audio.currentTime);
  });
  show();
  return element("div.sound", {}, button, element("span.sound-text", {}, element("span.sound-name", {}, label), bar, time), audio);
}

async function toggle(audio) {
  if (!audio.paused) {
    audio.pause();
    return;
  }
  if (playing !== audio) playing?.pause();
  playing = audio;
  try {
    await audio.play();
  } catch {
    toast(_("This recording cannot be played here"));
  }
}

function showState(button, audio, label) {
  const words = audio.paused ? _("Play: %(name)s", { name: label }) : _("Pause: %(name)s", { name: label });
  button.replaceChildren(icon(audio.paused ? "play" : "pause"));
  button.title = words;
  button.setAttribute("aria-label", words);
}

function clockOf(seconds = 0) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
