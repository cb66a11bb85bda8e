"""Thinking that comes in the text of an answer, from servers that do not tell the two apart."""

_OPEN, _CLOSE = "<think>", "</think>"


class ThinkingFilter:
    """Takes an answer in pieces, split anywhere, and gives it back without the thinking that it begins with.

    Tags that come later are the model's own words, and stay.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinks: bool | None = None
        """None until the first letters have shown it."""

    def take(self, piece: str) -> str:
        """What is certain to be answer; the rest is held until more has come."""
        text, self._held = self._held + piece, ""
        if self._thinks is None:
            text = self._begin(text)
        if self._thinks:
            text = self._think(text)
        return text

    def end(self) -> str:
        """What was held and turns out to be answer: thinking that never ended is none."""
        held, self._held = self._held, ""
        return "" if self._thinks else held

    def _begin(self, text: str) -> str:
        begun = text.lstrip()
        if len(begun) < len(_OPEN) and _OPEN.startswith(begun):
            self._held = text
            return ""
        self._thinks = begun.startswith(_OPEN)
        return begun.removeprefix(_OPEN) if self._thinks else text

    def _think(self, text: str) -> str:
        _, closed, answer = text.partition(_CLOSE)
        answer = answer.lstrip()
        self._thinks = not answer
        if self._thinks:
            self._held = _CLOSE if closed else text[-len(_CLOSE) :]
        return answer
