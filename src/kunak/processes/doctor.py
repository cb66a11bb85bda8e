"""`kunak doctor`: what is configured, and what answers. It changes nothing but may start the embedded database."""

import asyncio
import os
import platform
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from kunak import __version__
from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, BotState
from kunak.features.language_models import service as models
from kunak.foundation.data_dir import check_data_dir
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.foundation.db.migrate import current_revision, newest_revision
from kunak.foundation.errors import ConflictError, InvalidInputError, KunakError
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import KEY_FILE, open_secret_box
from kunak.processes.database import open_server
from kunak.processes.doctor_models import examine_models, examine_search
from kunak.processes.doctor_server import examine_server
from kunak.processes.doctor_sources import examine_sources
from kunak.processes.findings import Finding, State
from kunak.processes.language_model import bookkeeping
from kunak.processes.models_in_use import models_in_use
from kunak.processes.one_port import listen
from kunak.processes.up import runs_here

TELEGRAM_ANSWER_S = 5


@dataclass(frozen=True)
class Report:
    """Everything that was looked at, in reading order."""

    findings: list[Finding]

    @property
    def healthy(self) -> bool:
        """Whether everything needed is there."""
        return all(finding.state is not State.FAULT for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {"healthy": self.healthy, "findings": [asdict(finding) for finding in self.findings]}


async def examine(settings: Settings) -> Report:
    """Looks at everything; a fault in one thing does not hide the others."""
    telegram = asyncio.create_task(asyncio.to_thread(_examine_telegram, settings))
    database, chosen = await _examine_database(settings)
    return Report(
        [
            Finding("Kunak", State.OK, f"{__version__}, Python {platform.python_version()}"),
            _examine_settings(),
            _examine_data_dir(settings),
            _examine_secret_key(settings),
            *database,
            *await examine_search(settings),
            await telegram,
            *await examine_models(settings, chosen),
            _examine_port(settings),
        ]
    )


def render(report: Report) -> str:
    """The report for a person, a line each."""
    marks = {State.OK: "✓", State.NOTE: "·", State.FAULT: "✗"}
    width = max(len(finding.name) for finding in report.findings)
    lines = [f"{marks[finding.state]} {finding.name:<{width}}  {finding.detail}" for finding in report.findings]
    return "\n".join([*lines, "", "All is well." if report.healthy else "Something needed is missing: see ✗."])


def _examine_settings() -> Finding:
    urls = {"DATABASE_URL", "QDRANT_URL", "REDIS_URL"}
    named = sorted(name for name in os.environ if name.startswith("KUNAK_") or name in urls)
    unknown = [name for name in named if name not in urls and not _is_setting(name)]
    if unknown:
        return Finding("Settings", State.NOTE, f"no such setting: {', '.join(unknown)}")
    sources = [f"environment: {', '.join(named)}"] if named else []
    if os.path.exists(".env"):  # noqa: PTH110  read the same way, from the working folder
        sources.append("file .env")
    return Finding("Settings", State.OK, "; ".join(sources) or "none given, all as shipped")


def _is_setting(name: str) -> bool:
    return name.startswith("KUNAK_TEST_") or name.removeprefix("KUNAK_").lower() in Settings.model_fields


def _examine_data_dir(settings: Settings) -> Finding:
    try:
        check_data_dir(settings.data_dir)
    except (KunakError, OSError) as error:
        return Finding("Data directory", State.FAULT, str(error))
    return Finding("Data directory", State.OK, str(settings.data_dir))


def _examine_secret_key(settings: Settings) -> Finding:
    if settings.secret_key:
        return Finding("Secret key", State.OK, "from KUNAK_SECRET_KEY")
    return Finding("Secret key", State.OK, "a file in the data directory: include it in backups")


async def _examine_database(settings: Settings) -> tuple[list[Finding], dict[str, list[str]]]:
    """And which models bots chose; none where nobody can tell."""
    try:
        async with open_server(settings) as database:
            connection = await asyncpg.connect(_plain(database.url))
            try:
                findings = [
                    *await examine_server(connection, database.url, embedded=database.embedded is not None),
                    *await _examine_bots(settings, database.url),
                    *await _examine_money(settings, database.url),
                    *await _examine_account(settings, database.url),
                    *await examine_sources(database.url),
                ]
                return findings, await _list_chosen(database.url)
            finally:
                await connection.close()
    except KunakError as error:
        return [Finding("Database", State.FAULT, str(error))], {}
    except (OSError, asyncpg.PostgresError) as error:
        return [Finding("Database", State.FAULT, f"it stopped answering: {error}")], {}


@asynccontextmanager
async def _open_tables(url: str) -> AsyncIterator[AsyncSession | None]:
    """None for a database without tables yet."""
    engine = create_engine(url, pool_size=1, name="kunak-doctor")
    try:
        is_ready = await current_revision(engine) == newest_revision()
        async with create_sessions(engine)() as session:
            yield session if is_ready else None
    finally:
        await engine.dispose()


async def _examine_bots(settings: Settings, url: str) -> list[Finding]:
    """Nothing for a database without tables yet."""
    async with _open_tables(url) as session:
        if session is None:
            return []
        known = await bots.list_bots(session)
    paused = [f"@{bot.username} ({bot.paused_reason})" for bot in known if bot.state is BotState.PAUSED]
    detail = f"{len(known)}" + (f"; paused: {', '.join(paused)}" if paused else "")
    if locked := [f"@{bot.username}" for bot in known if not _opens(settings, bot)]:
        words = (
            f"the secret key does not open the tokens of {', '.join(locked)}: put the old key back, or add them again"
        )
        return [Finding("Bots", State.FAULT, f"{detail}; {words}")]
    return [Finding("Bots", State.NOTE if paused else State.OK, detail)]


async def _examine_money(settings: Settings, url: str) -> list[Finding]:
    """Nothing without a model, or for a database without tables yet."""
    try:
        used, books = models_in_use(settings), bookkeeping(settings)
    except KunakError:
        return []  # told where the models are looked at
    async with _open_tables(url) as session:
        if session is None or not used:
            return []
        budgets = await models.list_budgets(session)
        unpriced = await models.list_unpriced(session, used, books)
    detail = f"{len(budgets)} budget{'' if len(budgets) == 1 else 's'}" if budgets else "no budget"
    if not unpriced:
        return [Finding("Money", State.OK, f"{detail}; every model in use has a price")]
    return [Finding("Money", State.NOTE, f"{detail}; {' '.join(unpriced)}")]


async def _list_chosen(url: str) -> dict[str, list[str]]:
    """Nothing for a database without tables yet."""
    async with _open_tables(url) as session:
        return {} if session is None else await models.list_chosen(session)


async def _examine_account(settings: Settings, url: str) -> list[Finding]:
    """Nothing where none is configured. Channels are read without it, so that it is away is no fault."""
    from kunak.processes.examine_account import examine_account  # noqa: PLC0415  most have none

    if settings.telegram_api_id is None and settings.telegram_api_hash is None:
        return []
    try:
        is_well, detail = await examine_account(settings, url)
    except InvalidInputError as error:
        return [Finding("Telegram account", State.FAULT, str(error))]
    return [Finding("Telegram account", State.OK if is_well else State.NOTE, detail)]


def _opens(settings: Settings, bot: Bot) -> bool:
    if settings.secret_key is None and not (settings.data_dir / KEY_FILE).exists():
        return False
    return bot.token_sealed is not None and open_secret_box(settings).opens(bot.token_sealed)


def _examine_telegram(settings: Settings) -> Finding:
    base = settings.telegram_api_base
    try:
        urllib.request.urlopen(base, timeout=TELEGRAM_ANSWER_S).close()  # noqa: S310  the operator's own setting
    except urllib.error.HTTPError:
        pass  # it answers, and that is all that was asked
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        needed = settings.sandbox is False
        hint = "" if needed else "; only the sandbox's bots work meanwhile"
        return Finding("Telegram", State.FAULT if needed else State.NOTE, f"{base} does not answer ({reason}){hint}")
    return Finding("Telegram", State.OK, f"{base} answers")


def _examine_port(settings: Settings) -> Finding:
    try:
        listen(settings.host, settings.port).close()
    except ConflictError as error:
        if runs_here(settings):
            detail = f"{settings.port} is in use by the Kunak that runs on this data directory"
            return Finding("Port", State.OK, detail)
        return Finding("Port", State.NOTE, str(error))
    except KunakError as error:
        return Finding("Port", State.FAULT, str(error))
    return Finding("Port", State.OK, f"{settings.port} is free for `kunak up`")


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
