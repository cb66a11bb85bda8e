"""Texts as they may be sent."""


def sendable(text: str, longest: int) -> str:
    """The first `longest` characters of `text`; halves of characters, which JSON cannot carry, become `?`."""
    return text[:longest].encode("utf-8", "replace").decode()
