"""Addresses of databases as hosters give them."""

import pytest

from kunak.foundation.db.engine import create_engine


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
async def test_sslmode_is_understood(scheme: str) -> None:
    engine = create_engine(f"{scheme}://alice:secret@db.example.org/kunak?sslmode=require")
    assert engine.url.query == {"ssl": "require"}
    assert engine.url.drivername == "postgresql+asyncpg"
