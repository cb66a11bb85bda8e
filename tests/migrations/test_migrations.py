"""Migrations go up, down and up again, and arrive at the tables that the models describe."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

import kunak
from kunak.foundation.db.base import Base
from kunak.foundation.db.engine import create_engine
from kunak.foundation.db.migrate import downgrade, newest_revision, upgrade

SOURCE = Path(kunak.__file__).parent


@pytest.fixture
async def empty(server_url: str) -> AsyncIterator[AsyncEngine]:
    """A database without a single table."""
    name = f"kunak_empty_{secrets.token_hex(6)}"
    server = create_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(make_url(server_url).set(database=name).render_as_string(hide_password=False))
    yield engine
    await engine.dispose()
    async with server.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await server.dispose()


async def test_up_down_and_up_again(empty: AsyncEngine) -> None:
    await upgrade(empty)
    first = await shape(empty)
    assert first
    await downgrade(empty, "base")
    assert await shape(empty) == []
    await upgrade(empty)
    assert await shape(empty) == first


async def test_two_processes_that_start_together_migrate_one_after_the_other(empty: AsyncEngine) -> None:
    await asyncio.gather(upgrade(empty), upgrade(empty))
    async with empty.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision()


async def test_what_was_answered_before_gets_a_key_and_stays_where_it_is(empty: AsyncEngine) -> None:
    await upgrade(empty, "0018")
    async with empty.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))  # generations of no bot
        await connection.execute(_ADD_GENERATIONS, {"count": 5001})  # more than a batch
        before = await connection.scalar(_WHERE_GENERATIONS_ARE)
    await upgrade(empty, "0019")
    async with empty.connect() as connection:
        assert await connection.scalar(text("SELECT count(DISTINCT key) FROM generations")) == 5001
        assert await connection.scalar(_WHERE_GENERATIONS_ARE) == before


# Another file means that PostgreSQL wrote the whole table anew, and let nobody near it meanwhile.
_WHERE_GENERATIONS_ARE = text("SELECT pg_relation_filenode('generations')")
_ADD_GENERATIONS = text("""
    INSERT INTO generations (bot_id, chat_id, inbox_id, mode, outcome, question, history, passages, prompt_version_id,
                             rules, text, provider, model, seconds)
    SELECT 1, 1, number, 'free', 'answered', '', '[]', '[]', 1, '', '', '', '', 1
      FROM generate_series(1, :count) AS number
""")


async def test_an_upgrade_of_what_is_up_to_date_changes_nothing(engine: AsyncEngine) -> None:
    before = await shape(engine)
    await upgrade(engine)
    assert await shape(engine) == before
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision()


async def test_models_and_migrations_describe_the_same_tables(engine: AsyncEngine) -> None:
    import_models()
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_tables_made_from_models_are_those_of_migrations(empty: AsyncEngine, engine: AsyncEngine) -> None:
    """Stricter than Alembic, which sees no checks and no predicates of indexes."""
    import_models()
    async with empty.begin() as connection:
        for extension in ("pg_trgm", "vector"):
            await connection.execute(text(f"CREATE EXTENSION {extension}"))
        await connection.execute(text((await definition(engine, "search_marks")).replace(":", "\\:")))
        await connection.run_sync(Base.metadata.create_all)
    assert difference(await shape(empty), await shape(engine)) == ([], [])


async def definition(engine: AsyncEngine, function: str) -> str:
    """The statement that makes a function: columns are reckoned with it, and it has no model."""
    async with engine.connect() as connection:
        statement = text("SELECT pg_get_functiondef(CAST(:function AS regproc))")
        return str(await connection.scalar(statement, {"function": function}))


def import_models() -> None:
    for file in sorted(SOURCE.glob("features/*/models.py")):
        import_module(f"kunak.features.{file.parent.name}.models")
    import_module("kunak.foundation.db.events")
    import_module("kunak.foundation.counting.postgres")


def differences(connection: Connection) -> list[Any]:
    """What would have to be done to the database to make it what the models say; PgQueuer's tables are its own."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: kind != "table" or not name.startswith("pgqueuer"),
    }
    found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    return found


Shape = list[tuple[Any, ...]]


def difference(models: Shape, migrations: Shape) -> tuple[Shape, Shape]:
    """What only the models say, and what only the migrations do; triggers and functions have no models."""
    modelled = [line for line in migrations if line[0] in ("column", "constraint", "index")]
    models = [line for line in models if line[0] != "function"]
    return [line for line in models if line not in modelled], [line for line in modelled if line not in models]


async def shape(engine: AsyncEngine) -> Shape:
    """Columns, constraints, indexes, triggers and functions of ours, as PostgreSQL itself describes them."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(_SHAPE)]


_SHAPE = text("""
    WITH ours AS (
        SELECT oid, relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
           AND relname <> 'alembic_version' AND relname NOT LIKE 'pgqueuer%'
    )
    SELECT 'column', relname::text, attname::text, format_type(atttypid, atttypmod), attnotnull, attidentity::text,
           coalesce(pg_get_expr(adbin, adrelid), '')
      FROM ours JOIN pg_attribute ON attrelid = oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint', relname, conname, pg_get_constraintdef(con.oid), NULL, '', ''
      FROM ours JOIN pg_constraint con ON conrelid = ours.oid
    UNION ALL
    SELECT 'index', relname, indexrelid::regclass::text, pg_get_indexdef(indexrelid), NULL, '', ''
      FROM ours JOIN pg_index ON indrelid = oid
    UNION ALL
    SELECT 'trigger', relname, tgname, pg_get_triggerdef(trigger.oid), NULL, '', ''
      FROM ours JOIN pg_trigger trigger ON tgrelid = ours.oid WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function', '', oid::regprocedure::text, prosrc, NULL, '', '' FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE '%pgqueuer%'
       AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    ORDER BY 1, 2, 3
""")
