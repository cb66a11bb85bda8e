"""What goes wrong with Telegram, and what the person, the ledger and the admins see of it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.types import ASGIApp, Receive, Scope, Send

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Bot, Identity, UpdatesBy
from kunak.features.messaging.schemas import ProbeBots
from kunak.features.messaging.service import wake_bot
from kunak.foundation.jobs.queue import enqueue
from kunak.integrations.telegram.sandbox import groups
from kunak.integrations.telegram.sandbox.faults import FaultKind
from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.integrations.telegram.sandbox.state import Person, new_token
from tests.flows import conftest
from tests.flows.conftest import House, OpenHouse

GREETING = "Hello! I am"


@dataclass
class Breakable:
    """A Bot API server that gives planned answers to the sends of one bot before it goes on as ever."""

    app: ASGIApp
    token: str = ""
    planned: list[tuple[int, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.planned or scope["path"] != f"/bot{self.token}/sendMessage":
            await self.app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        status, body = self.planned.pop(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


class BreakableSandbox(Sandbox):
    """A sandbox behind a `Breakable`."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.breakable = Breakable(self.app)
        self.app = self.breakable  # type: ignore[assignment]  # served all the same


@pytest.fixture(autouse=True)
def _breakable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "Sandbox", BreakableSandbox)


def plan(house: House, *answers: tuple[int, object]) -> None:
    assert isinstance(house.sandbox, BreakableSandbox)
    house.sandbox.breakable.token = house.telegram_bot.token
    for status, body in answers:
        house.sandbox.breakable.planned.append((status, body if isinstance(body, bytes) else json.dumps(body).encode()))


def refusal(code: int, words: str, **parameters: int) -> tuple[int, object]:
    return code, {"ok": False, "error_code": code, "description": words, "parameters": parameters}


def greet(house: House, name: str = "Alice", person_id: int | None = None) -> Person:
    person = house.sandbox.create_person(name, language_code="en", person_id=person_id)
    house.sandbox.write_to(house.telegram_bot, person, "/start")
    return person


async def greeted(house: House, person: Person, *, after: int = 0) -> int:
    """Waits for the greeting; its message id."""
    chat = house.sandbox.private_chat(house.telegram_bot, person)
    message = await house.sandbox.wait_for_message(chat, containing=GREETING, after=after)
    return int(message["message_id"])


async def fetch(house: House, query: str) -> list[tuple[Any, ...]]:
    async with house.kunak.sessions() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def until(house: House, query: str, wanted: Sequence[tuple[Any, ...]]) -> None:
    """Waits until the database says so."""
    found: list[tuple[Any, ...]] = []
    try:
        async with asyncio.timeout(200):
            while (found := await fetch(house, query)) != list(wanted):  # noqa: ASYNC110  the ledger tells nobody
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{found} in place of {wanted}") from None


OUTBOX = "SELECT state, attempt, error_class, interrupted FROM outbox ORDER BY id"
FAILURES = "SELECT error_class, error_text FROM message_transitions WHERE state = 'FAILED'"
BOTS = "SELECT state FROM bots ORDER BY id"


@pytest.mark.parametrize(
    ("answer", "interrupted"),
    [
        (refusal(429, "Too Many Requests: retry after 1", retry_after=1), 0),
        (refusal(429, "Too Many Requests"), 0),
        (refusal(500, "Internal Server Error"), 1),
        (refusal(502, "Bad Gateway"), 1),
        (refusal(409, "Conflict"), 0),
        ((502, b"<html>Bad Gateway</html>"), 1),
        ((200, b"<html>Please log in</html>"), 1),
        ((200, b'"\xff'), 1),
    ],
)
async def test_what_passes_is_tried_again(open_house: OpenHouse, answer: tuple[int, object], interrupted: int) -> None:
    house = await open_house()
    plan(house, answer)
    await greeted(house, greet(house))
    await until(house, OUTBOX, [("DELIVERED", 2, None, interrupted)])
    assert [error_class for error_class, _ in await fetch(house, FAILURES)] == ["RETRYABLE"]
    assert await fetch(house, BOTS) == [("active",)]
    assert await fetch(house, "SELECT * FROM alerts") == []
    assert len(house.sandbox.sent_messages(house.telegram_bot)) == 1


@pytest.mark.parametrize(("kind", "said"), [(FaultKind.DROP_BEFORE, 1), (FaultKind.DROP_AFTER, 2)])
async def test_a_lost_answer_is_tried_again_and_counted(open_house: OpenHouse, kind: FaultKind, said: int) -> None:
    house = await open_house()
    house.sandbox.break_next(kind, method="sendMessage")
    await greeted(house, greet(house))
    await until(house, OUTBOX, [("DELIVERED", 2, None, 1)])
    assert len(house.sandbox.sent_messages(house.telegram_bot)) == said


async def test_an_answer_that_does_not_come_is_not_waited_for_and_counted(open_house: OpenHouse) -> None:
    house = await open_house(telegram_timeout_s=0.5)  # on a machine in trouble further tries may be given up too
    house.sandbox.break_next(FaultKind.HANG, method="sendMessage", seconds=3600.0)
    await greeted(house, greet(house))
    await until(house, "SELECT state, attempt > 1, attempt - interrupted FROM outbox", [("DELIVERED", True, 1)])


async def test_what_never_passes_is_given_up_and_frees_its_chat(open_house: OpenHouse) -> None:
    house = await open_house(max_attempts=3)
    plan(house, *[refusal(500, "Internal Server Error")] * 3)
    alice = greet(house)
    await until(house, OUTBOX, [("TERMINAL", 3, "TERMINAL", 2)])
    house.sandbox.write_to(house.telegram_bot, alice, "/start")
    await greeted(house, alice)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, "Bad Request: message is too long"),
        refusal(403, "Forbidden: bot was blocked by the user"),
        refusal(404, "Not Found: method not found"),
        (413, b"<html>Too Large</html>"),
    ],
)
async def test_what_is_refused_is_final_and_frees_its_chat(open_house: OpenHouse, answer: tuple[int, object]) -> None:
    house = await open_house()
    plan(house, answer)
    alice = greet(house)
    await until(house, OUTBOX, [("TERMINAL", 1, "TERMINAL", 0)])
    house.sandbox.write_to(house.telegram_bot, alice, "/start")
    await greeted(house, alice)
    await until(house, OUTBOX, [("TERMINAL", 1, "TERMINAL", 0), ("DELIVERED", 1, None, 0)])
    assert await fetch(house, BOTS) == [("active",)]


@pytest.mark.parametrize("answer", [refusal(401, "Unauthorized"), refusal(404, "Not Found")])
async def test_a_refused_token_pauses_the_bot_until_a_person_resumes_it(
    open_house: OpenHouse, answer: tuple[int, object]
) -> None:
    house = await open_house(UpdatesBy.WEBHOOK)
    plan(house, *[answer] * 5)
    people = [greet(house, name) for name in ("Alice", "Bob", "Charlie")]
    await until(house, BOTS, [("paused",)])
    await until(house, "SELECT count(*) FROM inbox", [(3,)])
    assert await fetch(house, "SELECT key, state FROM alerts, bots") == [(f"bot-paused:{house.bot.id}", "paused")]
    await until(house, "SELECT count(*) FROM outbox WHERE state IN ('SENDING', 'TERMINAL', 'DELIVERED')", [(0,)])
    plan_left(house)
    async with house.kunak.sessions.begin() as session:
        await bots.resume_bot(session, house.bot.id, actor="alice")
        await wake_bot(session, house.bot.id)
    for person in people:
        await greeted(house, person)
    await until(house, "SELECT DISTINCT state, interrupted FROM outbox", [("DELIVERED", 0)])


async def test_a_bot_goes_on_by_itself_when_a_probe_finds_it_well(open_house: OpenHouse) -> None:
    house = await open_house()
    tokens = house.sandbox.state.bots_by_token
    telegram_bot = tokens.pop(house.telegram_bot.token)
    async with house.kunak.sessions.begin() as session:
        await bots.resume_bot(session, house.bot.id, actor="test")
    await until(house, BOTS, [("paused",)])
    alice = house.sandbox.create_person("Alice", language_code="en")
    house.sandbox.write_to(telegram_bot, alice, "/start")
    await probe(house)
    await until(house, "SELECT state, probes FROM bots", [("paused", 1)])
    tokens[telegram_bot.token] = telegram_bot
    await asyncio.gather(probe(house), probe(house))
    await greeted(house, alice)
    told = await fetch(house, "SELECT text FROM alerts ORDER BY id")
    assert [("is paused" in each, "works again" in each) for (each,) in told] == [(True, False), (False, True)]


async def test_what_a_person_has_paused_no_probe_resumes(open_house: OpenHouse) -> None:
    house = await open_house()
    async with house.kunak.sessions.begin() as session:
        await bots.pause_refused_bot(session, await bots.get_bot(session, house.bot.id), reason="refused")
        await bots.pause_bot(session, house.bot.id, reason="paused by the owner", actor="alice")
    async with house.kunak.sessions.begin() as session:
        await session.execute(text("UPDATE bots SET probe_at = now() WHERE probe_at IS NOT NULL"))
        assert await bots.claim_probes(session) == []


async def probe(house: House) -> None:
    """The time has come to try bots that an error has paused."""
    async with house.kunak.sessions.begin() as session:
        await session.execute(text("UPDATE bots SET probe_at = now()"))
        await enqueue(session, [ProbeBots()])


def plan_left(house: House) -> None:
    """Telegram is mended: what was planned and did not happen will not."""
    assert isinstance(house.sandbox, BreakableSandbox)
    house.sandbox.breakable.planned.clear()


@pytest.mark.parametrize("delivery", list(UpdatesBy))
async def test_a_revoked_token_parks_everything_until_the_new_one_is_saved(
    open_house: OpenHouse, delivery: UpdatesBy
) -> None:
    house = await open_house(delivery)
    alice = greet(house)
    await greeted(house, alice)
    tokens = house.sandbox.state.bots_by_token
    telegram_bot = tokens.pop(house.telegram_bot.token)
    async with house.kunak.sessions.begin() as session:
        await bots.resume_bot(session, house.bot.id, actor="test")
    after = house.sandbox.write_to(telegram_bot, alice, "/start")["message_id"]
    await until(house, BOTS, [("paused",)])
    fresh = new_token(telegram_bot.id)
    tokens[fresh] = telegram_bot
    await save(house, house.bot, fresh, delivery)
    await greeted(house, alice, after=after)
    await until(house, "SELECT DISTINCT state FROM outbox", [("DELIVERED",)])
    assert await fetch(house, "SELECT count(*) FROM alerts") == [(1,)]


async def test_admins_hear_of_a_paused_bot_once_from_one_that_works(open_house: OpenHouse) -> None:
    house = await open_house(UpdatesBy.WEBHOOK, admin_chats="77")
    second = house.sandbox.create_bot("second_bot", "Второй")
    admin = house.sandbox.create_person("Olga", person_id=77)
    house.sandbox.write_to(second, admin, "/start")
    async with house.kunak.sessions.begin() as session:
        await bots.save_bot(
            session, house.kunak.directory.doors, second.token, Identity(second.id, "second_bot", "Второй"),
            updates_by=UpdatesBy.POLLING, api_base=SANDBOX, actor="test",
        )  # fmt: skip
    plan(house, *[refusal(401, "Unauthorized")] * 20)
    for name in ("Alice", "Bob", "Charlie"):
        greet(house, name)
    await until(house, BOTS, [("paused",), ("active",)])
    plan_left(house)
    chat = house.sandbox.private_chat(second, admin)
    await house.sandbox.wait_for_message(chat, containing="@friend_bot is paused")
    await until(house, "SELECT count(*) FROM outbox WHERE params ->> 'text' LIKE '%is paused%'", [(1,)])
    assert house.telegram_bot.token not in str(await fetch(house, "SELECT text FROM alerts"))


async def test_a_group_that_became_a_supergroup_gets_its_answer(open_house: OpenHouse) -> None:
    house = await open_house()
    alice = house.sandbox.create_person("Alice", language_code="en")
    old, new = (groups.create(house.sandbox.world, "Neighbours", [alice], [house.telegram_bot]) for _ in range(2))
    plan(house, refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=new.id))
    house.sandbox.say(old, alice, "/start")
    await house.sandbox.wait_for_message(new, containing=GREETING)
    await until(house, "SELECT chat_id, state FROM outbox", [(new.id, "DELIVERED")])


async def test_a_webhook_in_the_way_of_polling_is_removed(open_house: OpenHouse) -> None:
    house = await open_house()
    await greeted(house, greet(house))
    base = house.kunak.directory.doors.sandbox_base
    async with httpx.AsyncClient(timeout=60) as stranger:
        url = f"{base}/bot{house.telegram_bot.token}/setWebhook"
        assert (await stranger.post(url, json={"url": "http://127.0.0.1:9/hook"})).status_code == 200
    await greeted(house, greet(house, "Bob"))


async def test_a_removed_bot_is_disconnected_and_its_token_forgotten(open_house: OpenHouse) -> None:
    house = await open_house(UpdatesBy.WEBHOOK)
    async with house.kunak.sessions.begin() as session:
        await bots.remove_bot(session, house.bot.id, actor="alice")
    await house.sandbox.wait_for_call(house.telegram_bot, "deleteWebhook")
    await until(house, "SELECT state, token_sealed IS NULL FROM bots", [("removed", True)])


async def test_a_token_that_cannot_be_read_pauses_the_bot(open_house: OpenHouse) -> None:
    house = await open_house(UpdatesBy.WEBHOOK)
    alice = greet(house)
    await greeted(house, alice)
    await until(house, OUTBOX, [("DELIVERED", 1, None, 0)])
    async with house.kunak.sessions.begin() as session:
        await session.execute(text("UPDATE bots SET token_sealed = 'junk'"))
        await session.execute(text("UPDATE outbox SET state = 'PENDING'"))
        await wake_bot(session, house.bot.id)
        house.kunak.directory.forget(house.bot.id)
    await until(house, BOTS, [("paused",)])
    await until(house, OUTBOX, [("PENDING", 1, None, 0)])
    assert len(await fetch(house, "SELECT * FROM alerts")) == 1


async def save(house: House, bot: Bot, token: str, delivery: UpdatesBy) -> None:
    async with house.kunak.sessions.begin() as session:
        await bots.save_bot(
            session, house.kunak.directory.doors, token, Identity(bot.telegram_id, bot.username, bot.name),
            updates_by=delivery, api_base=SANDBOX, actor="alice",
        )  # fmt: skip
