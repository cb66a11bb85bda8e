"""Web addresses that bots and people name."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

_NOWHERE = urlsplit("")


def split_address(url: str) -> SplitResult:
    """The parts of an address; of a broken one all are empty."""
    try:
        return urlsplit(url)
    except ValueError:
        return _NOWHERE


def is_loopback(host: str) -> bool:
    """Whether an address can only be this very machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
