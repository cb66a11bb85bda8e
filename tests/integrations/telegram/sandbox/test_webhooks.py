"""Updates are pushed to a webhook as Telegram pushes them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.integrations.telegram.sandbox.conftest import Town, new_town, serve

from kunak.integrations.telegram.sandbox.faults import FaultKind
from kunak.integrations.telegram.sandbox.webhooks import SECRET_HEADER


@dataclass
class Receiver:
    """A bot's own server: remembers what it got, and answers what it is told to."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    reply: dict[str, object] | None = None
    got: list[dict[str, object]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: Request) -> Response:
        async with self.arrived:
            self.got.append(await request.json())
            self.secrets.append(request.headers.get(SECRET_HEADER))
            self.arrived.notify_all()
        status = self.statuses.pop(0) if self.statuses else 200
        return JSONResponse(self.reply, status) if self.reply else Response(status_code=status)

    async def wait_for(self, count: int) -> list[str]:
        """The texts of the first updates, once so many came."""
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: len(self.got) >= count), 60)
        return [update["message"]["text"] for update in self.got]  # type: ignore[index] # JSON


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serve(Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])) as url:
        receiver.url = f"{url}/hook"
        yield receiver


async def test_an_update_comes_with_its_secret(town: Town, receiver: Receiver) -> None:
    await town.client.set_webhook(receiver.url, secret_token="s3cret")
    town.sandbox.write_to(town.bot, town.alice, "hello")
    assert await receiver.wait_for(1) == ["hello"]
    assert receiver.secrets == ["s3cret"]


async def test_what_waited_before_the_webhook_is_pushed_in_order(town: Town, receiver: Receiver) -> None:
    for text in ("one", "two"):
        town.sandbox.write_to(town.bot, town.alice, text)
    await town.client.set_webhook(receiver.url)
    town.sandbox.write_to(town.bot, town.alice, "three")
    assert await receiver.wait_for(3) == ["one", "two", "three"]


async def test_an_update_that_was_not_taken_is_tried_again_before_the_next(town: Town, receiver: Receiver) -> None:
    receiver.statuses = [500, 503]
    await town.client.set_webhook(receiver.url)
    town.sandbox.write_to(town.bot, town.alice, "one")
    town.sandbox.write_to(town.bot, town.alice, "two")
    assert await receiver.wait_for(4) == ["one", "one", "one", "two"]
    info = await town.client.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"


async def test_one_silent_chat_does_not_hold_up_another(receiver: Receiver) -> None:
    receiver.statuses = [500]
    async with new_town(webhook_retry_base_s=3600) as town:
        await town.client.set_webhook(receiver.url)
        town.sandbox.write_to(town.bot, town.alice, "from Alice")
        await receiver.wait_for(1)
        town.sandbox.write_to(town.bot, town.bob, "from Bob")
        assert await receiver.wait_for(2) == ["from Alice", "from Bob"]


async def test_a_method_in_the_answer_is_carried_out(town: Town, receiver: Receiver) -> None:
    receiver.reply = {"method": "sendMessage", "chat_id": town.alice.id, "text": "at once"}
    await town.client.set_webhook(receiver.url)
    town.sandbox.write_to(town.bot, town.alice, "hello")
    assert (await town.sandbox.wait_for_message(town.chat))["text"] == "at once"


async def test_a_bot_may_end_its_webhook_in_an_answer(town: Town, receiver: Receiver) -> None:
    receiver.reply = {"method": "deleteWebhook"}
    await town.client.set_webhook(receiver.url)
    town.sandbox.write_to(town.bot, town.alice, "hello")
    await town.sandbox.wait_for_call(town.bot, "deleteWebhook")
    town.sandbox.write_to(town.bot, town.alice, "still there?")
    assert len(receiver.got) == 1
    *_, last = await town.client.get_updates()
    assert last.message
    assert last.message.text == "still there?"


async def test_a_dead_webhook_is_told_and_what_waits_can_be_dropped(town: Town) -> None:
    await town.client.set_webhook("http://127.0.0.1:9/hook", allowed_updates=["message"])
    town.sandbox.write_to(town.bot, town.alice, "hello")
    info = await town.client.get_webhook_info()
    assert (info.pending_update_count, info.allowed_updates) == (1, ["message"])
    await town.client.delete_webhook(drop_pending_updates=True)
    assert (await town.client.get_webhook_info()).url == ""
    assert await town.client.get_updates() == []


async def test_only_this_machine_goes_without_https(town: Town) -> None:
    sentence = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    assert await town.refused("setWebhook", url="http://example.org/hook") == (400, sentence)


async def test_polling_under_a_webhook_is_a_conflict(town: Town, receiver: Receiver) -> None:
    await town.client.set_webhook(receiver.url)
    status, sentence = await town.refused("getUpdates")
    assert status == httpx.codes.CONFLICT
    assert sentence == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )


async def test_duplicates_and_wrong_order_are_pushed_too(town: Town, receiver: Receiver) -> None:
    await town.client.set_webhook(receiver.url)
    town.sandbox.break_next(FaultKind.DUPLICATE_UPDATE)
    town.sandbox.write_to(town.bot, town.alice, "twice")
    assert await receiver.wait_for(2) == ["twice", "twice"]
    town.sandbox.break_next(FaultKind.OUT_OF_ORDER_UPDATE)
    town.sandbox.write_to(town.bot, town.alice, "early")
    town.sandbox.write_to(town.bot, town.alice, "late")
    assert (await receiver.wait_for(4))[2:] == ["late", "early"]
