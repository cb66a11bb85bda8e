"""One request of the page: who asks, about which chat, with what; and how errors are told."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from kunak.integrations.telegram.sandbox.files import Upload
from kunak.integrations.telegram.sandbox.guard import is_from_our_page
from kunak.integrations.telegram.sandbox.refusals import JsonObject, Refusal, bad_request, forbidden, not_found
from kunak.integrations.telegram.sandbox.requests import parse_body, read_body
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot
from kunak.integrations.telegram.sandbox.world import World

Thing = TypeVar("Thing")
_LONGEST_TEXT = 40_000  # more than any message holds; Telegram's own limits are checked where they apply
View = Callable[["Visit"], Awaitable[object]]


class Visit:
    """One request of the page, and what it is about."""

    def __init__(self, world: World, request: Request, body: JsonObject, files: dict[str, Upload]) -> None:
        self.world = world
        self.request = request
        self.body = body
        self.files = files

    @property
    def bot(self) -> SandboxBot:
        return _found(self.world.state.bots.get(self.request.path_params["bot_id"]), "bot")

    @property
    def chat(self) -> Chat:
        chat_id = self.number_in_path("chat_id")
        if chat_id > 0:
            return _found(self.world.state.private_chats.get((self.bot.id, chat_id)), "chat")
        return _found(self.world.state.find_chat(self.bot.id, chat_id), "chat")

    @property
    def person(self) -> Person:
        """Who acts: named in the body, or the person of the private chat."""
        given = self.optional_number("user_id")
        return self.person_with(self.number_in_path("chat_id") if given is None else given)

    @property
    def group(self) -> Chat:
        return _found(self.world.state.groups.get(self.number_in_path("group_id")), "group")

    @property
    def language(self) -> str:
        """The language of the person of a private chat; asked for with `?language=` elsewhere."""
        person = self.world.state.people.get(self.number_in_path("chat_id"))
        own = str(person.profile.get("language_code", "")) if person is not None else ""
        return self.request.query_params.get("language", own)

    def person_with(self, person_id: int) -> Person:
        return _found(self.world.state.people.get(person_id), "user")

    def bot_with(self, bot_id: int) -> SandboxBot:
        return _found(self.world.state.bots.get(bot_id), "bot")

    def member_with(self, member_id: object) -> Person | SandboxBot:
        if not isinstance(member_id, int):
            raise bad_request("user_id or bot_id is required")
        return self.world.state.people.get(member_id) or self.bot_with(member_id)

    def number_in_path(self, name: str) -> int:
        text = self.request.path_params[name]
        if not text.removeprefix("-").isdecimal():
            raise not_found(f"{name} is a number")
        return int(text)

    def text(self, name: str) -> str:
        value = self.body.get(name)
        if not isinstance(value, str):
            raise bad_request(f"{name} is required and must be a text")
        if len(value) > _LONGEST_TEXT:
            raise bad_request(f"{name} is too long")
        return value

    def optional_text(self, name: str) -> str | None:
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise bad_request(f"{name} must be a text")
        return value

    def optional_number(self, name: str) -> int | None:
        """Forms carry numbers as text."""
        value = self.body.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, str) and value.removeprefix("-").isdecimal():
            return int(value)
        raise bad_request(f"{name} must be a whole number")

    def fraction(self, name: str, *, default: float) -> float:
        value = self.body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise bad_request(f"{name} must be a number from zero up")
        return float(value)

    def numbers(self, name: str) -> list[int]:
        values = self.body.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, int) for value in values):
            raise bad_request(f"{name} must be a list of whole numbers")
        return values

    def number_in_query(self, name: str, *, default: int) -> int:
        given = self.request.query_params.get(name, "")
        return int(given) if given.isdecimal() else default


def _found(thing: Thing | None, name: str) -> Thing:
    if thing is None:
        raise not_found(f"there is no such {name}")
    return thing


def endpoint(world: World, view: View) -> Callable[[Request], Awaitable[Response]]:
    """A view as Starlette calls it: its JSON, its Response, or its refusal as `{"error": sentence}`."""

    async def serve(request: Request) -> Response:
        try:
            body, files = await _read(request)
            result = await view(Visit(world, request, body, files))
        except Refusal as refusal:
            return as_json({"error": refusal.description}, refusal.error_code)
        return result if isinstance(result, Response) else as_json(result)

    return serve


def as_json(content: object, status: int = HTTPStatus.OK) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


async def _read(request: Request) -> tuple[JsonObject, dict[str, Upload]]:
    if request.method in ("GET", "HEAD"):
        return {}, {}
    if not is_from_our_page(request):
        raise forbidden("only JSON from this origin changes anything here")
    body = await read_body(request.receive)
    if not body:
        return {}, {}
    return await parse_body(body, request.headers.get("content-type", "application/json"))
