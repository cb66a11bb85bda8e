"""What kind of source an address means, as far as it can be told by looking at it."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from kunak.features.ingestion.schemas import SourceKind
from kunak.foundation.errors import InvalidInputError, NotFoundError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)
_TELEGRAM = {"t.me", "telegram.me", "telegram.dog", "www.t.me"}
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]|$)")
_FILE = re.compile(r"[^/]+\.(?:jsonl?|html?|xml|gz)", re.IGNORECASE)
_INVITATIONS = ("+", "joinchat")
_NOT_NAMES = {"s", "c", "joinchat", "addstickers", "share", "proxy", "socks", "iv", "addlist", "boost", "m"}


def recognise(written: str) -> tuple[SourceKind | None, str]:
    """The kind and the address in its usual form. A channel's is its name; None: a page, to be looked at.

    Raises:
        InvalidInputError: it cannot be read, or is nothing at all; the sentence says why.
        NotFoundError: it looks like a file, and is not there.
    """
    written = written.strip()
    if written.startswith("@"):
        return SourceKind.TELEGRAM, _check_name(written[1:])
    if written.lower().startswith("tg:"):
        domain = parse_qs(urlsplit(written).query).get("domain", [""])[0]
        return SourceKind.TELEGRAM, _check_name(domain)
    if "://" not in written and _HOST.match(written) and not _FILE.fullmatch(written):
        written = f"https://{written}"
    if "://" not in written:
        raise NotFoundError(f"There is no file {written}, and it is no address either.")
    parts = urlsplit(written)
    if (parts.hostname or "") in _TELEGRAM:
        return SourceKind.TELEGRAM, _name_in(parts.path)
    return None, written


def is_file(written: str) -> bool:
    """Whether this names a file that is there."""
    return "://" not in written and not written.startswith("@") and Path(written).is_file()


def _name_in(path: str) -> str:
    first, *others = [each for each in path.split("/") if each] or [""]
    if first == "s" and others:
        first = others[0]
    if first.startswith(_INVITATIONS):
        raise InvalidInputError(
            "This invites to a private chat. A Telegram account that is in it can read it: --as telegram-account."
        )
    if first == "c":
        raise InvalidInputError(
            "This is a link into a private chat. A Telegram account that is in it finds it by an invitation, t.me/+…."
        )
    if first in _NOT_NAMES:
        raise InvalidInputError("This is an address of Telegram, but not of a channel.")
    return _check_name(first)


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"{name or 'Nothing'} is no name of a channel: those have 4 to 32 letters, digits and _."
        )
    return name.lower()
