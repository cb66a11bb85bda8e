"""Admins hear of a matter once per window, however many see it at once."""

import asyncio

from tests.features.messaging.conftest import Town

from kunak.features.bots.schemas import SANDBOX, Bot
from kunak.features.messaging.service import raise_alert
from kunak.features.messaging.service.alerts import repeat_untold_alerts, tell_admins


async def raise_it(town: Town, key: str = "disk") -> bool:
    async with town.sessions.begin() as session:
        return await raise_alert(session, key, "The disk is full.")


async def test_many_at_once_speak_once_and_are_counted(town: Town) -> None:
    assert sorted(await asyncio.gather(*(raise_it(town) for _ in range(10)))) == [False] * 9 + [True]
    assert await town.fetch("SELECT key, times FROM alerts") == [("disk", 10)]
    assert await town.queued("TellAdmins") == 1


async def test_another_matter_and_another_window_speak_again(town: Town) -> None:
    await raise_it(town)
    assert await raise_it(town, "memory")
    await town.execute("UPDATE alerts SET created_at = created_at - interval '61 minutes'")
    assert await raise_it(town)


def reaches(bot: Bot) -> bool:
    return bot.api_base != SANDBOX


async def test_every_admin_chat_is_told_once(town: Town) -> None:
    await raise_it(town)
    for _ in range(2):
        async with town.sessions.begin() as session:
            assert await tell_admins(session, 1, [11, -12], reaches)
    told = await town.fetch("SELECT chat_id, params ->> 'text' FROM outbox ORDER BY id")
    assert told == [(11, "The disk is full."), (-12, "The disk is full.")]


async def test_with_no_bot_that_works_nobody_can_be_told(town: Town) -> None:
    await raise_it(town)
    await town.execute("UPDATE bots SET state = 'paused'")
    async with town.sessions.begin() as session:
        assert not await tell_admins(session, 1, [11], reaches)


async def test_a_bot_that_is_out_of_reach_is_not_asked_to_tell(town: Town) -> None:
    await raise_it(town)
    await town.execute("UPDATE bots SET api_base = 'sandbox'")
    async with town.sessions.begin() as session:
        assert not await tell_admins(session, 1, [11], reaches)
    await town.execute("UPDATE alerts SET created_at = created_at - interval '1 minute'")
    async with town.sessions.begin() as session:
        await repeat_untold_alerts(session)
    assert await town.fetch("SELECT count(*) FROM pgqueuer WHERE dedupe_key LIKE '%TellAdmins%'") == [(1,)]
