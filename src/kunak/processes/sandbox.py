"""The sandbox as part of `kunak up`: it knows the bots that live in it, and gives a newcomer the first one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Bot, ConnectBot, Identity, UpdatesBy
from kunak.foundation.jobs.queue import enqueue
from kunak.foundation.settings import Settings
from kunak.integrations.telegram.sandbox.sandbox import LOOPBACK_HOSTS, Sandbox
from kunak.processes.bootstrap import Kunak

_FIRST_BOT = ("kunak_bot", "Кунак")


def is_wanted(settings: Settings, known: list[Bot]) -> bool:
    """Whether to run it: as the settings say, else when there is no real bot."""
    if settings.sandbox is not None:
        return settings.sandbox
    return all(bot.api_base == SANDBOX for bot in known)


@asynccontextmanager
async def open_sandbox(kunak: Kunak) -> AsyncIterator[Sandbox]:
    """A sandbox with the bots of the database that live in it; with none, a first one is made."""
    doors = kunak.directory.doors
    async with kunak.sessions.begin() as session:
        living = [bot for bot in await bots.list_bots(session) if bot.api_base == SANDBOX]
        known = [bot for bot in living if bot.token_sealed and doors.box.opens(bot.token_sealed)]
        for bot in living:
            if bot not in known:  # its key is lost; in the sandbox another is had for nothing
                await bots.remove_bot(session, bot.id, actor="kunak")
    hosts = [each.strip() for each in kunak.settings.sandbox_hosts.split(",") if each.strip()]
    sandbox = Sandbox(
        bots=[(doors.access(bot).token, bot.username, bot.name) for bot in known],
        allowed_hosts=[*LOOPBACK_HOSTS, *hosts],
        is_public=bool(hosts),
    )
    numbers = {bot.id: bot.telegram_id for bot in known}
    for bot in known:
        sandbox.state.bots[bot.telegram_id].manager_id = numbers.get(bot.managed_by or 0)
    if known:
        await _connect_anew(kunak, known)
    else:
        await _add_first_bot(kunak, sandbox)
    try:
        yield sandbox
    finally:
        await sandbox.close()


async def run(sandbox: Sandbox, stop: asyncio.Event) -> None:
    """Until `stop`; then those who wait for it (long polls, open pages) are let go, so that the server can stop."""
    await stop.wait()
    await sandbox.close()


async def _connect_anew(kunak: Kunak, known: list[Bot]) -> None:
    """A new sandbox has forgotten their webhooks and commands."""
    async with kunak.sessions.begin() as session:
        await enqueue(session, [ConnectBot(bot.id) for bot in known], once=True)


async def _add_first_bot(kunak: Kunak, sandbox: Sandbox) -> None:
    made = sandbox.create_bot(*_FIRST_BOT)
    async with kunak.sessions.begin() as session:
        await bots.save_bot(
            session,
            kunak.directory.doors,
            made.token,
            Identity(made.id, *_FIRST_BOT),
            updates_by=UpdatesBy.POLLING,
            api_base=SANDBOX,
            actor="kunak",
        )
