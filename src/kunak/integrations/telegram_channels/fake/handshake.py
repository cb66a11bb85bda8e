"""How a client and the server agree on a key: the server's side."""

import os
import secrets
import struct
import time
from hashlib import sha1, sha256
from typing import Any

from telethon.crypto import AES, AuthKey
from telethon.crypto.rsa import _compute_fingerprint
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl import functions, types

from kunak.integrations.telegram_channels.fake.manners import Manners
from kunak.integrations.telegram_channels.fake.numbers import GENERATOR, PRIME, P, Q, private_key, to_bytes

_DIGEST = 20


class Handshake:
    """One agreement. `key` is there when it has come to its end."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self.key: AuthKey | None = None
        self._server_nonce = _random_int(16)
        self._secret = secrets.randbelow(PRIME)
        self._new_nonce = 0

    def answer(self, packet: bytes) -> bytes:
        """The answer to an unencrypted packet."""
        with BinaryReader(packet[20:]) as reader:
            answer = bytes(self._answer(reader.tgread_object()))
        message_id = (int(time.time()) << 32) | 1
        return struct.pack("<qqi", 0, message_id, len(answer)) + answer

    def _answer(self, request: Any) -> Any:
        match request:
            case functions.ReqPqMultiRequest():
                return types.ResPQ(request.nonce, self._server_nonce, to_bytes(P * Q), [fingerprint()])
            case functions.ReqDHParamsRequest():
                return self._offer(request)
            case functions.SetClientDHParamsRequest():
                return self._agree(request)
        raise ConnectionError("Not a step of the handshake.")

    def _offer(self, request: Any) -> Any:
        inner = _read(self._open(request.encrypted_data))
        self._new_nonce = inner.new_nonce
        half = types.ServerDHInnerData(
            nonce=request.nonce,
            server_nonce=self._server_nonce,
            g=GENERATOR,
            dh_prime=to_bytes(PRIME),
            g_a=to_bytes(pow(GENERATOR, self._secret, PRIME)),
            server_time=int(time.time()),
        )
        body = sha1(bytes(half)).digest() + bytes(half)  # noqa: S324  the protocol's own choice
        sealed = AES.encrypt_ige(body + os.urandom(-len(body) % 16), *self._temporary())
        return types.ServerDHParamsOk(request.nonce, self._server_nonce, sealed)

    def _open(self, sealed: bytes) -> bytes:
        opened = _decrypt_rsa(sealed)
        if self._manners.takes_padded and (data := _open_padded(opened)):
            return data
        if self._manners.takes_plain and (data := _open_plain(opened)):
            return data
        raise ConnectionError("The secret of the exchange cannot be opened.")

    def _agree(self, request: Any) -> Any:
        inner = _read(AES.decrypt_ige(request.encrypted_data, *self._temporary())[_DIGEST:])
        shared = pow(int.from_bytes(inner.g_b, "big"), self._secret, PRIME)
        self.key = AuthKey(to_bytes(shared))
        proof = self.key.calc_new_nonce_hash(self._new_nonce, 1)
        return types.DhGenOk(request.nonce, self._server_nonce, proof)

    def _temporary(self) -> tuple[bytes, bytes]:
        key, iv = generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        return key, iv


def fingerprint() -> int:
    """By which clients know the server's key."""
    found: int = _compute_fingerprint(private_key().public_key().public_numbers())
    return found


def _decrypt_rsa(sealed: bytes) -> bytes:
    numbers = private_key().private_numbers()
    opened = pow(int.from_bytes(sealed, "big"), numbers.d, numbers.public_numbers.n)
    return opened.to_bytes(256, "big")


def _open_plain(opened: bytes) -> bytes | None:
    digest, data = opened[1 : _DIGEST + 1], opened[_DIGEST + 1 :]
    try:
        inner = bytes(_read(data))
    except TypeNotFoundError:
        return None
    return inner if sha1(inner).digest() == digest else None  # noqa: S324  the protocol's own choice


def _open_padded(opened: bytes) -> bytes | None:
    """RSA_PAD: the data reversed and its digest, under a key that is hidden by the digest of both."""
    hidden, body = opened[:32], opened[32:]
    secret = bytes(a ^ b for a, b in zip(hidden, sha256(body).digest(), strict=True))
    data = AES.decrypt_ige(body, secret, bytes(32))
    padded = data[:192][::-1]
    return padded if sha256(secret + padded).digest() == data[192:] else None


def _read(data: bytes) -> Any:
    with BinaryReader(data) as reader:
        return reader.tgread_object()


def _random_int(length: int) -> int:
    return int.from_bytes(os.urandom(length), "little", signed=True)
