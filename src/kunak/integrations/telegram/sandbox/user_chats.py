"""What a person does in a chat from the page."""

from collections.abc import AsyncIterator

import orjson
from starlette.responses import Response, StreamingResponse

from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.chat_view import chat_view, commands_for, menu_button_for
from kunak.integrations.telegram.sandbox.visits import View, Visit

_CHAT = "/bots/{bot_id:int}/chats/{chat_id}"
_MESSAGE = f"{_CHAT}/messages/{{message_id}}"
_MOST_PER_PAGE = 200
_QUIET_AFTER_S = 15.0


async def open_chat(visit: Visit) -> object:
    if visit.number_in_path("chat_id") > 0:
        visit.world.state.private_chat(visit.bot, visit.person)
    return await show_chat(visit)


async def show_chat(visit: Visit) -> object:
    return chat_view(visit.world, visit.bot, visit.chat, visit.language)


async def show_commands(visit: Visit) -> object:
    return {
        "commands": commands_for(visit.bot, visit.chat, visit.language),
        "menu_button": menu_button_for(visit.bot, visit.chat),
    }


async def list_messages(visit: Visit) -> object:
    before = visit.number_in_query("before", default=2**53)
    limit = min(visit.number_in_query("limit", default=50), _MOST_PER_PAGE)
    messages = [message for number, message in visit.chat.messages.items() if number < before]
    return {"messages": messages[-limit:] if limit > 0 else []}


async def say(visit: Visit) -> object:
    return people.say(
        visit.world,
        visit.chat,
        visit.person,
        visit.text("text"),
        reply_to=visit.optional_number("reply_to_message_id"),
        thread=visit.optional_number("message_thread_id"),
    )


async def edit(visit: Visit) -> object:
    return people.edit(visit.world, visit.chat, visit.person, visit.number_in_path("message_id"), visit.text("text"))


async def press(visit: Visit) -> object:
    message_id = visit.number_in_path("message_id")
    query = people.press(visit.world, visit.chat, visit.person, message_id, visit.text("data"))
    try:
        return {"answer": await visit.world.queries.wait_for_answer(query)}
    except TimeoutError:
        return {"answer": None}


async def react(visit: Visit) -> object:
    emoji = visit.optional_text("emoji")
    people.react(visit.world, visit.chat, visit.person, visit.number_in_path("message_id"), emoji)
    return {}


async def stop_draft(visit: Visit) -> object:
    people.stop_draft(visit.world, visit.chat, visit.number_in_path("draft_id"))
    return {}


async def block(visit: Visit) -> object:
    people.block(visit.world, visit.chat, visit.person)
    return {}


async def unblock(visit: Visit) -> object:
    people.unblock(visit.world, visit.chat, visit.person)
    return {}


async def follow(visit: Visit) -> Response:
    given = visit.request.headers.get("last-event-id") or visit.request.query_params.get("after", "")
    after = int(given) if given.isdecimal() else visit.world.events.last_id
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_event_stream(visit, after), media_type="text/event-stream", headers=headers)


async def _event_stream(visit: Visit, after: int) -> AsyncIterator[bytes]:
    events, chat = visit.world.events, visit.chat
    yield b": follow\n\n"
    if not events.has_all_after(after):
        yield b"event: reset\ndata: {}\n\n"
        after = events.last_id
    async for event in events.follow(visit.bot.id, chat.id, after=after, quiet_after_s=_QUIET_AFTER_S):
        if event is None:
            yield b": still here\n\n"
        else:
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), orjson.dumps(event.data))


CHAT_VIEWS: tuple[tuple[str, str, View], ...] = (
    ("POST", f"{_CHAT}/open", open_chat),
    ("GET", _CHAT, show_chat),
    ("GET", f"{_CHAT}/commands", show_commands),
    ("GET", f"{_CHAT}/messages", list_messages),
    ("POST", f"{_CHAT}/messages", say),
    ("PATCH", _MESSAGE, edit),
    ("POST", f"{_MESSAGE}/press", press),
    ("POST", f"{_MESSAGE}/reaction", react),
    ("POST", f"{_CHAT}/drafts/{{draft_id}}/stop", stop_draft),
    ("POST", f"{_CHAT}/block", block),
    ("POST", f"{_CHAT}/unblock", unblock),
    ("GET", f"{_CHAT}/events", follow),
)
