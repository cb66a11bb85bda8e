"""Markdown that is still being written, made whole: what is begun is closed, and what cannot be shown yet waits."""

import re

_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})")
_ONLY_SIGNS = re.compile(r"\s*(?:[-*+=_#>|`~]+|\d{1,9}[.)]?)\s*")
_TICKS = re.compile(r"`+")
_OPEN_LINK = re.compile(r"!?\[(?:[^\]\n]*|[^\]\n]*\]\([^)\s]*|(?!\d{1,3}\])[^\]\n]*\])\Z")
_LONGEST_LINK = 1000
"""Characters in which the beginning of an open link is looked for: each of many is followed to the end."""
_DELIMITER_ROW = re.compile(r"\s*+\|?\s*+:?-+:?\s*+(?:\|\s*+:?-+:?\s*+)*+\|?\s*+")
_SIGNS = ("**", "~~", "*")


def close(markdown: str) -> str:
    """What a reader should see of an answer of which this is the beginning."""
    if _is_in_fence(markdown):
        whole, _, last = markdown.rpartition("\n")
        return whole if last.strip() and not last.strip().strip("`~") else markdown
    above, block = _last_block(markdown)
    lines = block.split("\n")
    if lines[0].lstrip().startswith("|"):
        return above + "\n".join(_rows(lines))
    if _ONLY_SIGNS.fullmatch(lines[-1]):
        lines.pop()
    return above + _close_inline("\n".join(lines))


def _is_in_fence(markdown: str) -> bool:
    fence = ""
    for line in markdown.split("\n"):
        found = _FENCE.match(line)
        if found is None:
            continue
        if not fence:
            fence = found["fence"]
        elif found["fence"].startswith(fence) and not line[found.end() :].strip():
            fence = ""
    return bool(fence)


def _last_block(markdown: str) -> tuple[str, str]:
    """What stands before the last empty line, and what behind it."""
    end = markdown.rfind("\n\n")
    return (markdown[: end + 2], markdown[end + 2 :]) if end >= 0 else ("", markdown)


def _rows(lines: list[str]) -> list[str]:
    """The rows of a table that are whole; none before it is sure that it is one."""
    is_table = len(lines) > 2 and _DELIMITER_ROW.fullmatch(lines[1])  # noqa: PLR2004  a head, a rule, and what follows
    return lines[:-1] if is_table else []


def _close_inline(block: str) -> str:
    """Signs of the last paragraph or item that wait for their other half get it."""
    start = max(block.rfind("\n- "), block.rfind("\n* "), block.rfind("\n+ "), 0)
    before, item = block[:start], block[start:]
    plain = _without_code(item)
    tick = plain.find("`")
    if tick >= 0:
        begun = item[tick:].lstrip("`")
        return before + item[:tick] + (f"`{begun}`" if begun.strip() and "`" not in begun else "")
    if link := _OPEN_LINK.search(plain, max(len(plain) - _LONGEST_LINK, 0)):
        item, plain = item[: link.start()], plain[: link.start()]
    return before + _close_signs(item, plain)


def _without_code(item: str) -> str:
    """As long as it was, with nothing that looks like a sign where code is: from ticks to the next that are as many."""
    runs = [run.span() for run in _TICKS.finditer(item)]
    later: dict[int, int] = {}
    closing: list[int | None] = []
    for number in range(len(runs) - 1, -1, -1):
        start, end = runs[number]
        closing.append(later.get(end - start))
        later[end - start] = number
    closing.reverse()
    plain, shown, number = [], 0, 0
    while number < len(runs):
        if (last := closing[number]) is not None:
            plain += [item[shown : runs[number][0]], "x" * (runs[last][1] - runs[number][0])]
            shown = runs[last][1]
        number = (number if last is None else last) + 1
    return "".join([*plain, item[shown:]])


def _close_signs(item: str, plain: str) -> str:
    bullet = re.match(r"\s*[-*+]\s", plain)
    offset = bullet.end() if bullet else 0
    open_signs: list[tuple[str, int]] = []
    at = offset
    while at < len(plain):
        sign = next((each for each in _SIGNS if plain.startswith(each, at)), "")
        if sign:
            _toggle(open_signs, sign, at, plain)
        at += len(sign) or 1
    for sign, place in reversed(open_signs):
        rest = item[place + len(sign) :]
        item = item[: place + len(sign)] + rest.rstrip() + sign if rest.strip() else item[:place].rstrip()
    return item


def _toggle(open_signs: list[tuple[str, int]], sign: str, at: int, plain: str) -> None:
    """A sign closes what it opened; one with a blank behind it opens nothing, with one before it closes nothing."""
    after, before = plain[at + len(sign) : at + len(sign) + 1], plain[at - 1 : at]
    if open_signs and open_signs[-1][0] == sign and before.strip():
        open_signs.pop()
    elif (after.strip() or not after) and sign not in [each for each, _ in open_signs]:
        open_signs.append((sign, at))
