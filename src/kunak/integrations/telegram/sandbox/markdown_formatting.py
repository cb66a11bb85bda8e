"""Telegram's two Markdowns, read as Telegram reads them: MarkdownV2, and the older one without nesting."""

import re

from kunak.integrations.telegram.sandbox.addresses import split_address
from kunak.integrations.telegram.sandbox.formatting import Plain
from kunak.integrations.telegram.sandbox.refusals import Refusal

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_LEGACY_ENTITY = {"*": "bold", "_": "italic", "`": "code"}
_LANGUAGE = re.compile(r"[^\s`]+(?=\s)")
# What an open entity ends with, and how Telegram names it when the end is missing.
_ENDS = {
    "bold": ("*", "Bold"),
    "italic": ("_", "Italic"),
    "underline": ("__", "Underline"),
    "strikethrough": ("~", "Strikethrough"),
    "spoiler": ("||", "Spoiler"),
    "code": ("`", "Code"),
    "pre": ("```", "Pre"),
    "text_link": ("]", "TextUrl"),
    "custom_emoji": ("]", "CustomEmoji"),
}
# Longer marks first: `__` is not two times `_`.
_BEGINS = (
    ("```", "pre"),
    ("`", "code"),
    ("__", "underline"),
    ("_", "italic"),
    ("||", "spoiler"),
    ("*", "bold"),
    ("~", "strikethrough"),
    ("![", "custom_emoji"),
    ("[", "text_link"),
)


def parse_markdown_v2(markup: str) -> Plain:
    """Raises Refusal for reserved characters left bare and for entities without an end."""
    plain = Plain(markup)
    at = 0
    while at < len(markup):
        at = _step(plain, at)
    _end_quote(plain)
    if plain.open:
        raise _endless(plain)
    return plain


def _endless(plain: Plain) -> Refusal:
    inner = plain.open[-1]
    name = "PreCode" if "language" in inner.extra else _ENDS[inner.name][1]
    return plain.broken(f"Can't find end of {name} entity", inner.begun_at)


def _step(plain: Plain, at: int) -> int:
    markup, sign = plain.markup, plain.markup[at]
    if sign == "\\" and at + 1 < len(markup) and markup[at + 1].isascii():
        plain.add(markup[at + 1])
        return at + 2
    inner = plain.open[-1].name if plain.open else ""
    if inner in ("code", "pre"):
        return _step_in_code(plain, at, inner)
    if sign == "\n" or (sign == ">" and _begins_line(markup, at)):
        return _step_line(plain, at, sign)
    if sign not in _RESERVED:
        plain.add(sign)
        return at + 1
    if inner in _ENDS and _ends_here(plain, at, inner):
        return _end(plain, at, inner)
    return _begin(plain, at)


def _step_in_code(plain: Plain, at: int, inner: str) -> int:
    mark = _ENDS[inner][0]
    if not plain.markup.startswith(mark, at):
        plain.add(plain.markup[at])
        return at + 1
    plain.end(inner, **plain.open[-1].extra)
    return at + len(mark)


def _ends_here(plain: Plain, at: int, inner: str) -> bool:
    mark = _ENDS[inner][0]
    if inner == "italic" and plain.markup.startswith("__", at):
        return False
    if inner == "spoiler" and _is_quote_tail(plain, at):
        return False
    return plain.markup.startswith(mark, at)


def _end(plain: Plain, at: int, inner: str) -> int:
    after = at + len(_ENDS[inner][0])
    if inner not in ("text_link", "custom_emoji"):
        plain.end(inner)
        return after
    url, after = _read_url(plain, after)
    if inner == "custom_emoji":
        plain.end(inner, custom_emoji_id=url.rpartition("id=")[2])
    elif split_address(url).scheme or "." in url:
        plain.end(inner, url=url if split_address(url).scheme else f"http://{url}/")
    else:
        plain.open.pop()
    return after


def _read_url(plain: Plain, at: int) -> tuple[str, int]:
    """The address in brackets after a link's text, and where the text goes on."""
    if not plain.markup.startswith("(", at):
        return "", at
    signs, begun = [], at
    at += 1
    while at < len(plain.markup) and plain.markup[at] != ")":
        if plain.markup[at] == "\\" and at + 1 < len(plain.markup):
            at += 1
        signs.append(plain.markup[at])
        at += 1
    if at >= len(plain.markup):
        raise plain.broken("Can't find end of a URL", begun)
    return "".join(signs), at + 1


def _begin(plain: Plain, at: int) -> int:
    if _is_quote_tail(plain, at):
        quote = next(entity for entity in reversed(plain.open) if entity.name == "blockquote")
        quote.extra["expandable"] = True
        return at + 2
    for mark, kind in _BEGINS:
        if plain.markup.startswith(mark, at):
            after = at + len(mark)
            if kind != "pre":
                plain.begin(kind, at)
                return after
            return _begin_pre(plain, at, after)
    raise plain.broken(f"Character '{plain.markup[at]}' is reserved and must be escaped with the preceding '\\'")


def _begin_pre(plain: Plain, at: int, after: int) -> int:
    language = _LANGUAGE.match(plain.markup, after)
    plain.begin("pre", at, {"language": language.group()} if language else None)
    if language:
        after = language.end()
    return after + _line_end(plain.markup, after)


def _line_end(markup: str, at: int) -> int:
    """How many characters end the line here, in any system's way."""
    if markup[at : at + 2] in ("\r\n", "\n\r"):
        return 2
    return int(markup[at : at + 1] in ("\r", "\n") and at < len(markup))


def _begin_quote(plain: Plain, at: int) -> int:
    if not any(entity.name == "blockquote" for entity in plain.open):
        plain.begin("blockquote", at)
    return at + 1


def _step_line(plain: Plain, at: int, sign: str) -> int:
    """A quotation begins with `>` and ends behind the line that the next one does not continue."""
    if sign == ">":
        return _begin_quote(plain, at)
    plain.add("\n")
    if not plain.markup.startswith(">", at + 1):
        _end_quote(plain)
    return at + 1


def _begins_line(markup: str, at: int) -> bool:
    """Whether a quotation may begin here; an empty bold text keeps two of them apart."""
    start = at - 2 if at > 1 and markup.startswith("**", at - 2) else at
    return start == 0 or markup[start - 1] in "\r\n"


def _end_quote(plain: Plain) -> None:
    if plain.open and plain.open[-1].name == "blockquote":
        plain.end("expandable_blockquote" if plain.open[-1].extra else "blockquote")


def _is_quote_tail(plain: Plain, at: int) -> bool:
    """`||` at the very end of a quotation makes it expandable."""
    after = plain.markup[at + 2 : at + 4]
    return (
        plain.markup.startswith("||", at)
        and (after == "" or (after[0] == "\n" and after[1:] != ">"))
        and bool(plain.open)
        and plain.open[-1].name == "blockquote"
    )


def parse_markdown(markup: str) -> Plain:
    """The older Markdown. Raises Refusal for an entity without an end."""
    plain = Plain(markup)
    at = 0
    while at < len(markup):
        sign = markup[at]
        if sign == "\\" and markup[at + 1 : at + 2] in ("_", "*", "`", "["):
            plain.add(markup[at + 1])
            at += 2
        elif sign == "[":
            at = _read_legacy_link(plain, at)
        elif sign in _LEGACY_ENTITY:
            at = _read_legacy_entity(plain, at, sign)
        else:
            plain.add(sign)
            at += 1
    return plain


def _read_legacy_entity(plain: Plain, at: int, sign: str) -> int:
    mark, kind = ("```", "pre") if plain.markup.startswith("```", at) else (sign, _LEGACY_ENTITY[sign])
    end = plain.markup.find(mark, at + len(mark))
    if end < 0:
        raise plain.broken("Can't find end of the entity starting", at)
    start, extra = at + len(mark), {}
    if kind == "pre":
        language = _LANGUAGE.match(plain.markup, start)
        extra = {"language": language.group()} if language else {}
        start = language.end() if language else start
        start += _line_end(plain.markup, start)
    plain.begin(kind, at)
    plain.add(plain.markup[start:end])
    plain.end(kind, **extra)
    return end + len(mark)


def _read_legacy_link(plain: Plain, at: int) -> int:
    end = plain.markup.find("]", at)
    if end < 0:
        raise plain.broken("Can't find end of the entity starting", at)
    url_end = plain.markup.find(")", end)
    has_url = plain.markup.startswith("(", end + 1) and url_end >= 0
    plain.begin("text_link", at)
    plain.add(plain.markup[at + 1 : end])
    url = plain.markup[end + 2 : url_end] if has_url else ""
    if "." in url or "://" in url:
        plain.end("text_link", url=url if "://" in url else f"http://{url}/")
    else:
        plain.open.pop()
    return url_end + 1 if has_url else end + 1
