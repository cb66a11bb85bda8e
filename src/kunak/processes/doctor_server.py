"""The database server, as `kunak doctor` sees it."""

import asyncpg
from sqlalchemy.engine import make_url

from kunak.foundation.db.engine import create_engine
from kunak.foundation.db.migrate import EXTENSIONS, current_revision, newest_revision
from kunak.processes.findings import Finding, State


async def examine_server(connection: asyncpg.Connection, url: str, *, embedded: bool) -> list[Finding]:
    """Which it is, whether it keeps what it was given, and whether everything we need is in it."""
    return [
        await _describe_server(connection, url, embedded=embedded),
        await _examine_durability(connection),
        *await _examine_extensions(connection),
        await _examine_migrations(url),
    ]


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


def _create(extensions: list[str]) -> str:
    return " ".join(f"CREATE EXTENSION {name};" for name in extensions)
