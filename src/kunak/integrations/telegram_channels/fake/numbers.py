"""The numbers that keys are agreed on with."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kunak.integrations.telegram_channels import prime

GENERATOR = 3
PRIME = int.from_bytes(prime.PRIME, "big")
P, Q = 1229739323, 1402015859


@cache
def private_key() -> rsa.RSAPrivateKey:
    """The key of every server of this process: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem() -> str:
    return private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()


def to_bytes(number: int) -> bytes:
    """Big-endian, as short as can be."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
