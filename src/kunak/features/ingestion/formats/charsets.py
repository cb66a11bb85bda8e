"""Bytes of pages and feeds as text, whatever their headers claim."""

import codecs
import re
from itertools import accumulate

from charset_normalizer import from_bytes

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
_SAMPLE = 50_000
"""Bytes before and after."""
# Old programs send Cyrillic under these names because they know no better; read so, it is a row of accents.
_WESTERN = {"iso8859-1", "cp1252", "ascii", "iso8859-15", "latin-1"}
_CYRILLIC = ("cp1251", "koi8-u", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic")
_FREQUENT = frozenset("оеаинтсрвлкмдпуяы")
_RARE = frozenset("жхфцшщъэю")
_IN_CAPITALS = 0.9
"""What a letter counts for there: where nothing else decides, texts are small letters."""
_IN_A_MIX = 0.5
"""КамАЗ is written so, hardly anything else."""
_ENOUGH = 0.4
"""Russian has twice that; most other languages, read as Russian, have less."""
_MUCH_BETTER = 0.2
_WORD = re.compile(r"\w+")
_IN_A_ROW = re.compile(rb"[\x80-\xff]{3,}")
_MARKUP = b"<html a='b'>"
_GUESSED_FROM = 10_000
"""To guess takes time that grows."""


def decode(body: bytes, content_type: str = "") -> str:
    """The text of `body`. Signs that cannot be read become �.

    A byte order mark wins, then whether it can be UTF-8 at all, then header, XML declaration and <meta>; among Cyrillic
    single-byte encodings a declaration that makes no Russian loses to one that does. What is not declared is guessed.
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
        return _decode_other(body, declared, body[max(0, error.start - _SAMPLE) : error.start + _SAMPLE])
    # All ASCII may still be an escape encoding such as ISO-2022-JP.
    return body.decode(declared[0], "replace") if declared and text.isascii() and "\x1b" in text else text


def _wide_without_mark(body: bytes) -> str | None:
    """By the < it begins with."""
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        if body.startswith("<".encode(encoding)):
            return encoding
    return None


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


def _decode_other(body: bytes, declared: list[str], sample: bytes) -> str:
    """`sample`: what stands around the first place that is no UTF-8."""
    claimed = next((each for each in declared if each != "utf-8"), None)
    if claimed and claimed not in {*_WESTERN, *_CYRILLIC}:
        return body.decode(claimed, "replace")
    if _is_damaged_utf8(sample):
        return body.decode("utf-8", "replace")
    best = max(_CYRILLIC, key=lambda each: _russian(sample, each))
    if claimed in _CYRILLIC and _russian(sample, best) < _russian(sample, claimed) + _MUCH_BETTER:
        return body.decode(claimed, "replace")
    if _russian(sample, best) > _ENOUGH:
        return body.decode(best, "replace")
    if claimed in _WESTERN and not _IN_A_ROW.search(sample):
        return body.decode("cp1252", "replace")
    return body.decode(_guess(sample), "replace")


def _guess(sample: bytes) -> str:
    """Of encodings that fit equally well the usual one; markup is ASCII in all of them."""
    fitting = from_bytes(_texts(sample), enable_fallback=False)
    found = [each for each in fitting if _MARKUP.decode(each.encoding, "replace") == _MARKUP.decode()]
    best = [each.encoding for each in found if (each.chaos, each.coherence) == (found[0].chaos, found[0].coherence)]
    return "cp1252" if "cp1252" in best or not best else best[0]


def _texts(sample: bytes) -> bytes:
    """Whole texts between tags that have signs beyond ASCII: markup says nothing about a language."""
    texts = [each for each in sample.replace(b">", b"<").split(b"<") if not each.isascii()]
    inner = texts[1:-1] or texts  # those at the ends may be cut in the middle of a sign
    sizes = accumulate(map(len, inner))
    return b" ".join(text for text, size in zip(inner, sizes, strict=True) if size <= _GUESSED_FROM or text is inner[0])


def _is_damaged_utf8(sample: bytes) -> bool:
    """Or cut in the middle of a sign: most signs beyond ASCII are whole."""
    beyond = [sign for sign in sample.decode("utf-8", "replace") if sign > "\x7f"]
    return 2 * beyond.count("\ufffd") < len(beyond)


def _russian(sample: bytes, encoding: str) -> float:
    """Which part of the signs beyond ASCII are frequent Russian letters in words, less the rare ones.

    Accents stand alone. Read as another encoding, "Мост" may become "лНЯР": few words are written so.
    """
    beyond = sum(sign > "\x7f" for sign in sample.decode(encoding, "replace"))
    words = _WORD.findall(b" ".join(_IN_A_ROW.findall(sample)).decode(encoding, "replace"))
    found = sum(map(_frequent, words))
    return found / beyond if beyond else 0.0


def _frequent(word: str) -> float:
    count = sum((sign in _FREQUENT) - (sign in _RARE) for sign in word.lower())
    if word.isupper():
        return _IN_CAPITALS * count
    return count if word.islower() or word.istitle() else _IN_A_MIX * count
