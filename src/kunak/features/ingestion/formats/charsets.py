"""Bytes of pages and feeds as text, whatever their headers claim."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE | re.ASCII)
_IN_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']""")
_IN_META = re.compile(rb"""<meta[^>]{1,300}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_BEGINNING = 4096
_SAMPLE = 100_000
# Old programs send Cyrillic under these names because they know no better; read so, it is a row of accents.
_WESTERN = {"iso8859-1", "cp1252", "ascii", "iso8859-15", "latin-1"}
_CYRILLIC = ("cp1251", "koi8-r", "iso8859-5", "cp866")
_FREQUENT = frozenset("оеаинтсрвлкмдпуяы")
_MUCH_BETTER = 0.15


def decode(body: bytes, content_type: str = "") -> str:
    """The text of `body`. Signs that cannot be read become �.

    A byte order mark wins, then whether it can be UTF-8 at all, then header, XML declaration and <meta>; among Cyrillic
    single-byte encodings a declaration that makes no Russian loses to one that does.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if b"\0" in body[:4] and (wide := _wide_without_mark(body)):
        return body.decode(wide, "replace")
    declared = _declared(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _decode_single_byte(body, declared, error)
    # All ASCII may still be an escape encoding such as ISO-2022-JP.
    return body.decode(declared[0], "replace") if declared and text.isascii() and "\x1b" in text else text


def _wide_without_mark(body: bytes) -> str | None:
    return {b"<\0?\0": "utf-16-le", b"\0<\0?": "utf-16-be"}.get(body[:4])


def _declared(body: bytes, content_type: str) -> list[str]:
    beginning = body[:_BEGINNING]
    found = [
        match[1].decode("ascii", "ignore") if isinstance(match[1], bytes) else match[1]
        for match in (_IN_HEADER.search(content_type), _IN_XML.search(beginning), _IN_META.search(beginning))
        if match
    ]
    return [name for each in found if (name := _known(each))]


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    return found.name if found._is_text_encoding else None  # noqa: SLF001  rot13 and zip are codecs too, and told apart nowhere else


def _decode_single_byte(body: bytes, declared: list[str], error: UnicodeDecodeError) -> str:
    claimed = next((each for each in declared if each not in {"utf-8", "utf_8"}), None)
    sample = body[:_SAMPLE]
    if claimed and claimed not in {*_WESTERN, *_CYRILLIC}:
        return body.decode(claimed, "replace")
    best = max(_CYRILLIC, key=lambda each: _russian(sample, each))
    if claimed in _CYRILLIC and _russian(sample, best) < _russian(sample, claimed) + _MUCH_BETTER:
        return body.decode(claimed, "replace")
    if _russian(sample, best) > 0.5:  # noqa: PLR2004  of its letters beyond ASCII are the frequent ones of Russian
        return body.decode(best, "replace")
    if claimed in _WESTERN:
        return body.decode("cp1252", "replace")
    # UTF-8 with a damaged place, or cut in the middle of a sign: the rest of it reads well.
    return body.decode("utf-8" if error.start or declared else "cp1252", "replace")


def _russian(sample: bytes, encoding: str) -> float:
    """Which part of the signs beyond ASCII are frequent small Russian letters."""
    beyond = [sign for sign in sample.decode(encoding, "replace") if sign > "\x7f"]
    return sum(sign in _FREQUENT for sign in beyond) / len(beyond) if beyond else 0.0
