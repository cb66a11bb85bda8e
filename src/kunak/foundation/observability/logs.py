"""Logs: for people on a terminal, or a JSON object a line for machines. No token and no key gets through."""

import logging
import re
import sys
from typing import Any

import structlog

_TOKEN = re.compile(r"(?<!\d)(\d{5,20})(?::|%3A)[A-Za-z0-9_-]{20,}")
_KEY = re.compile(r"\b(sk-|Bearer\s+)[\w.*~+/=-]{6,}")
_CHATTY = ("alembic", "uvicorn", "pgqueuer", "aiohttp", "asyncio", "httpx", "httpcore", "trafilatura", "htmldate")
_ON_THE_DATABASE = ("pgqueuer", "asyncpg", "sqlalchemy", "asyncio")


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
    # Else structlog's own loggers would write past all this: unmasked, and with the local variables of every frame.
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler()
    handler.addFilter(_is_worth_a_line)
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


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """False for the tracebacks of libraries while the database is away: we say that in a line ourselves."""
    library = record.name.partition(".")[0]
    error = record.exc_info[1] if record.exc_info else None
    if error is None or library not in _ON_THE_DATABASE:
        return True
    if library == "pgqueuer" and record.funcName == "log_failure":  # a job's own error, and the job is given up
        return True
    if library == "asyncio" and isinstance(error, OSError):  # of any connection, not only of the database's
        return True
    from kunak.foundation.db.outage import is_outage  # noqa: PLC0415  costly to import, seldom needed

    return not is_outage(error)


class _Masking(structlog.stdlib.ProcessorFormatter):
    """Masks tokens and keys in the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_tokens(super().format(record))


def mask_tokens(text: str) -> str:
    """`text` with the secret part of bot tokens and of keys of model providers taken out."""
    return _KEY.sub(r"\1***", _TOKEN.sub(r"\1:***", text))
