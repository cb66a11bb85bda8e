"""From a request to an answer: whose token, which method, what goes wrong on purpose, what the method does."""

import inspect
import re
import time
from importlib import import_module

from kunak.integrations.telegram.sandbox.calls import ACTIONS, Answer, Call, as_chat_id
from kunak.integrations.telegram.sandbox.faults import Fault, FaultKind
from kunak.integrations.telegram.sandbox.files import Upload
from kunak.integrations.telegram.sandbox.refusals import (
    JsonObject,
    Refusal,
    forbidden,
    not_found,
    too_many_requests,
    unauthorized,
)
from kunak.integrations.telegram.sandbox.signatures import Signature, signatures
from kunak.integrations.telegram.sandbox.state import SandboxBot
from kunak.integrations.telegram.sandbox.world import World

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{35}")
_METHODS = "kunak.integrations.telegram.sandbox.methods"
for _group in (
    "identity",
    "receiving",
    "messages",
    "media",
    "drafts",
    "answers",
    "forwards",
    "chats",
    "places",
    "managed",
):
    import_module(f"{_METHODS}.{_group}")


class Dropped(Exception):  # noqa: N818 - a thing that happens to the connection, on purpose
    """The connection ends here, `after_s` seconds from now, without an answer."""

    def __init__(self, after_s: float = 0.0) -> None:
        super().__init__()
        self.after_s = after_s


def bot_of(world: World, token: str) -> SandboxBot:
    """Raises Refusal: 404 for what is no token, 401 for one that was not made here."""
    bot = world.state.bots_by_token.get(token)
    if bot is not None:
        return bot
    raise unauthorized() if _TOKEN.fullmatch(token) else not_found()


async def perform(world: World, bot: SandboxBot, method: str, given: JsonObject, files: dict[str, Upload]) -> Answer:
    """Carry out one call and put it on record.

    Raises Refusal for what Telegram would refuse, Dropped for a fault that ends the connection.
    """
    signature = signatures().get(method.lower())
    if signature is None:
        raise not_found("method not found")
    fault = world.faults.strike_call(signature.name, bot.id, as_chat_id(given.get("chat_id", "")))
    try:
        _fail_before(fault)
        result = await _act(Call(world, bot, signature.name, signature.read(given), files), signature)
    except Refusal as refusal:
        world.calls.add(bot.id, signature.name, given, result=None, error=refusal.description, at=time.time())
        raise
    world.calls.add(bot.id, signature.name, given, result=result, error=None, at=time.time())
    if fault is not None and fault.kind is FaultKind.DROP_AFTER:
        raise Dropped
    return result


async def _act(call: Call, signature: Signature) -> Answer:
    action = ACTIONS.get(signature.name)
    if action is None:
        raise Refusal(501, f"Not Implemented: method {signature.name} is known but the sandbox does not act it")
    answer = action(call)
    return await answer if inspect.isawaitable(answer) else answer


def _fail_before(fault: Fault | None) -> None:
    if fault is None:
        return
    match fault.kind:
        case FaultKind.TOO_MANY_REQUESTS:
            raise too_many_requests(fault.retry_after)
        case FaultKind.INTERNAL_ERROR:
            raise Refusal(500, "Internal Server Error")
        case FaultKind.BAD_GATEWAY:
            raise Refusal(502, "Bad Gateway")
        case FaultKind.BLOCKED:
            raise forbidden("bot was blocked by the user")
        case FaultKind.DROP_BEFORE:
            raise Dropped
        case FaultKind.HANG:
            raise Dropped(fault.seconds)
