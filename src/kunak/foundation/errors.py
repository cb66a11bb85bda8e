"""What can go wrong, as one small tree.

KunakError
├── RetryableError      try again later: network, time-out, 429, 5xx
├── FatalError          everything of this kind fails until a person mends it: bad token, bad key, no quota
└── TerminalError       this one will never work
    ├── InvalidInputError    400
    ├── NotFoundError        404
    └── ConflictError        409

The class docstring is the message a person reads when the place that raises gives no better one.
"""

from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar


class ErrorClass(StrEnum):
    """How an error is answered: try again, stop everything of its kind, or give this one up."""

    RETRYABLE = "RETRYABLE"
    FATAL = "FATAL"
    TERMINAL = "TERMINAL"


class KunakError(Exception):
    """Something went wrong."""

    error_class: ClassVar[ErrorClass] = ErrorClass.TERMINAL
    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class RetryableError(KunakError):
    """The other side does not answer just now; it is tried again."""

    error_class = ErrorClass.RETRYABLE
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        """`retry_after`: seconds the other side asked us to wait, when it did."""
        super().__init__(message)
        self.retry_after = retry_after


class FatalError(KunakError):
    """The credentials are refused; nothing of this kind can work until they are mended."""

    error_class = ErrorClass.FATAL
    status = HTTPStatus.SERVICE_UNAVAILABLE


class TerminalError(KunakError):
    """This cannot be done."""


class InvalidInputError(TerminalError):
    """What was given cannot be used."""

    status = HTTPStatus.BAD_REQUEST


class NotFoundError(TerminalError):
    """There is no such thing."""

    status = HTTPStatus.NOT_FOUND


class ConflictError(TerminalError):
    """Something else stands in the way."""

    status = HTTPStatus.CONFLICT
