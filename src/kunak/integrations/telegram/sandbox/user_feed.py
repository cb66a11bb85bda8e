"""Everything of one person at once: their chats, and what happens in them. The page's list lives on it."""

from collections.abc import AsyncIterator

import orjson
from starlette.responses import Response, StreamingResponse

from kunak.integrations.telegram.sandbox.events import Event
from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot
from kunak.integrations.telegram.sandbox.visits import View, Visit
from kunak.integrations.telegram.sandbox.world import World

_QUIET_AFTER_S = 15.0


async def list_chats(visit: Visit) -> object:
    """A private chat with every bot, begun or not, and the groups with a bot in which the person is."""
    state, person = visit.world.state, visit.person_with(visit.number_in_path("user_id"))
    language = visit.request.query_params.get("language", "")
    private = [_private_entry(visit.world, bot, person, language) for bot in state.bots.values()]
    groups = [_group_entry(visit.world, group) for group in state.groups.values() if _is_of(group, person)]
    return {"chats": private + groups, "last_event_id": visit.world.events.last_id}


async def follow_person(visit: Visit) -> Response:
    person = visit.person_with(visit.number_in_path("user_id"))
    given = visit.request.headers.get("last-event-id") or visit.request.query_params.get("after", "")
    after = int(given) if given.isdecimal() else visit.world.events.last_id
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(visit.world, person, after), media_type="text/event-stream", headers=headers)


async def _stream(world: World, person: Person, after: int) -> AsyncIterator[bytes]:
    def concerns(event: Event) -> bool:
        if event.chat_id is None or event.chat_id == person.id:
            return True
        group = world.state.groups.get(event.chat_id)
        return group is not None and person.id in group.people

    yield b": follow\n\n"
    if not world.events.has_all_after(after):
        yield b"event: reset\ndata: {}\n\n"
        after = world.events.last_id
    async for event in world.events.follow_where(concerns, after=after, quiet_after_s=_QUIET_AFTER_S):
        if event is None:
            yield b": still here\n\n"
        else:
            told = orjson.dumps({"bot_id": event.bot_id, "chat_id": event.chat_id, "data": event.data})
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), told)


def _is_of(group: Chat, person: Person) -> bool:
    return person.id in group.people and bool(group.bots)


def _private_entry(world: World, bot: SandboxBot, person: Person, language: str) -> JsonObject:
    chat, own = world.state.private_chats.get((bot.id, person.id)), bot.settings
    return {
        "type": "private",
        "bot_id": bot.id,
        "chat_id": person.id,
        "title": own.names.get(language) or own.names.get("") or bot.name,
        "username": bot.username,
        "description": own.descriptions.get(language) or own.descriptions.get("") or "",
        "bot": bot.as_sender,
        "opened": chat is not None,
        "last_message": _last_message(chat) if chat is not None else None,
    }


def _group_entry(world: World, group: Chat) -> JsonObject:
    """`bot_id` is of any bot in the group: the way to the chat's address."""
    return {
        "type": group.card["type"],
        "bot_id": min(group.bots),
        "chat_id": group.id,
        "title": group.card["title"],
        "bots": [bot.as_sender for bot in world.bots_in(group)],
        "people": [world.state.people[person_id].profile for person_id in sorted(group.people)],
        "opened": True,
        "last_message": _last_message(group),
    }


def _last_message(chat: Chat) -> JsonObject | None:
    return next(reversed(chat.messages.values()), None)


FEED_VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", "/users/{user_id}/chats", list_chats),
    ("GET", "/users/{user_id}/events", follow_person),
)
