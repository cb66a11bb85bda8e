"""Who needs little imports little: a process by itself pays for no aiogram, `kunak ask` for no web framework."""

import subprocess
import sys
from functools import cache

import pytest


@cache
def loaded_by(module: str) -> frozenset[str]:
    program = f"import sys, {module}; print(*sys.modules)"
    listing = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  our own words
    return frozenset(name.partition(".")[0] for name in listing.stdout.split())


@pytest.mark.parametrize(
    "module",
    ["kunak.cli", *(f"kunak.processes.{name}" for name in ("part", "bot", "worker", "equipment", "commands.bots"))],
)
def test_only_the_sandbox_loads_aiogram(module: str) -> None:
    assert "aiogram" not in loaded_by(module)


@pytest.mark.parametrize("module", ["kunak.processes.worker", "kunak.processes.api", "kunak.processes.equipment"])
def test_nobody_loads_the_client_of_qdrant_who_does_without(module: str) -> None:
    assert "qdrant_client" not in loaded_by(module)


def test_equipment_loads_what_is_used_when_it_is_opened() -> None:
    assert not loaded_by("kunak.processes.equipment") & {"aiohttp", "fastembed", "onnxruntime", "numpy"}


def test_who_has_no_telegram_account_loads_nothing_for_one() -> None:
    names = ("ingest", "telegram_account", "commands.sources", "commands.telegram")
    assert not loaded_by(", ".join(f"kunak.processes.{name}" for name in names)) & {"telethon", "rsa", "pyaes"}


@pytest.mark.parametrize("module", ["embeddings.local", "reranking.local"])
def test_a_local_model_is_heavy_only_when_it_is_loaded(module: str) -> None:
    assert not loaded_by(f"kunak.integrations.{module}") & {"aiohttp", "fastembed", "onnxruntime", "numpy"}


def test_understanding_loads_no_client_of_a_model() -> None:
    assert not loaded_by("kunak.features.understanding.service") & {"aiohttp", "pydantic", "structlog", "sqlalchemy"}


def test_asking_loads_neither_a_web_framework_nor_migrations() -> None:
    assert not loaded_by("kunak.processes.equipment") & {"fastapi", "starlette", "alembic", "uvicorn"}


READERS = {"lxml", "trafilatura", "feedparser", "ijson", "httpx", "httpcore", "protego"}


@pytest.mark.parametrize(
    "module", ["kunak.cli", *(f"kunak.processes.{name}" for name in ("part", "parts", "worker", "api", "equipment"))]
)
def test_only_who_reads_sources_loads_what_takes_them_apart(module: str) -> None:
    assert not loaded_by(module) & READERS
