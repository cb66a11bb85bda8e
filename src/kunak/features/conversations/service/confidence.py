"""What a model was told in confidence is not said to others, not even in an answer that is still being written."""

import re

_WORD = re.compile(r"\w+")
_SUSPICIOUS = 4
"""So many words of ours at the end of an unfinished answer may be the beginning of more."""


class Confidence:
    """A text that is not to be repeated: `in_a_row` words of it in an answer are no accident."""

    def __init__(self, secret: str, in_a_row: int) -> None:
        words = _words(secret)
        self._in_a_row = in_a_row
        self._runs = {tuple(words[start : start + in_a_row]) for start in range(len(words) - in_a_row + 1)}
        self._text = f" {' '.join(words)} "

    def is_in(self, text: str) -> bool:
        said = _words(text)
        rows = range(len(said) - self._in_a_row + 1)
        return any(tuple(said[start : start + self._in_a_row]) in self._runs for start in rows)

    def safe_beginning(self, text: str) -> str:
        """`text` without an end that may be the beginning of what must not be said."""
        last = list(_WORD.finditer(text))[-self._in_a_row + 1 :]
        for start in range(len(last) - _SUSPICIOUS + 1):
            if f" {' '.join(word[0].casefold() for word in last[start:])} " in self._text:
                return text[: last[start].start()]
        return text


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
