"""What we ask of the web, and what can go wrong with it.

WebPages
└── fetch(address)      a page with its bytes, or the news that it has not changed

RetryableError
└── PageUnavailableError    no answer, too slow, 429, 5xx
    └── HostUnknownError    a name that is not found
TerminalError
├── InvalidInputError
│   └── AddressRefusedError     not a public http(s) address: nothing was asked there
└── PageRefusedError        this page will not be had this way
    ├── PageGoneError           404, 410
    ├── RobotsForbidError       the site's robots.txt
    └── PageUnfitError          too large, of another type, damaged
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from kunak.foundation.errors import InvalidInputError, RetryableError, TerminalError


class PageUnavailableError(RetryableError):
    """The site does not answer just now."""


class HostUnknownError(PageUnavailableError):
    """There is no such host."""


class AddressRefusedError(InvalidInputError):
    """This address is not fetched."""


class PageRefusedError(TerminalError):
    """The site refuses this page."""

    def __init__(self, message: str = "", *, code: int = 0) -> None:
        """`code`: the HTTP status the site answered with; 0 when it is our own verdict."""
        super().__init__(message)
        self.code = code


class PageGoneError(PageRefusedError):
    """There is no such page."""

    status = HTTPStatus.NOT_FOUND


class RobotsForbidError(PageRefusedError):
    """The site's robots.txt asks programs to stay away from this page."""


class PageUnfitError(PageRefusedError):
    """The page is too large, of another type, or damaged."""


@dataclass(frozen=True)
class Validators:
    """What a server gave along with a page so that we can ask whether it has changed."""

    etag: str | None = None
    modified: str | None = None
    """The date as the server wrote it."""


@dataclass(frozen=True)
class Page:
    """What was found at an address. `body` is unpacked, and empty when the page has not changed."""

    address: str
    """Where it was found, after redirects."""
    body: bytes = field(repr=False)
    content_type: str = ""
    """The header as it came, charset included."""
    validators: Validators = Validators()
    is_unchanged: bool = False
    is_cut: bool = False
    """Only the beginning of what is there."""


@dataclass(frozen=True)
class FetchOptions:
    """How a page is to be had."""

    validators: Validators = Validators()
    most_bytes: int | None = None
    """Of the unpacked body; None: what the client allows at most."""
    heed_robots: bool = True
    any_type: bool = False
    """Also what does not call itself text."""
    may_be_cut: Callable[[bytes], bool] | None = None
    """Says of the first bytes of a body that is too large whether as much of it as is allowed will do."""


class Turns(Protocol):
    """Whose turn it is at each host, among several processes."""

    def turn(self, host: str, *, pause_s: float) -> AbstractAsyncContextManager[float]:
        """Waits for the turn at `host`, which is ours for the block; the next one is `pause_s` after its end.

        What it gives: seconds for which the host has asked to be left alone.
        """
        ...

    async def close(self, host: str, seconds: float) -> None:
        """The host has asked to be left alone for so long."""
        ...


class WebPages(Protocol):
    """The web, read politely."""

    async def fetch(self, address: str, options: FetchOptions = FetchOptions()) -> Page:
        """The page at `address`, an `http` or `https` URL.

        Raises:
            AddressRefusedError: it, or what it redirects to, is no public address; or it is no address at all.
            PageUnavailableError: no answer; `retry_after` holds the seconds the site asked us to wait.
            PageGoneError: 404 or 410.
            RobotsForbidError: robots.txt forbids it.
            PageUnfitError: too large, neither text nor XML nor JSON, or damaged.
            PageRefusedError: anything else the site answered.
        """
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...
