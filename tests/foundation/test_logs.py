"""Logs speak to people or to machines, and keep secrets."""

import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest
import structlog
from tests.foundation.test_jobs import Greeter, GreetPerson, run_until

from kunak.foundation.db.engine import Sessions
from kunak.foundation.jobs.queue import enqueue
from kunak.foundation.observability.logs import configure_logging

TOKEN = "123456789:AAHsecretsecretsecretsecretsecretse"


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_token_never_gets_through(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", form)
    error = ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    logging.getLogger("kunak.test").error("calling %s failed", TOKEN, exc_info=error)
    written = capsys.readouterr().err
    assert "secretsecret" not in written
    assert "123456789:***" in written


@pytest.mark.parametrize("form", ["console", "json"])
def test_nor_by_the_other_kind_of_logger_and_no_local_variable_either(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO", form)
    password = "open sesame"  # noqa: F841  what must not be seen
    try:
        int(TOKEN)
    except ValueError:
        structlog.get_logger("kunak.test").exception("request_failed", token=TOKEN)
    written = capsys.readouterr()
    assert written.out == ""
    assert "request_failed" in written.err
    assert "secretsecret" not in written.err
    assert "sesame" not in written.err
    assert len(written.err) < 3_000


@pytest.mark.parametrize("words", ["Incorrect key: sk-proj-verysecret42", "Authorization: Bearer verysecret42"])
def test_neither_does_a_key_of_a_model_provider(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "console")
    logging.getLogger("kunak.test").error("it said: %s", words)
    assert "verysecret" not in capsys.readouterr().err


def test_machines_read_a_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    logging.getLogger("kunak.test").warning("a bot is paused: %s", "@кунак")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("a bot is paused: @кунак", "warning", "kunak.test")


@pytest.mark.parametrize("library", ["pgqueuer", "asyncpg.pool", "asyncio"])
def test_a_database_that_is_away_brings_no_tracebacks(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "console")
    away = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    logging.getLogger(library).error("Failed", exc_info=away)
    assert capsys.readouterr().err == ""
    logging.getLogger(library).error("Failed", exc_info=KeyError("chat"))
    assert "KeyError: 'chat'" in capsys.readouterr().err


async def test_a_job_that_is_given_up_keeps_its_traceback(
    sessions: Sessions, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO", "console")
    greeter = Greeter([ConnectionError("the model is away")] * 5)  # one of the two fails three times, and is given up
    async with sessions.begin() as session:
        await enqueue(session, [GreetPerson("Боб"), GreetPerson("Алиса")])
    await run_until(database_url, greeter, greeter.heard)
    written = capsys.readouterr().err
    assert "Traceback (most recent call last)" in written
    assert "ConnectionError: the model is away" in written
