"""The sandbox in the hands of a program: make bots and people, let them talk, break things, see what was called."""

from collections.abc import Callable, Iterable

from starlette.applications import Starlette

from kunak.integrations.telegram.sandbox import groups, inline_mode, managed_bots, people
from kunak.integrations.telegram.sandbox.app import build_app
from kunak.integrations.telegram.sandbox.bot_api import call_from_webhook
from kunak.integrations.telegram.sandbox.call_log import CallRecord
from kunak.integrations.telegram.sandbox.calls import Answer
from kunak.integrations.telegram.sandbox.dispatch import perform
from kunak.integrations.telegram.sandbox.faults import Fault, FaultKind
from kunak.integrations.telegram.sandbox.files import Upload
from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.sending_files import Around, send_file
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot, State
from kunak.integrations.telegram.sandbox.world import World

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_SENDS = frozenset(
    {"sendMessage", "sendRichMessage", "sendPhoto", "sendDocument", "sendAudio", "sendVoice", "sendVideo"}
    | {"sendAnimation", "sendVideoNote", "sendSticker", "sendMediaGroup", "copyMessage", "forwardMessage"}
)


class Sandbox:
    """A Telegram of one's own. `app` serves it; call `close` at the end.

    Use it from the event loop that serves `app`: nothing here is locked.
    """

    def __init__(
        self,
        *,
        bots: Iterable[tuple[str, str, str]] = (),
        allowed_hosts: Iterable[str] | None = None,
        webhook_retry_base_s: float = 1.0,
        webhook_timeout_s: float = 60.0,
        draft_lifetime_s: float = 30.0,
        history_limit: int = 1000,
        file_bytes_limit: int = 256 * 1024 * 1024,
        call_limit: int = 20_000,
        is_public: bool = False,
        seed: int | None = None,
    ) -> None:
        """Begin with bots given as (token, username, name).

        `is_public`: strangers see the page, so tokens are shown to nobody but who makes a bot, and faults and calls are
        not reachable over HTTP.

        `allowed_hosts` are the names that may stand in the Host header, without port; loopback names unless told
        otherwise. `history_limit` counts messages per chat, `call_limit` calls on record. `seed` fixes the chance in
        faults.
        """
        self.world = World(
            history_limit=history_limit,
            file_bytes_limit=file_bytes_limit,
            event_limit=10_000,
            call_limit=call_limit,
            webhook_retry_base_s=webhook_retry_base_s,
            webhook_timeout_s=webhook_timeout_s,
            draft_lifetime_s=draft_lifetime_s,
            seed=seed,
        )
        self.world.execute = self._execute
        for token, username, name in bots:
            self.state.add_bot(username, name, token=token)
        hosts = frozenset(LOOPBACK_HOSTS if allowed_hosts is None else allowed_hosts)
        self.app: Starlette = build_app(self.world, hosts, is_public=is_public)

    @property
    def state(self) -> State:
        return self.world.state

    async def close(self) -> None:
        """Stop pushing to webhooks and end requests that wait; called first, it lets the server stop at once."""
        await self.world.close()

    def create_bot(
        self, username: str, name: str, *, reads_all_group_messages: bool = False, supports_inline_queries: bool = True
    ) -> SandboxBot:
        bot = self.state.add_bot(username, name, reads_all=reads_all_group_messages)
        bot.supports_inline_queries = supports_inline_queries
        return bot

    def create_person(
        self,
        first_name: str,
        *,
        person_id: int | None = None,
        username: str | None = None,
        language_code: str | None = None,
    ) -> Person:
        return self.state.add_person(first_name, person_id=person_id, username=username, language_code=language_code)

    def create_group(
        self, title: str, members: list[Person], bots: list[SandboxBot], *, is_forum: bool = False
    ) -> Chat:
        """A supergroup; the first of the people owns it."""
        return groups.create(self.world, title, members, bots, is_forum=is_forum)

    def private_chat(self, bot: SandboxBot, person: Person) -> Chat:
        return self.state.private_chat(bot, person)

    def say(self, chat: Chat, person: Person, text: str, *, reply_to: int | None = None) -> JsonObject:
        """Write a text as this person. Returns the message."""
        return people.say(self.world, chat, person, text, reply_to=reply_to)

    def send_file(
        self, chat: Chat, person: Person, kind: str, content: bytes, *, name: str = "file", around: Around | None = None
    ) -> JsonObject:
        """Send a file as this person: a photo, a voice message, a document. Returns the message."""
        upload = Upload(name, "application/octet-stream", content)
        return send_file(self.world, chat, person, upload, kind=kind, around=around)

    def send_content(self, chat: Chat, person: Person, content: JsonObject) -> JsonObject:
        """Send anything that a message can hold, by the fields of the Bot API. Returns the message."""
        return people.send(self.world, chat, person, content)

    def write_to(self, bot: SandboxBot, person: Person, text: str) -> JsonObject:
        """Write to the bot in private. Returns the message."""
        return self.say(self.private_chat(bot, person), person, text)

    async def press(self, chat: Chat, person: Person, message_id: int, data: str) -> JsonObject:
        """Press a button and wait for the bot's answer to it. Raises TimeoutError without one."""
        query = people.press(self.world, chat, person, message_id, data)
        return await self.world.queries.wait_for_answer(query)

    def create_managed_bot(self, chat: Chat, person: Person, name: str, username: str) -> SandboxBot:
        """Agree to what a `request_managed_bot` button in this private chat asks."""
        return managed_bots.create(self.world, chat, person, name, username)

    async def type_inline(
        self, bot: SandboxBot, chat: Chat, person: Person, text: str, *, offset: str = ""
    ) -> tuple[str, JsonObject]:
        """Type `@bot text` in a chat: the query's id, and the bot's answer. Raises TimeoutError without one."""
        query = inline_mode.ask(self.world, bot, chat, person, text, offset=offset)
        return query.id, await self.world.queries.wait_for_answer(query)

    def choose_inline(self, chat: Chat, person: Person, query_id: str, result_id: str) -> JsonObject:
        """Send one of the results. Returns the message."""
        return inline_mode.choose(self.world, chat, person, query_id, result_id)

    async def perform(self, bot: SandboxBot, method: str, params: JsonObject) -> Answer:
        """Call a method as this bot, without HTTP. Raises Refusal."""
        return await perform(self.world, bot, method, params, {})

    def break_next(self, kind: FaultKind, **where: object) -> Fault:
        """Put a fault in force; the arguments are the fields of `Fault`."""
        return self.world.faults.add(Fault(kind, **where))  # type: ignore[arg-type] # passed on as they are

    def mend(self) -> None:
        """End all faults and let go of updates they held back."""
        self.world.mend()

    def calls(self, bot: SandboxBot, method: str | None = None) -> list[CallRecord]:
        """What the bot called, oldest first."""
        records = (record for record in self.world.calls.records if record.bot_id == bot.id)
        return [record for record in records if method is None or record.method == method]

    def sent_messages(self, bot: SandboxBot) -> list[JsonObject]:
        """The messages the bot sent, oldest first, as Telegram returned them."""
        results = (record.result for record in self.calls(bot) if record.method in _SENDS)
        return [message for result in results for message in _messages_in(result)]

    async def wait_for_call(
        self,
        bot: SandboxBot,
        method: str,
        *,
        after: int = 0,
        where: Callable[[CallRecord], bool] | None = None,
        timeout_s: float = 200.0,
    ) -> CallRecord:
        """The first call of this method numbered above `after` that went well. Raises TimeoutError."""
        return await self.world.calls.wait_for(
            lambda record: (
                record.bot_id == bot.id
                and record.method == method
                and record.error is None
                and (where is None or where(record))
            ),
            after=after,
            timeout_s=timeout_s,
        )

    async def wait_for_message(
        self, chat: Chat, *, containing: str = "", after: int = 0, timeout_s: float = 200.0
    ) -> JsonObject:
        """The first message of a bot in the chat with an id above `after` and this text. Raises TimeoutError."""

        def fits(record: CallRecord) -> bool:
            return any(
                message["chat"]["id"] == chat.id
                and chat.bot_id in (None, record.bot_id)
                and message["message_id"] > after
                and containing in (message.get("text") or message.get("caption") or "")
                for message in _messages_in(record.result if record.method in _SENDS else None)
            )

        record = await self.world.calls.wait_for(fits, timeout_s=timeout_s)
        return next(
            m
            for m in _messages_in(record.result)
            if m["message_id"] > after and containing in (m.get("text") or m.get("caption") or "")
        )

    async def _execute(self, bot: SandboxBot, body: bytes, content_type: str) -> None:
        await call_from_webhook(self.world, bot, body, content_type)


def _messages_in(result: object) -> list[JsonObject]:
    found = result if isinstance(result, list) else [result]
    return [message for message in found if isinstance(message, dict) and "chat" in message]
