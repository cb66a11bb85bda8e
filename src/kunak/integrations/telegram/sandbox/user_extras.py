"""More that a person does from the page: files, shared contacts and places, inline queries, Mini Apps, topics."""

from starlette.responses import Response

from kunak.integrations.telegram.sandbox import inline_mode, managed_bots, people
from kunak.integrations.telegram.sandbox.chat_view import menu_button_for
from kunak.integrations.telegram.sandbox.init_data import mini_app_url
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request, not_found
from kunak.integrations.telegram.sandbox.rich import read_rich_message
from kunak.integrations.telegram.sandbox.sending_files import Around, send_file
from kunak.integrations.telegram.sandbox.visits import View, Visit

_CHAT = "/bots/{bot_id:int}/chats/{chat_id}"


async def upload(visit: Visit) -> object:
    sent = visit.files.get("file")
    if sent is None:
        raise bad_request("file is required")
    around = Around(
        visit.optional_text("caption") or "",
        visit.optional_text("media_group_id"),
        visit.optional_number("reply_to_message_id"),
        visit.optional_number("message_thread_id"),
    )
    return send_file(visit.world, visit.chat, visit.person, sent, kind=visit.text("kind"), around=around)


async def download(visit: Visit) -> Response:
    """The bytes; pictures may be shown, anything else is only saved, so that no file acts as a page of ours."""
    stored = visit.world.files.get(visit.request.path_params["file_id"])
    if stored is None:
        raise not_found("there is no such file")
    mime_type = stored.upload.mime_type
    shown = mime_type.startswith(("image/", "audio/", "video/")) and mime_type != "image/svg+xml"
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Content-Disposition": "inline" if shown else "attachment",
    }
    return Response(
        stored.upload.content, media_type=mime_type if shown else "application/octet-stream", headers=headers
    )


async def send_rich(visit: Visit) -> object:
    given = visit.body.get("rich_message")
    if not isinstance(given, dict) or not isinstance(given.get("html") or given.get("markdown"), str):
        raise bad_request("rich_message is an object with html or markdown")
    markup = {name: given[name] for name in ("html", "markdown", "is_rtl") if name in given}
    return _send(visit, {"rich_message": read_rich_message(visit.world.files, {}, markup)})


async def share_contact(visit: Visit) -> object:
    profile = visit.person.profile
    contact = {"phone_number": visit.text("phone_number"), "user_id": visit.person.id}
    names = {name: profile[name] for name in ("first_name", "last_name") if name in profile}
    return _send(visit, {"contact": contact | names})


async def share_location(visit: Visit) -> object:
    place = {name: visit.body.get(name) for name in ("latitude", "longitude")}
    if not all(isinstance(value, int | float) and abs(value) <= 180 for value in place.values()):  # noqa: PLR2004 - the globe
        raise bad_request("latitude and longitude are numbers of degrees")
    return _send(visit, {"location": place})


async def make_managed_bot(visit: Visit) -> object:
    return managed_bots.create(
        visit.world, visit.chat, visit.person, visit.text("name"), visit.text("username")
    ).profile


async def send_web_app_data(visit: Visit) -> object:
    data = {"data": visit.text("data"), "button_text": visit.text("button_text")}
    return _send(visit, {"web_app_data": data})


async def open_mini_app(visit: Visit) -> object:
    url = visit.optional_text("url")
    if url is None:
        button = menu_button_for(visit.bot, visit.chat)
        if button["type"] != "web_app":
            raise bad_request("url is required: the menu button opens no Mini App")
        url = button["web_app"]["url"]
    theme = visit.body.get("theme_params")
    if theme is not None and not isinstance(theme, dict):
        raise bad_request("theme_params must be an object")
    people.require_member(visit.chat, visit.person)
    start_param = visit.optional_text("start_param")
    platform = visit.optional_text("platform") or "weba"
    return {
        "url": mini_app_url(
            url, visit.bot, visit.person, visit.chat, start_param=start_param, platform=platform, theme=theme
        )
    }


async def ask_inline(visit: Visit) -> object:
    """`{query_id, answer}`; the answer is null when the bot gave none in time."""
    bot_id = visit.optional_number("inline_bot_id")
    bot = visit.bot if bot_id is None else visit.bot_with(bot_id)
    offset = visit.optional_text("offset") or ""
    query = inline_mode.ask(visit.world, bot, visit.chat, visit.person, visit.text("query"), offset=offset)
    try:
        answer: JsonObject | None = inline_mode.for_pages(await visit.world.queries.wait_for_answer(query))
    except TimeoutError:
        answer = None
    return {"query_id": query.id, "answer": answer}


async def choose_inline(visit: Visit) -> object:
    """Send a result of text that the bot offered; the bot hears of the choice."""
    return inline_mode.choose(visit.world, visit.chat, visit.person, visit.text("query_id"), visit.text("result_id"))


async def create_topic(visit: Visit) -> object:
    chat = visit.chat
    if not chat.card.get("is_forum"):
        raise bad_request("the chat is not a forum")
    about = {"name": visit.text("name"), "icon_color": 7322096}
    message = people.send(visit.world, chat, visit.person, {"forum_topic_created": about})
    topic = chat.topics[message["message_id"]] = {"message_thread_id": message["message_id"], **about}
    return topic


def _send(visit: Visit, content: JsonObject) -> JsonObject:
    reply_to, thread = visit.optional_number("reply_to_message_id"), visit.optional_number("message_thread_id")
    return people.send(visit.world, visit.chat, visit.person, content, reply_to=reply_to, thread=thread)


EXTRA_VIEWS: tuple[tuple[str, str, View], ...] = (
    ("POST", f"{_CHAT}/uploads", upload),
    ("GET", "/files/{file_id}", download),
    ("POST", f"{_CHAT}/rich", send_rich),
    ("POST", f"{_CHAT}/contact", share_contact),
    ("POST", f"{_CHAT}/location", share_location),
    ("POST", f"{_CHAT}/managed-bots", make_managed_bot),
    ("POST", f"{_CHAT}/web-app-data", send_web_app_data),
    ("POST", f"{_CHAT}/mini-app", open_mini_app),
    ("POST", f"{_CHAT}/inline", ask_inline),
    ("POST", f"{_CHAT}/inline/choose", choose_inline),
    ("POST", f"{_CHAT}/topics", create_topic),
)
