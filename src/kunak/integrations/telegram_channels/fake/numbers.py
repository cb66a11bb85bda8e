"""The numbers that keys are agreed on with."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

GENERATOR = 3
# The prime of Telegram's own servers: clients refuse others, or need minutes to check them.
PRIME = int(
    "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F48198A0AA7C14058229493D22530F4DB"
    "FA336F6E0AC925139543AED44CCE7C3720FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454F18FAF8C595F64"
    "2477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4A4A695811051907E162753B56B0F6B41"
    "0DBA74D8A84B2A14B3144E0EF1284754FD17ED950D5965B4B9DD46582DB1178D169C6BC465B0D6FF9CA3928FEF5B9AE4"
    "E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F0D8115F635B105EE2E4E15D04B2454BF"
    "6F4FADF034B10403119CD8E3B92FCC5B",
    16,
)
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
