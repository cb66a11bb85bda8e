"""`kunak up`: the database and every process in one event loop, on one port."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from kunak.foundation.data_dir import prepare_data_dir
from kunak.foundation.errors import ConflictError
from kunak.foundation.file_lock import FileLock
from kunak.foundation.settings import Settings
from kunak.processes.assembly import Background, start_importing
from kunak.processes.database import open_database
from kunak.processes.lifetime import Lifetime, run_together
from kunak.processes.one_port import OnePort, for_own_hosts, listen, serve, web_address

GRACE_S = 4.0  # with the patience the database has for its clients, under the ten seconds a stop may take


@dataclass(frozen=True)
class Addresses:
    """Where a person finds what runs."""

    web: str
    api: str
    sandbox: str | None


async def up(settings: Settings, lifetime: Lifetime, *, assembly: str, on_ready: Callable[[Addresses], None]) -> None:
    """Runs everything until the lifetime ends; `assembly` is the module that opens the parts.

    Raises:
        KunakError: it cannot start; the sentence names the cause and a way out.
    """
    data_dir = prepare_data_dir(settings.data_dir)
    with _alone_in(data_dir) as announce, listen(settings.host, settings.port) as listening:
        web = web_address(listening)
        announce(web, None)
        importing = start_importing(assembly)  # while the database starts
        try:
            async with open_database(settings) as database:
                opener = await importing
                async with opener.open_parts(settings, database.url, web) as parts:
                    announce(web, _addresses(web, parts.sandbox).sandbox)
                    app = for_own_hosts(OnePort(api=parts.api, bot=parts.bot, web=parts.web), settings)
                    proxies = settings.trusted_proxies
                    serving = partial(serve, app, listening, trusted_proxies=proxies)
                    works: list[Background] = [serving, database.supervise, *parts.background]
                    with lifetime.serving():
                        on_ready(_addresses(web, parts.sandbox))
                        await run_together(lifetime.stop, works, grace_s=GRACE_S)
        finally:
            if not lifetime.stop.is_set():  # who asked us to stop is not kept waiting for an import
                await asyncio.wait({importing})


def _addresses(web: str, sandbox: str | None) -> Addresses:
    return Addresses(web=web, api=f"{web}/api/v1", sandbox=f"{web}{sandbox}" if sandbox else None)


@contextmanager
def _alone_in(data_dir: Path) -> Iterator[Callable[[str, str | None], int]]:
    """Lets one `kunak up` at a time use the folder, and gives what writes down where it and the sandbox answer."""
    lock, note = FileLock(data_dir / "up.lock"), data_dir / "up.json"
    try:
        if not lock.try_exclusive():
            raise ConflictError(_already_running(data_dir, note))
        note.unlink(missing_ok=True)  # of a run that was killed, perhaps another user's
        yield lambda web, sandbox: note.write_text(
            json.dumps({"web": web, "sandbox": sandbox, "pid": os.getpid()}) + "\n"
        )
    finally:
        lock.close()


def runs_here(settings: Settings) -> bool:
    """Whether it is the `kunak up` of this data directory that has the port of the settings."""
    try:
        web = json.loads((settings.data_dir / "up.json").read_text())["web"]
        lock = FileLock(settings.data_dir / "up.lock")
    except (OSError, ValueError, KeyError):
        return False
    try:
        return urlsplit(web).port == settings.port and not lock.try_shared()  # free: the note is of one that was killed
    finally:
        lock.close()


def _already_running(data_dir: Path, note: Path) -> str:
    try:
        found = json.loads(note.read_text())
        where = f"at {found['web']} (process {found['pid']})"
    except (OSError, ValueError, KeyError):
        where = "and is just starting"
    return (
        f"Kunak already runs on {data_dir}, {where}. "
        "Open it there, stop it, or give this one a folder of its own with --data-dir."
    )
