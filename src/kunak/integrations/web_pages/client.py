"""The web over httpx: guarded, polite, and with an end to everything."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

import httpx

from kunak import __version__
from kunak.foundation.errors import KunakError
from kunak.integrations.web_pages.addresses import Allowed, check_address, host_of
from kunak.integrations.web_pages.connect import GuardedNetwork, GuardedTransport, Resolve, resolve_by_system
from kunak.integrations.web_pages.interface import (
    AddressRefusedError,
    FetchOptions,
    HostUnknownError,
    Page,
    PageGoneError,
    PageRefusedError,
    PageUnavailableError,
    PageUnfitError,
    RobotsForbidError,
    Turns,
    Validators,
)
from kunak.integrations.web_pages.pauses import back_off, read_retry_after
from kunak.integrations.web_pages.polite import Politeness
from kunak.integrations.web_pages.robots import LARGEST, Robots
from kunak.integrations.web_pages.unpack import ACCEPTED, read_body, too_large

NAME = "Kunak"
_BEGINNING = 4096
_MOST_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_READABLE = ("text/", "application/xml", "application/json", "application/xhtml", "application/rss", "application/atom")
_READABLE_ENDS = ("+xml", "+json", "/rdf", "gzip", "x-gzip")
_ACCEPT = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/feed+json,*/*;q=0.5"


@dataclass(frozen=True)
class WebLimits:
    """How far one request may go."""

    total_s: float = 30.0
    """For a page with all its redirects, from the moment it is our turn."""
    stall_s: float = 10.0
    """For connecting, and for every wait after that."""
    most_bytes: int = 32 * 2**20
    tries: int = 3
    """Of a request that meets no answer or 5xx."""
    first_pause_s: float = 1.0
    """Between two tries; doubled each time."""
    patience_s: float = 10.0
    """A site that asks us to wait longer than this is left alone for so long."""
    pause_s: float = 1.0
    """Between two requests to one host."""
    connections: int = 20


def user_agent(contact: str | None) -> str:
    """Who we are, and whom to write to."""
    return f"{NAME}/{__version__}" + (f" (+{contact})" if contact else "")


class HttpWebPages:
    """See `WebPages`."""

    def __init__(
        self,
        *,
        allowed: Allowed = Allowed(),  # noqa: B008  frozen
        contact: str | None = None,
        limits: WebLimits = WebLimits(),
        resolve: Resolve = resolve_by_system,
        turns: Turns | None = None,
    ) -> None:
        """`contact`: an address under which a site's owner can reach whoever runs this. `turns`: shared with others."""
        self._limits = limits
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(GuardedNetwork(allowed, resolve), connections=limits.connections),
            headers={"User-Agent": user_agent(contact), "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
            timeout=httpx.Timeout(limits.stall_s),
            follow_redirects=False,
            trust_env=False,
        )
        self._politeness = Politeness(limits.pause_s, turns)
        self._robots = Robots(NAME, self._fetch_robots)

    async def close(self) -> None:
        await self._client.aclose()

    async def fetch(self, address: str, options: FetchOptions = FetchOptions()) -> Page:  # noqa: B008  frozen
        """See `WebPages.fetch`."""
        for _ in range(_MOST_REDIRECTS + 1):
            address = check_address(address)
            found = await self._fetch_politely(address, options)
            if isinstance(found, Page):
                return found
            address = found
        raise PageRefusedError(f"{host_of(address)} redirects again and again.")

    async def _fetch_politely(self, address: str, options: FetchOptions) -> Page | str:
        delay = None
        if options.heed_robots:
            if not await self._robots.permit(address):
                raise RobotsForbidError(f"robots.txt of {host_of(address)} asks programs to stay away from this page.")
            delay = await self._robots.crawl_delay(address)
        for failures in range(self._limits.tries):
            try:
                async with self._politeness.turn(host_of(address), crawl_delay_s=delay):
                    return await self._ask(address, options)
            except PageUnavailableError as error:
                if failures + 1 == self._limits.tries or not await self._is_worth_waiting(address, error):
                    raise
                pause = error.retry_after or back_off(self._limits.first_pause_s, failures, self._limits.patience_s)
            await asyncio.sleep(pause)
        raise AssertionError  # the loop ends with a page or an error

    async def _is_worth_waiting(self, address: str, error: PageUnavailableError) -> bool:
        if isinstance(error, HostUnknownError):
            return False
        if (error.retry_after or 0) <= self._limits.patience_s:
            return True
        await self._politeness.close_for(host_of(address), error.retry_after or 0)
        return False

    async def _fetch_robots(self, address: str) -> Page:
        return await self.fetch(address, FetchOptions(heed_robots=False, most_bytes=LARGEST, any_type=True))

    async def _ask(self, address: str, options: FetchOptions) -> Page | str:
        """The page, or where it redirects to."""
        try:
            async with (
                asyncio.timeout(self._limits.total_s),
                self._client.stream("GET", address, headers=_conditions(options.validators)) as response,
            ):
                return await self._read(address, response, options)
        except (httpx.TimeoutException, TimeoutError):
            raise PageUnavailableError(f"{host_of(address)} is too slow.") from None
        except httpx.InvalidURL:
            raise AddressRefusedError("This is not an address.") from None
        except httpx.TransportError as error:
            raise PageUnavailableError(f"No connection to {host_of(address)}: {_why(error)}.") from None

    async def _read(self, address: str, response: httpx.Response, options: FetchOptions) -> Page | str:
        if response.status_code in _REDIRECTS and "location" in response.headers:
            return _redirected(address, response.headers["location"])
        validators = Validators(response.headers.get("etag"), response.headers.get("last-modified"))
        content_type = response.headers.get("content-type", "")
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return Page(address, b"", content_type, options.validators, is_unchanged=True)
        _check_status(address, response)
        if not options.any_type:
            _check_type(content_type)
        most = min(options.most_bytes or self._limits.most_bytes, self._limits.most_bytes)
        if options.may_be_cut is None:
            _check_length(response.headers.get("content-length"), most)
        body, is_whole = await read_body(response.aiter_raw(), response.headers.get("content-encoding", ""), most)
        if not is_whole and not (options.may_be_cut and options.may_be_cut(body[:_BEGINNING])):
            raise too_large(most)
        return Page(address, body, content_type, validators, is_cut=not is_whole)


def _conditions(validators: Validators) -> dict[str, str]:
    headers = {"If-None-Match": validators.etag, "If-Modified-Since": validators.modified}
    return {name: value for name, value in headers.items() if value}


def _redirected(address: str, location: str) -> str:
    try:
        return urljoin(address, location)
    except ValueError:
        raise PageRefusedError(f"{host_of(address)} redirects to something that is no address.") from None


def _check_status(address: str, response: httpx.Response) -> None:
    code, host = response.status_code, host_of(address)
    if code < HTTPStatus.MULTIPLE_CHOICES:
        return
    if code in _GONE:
        raise PageGoneError(f"{host} answers {code}: there is no such page.", code=code)
    if code in _BUSY or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        after = read_retry_after(response.headers.get("retry-after"))
        raise PageUnavailableError(f"{host} answers {code} just now.", retry_after=after)
    raise PageRefusedError(f"{host} answers {code} and gives no page.", code=code)


def _check_type(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith(_READABLE) and not kind.endswith(_READABLE_ENDS):
        raise PageUnfitError(f"It is {kind[:60]}: neither a page nor a feed.")


def _check_length(announced: str | None, most: int) -> None:
    if announced and announced.isascii() and announced.isdigit() and int(announced[:20]) > most:
        raise too_large(most)


def _why(error: BaseException) -> str:
    """The system's own words, without a full stop; an error of ours inside has better ones."""
    cause = error.__cause__
    words = str(cause) if isinstance(cause, KunakError) else str(error)[:200] or type(error).__name__
    return words.rstrip(".")
