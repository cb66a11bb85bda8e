"""Bots come, rest and go; what they say about themselves is written down."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import TELEGRAM, Bot, BotState, Identity, UpdatesBy
from kunak.features.bots.service import Directory, Doors
from kunak.foundation.clock import now
from kunak.foundation.crypto import SecretBox, new_key
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError, NotFoundError

DOORS = Doors(SecretBox([new_key()]), "http://127.0.0.1:9")
TOKEN = "1:alice"
FRIEND = Identity(1, "friend_bot", "Друг")


async def save(sessions: Sessions, token: str = TOKEN) -> Bot:
    async with sessions.begin() as session:
        return await bots.save_bot(session, DOORS, token, FRIEND, updates_by=UpdatesBy.POLLING, actor="alice")


async def state_of(sessions: Sessions, bot: Bot) -> tuple[BotState, str | None]:
    async with sessions() as session:
        known = await bots.get_bot(session, bot.id)
    return known.state, known.paused_reason


@pytest.mark.parametrize("token", ["", "два слова", "a/b", "a?b", "a\nb", "x" * 129])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidInputError, match="not a bot token"):
        bots.check_token(token, "http://127.0.0.1:8081")


@pytest.mark.parametrize("token", ["garbage", "123:short", "123456789:AAE" + "x" * 40 + "/"])
def test_telegram_is_not_even_asked_about_what_it_never_gives(token: str) -> None:
    with pytest.raises(InvalidInputError, match="not a bot token"):
        bots.check_token(token, TELEGRAM)


def test_a_token_of_the_sandbox_is_not_shown_to_telegram() -> None:
    with pytest.raises(InvalidInputError, match="--sandbox"):
        bots.check_token("8027944790:SANDBOXscSFQlIAOFXYMBafChFwnQuM0QQI", TELEGRAM)


async def test_a_token_is_kept_sealed_and_shown_nowhere(sessions: Sessions) -> None:
    bot = await save(sessions)
    assert "alice" not in repr(bot)
    assert bot.token_sealed is not None
    assert b"alice" not in bot.token_sealed
    assert DOORS.access(bot).token == "1:alice"
    assert "alice" not in repr(DOORS.access(bot))


async def test_a_known_bot_gets_its_new_token_and_is_mended(sessions: Sessions) -> None:
    bot = await save(sessions)
    async with sessions.begin() as session:
        await bots.pause_bot(session, bot.id, reason="holiday", actor="alice")
    assert await state_of(sessions, bot) == (BotState.PAUSED, "holiday")
    mended = await save(sessions, "1:new")
    assert (mended.id, mended.state, DOORS.access(mended).token) == (bot.id, BotState.ACTIVE, "1:new")
    assert mended.webhook_secret_sealed == bot.webhook_secret_sealed


async def test_a_refusal_of_an_old_token_does_not_pause_the_mended_bot(sessions: Sessions) -> None:
    old = await save(sessions)
    await save(sessions, "1:new")
    async with sessions.begin() as session:
        assert not await bots.pause_refused_bot(session, old, reason="refused")
    assert await state_of(sessions, old) == (BotState.ACTIVE, None)


async def test_a_removed_bot_is_not_found_and_stays_in_the_log(sessions: Sessions) -> None:
    bot = await save(sessions)
    async with sessions.begin() as session:
        await bots.remove_bot(session, bot.id, actor="alice")
        await bots.forget_token(session, bot.id)
    async with sessions() as session:
        assert await bots.list_bots(session) == []
        with pytest.raises(NotFoundError):
            await bots.find_bot(session, "@friend_bot")
        with pytest.raises(NotFoundError):
            await bots.resume_bot(session, bot.id, actor="bob")
        events = await session.execute(text("SELECT actor, what, thing FROM events ORDER BY id"))
        assert [tuple(row) for row in events] == [("alice", f"bot.{what}", "bot:1") for what in ("added", "removed")]
    with pytest.raises(NotFoundError, match="removed"):
        await Directory(sessions, DOORS).get(bot.id)


async def test_a_token_is_forgotten_only_of_a_removed_bot(sessions: Sessions) -> None:
    bot = await save(sessions)
    async with sessions.begin() as session:
        await bots.forget_token(session, bot.id)
    async with sessions() as session:
        assert (await bots.get_bot(session, bot.id)).token_sealed == bot.token_sealed


@pytest.mark.parametrize(("age", "offset"), [(timedelta(days=5), 501), (timedelta(days=7), 0)])
async def test_an_old_place_is_not_trusted(sessions: Sessions, age: timedelta, offset: int) -> None:
    bot = await save(sessions)
    async with sessions.begin() as session:
        await bots.save_polling_place(session, bot.id, 501)
        await session.execute(text("UPDATE bots SET polled_at = :at"), {"at": now() - age})
    async with sessions() as session:
        assert bots.polling_offset(await bots.get_bot(session, bot.id)) == offset


async def test_a_bot_is_found_by_number_and_by_name(sessions: Sessions) -> None:
    bot = await save(sessions)
    async with sessions() as session:
        for name in ("1", "@Friend_Bot", "friend_bot"):
            assert (await bots.find_bot(session, name)).id == bot.id


async def test_after_a_lost_key_adding_a_bot_again_mends_it(sessions: Sessions) -> None:
    lost = await save(sessions)
    doors = Doors(SecretBox([new_key()]), "http://127.0.0.1:9")
    assert not doors.box.opens(lost.webhook_secret_sealed)
    async with sessions.begin() as session:
        bot = await bots.save_bot(session, doors, TOKEN, FRIEND, updates_by=UpdatesBy.WEBHOOK, actor="alice")
        assert await bots.reseal_bots(session, doors.box) == 1
    assert bot.id == lost.id
    assert doors.webhook_secret(bot)


async def test_on_another_server_updates_are_counted_anew(sessions: Sessions) -> None:
    bot = await save(sessions)
    async with sessions.begin() as session:
        await bots.save_polling_place(session, bot.id, 500)
    async with sessions.begin() as session:
        moved = await bots.save_bot(
            session, DOORS, TOKEN, FRIEND, updates_by=UpdatesBy.POLLING, api_base="http://127.0.0.1:8", actor="alice"
        )
    assert bots.polling_offset(moved) == 0
