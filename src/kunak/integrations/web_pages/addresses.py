"""Which addresses are fetched: those that anybody on the internet could fetch, and what a setting adds to them.

An address is checked twice: as it is written, here; and as the numbers it resolves to, when the connection is made.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

import idna

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.web_pages.interface import AddressRefusedError

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST = 2000
_PORTS = {"http": 80, "https": 443}
_NEVER_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\]")
# A last label of digits, or of hex digits behind 0x, makes systems read the whole as a number: 0x7f.1, 2130706433.
_NUMBER = re.compile(r"(?:\d+|0[xX][0-9a-fA-F]*)")

# Not for the public, by the registries of IANA; beside them what answers as a cloud's own service.
_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
    )
)
# Of IPv6 only what is given out to the public; not what carries an IPv4 address inside (Teredo, 6to4), nor what
# stands in documents.
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = tuple(ipaddress.IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


@dataclass(frozen=True)
class Allowed:
    """What a setting opens besides the public internet: hosts by name, and ranges of numbers."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[_Network, ...] = ()

    @classmethod
    def parse(cls, listing: str) -> "Allowed":
        """
        Raises:
            InvalidInputError: one is neither a host's name nor a range such as 10.0.0.0/8.
        """
        hosts, networks = set(), []
        for each in filter(None, (part.strip().lower() for part in listing.split(","))):
            try:
                networks.append(ipaddress.ip_network(each, strict=False))
            except ValueError:
                if "/" in each or ":" in each:
                    raise InvalidInputError(
                        f"KUNAK_FETCH_ALLOW_PRIVATE: {each} is neither a host's name nor a range such as 10.0.0.0/8."
                    ) from None
                hosts.add(each)
        return cls(frozenset(hosts), tuple(networks))

    def has_host(self, host: str) -> bool:
        return host in self.hosts

    def has_number(self, number: IP) -> bool:
        return any(number in network for network in self.networks if network.version == number.version)


def is_public(number: IP) -> bool:
    """Whether this is an address of the public internet, and carries no other address inside."""
    if isinstance(number, ipaddress.IPv4Address):
        return not any(number in network for network in _REFUSED_V4)
    return number in _PUBLIC_V6 and not any(number in network for network in _REFUSED_V6)


def check_address(written: str) -> str:
    """`written` in its plain form: scheme and host in small ASCII letters, no fragment.

    Raises:
        AddressRefusedError: it is not an address that is ever fetched.
    """
    written = written.strip()
    if len(written) > LONGEST or _NEVER_IN_ADDRESS.search(written):
        raise AddressRefusedError("An address has no blanks, control characters or backslashes, and is not that long.")
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise AddressRefusedError("This is not an address.") from None
    if parts.scheme not in _PORTS:
        raise AddressRefusedError("Only addresses with http:// or https:// are fetched.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError("An address with a user or a password in it is not fetched.")
    host = _plain_host(parts.hostname or "")
    usual = port is None or port == _PORTS[parts.scheme]
    return urlunsplit((parts.scheme, host if usual else f"{host}:{port}", parts.path or "/", parts.query, ""))


def join_address(base: str, link: str, *, keep_fragment: bool = False) -> str | None:
    """Where `link` on the page `base` leads; None when that is nowhere a reader could follow."""
    try:
        whole, fragment = urldefrag(urljoin(base, link.strip()))
        address = check_address(whole)
    except (AddressRefusedError, ValueError):
        return None
    return f"{address}#{fragment}" if keep_fragment and fragment else address


def host_of(address: str) -> str:
    """The host of a checked address, without brackets."""
    return urlsplit(address).hostname or ""


def check_port(port: int) -> None:
    """
    Raises:
        AddressRefusedError: it is not a port of web servers.
    """
    if port not in _PORTS.values():
        raise AddressRefusedError(f"Port {port} is not fetched: only 80 and 443 are.")


def choose_numbers(host: str, resolved: Sequence[IP], allowed: Allowed) -> list[IP]:
    """Those of a host's addresses that may be connected to.

    Raises:
        AddressRefusedError: there is none.
    """
    if allowed.has_host(host):
        return list(resolved)
    good = [number for number in resolved if is_public(number) or allowed.has_number(number)]
    if not good:
        raise AddressRefusedError(
            f"{host} is not on the public internet, so it is not fetched. KUNAK_FETCH_ALLOW_PRIVATE may allow it."
        )
    return good


def _plain_host(host: str) -> str:
    if ":" in host:
        return f"[{_check_v6(host)}]"
    host = _to_ascii(host).removesuffix(".")
    if not all(host.split(".")):
        raise AddressRefusedError("The address names no host.")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        _check_v4(host)
    return host


def _to_ascii(host: str) -> str:
    if "%" in host:
        raise AddressRefusedError("The host's name must not be escaped.")
    try:
        # Always: what maps to dots or digits (full-width ones, for instance) must be seen as such.
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False).lower()
        return mapped if mapped.isascii() else idna.encode(mapped, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise AddressRefusedError("The host's name is not one.") from None


def _check_v4(host: str) -> None:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        raise AddressRefusedError(f"{host} is a number that programs read in different ways: not fetched.") from None


def _check_v6(host: str) -> str:
    try:
        if "%" in host:
            raise ValueError  # noqa: TRY301  a zone: it names an interface of this machine
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise AddressRefusedError("The address between the brackets is not one.") from None
