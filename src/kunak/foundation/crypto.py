"""Secrets at rest: encrypted with the newest key, readable with any of the keys, so that keys can be rotated."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from kunak.foundation.errors import FatalError, InvalidInputError


class SecretBox:
    """Encrypts and decrypts short texts."""

    def __init__(self, keys: list[str], *, found_in: str = "KUNAK_SECRET_KEY") -> None:
        """`keys`: Fernet keys (32 bytes, URL-safe base64), newest first; `found_in`: named when one is none.

        Raises:
            InvalidInputError: there is no key, or one is not a Fernet key.
        """
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise InvalidInputError(
                f"{found_in} must hold keys of 32 bytes in URL-safe base64, comma between; `kunak key new` makes one."
            ) from error

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, sealed: bytes) -> str:
        """The text again.

        Raises:
            FatalError: none of the keys fits.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise FatalError(
                "A stored secret cannot be read with the present key. "
                "Put the old key behind the new one in KUNAK_SECRET_KEY, comma between."
            ) from error

    def opens(self, sealed: bytes) -> bool:
        """Whether one of the keys fits."""
        try:
            self._fernet.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def rotate(self, sealed: bytes) -> bytes:
        """The same secret, sealed with the newest key.

        Raises:
            FatalError: none of the keys fits.
        """
        return self.encrypt(self.decrypt(sealed))


def new_key() -> str:
    return Fernet.generate_key().decode()


def load_or_create_key(path: Path) -> str:
    """The key in the file at `path`, which is made (mode 0600) when it is not there yet."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = new_key()
        file.write(key + "\n")
    return key
