"""One call of a bot, and the register of the methods the sandbox acts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kunak.integrations.telegram.sandbox.files import Upload
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request, forbidden
from kunak.integrations.telegram.sandbox.state import Chat, SandboxBot
from kunak.integrations.telegram.sandbox.world import World

Answer = JsonObject | list[JsonObject] | list[str] | bool | str | int
Action = Callable[["Call"], Answer | Awaitable[Answer]]
Acting = TypeVar("Acting", bound=Action)

ACTIONS: dict[str, Action] = {}


def acts(*methods: str) -> Callable[[Acting], Acting]:
    """Register what the sandbox does for these methods."""

    def register(action: Acting) -> Acting:
        for method in methods:
            ACTIONS[method] = action
        return action

    return register


@dataclass
class Call:
    """A checked request. `params` holds plain values in their types, nested ones as JSON objects."""

    world: World
    bot: SandboxBot
    method: str
    params: JsonObject
    files: dict[str, Upload] = field(default_factory=dict)

    def chat(self, parameter: str = "chat_id") -> Chat:
        """The chat the call is about. Raises Refusal when the bot does not know it."""
        given = self.params[parameter]
        chat_id = as_chat_id(given)
        chat = self.world.state.find_chat(self.bot.id, chat_id) if chat_id is not None else self._by_name(str(given))
        if chat is None:
            raise self._why_not(chat_id)
        return chat

    def chat_to_write(self) -> Chat:
        """As `chat`, for a call that says something there: a person who blocked the bot is not reached."""
        chat = self.chat()
        if chat.blocked_by_user:
            raise forbidden("bot was blocked by the user")
        return chat

    def message(self, chat: Chat, parameter: str = "message_id", *, to: str) -> JsonObject:
        """A message of the chat that the bot can see; `to` names what fails without it, as in `message to edit`."""
        message = chat.messages.get(self.params.get(parameter, 0))
        if message is None:
            raise bad_request(f"message to {to} not found")
        return message

    def _by_name(self, name: str) -> Chat | None:
        wanted = name.removeprefix("@").lower()
        groups = self.world.state.groups.values()
        return next((g for g in groups if g.card.get("username", "").lower() == wanted and self.bot.id in g.bots), None)

    def _why_not(self, chat_id: int | None) -> Exception:
        group = self.world.state.groups.get(chat_id) if chat_id is not None else None
        if group is not None and self.bot.id in group.removed_bots:
            return forbidden("bot was kicked from the supergroup chat")
        if chat_id is not None and chat_id in self.world.state.bots:
            return forbidden("bots can't send messages to bots")
        if any(chat_id in g.people and self.bot.id in g.bots for g in self.world.state.groups.values()):
            return forbidden("bot can't initiate conversation with a user")
        return bad_request("chat not found")


def as_chat_id(given: object) -> int | None:
    """The number of a chat, however it was sent; None for a name."""
    if isinstance(given, int):
        return given
    text = str(given)
    return int(text) if text.removeprefix("-").isdecimal() else None
