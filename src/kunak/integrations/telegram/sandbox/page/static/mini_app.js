// A Mini App in a sheet, spoken to as Telegram's web client does: JSON messages {eventType, eventData} both ways.

import { alertOf, dialog } from "./dialogs.js";
import { element, iconButton, safeAddress } from "./dom.js";
import { _ } from "./words.js";

// Telegram's names for the colours of a theme, from the page's own tokens.
export function themeParams() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    bg_color: colour("surface"), secondary_bg_color: colour("ground"), section_bg_color: colour("surface"),
    header_bg_color: colour("surface"), bottom_bar_bg_color: colour("surface"),
    text_color: colour("ink"), hint_color: colour("muted"), subtitle_text_color: colour("muted"),
    section_header_text_color: colour("accent"), section_separator_color: colour("line"),
    link_color: colour("accent"), accent_text_color: colour("accent"),
    button_color: colour("accent"), button_text_color: colour("accent-ink"), destructive_text_color: colour("danger"),
  };
}

// `request`: {url, text?}; `text` is of the keyboard button that opened it. The server signs; we only show.
export async function openMiniApp(api, request, title) {
  const { url } = await api.openMiniApp({ url: request.url, theme_params: themeParams() });
  new Sheet(api, request, title, url);
}

class Sheet {
  constructor(api, request, title, url) {
    this.api = api;
    this.request = request;
    this.origin = new URL(url).origin;
    this.frame = element("iframe", {
      src: url,
      title,
      sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-modals",
      allow: "clipboard-write",
    });
    this.back = iconButton("back", _("Back"), () => this.tell("back_button_pressed"));
    this.back.hidden = true;
    this.main = element("button.button.main-button", { type: "button", hidden: true, onclick: () => this.tell("main_button_pressed") });
    this.listener = (event) => event.source === this.frame.contentWindow && event.origin === this.origin && this.#heard(event.data);
    addEventListener("message", this.listener);
    const head = element("header", {}, this.back, element("h2", {}, title), iconButton("close", _("Close"), () => this.sheet.close()));
    this.sheet = dialog(".sheet", head, this.frame, this.main);
    this.sheet.setAttribute("aria-label", title);
    this.sheet.addEventListener("close", () => removeEventListener("message", this.listener));
  }

  tell(eventType, eventData = {}) {
    this.frame.contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), this.origin);
  }

  #heard(text) {
    let said;
    try {
      said = JSON.parse(text);
    } catch {
      return;
    }
    const data = typeof said.eventData === "string" ? JSON.parse(said.eventData || "{}") : (said.eventData ?? {});
    const answers = {
      web_app_close: () => this.sheet.close(),
      web_app_request_theme: () => this.tell("theme_changed", { theme_params: themeParams() }),
      web_app_request_viewport: () => this.#tellViewport(),
      web_app_ready: () => this.#tellViewport(),
      web_app_expand: () => this.#expand(),
      web_app_setup_main_button: () => this.#showMainButton(data),
      web_app_setup_back_button: () => (this.back.hidden = !data.is_visible),
      web_app_open_link: () => this.#openLink(data.url),
      web_app_open_tg_link: () => this.#openLink(`https://t.me${data.path_full}`),
      web_app_open_popup: () => this.#showPopup(data),
      web_app_data_send: () => this.#sendData(data.data),
    };
    answers[said.eventType]?.();
  }

  #tellViewport() {
    const { clientWidth, clientHeight } = this.frame;
    this.tell("viewport_changed", { width: clientWidth, height: clientHeight, is_expanded: true, is_state_stable: true });
  }

  #expand() {
    this.sheet.classList.add("expanded");
    this.#tellViewport();
  }

  #showMainButton(data) {
    this.main.hidden = !data.is_visible;
    this.main.disabled = data.is_active === false;
    this.main.textContent = data.text ?? "";
    this.main.classList.toggle("busy", Boolean(data.is_progress_visible));
  }

  #showPopup(data) {
    const buttons = data.buttons ?? [];
    const named = { ok: _("OK"), close: _("Close"), cancel: _("Cancel") };
    let pressed = null;
    const opened = dialog(".alert", data.title ? element("h2", {}, data.title) : null, element("p", {}, data.message ?? ""),
      element("div.form-buttons", {}, buttons.map((button) =>
        element(`button.button${button.type === "destructive" ? ".danger" : ""}`, { type: "button", onclick: () => { pressed = button.id; opened.close(); } }, button.text || named[button.type] || _("OK")),
      )),
    );
    opened.addEventListener("close", () => this.tell("popup_closed", pressed === null ? {} : { button_id: pressed }));
  }

  #openLink(url) {
    const address = safeAddress(String(url ?? ""));
    if (address) window.open(address, "_blank", "noopener,noreferrer");
  }

  async #sendData(data) {
    this.sheet.close();
    try {
      await this.api.sendMiniAppData(String(data), this.request.text ?? "");
    } catch (error) {
      alertOf(error.message);
    }
  }
}
