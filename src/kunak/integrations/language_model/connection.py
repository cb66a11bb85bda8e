"""The line to one provider: connections that are kept between requests, and what may go wrong before an answer."""

import urllib.request
from urllib.parse import urlsplit

import aiohttp

from kunak import __version__
from kunak.integrations.kept_connections import Sending, send_again_if_closed, watch
from kunak.integrations.language_model.access import ProviderAccess
from kunak.integrations.language_model.errors import Trouble
from kunak.integrations.language_model.failures import make_error

_KEEP_ALIVE_S = 15.0


class Connection:
    """Opens its first connection with its first request."""

    def __init__(self, access: ProviderAccess) -> None:
        self._access = access
        self._session: aiohttp.ClientSession | None = None
        self._proxy = _proxy_for(access.url)

    async def ask(self, method: str, path: str, data: bytes | None, connect_s: float) -> aiohttp.ClientResponse:
        """The beginning of an answer. No error of the library goes on: they hold addresses and headers.

        Raises:
            LanguageModelError: there is none.
        """
        name = self._access.name
        try:
            return await self._ask(method, f"{self._access.url}/{path}", data, connect_s)
        except aiohttp.ServerTimeoutError:
            raise make_error(Trouble.TIMEOUT, f"{name} did not accept a connection in time.") from None
        except aiohttp.InvalidURL:
            raise make_error(Trouble.ADDRESS, f"{name} has an address that is none: check its URL.") from None
        except aiohttp.ServerDisconnectedError:
            raise make_error(Trouble.CONNECTION, f"{name} hung up before it answered.") from None
        except (aiohttp.ClientError, OSError) as error:
            raise make_error(Trouble.CONNECTION, f"{name} cannot be reached ({type(error).__name__}).") from None

    async def _ask(self, method: str, url: str, data: bytes | None, connect_s: float) -> aiohttp.ClientResponse:
        async def send(sending: Sending) -> aiohttp.ClientResponse:
            return await self._opened().request(
                method,
                url,
                data=data,
                headers=self._headers(),
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(total=None, connect=connect_s),
                trace_request_ctx=sending,
            )

        return await send_again_if_closed(send)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _headers(self) -> dict[str, str]:
        given = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream, application/json",
            "User-Agent": f"Kunak/{__version__}",
        }
        return given | ({"Authorization": f"Bearer {self._access.key}"} if self._access.key else {})

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar, trace_configs=[watch()])
        return self._session


def _proxy_for(url: str) -> str | None:
    """The way out that the environment names (HTTPS_PROXY, NO_PROXY)."""
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)
