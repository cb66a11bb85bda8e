"""What can go wrong with a language model.

LanguageModelError
├── ModelUnavailableError (RETRYABLE)   network, time-outs, 408, 409, 429, 5xx, streams that break off, garbage
├── ModelBlockedError (FATAL)           nothing works until a person mends it: the key, the quota, the address
│   └── ModelNotFoundError              as above, for one model of the provider
└── ModelRefusedError (TERMINAL)        this request will never be answered
    ├── ContextTooLongError             it would, were it shorter
    ├── ImagesRefusedError              it would, were there no pictures in it
    └── AnswerWithheldError             the model, or a filter, declines to answer; `reason` in its words
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from kunak.foundation.errors import FatalError, KunakError, RetryableError, TerminalError


class Trouble(StrEnum):
    """What went wrong, finer than the three classes; a label of metrics."""

    CONNECTION = "connection"
    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    SERVER = "server"
    CUT = "cut"
    MALFORMED = "malformed"
    EMPTY = "empty"
    KEY = "key"
    ACCESS = "access"
    QUOTA = "quota"
    ADDRESS = "address"
    MODEL = "model"
    REQUEST = "request"
    CONTEXT = "context"
    WITHHELD = "withheld"


class LanguageModelError(KunakError):
    """The language model did not answer."""

    def __init__(self, message: str = "", *, trouble: Trouble) -> None:
        super().__init__(message)
        self.trouble = trouble


class ModelUnavailableError(LanguageModelError, RetryableError):
    """The language model does not answer just now."""

    def __init__(self, message: str = "", *, trouble: Trouble, retry_after: float | None = None) -> None:
        super().__init__(message, trouble=trouble)
        self.retry_after = retry_after


class ModelBlockedError(LanguageModelError, FatalError):
    """The language model cannot be used until its settings or its account are mended."""


class ModelNotFoundError(ModelBlockedError):
    """The provider has no such model."""


class ModelRefusedError(LanguageModelError, TerminalError):
    """The language model refuses this request."""

    def __init__(self, message: str = "", *, trouble: Trouble, parameter: str = "") -> None:
        """`parameter`: the one that the server does not take, where it names one."""
        super().__init__(message, trouble=trouble)
        self.parameter = parameter


class ContextTooLongError(ModelRefusedError):
    """The request is longer than the model can read."""


class ImagesRefusedError(ModelRefusedError):
    """The language model cannot look at pictures."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message, trouble=Trouble.REQUEST)


class AnswerWithheldError(ModelRefusedError):
    """The language model declines to answer this."""

    def __init__(self, message: str = "", *, reason: str = "") -> None:
        super().__init__(message, trouble=Trouble.WITHHELD)
        self.reason = reason


ERROR_OF: Mapping[Trouble, type[LanguageModelError]] = MappingProxyType(
    {
        Trouble.CONNECTION: ModelUnavailableError,
        Trouble.TIMEOUT: ModelUnavailableError,
        Trouble.RATE_LIMIT: ModelUnavailableError,
        Trouble.SERVER: ModelUnavailableError,
        Trouble.CUT: ModelUnavailableError,
        Trouble.MALFORMED: ModelUnavailableError,
        Trouble.EMPTY: ModelUnavailableError,
        Trouble.KEY: ModelBlockedError,
        Trouble.ACCESS: ModelBlockedError,
        Trouble.QUOTA: ModelBlockedError,
        Trouble.ADDRESS: ModelBlockedError,
        Trouble.MODEL: ModelNotFoundError,
        Trouble.REQUEST: ModelRefusedError,
        Trouble.CONTEXT: ContextTooLongError,
        Trouble.WITHHELD: AnswerWithheldError,
    }
)
"""The one place that says how each trouble is answered."""
