"""Numbers as they come from a model, made into vectors of length one."""

import base64
import binascii
import math
import sys
from array import array
from collections.abc import Iterable
from typing import Any

from kunak.integrations.embeddings.interface import Vector

_SHORTEST = 1e-12


class NoVectorError(ValueError):
    """The message says what is wrong with the numbers."""


def unit_vector(numbers: Iterable[float]) -> Vector:
    """The direction of `numbers`, in 32-bit floats: four bytes a number, where a list takes 32.

    Raises:
        NoVectorError: no numbers, one that is not finite, or all zero.
    """
    try:
        exact = array("d", numbers)
    except (TypeError, OverflowError):
        raise NoVectorError("holds something that is not a number") from None
    length = math.hypot(*exact)
    if not exact:
        raise NoVectorError("is empty")
    if not math.isfinite(length):
        raise NoVectorError("holds a number that is not finite")
    if length < _SHORTEST:
        raise NoVectorError("is all zeros")
    return array("f", [number / length for number in exact])


def numbers_of(embedding: Any) -> Iterable[float]:
    """The numbers of an `embedding` of the OpenAI protocol: a list, or base64 of little-endian 32-bit floats.

    Raises:
        NoVectorError: neither of the two.
    """
    if isinstance(embedding, list):
        return embedding
    if not isinstance(embedding, str):
        raise NoVectorError("is neither a list nor base64")
    numbers = array("f")
    try:
        numbers.frombytes(base64.b64decode(embedding, validate=True))
    except (ValueError, binascii.Error):
        raise NoVectorError("is not base64 of 32-bit numbers") from None
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
