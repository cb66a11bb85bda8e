"""How the secret of a key exchange is sealed for the server.

Telethon knows the first way only: a digest, the data, padding. Telegram's servers still take it; several servers that
others have written take nothing but the way that came in 2021 (RSA_PAD).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from telethon.crypto import AES, rsa

_PADDED, _WHOLE = 192, 256
_NO_IV = bytes(32)


@dataclass
class Exchange:
    """One try to agree on a key, and how far it came."""

    is_padded: bool
    offered: list[int] = field(default_factory=list)
    """Fingerprints of the server's keys; there are some as soon as it has answered at all."""
    is_trusted: bool = False
    """Whether one of them is known."""


_now: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
_trusted: dict[int, RSAPublicNumbers] = {}
_seal_as_ever = rsa.encrypt


def trust(pem: str) -> None:
    """From now on believe who holds this RSA key (PKCS #1, PEM)."""
    key = load_pem_public_key(pem.encode())
    if isinstance(key, RSAPublicKey):
        rsa.add_key(pem, old=False)
        _trusted[rsa._compute_fingerprint(key.public_numbers())] = key.public_numbers()  # noqa: SLF001  the protocol's arithmetic


@contextmanager
def exchange(*, is_padded: bool) -> Iterator[Exchange]:
    """Within the block keys are agreed on in this way. `is_padded`: only for keys that were given to `trust`."""
    started = Exchange(is_padded)
    token = _now.set(started)
    try:
        yield started
    finally:
        _now.reset(token)


def _seal(fingerprint: int, data: bytes, *, use_old: bool = False) -> bytes | None:
    current = _now.get()
    if current is None:
        return _in_bytes(_seal_as_ever(fingerprint, data, use_old=use_old))
    current.offered.append(fingerprint)
    if current.is_padded and (numbers := _trusted.get(fingerprint)):
        current.is_trusted = True
        return seal_padded(data, numbers)
    sealed = _in_bytes(_seal_as_ever(fingerprint, data, use_old=use_old))
    current.is_trusted = current.is_trusted or sealed is not None
    return sealed


def _in_bytes(sealed: object) -> bytes | None:
    return sealed if isinstance(sealed, bytes) else None


def seal_padded(data: bytes, key: RSAPublicNumbers) -> bytes:
    """`data` (144 bytes at most) for who holds the key: https://core.telegram.org/mtproto/auth_key, 4.1."""
    padded = data + os.urandom(_PADDED - len(data))
    number = key.n
    while number >= key.n:
        secret = os.urandom(32)
        body = AES.encrypt_ige(padded[::-1] + sha256(secret + padded).digest(), secret, _NO_IV)
        hidden = bytes(a ^ b for a, b in zip(secret, sha256(body).digest(), strict=True))
        number = int.from_bytes(hidden + body, "big")
    return pow(number, key.e, key.n).to_bytes(_WHOLE, "big")


# Telethon looks its way up here each time it agrees on a key.
rsa.encrypt = _seal
