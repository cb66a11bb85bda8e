"""What opens an account again, as text: the server that knows it and the key agreed on with that server."""

from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass

import orjson

from kunak.foundation.errors import FatalError
from kunak.integrations.telegram_channels.interface import Me
from kunak.integrations.telegram_channels.server import Server, Transport, Way

_FIRST = Server("149.154.167.51", 443, 2)
"""Telegram's own; it says where an account lives that lives elsewhere."""


@dataclass
class Session:
    """Where an account lives, and by what it is known there."""

    server: Server
    transport: Transport | None
    """None: to be found out."""
    key: bytes | None = None
    me: Me | None = None


def open_session(text: str | None, way: Way) -> Session:
    """The session in `text`, or a new one. A server of one's own is always spoken to where the settings say.

    Raises:
        FatalError: the text is no session.
    """
    transport = way.transport or (None if way.server else Transport.FULL)
    if text is None:
        return Session(way.server or _FIRST, transport)
    try:
        saved = orjson.loads(text)
        server = way.server or Server(saved["host"], saved["port"], saved["data_centre"])
        found = transport or Transport(saved.get("transport", Transport.FULL))
        me = Me(**saved["me"]) if "me" in saved else None
        return Session(server, found, b64decode(saved["key"]), me)
    except (ValueError, KeyError, TypeError) as error:
        raise FatalError("The saved session of the Telegram account cannot be read.") from error


def write_session(session: Session) -> str:
    """The text of a session that has a key."""
    server = session.server
    saved = {
        "data_centre": server.data_centre,
        "host": server.host,
        "port": server.port,
        "transport": session.transport,
        "key": b64encode(session.key or b"").decode(),
    }
    return orjson.dumps(saved | ({"me": asdict(session.me)} if session.me else {})).decode()
