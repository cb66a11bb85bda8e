"""Which MTProto server is spoken to, and as which application."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from kunak.foundation.errors import InvalidInputError

_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


class Transport(StrEnum):
    """How packets are cut on the wire."""

    FULL = "full"
    ABRIDGED = "abridged"
    INTERMEDIATE = "intermediate"
    OBFUSCATED = "obfuscated"


@dataclass(frozen=True)
class Application:
    """What my.telegram.org gives."""

    api_id: int
    api_hash: str


@dataclass(frozen=True)
class Server:
    """A server in place of Telegram's own data centres."""

    host: str
    port: int
    data_centre: int


@dataclass(frozen=True)
class Way:
    """All of it. `keys`: RSA keys (PKCS #1, PEM) that are trusted besides Telegram's own. `transport` None: whichever
    the server answers on.
    """

    application: Application
    server: Server | None = None
    keys: tuple[str, ...] = ()
    transport: Transport | None = None


def read_keys(given: str) -> tuple[str, ...]:
    """The public RSA keys in `given`: PEM blocks, or the path of a file with them. PKCS #1 comes out.

    Raises:
        InvalidInputError: there is none.
    """
    text = given.replace("\\n", "\n") if "-----BEGIN" in given else _read_file(given)
    found = tuple(_to_pkcs1(block) for block in _PEM.findall(text))
    if not found:
        raise InvalidInputError("there is no public key in PEM form (-----BEGIN RSA PUBLIC KEY-----).")
    return found


def _read_file(path: str) -> str:
    try:
        return Path(path).read_text("ascii", errors="replace")
    except OSError as error:
        raise InvalidInputError(f"neither a key in PEM form nor a file that can be read ({error.strerror}).") from error


def _to_pkcs1(block: str) -> str:
    if "PRIVATE KEY-----" in block:
        raise InvalidInputError("this is the private key, which stays with the server; give the public one.")
    try:
        key = load_pem_public_key(block.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidInputError("this is no public key in PEM form.") from error
    if not isinstance(key, RSAPublicKey):
        raise InvalidInputError("this is a public key, but not of RSA.")
    return key.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
