"""Bodies unpacked as they come in, never more of them than is allowed: a small packed body may hold gigabytes."""

import zlib
from collections.abc import AsyncIterator

from kunak.integrations.web_pages.interface import PageUnfitError

ACCEPTED = "gzip, deflate"
_GZIP = zlib.MAX_WBITS | 16
_RAW_DEFLATE = -zlib.MAX_WBITS


async def read_body(chunks: AsyncIterator[bytes], encoding: str, most_bytes: int) -> tuple[bytes, bool]:
    """The body behind `chunks`, which are packed as the header Content-Encoding says; and whether that is all of it.

    What is larger than `most_bytes` is read no further.

    Raises:
        PageUnfitError: it is damaged, or packed in a way we did not ask for.
    """
    unpack = _unpacker(encoding)
    body = bytearray()
    taken = 0
    async for chunk in chunks:
        taken += len(chunk)
        body += unpack.feed(chunk, most_bytes + 1 - len(body))
        if max(taken, len(body)) > most_bytes:
            return bytes(body[:most_bytes]), False
    unpack.finish()
    return bytes(body), True


def too_large(most_bytes: int) -> PageUnfitError:
    """Names the setting by which whoever runs this may allow more."""
    return PageUnfitError(f"The page is larger than {most_bytes / 2**20:g} MB (KUNAK_FETCH_MAX_MB).")


def unpack_gzip(packed: bytes, most_bytes: int) -> bytes:
    """A gzip file, such as a packed sitemap.

    Raises:
        PageUnfitError: it is larger than `most_bytes`, or damaged.
    """
    unpack = _Inflater(_GZIP)
    body = unpack.feed(packed, most_bytes + 1)
    if len(body) > most_bytes:
        raise PageUnfitError(f"The page is larger than {most_bytes / 2**20:g} MB.")
    unpack.finish()
    return body


def _unpacker(encoding: str) -> "_Inflater | _Plain":
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Inflater(_GZIP)
        case "deflate":
            return _Inflater(zlib.MAX_WBITS)
    raise PageUnfitError(f"The page is packed with {encoding[:40]}, which nobody asked for.")


class _Plain:
    def feed(self, chunk: bytes, most: int) -> bytes:
        return chunk[:most]

    def finish(self) -> None:
        """There is nothing to check."""


class _Inflater:
    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._stream = zlib.decompressobj(bits)
        self._begun = False

    def feed(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._feed(chunk, most)
        except zlib.error:
            # Some servers send deflate without the wrapping that the standard asks for.
            if self._begun or self._bits != zlib.MAX_WBITS:
                raise PageUnfitError("The page is packed, and damaged.") from None
            self._bits = _RAW_DEFLATE
            self._stream = zlib.decompressobj(self._bits)
            return self.feed(chunk, most)

    def _feed(self, chunk: bytes, most: int) -> bytes:
        out = bytearray()
        while chunk and len(out) < most:
            out += self._stream.decompress(chunk, most - len(out))
            self._begun = True
            # A gzip file may have several members; what follows the last one counts only as another.
            chunk = self._stream.unused_data if self._bits == _GZIP else b""
            if chunk[:2] != b"\x1f\x8b":
                break
            self._stream = zlib.decompressobj(self._bits)
        return bytes(out)

    def finish(self) -> None:
        if self._begun and not self._stream.eof:
            raise PageUnfitError("The page is packed, and its end is missing.")
