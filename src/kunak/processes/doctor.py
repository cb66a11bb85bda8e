"""`kunak doctor`: what is configured, and what answers. It changes nothing but may start the embedded database."""

import asyncio
import os
import platform
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from kunak import __version__
from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, BotState
from kunak.features.language_models import service as models
from kunak.foundation.data_dir import check_data_dir
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.foundation.db.migrate import EXTENSIONS, current_revision, newest_revision
from kunak.foundation.errors import ConflictError, InvalidInputError, KunakError, RetryableError
from kunak.foundation.settings import Settings
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.providers import Provider
from kunak.processes.bootstrap import KEY_FILE, open_secret_box
from kunak.processes.database import open_server
from kunak.processes.doctor_sources import examine_sources
from kunak.processes.equipment import open_embedder, open_reranker, open_vector_index
from kunak.processes.findings import Finding, State
from kunak.processes.hearing import open_ears
from kunak.processes.language_model import bookkeeping, open_providers
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
    database = await _examine_database(settings)
    return Report(
        [
            Finding("Kunak", State.OK, f"{__version__}, Python {platform.python_version()}"),
            _examine_settings(),
            _examine_data_dir(settings),
            _examine_secret_key(settings),
            *database,
            *await _examine_embedder(settings),
            *await _examine_reranker(settings),
            *await _examine_vector_index(settings),
            await telegram,
            *await _examine_models(settings),
            *_examine_hearing(settings),
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


async def _examine_database(settings: Settings) -> list[Finding]:
    try:
        async with open_server(settings) as database:
            connection = await asyncpg.connect(_plain(database.url))
            try:
                return [
                    await _describe_server(connection, database.url, embedded=database.embedded is not None),
                    await _examine_durability(connection),
                    *await _examine_extensions(connection),
                    await _examine_migrations(database.url),
                    *await _examine_bots(settings, database.url),
                    *await _examine_money(settings, database.url),
                    *await _examine_account(settings, database.url),
                    *await examine_sources(database.url),
                ]
            finally:
                await connection.close()
    except KunakError as error:
        return [Finding("Database", State.FAULT, str(error))]
    except (OSError, asyncpg.PostgresError) as error:
        return [Finding("Database", State.FAULT, f"it stopped answering: {error}")]


async def _describe_server(connection: asyncpg.Connection, url: str, *, embedded: bool) -> Finding:
    address = make_url(url)
    version = await connection.fetchval("SHOW server_version")
    kind = "embedded" if embedded else "from DATABASE_URL"
    place = f"{address.host}:{address.port or 5432}/{address.database}"
    return Finding("Database", State.OK, f"{kind}, PostgreSQL {version} at {place}")


async def _examine_durability(connection: asyncpg.Connection) -> Finding:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    values = {name: await connection.fetchval("SELECT current_setting($1)", name) for name in names}
    state = State.NOTE if "off" in values.values() else State.OK
    detail = ", ".join(f"{name} {value}" for name, value in values.items())
    warning = "; what was acknowledged may be lost when the machine fails" if state is State.NOTE else ""
    return Finding("Durability", state, detail + warning)


async def _examine_extensions(connection: asyncpg.Connection) -> list[Finding]:
    rows = await connection.fetch("SELECT extname, extversion FROM pg_extension")
    present = {row["extname"]: row["extversion"] for row in rows}
    available = {row["name"] for row in await connection.fetch("SELECT name FROM pg_available_extensions")}
    missing = [name for name in EXTENSIONS if name not in present]
    absent = [name for name in missing if name not in available]
    if absent:
        detail = f"{', '.join(absent)} not installed on the server; install, then run: {_create(absent)}"
        return [Finding("Extensions", State.FAULT, detail)]
    if missing:
        return [Finding("Extensions", State.NOTE, f"to be made by `kunak migrate`: {_create(missing)}")]
    detail = ", ".join(f"{name} {present[name]}" for name in EXTENSIONS)
    return [Finding("Extensions", State.OK, detail), await _examine_locale(connection)]


async def _examine_locale(connection: asyncpg.Connection) -> Finding:
    if await connection.fetchval("SELECT cardinality(show_trgm('привет')) > 0"):
        return Finding("Locale", State.OK, "Cyrillic words have trigrams")
    # With LC_CTYPE=C nothing fails: typing errors in Russian words are simply never forgiven.
    return Finding(
        "Locale",
        State.NOTE,
        "the database was made with LC_CTYPE=C, where typing errors in Cyrillic words are not corrected; "
        "make it anew with LC_CTYPE 'C.UTF-8'",
    )


async def _examine_migrations(url: str) -> Finding:
    engine = create_engine(url, pool_size=1, name="kunak-doctor")
    try:
        current = await current_revision(engine)
    finally:
        await engine.dispose()
    newest = newest_revision()
    if current == newest:
        return Finding("Tables", State.OK, f"at {current}, the newest")
    return Finding("Tables", State.NOTE, f"at {current or 'nothing yet'}; `kunak migrate` brings them to {newest}")


async def _examine_bots(settings: Settings, url: str) -> list[Finding]:
    """Nothing for a database without tables yet."""
    engine = create_engine(url, pool_size=1, name="kunak-doctor")
    try:
        if await current_revision(engine) != newest_revision():
            return []
        async with create_sessions(engine)() as session:
            known = await bots.list_bots(session)
    finally:
        await engine.dispose()
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
    engine = create_engine(url, pool_size=1, name="kunak-doctor")
    try:
        if not used or await current_revision(engine) != newest_revision():
            return []
        async with create_sessions(engine)() as session:
            budgets = await models.list_budgets(session)
            unpriced = await models.list_unpriced(session, used, books)
    finally:
        await engine.dispose()
    detail = f"{len(budgets)} budgets" if budgets else "no budget"
    if not unpriced:
        return [Finding("Money", State.OK, f"{detail}; every model in use has a price")]
    return [Finding("Money", State.NOTE, f"{detail}; {' '.join(unpriced)}")]


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


async def _examine_models(settings: Settings) -> list[Finding]:
    """A line a provider; whether it answers is asked of its list of models, which costs nothing."""
    try:
        providers = open_providers(settings)
    except KunakError as error:
        return [Finding("Language model", State.FAULT, str(error))]
    if providers is None:
        return [Finding("Language model", State.OK, "none configured: answers are quotes from what was read")]
    try:
        return [await _examine_provider(provider) for provider in providers.all]
    finally:
        await providers.close()


async def _examine_provider(provider: Provider) -> Finding:
    asked = f"{provider.access.model} of {provider.access.name}, by {provider.access.protocol}"
    try:
        known = {model.id: model for model in await provider.client.list_models()}
    except LanguageModelError as error:
        return Finding("Language model", State.NOTE, f"{asked}: {error}")
    if provider.access.model not in known:
        return Finding("Language model", State.NOTE, f"{asked}; it answers, and does not list this model")
    ends = known[provider.access.model].shutdown_date
    return Finding(
        "Language model", State.NOTE if ends else State.OK, asked + (f"; shut down on {ends}" if ends else "")
    )


def _examine_hearing(settings: Settings) -> list[Finding]:
    """Only its settings: to ask it costs money."""
    try:
        ears = open_ears(settings)
    except KunakError as error:
        return [Finding("Voice", State.FAULT, str(error))]
    return [] if ears is None else [Finding("Voice", State.OK, f"{settings.transcription_model} is configured")]


async def _examine_embedder(settings: Settings) -> list[Finding]:
    """Asked for one vector. Search goes on by words while it is away, so that is no fault; a wrong setting is one."""
    try:
        async with open_embedder(settings) as embedder:
            if embedder is None:
                return []
            dimensions = len(await embedder.embed_query("?"))
    except RetryableError as error:
        return [Finding("Embedder", State.NOTE, f"{error} Search goes on by words alone.")]
    except KunakError as error:
        return [Finding("Embedder", State.FAULT, str(error))]
    return [Finding("Embedder", State.OK, f"{embedder.model} answers with {dimensions} dimensions")]


async def _examine_reranker(settings: Settings) -> list[Finding]:
    """Only its settings: to ask it costs money."""
    try:
        async with open_reranker(settings) as reranker:
            return [] if reranker is None else [Finding("Reranker", State.OK, f"{reranker.model} is configured")]
    except KunakError as error:
        return [Finding("Reranker", State.FAULT, str(error))]


async def _examine_vector_index(settings: Settings) -> list[Finding]:
    """Search goes on by words while it is away, so that is no fault; a wrong setting is one."""
    if not settings.qdrant_url:
        return []
    try:
        async with open_vector_index(settings) as index:
            if index is not None:
                await index.check()
    except RetryableError as error:
        return [Finding("Qdrant", State.NOTE, f"{error} Search goes on by words alone where it is used.")]
    except KunakError as error:
        return [Finding("Qdrant", State.FAULT, str(error))]
    return [Finding("Qdrant", State.OK, f"{settings.qdrant_url} answers")]


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


def _create(extensions: list[str]) -> str:
    return " ".join(f"CREATE EXTENSION {name};" for name in extensions)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
