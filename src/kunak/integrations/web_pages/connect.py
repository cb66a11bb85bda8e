"""Connections to checked addresses only.

The name is resolved and checked here, and the connection goes to the very number that was checked: an answer of the DNS
that changes between check and connection (rebinding) changes nothing. TLS and the Host header still see the name.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore
import httpx
from httpcore import SOCKET_OPTION, AsyncNetworkBackend, AsyncNetworkStream

from kunak.integrations.web_pages.addresses import IP, Allowed, check_port, choose_numbers
from kunak.integrations.web_pages.interface import HostUnknownError, PageUnavailableError

Resolve = Callable[[str, int], Awaitable[Sequence[IP]]]
"""The addresses of a host."""

_IDLE_S = 20.0
_MOST_TRIED = 3


async def resolve_by_system(host: str, port: int) -> Sequence[IP]:
    """As this machine resolves names.

    Raises:
        HostUnknownError: nobody knows the name.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknownError(f"There is no host {host}, or the name service does not answer.") from error
    return [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]


class GuardedNetwork(AsyncNetworkBackend):
    """Opens TCP connections for the HTTP client, or refuses to."""

    def __init__(self, allowed: Allowed, resolve: Resolve = resolve_by_system) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the interface of the library
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """A connection to one of the addresses of `host` that may be connected to."""
        numbers = choose_numbers(host, await self._resolve(host, port), self._allowed)
        if not self._allowed.has_host(host) and not all(map(self._allowed.has_number, numbers)):
            check_port(port)
        failure: Exception = PageUnavailableError(f"There is no host {host}.")
        for number in numbers[:_MOST_TRIED]:
            try:
                return await self._network.connect_tcp(str(number), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """The transport of httpx over a guarded network. No proxy: what it connects to could not be checked."""

    def __init__(self, network: AsyncNetworkBackend, *, connections: int) -> None:
        context = httpx.create_ssl_context(trust_env=True)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_IDLE_S,
            network_backend=network,
        )
