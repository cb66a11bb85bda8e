"""Logs speak to people or to machines, and keep secrets."""

import json
import logging
from collections.abc import Iterator

import pytest

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


def test_machines_read_a_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    logging.getLogger("kunak.test").warning("a bot is paused: %s", "@кунак")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("a bot is paused: @кунак", "warning", "kunak.test")
