"""Sitemaps: lists of a site's pages with the times of their last changes, and indexes of such lists."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from kunak.features.ingestion.formats.charsets import decode
from kunak.features.ingestion.formats.feed import read_time
from kunak.features.ingestion.normalise import normalise_time
from kunak.foundation.clock import now
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.web_pages.addresses import join_address
from kunak.integrations.web_pages.unpack import unpack_gzip

MOST_PAGES = 50_000
"""Of one sitemap, as the protocol says."""
_LARGEST = 50 * 2**20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Listed:
    """One line of a sitemap."""

    address: str
    changed_at: datetime | None


@dataclass(frozen=True)
class Sitemap:
    """Its pages; or, of an index, the sitemaps it names."""

    pages: tuple[Listed, ...]
    sitemaps: tuple[Listed, ...]


def looks_like_sitemap(body: bytes) -> bool:
    """Whether this is a sitemap, packed or not."""
    if body.startswith(_GZIP):
        return True
    beginning = decode(body[:4096]).lower()
    return "<urlset" in beginning or "<sitemapindex" in beginning


def read_sitemap(body: bytes, address: str) -> Sitemap:
    """What a sitemap lists; a damaged one, as far as it can be read.

    Raises:
        PageUnfitError: it is packed, and damaged or too large.
        InvalidInputError: it is no sitemap.
    """
    if body.startswith(_GZIP):
        body = unpack_gzip(body, _LARGEST)
    if not looks_like_sitemap(body):
        raise InvalidInputError("This is not a sitemap.")
    pages: list[Listed] = []
    sitemaps: list[Listed] = []
    for kind, listed in _lines(body, address):
        (pages if kind == "url" else sitemaps).append(listed)
        if len(pages) >= MOST_PAGES:
            break
    return Sitemap(tuple(pages), tuple(sitemaps))


def _lines(body: bytes, address: str) -> Iterator[tuple[str, Listed]]:
    steps = etree.iterparse(
        io.BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    for _, element in steps:
        kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if kind in {"url", "sitemap"}:
            if listed := _read(element, address):
                yield kind, listed
            element.clear()


def _read(element: "etree._Element", address: str) -> Listed | None:
    values = {etree.QName(each).localname: (each.text or "").strip() for each in element.iterchildren(etree.Element)}
    link = join_address(address, values.get("loc", "")) if values.get("loc") else None
    changed_at = normalise_time(read_time(values.get("lastmod")), now=now())
    return Listed(link, changed_at) if link else None
