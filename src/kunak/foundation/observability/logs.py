"""Logs: for people on a terminal, or a JSON object a line for machines. A bot's token never gets through."""

import logging
import re
import sys
from typing import Any

import structlog

_TOKEN = re.compile(r"(?<!\d)(\d{5,20})(?::|%3A)[A-Za-z0-9_-]{20,}")
_CHATTY = ("alembic", "uvicorn", "pgqueuer", "aiohttp", "asyncio")


def configure_logging(level: str, form: str) -> None:
    """Send every log line to standard error; `form` is `console` or `json`."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = (
        # Plain tracebacks: richer ones show local variables, and with them secrets.
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        _Masking(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _Masking(structlog.stdlib.ProcessorFormatter):
    """Masks tokens in the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_tokens(super().format(record))


def mask_tokens(text: str) -> str:
    """`text` with the secret part of bot tokens taken out."""
    return _TOKEN.sub(r"\1:***", text)
