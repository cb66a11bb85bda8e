"""The second step of logging in: a password that is proved and never sent (SRP)."""

import os
import secrets
from hashlib import sha256
from typing import Any

from telethon.password import compute_hash
from telethon.tl import types

from kunak.integrations.telegram_channels.fake.numbers import GENERATOR, PRIME, to_bytes

_SIZE = 256


class TwoSteps:
    """What the server knows of a password, and one question about it."""

    def __init__(self, password: str) -> None:
        self._algorithm = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
            salt1=os.urandom(8), salt2=os.urandom(8), g=GENERATOR, p=to_bytes(PRIME)
        )
        secret = int.from_bytes(compute_hash(self._algorithm, password), "big")
        self._verifier = pow(GENERATOR, secret, PRIME)
        self._own = secrets.randbelow(PRIME)
        multiplier = int.from_bytes(_hash(_padded(PRIME), _padded(GENERATOR)), "big")
        self._public = (multiplier * self._verifier + pow(GENERATOR, self._own, PRIME)) % PRIME

    def question(self) -> Any:
        return types.account.Password(
            new_algo=types.PasswordKdfAlgoUnknown(),
            new_secure_algo=types.SecurePasswordKdfAlgoUnknown(),
            secure_random=b"",
            has_password=True,
            current_algo=self._algorithm,
            srp_B=_padded(self._public),
            srp_id=1,
        )

    def is_proved(self, answer: Any) -> bool:
        theirs = int.from_bytes(answer.A, "big")
        mixed = int.from_bytes(_hash(_padded(theirs), _padded(self._public)), "big")
        shared = pow(theirs * pow(self._verifier, mixed, PRIME), self._own, PRIME)
        expected = _hash(
            bytes(a ^ b for a, b in zip(_hash(_padded(PRIME)), _hash(_padded(GENERATOR)), strict=True)),
            _hash(self._algorithm.salt1),
            _hash(self._algorithm.salt2),
            _padded(theirs),
            _padded(self._public),
            _hash(_padded(shared)),
        )
        return secrets.compare_digest(expected, answer.M1)


def _padded(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def _hash(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()
