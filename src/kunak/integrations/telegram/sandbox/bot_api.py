"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`; close to ASGI because it is hot."""

import asyncio
import logging

import orjson
from starlette.types import Receive, Scope, Send

from kunak.integrations.telegram.sandbox.calls import Answer
from kunak.integrations.telegram.sandbox.dispatch import Dropped, bot_of, perform
from kunak.integrations.telegram.sandbox.refusals import JsonObject, Refusal, not_found
from kunak.integrations.telegram.sandbox.requests import parse_body, read_call
from kunak.integrations.telegram.sandbox.state import SandboxBot
from kunak.integrations.telegram.sandbox.world import World

_log = logging.getLogger(__name__)
_JSON = (b"content-type", b"application/json")


class CallEndpoint:
    """Answers one call of a bot."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, answer = 200, {"ok": True, "result": await self._perform(scope, receive)}
        except Refusal as refusal:
            status, answer = refusal.error_code, refusal.as_answer()
        except Dropped as dropped:
            await asyncio.sleep(dropped.after_s)
            await drop_connection(receive, send)
            return
        except Exception:  # noqa: BLE001 - the client gets an answer in Telegram's shape, the log the trace
            _log.exception("the sandbox failed to act a call")
            status, answer = 500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}
        await _respond(send, status, orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS), _JSON)

    async def _perform(self, scope: Scope, receive: Receive) -> Answer:
        path = scope["path_params"]
        bot = bot_of(self._world, path["token"])
        given, files = await read_call(scope, receive)
        return await perform(self._world, bot, path["method"], given, files)


class FileEndpoint:
    """Gives a stored file to the bot."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            bot_of(self._world, scope["path_params"]["token"])
            stored = self._world.files.at_path(scope["path_params"]["path"])
            if stored is None:
                raise not_found()
        except Refusal as refusal:
            await _respond(send, refusal.error_code, orjson.dumps(refusal.as_answer()), _JSON)
            return
        await _respond(send, 200, stored.upload.content, (b"content-type", b"application/octet-stream"))


async def call_from_webhook(world: World, bot: SandboxBot, body: bytes, content_type: str) -> None:
    """Carry out the method that a bot put into its answer to an update; nobody hears how it went."""
    try:
        given, files = await parse_body(body, content_type)
        if isinstance(method := given.pop("method", None), str):
            await perform(world, bot, method, given, files)
    except (Refusal, Dropped):
        _log.debug("a method in the answer of the webhook of bot %s failed", bot.id)
    except Exception:  # noqa: BLE001 - the update was taken; its line must go on
        _log.exception("the sandbox failed to act a method in the answer of the webhook of bot %s", bot.id)


async def _respond(send: Send, status: int, body: bytes, content_type: tuple[bytes, bytes]) -> None:
    headers = [content_type, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def drop_connection(receive: Receive, send: Send) -> None:
    """End the connection without an answer.

    ASGI has no word for it. Under uvicorn `receive` belongs to the request and knows its transport; elsewhere the
    answer is begun and left unfinished, which the client sees as a broken connection too.
    """
    transport: asyncio.Transport | None = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        start: JsonObject = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]}
        await send(start)
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        return
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
