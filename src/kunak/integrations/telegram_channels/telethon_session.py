"""What opens an account again, as text: the server that knows it and the key agreed on with that server."""

from base64 import b64decode, b64encode
from typing import Any

import orjson
from telethon.crypto import AuthKey
from telethon.sessions import MemorySession

from kunak.foundation.errors import FatalError
from kunak.integrations.telegram_channels.server import Server


def open_session(text: str | None, server: Server | None) -> Any:
    """The session in `text`, or a new one; with `server`, that one is spoken to in place of Telegram's own.

    Raises:
        FatalError: the text is no session.
    """
    session = MemorySession()
    if server is not None:
        session.set_dc(server.data_centre, server.host, server.port)
    if text is None:
        return session
    try:
        saved = orjson.loads(text)
        # Where an account lives in another data centre than the first, the session says which.
        if server is None or saved["data_centre"] != server.data_centre:
            session.set_dc(saved["data_centre"], saved["host"], saved["port"])
        session.auth_key = AuthKey(b64decode(saved["key"]))
    except (ValueError, KeyError, TypeError) as error:
        raise FatalError("The saved session of the Telegram account cannot be read.") from error
    return session


def write_session(session: Any) -> str:
    """The text of a session that has a key."""
    saved = {"data_centre": session.dc_id, "host": session.server_address, "port": session.port}
    return orjson.dumps(saved | {"key": b64encode(session.auth_key.key).decode()}).decode()
