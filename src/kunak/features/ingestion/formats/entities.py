"""Telegram's entities as the Markdown that channel posts are kept in: **bold**, __italic__, ~~struck~~, ||spoiler||."""

_MARKS = {"bold": "**", "italic": "__", "strikethrough": "~~", "spoiler": "||", "code": "`"}


def mark(kind: str, text: str, address: str | None = None) -> str:
    """`text` with its entity; blanks at its ends stay outside of the marks, where they mean nothing."""
    before, core, after = _split(text)
    if not core:
        return text
    if kind == "pre":
        return f"{before}```\n{core}\n```{after}"
    if kind == "text_link" and address and core != address:
        return f"{before}[{core}]({address.replace(')', '%29').replace('(', '%28')}){after}"
    if kind == "blockquote":
        quoted = "\n".join(f"> {line}" for line in core.split("\n"))
        return f"{before}{quoted}{after}"
    sign = _MARKS.get(kind, "")
    return f"{before}{sign}{core}{sign}{after}"


def _split(text: str) -> tuple[str, str, str]:
    begun = text.lstrip()
    core = begun.rstrip()
    return text[: len(text) - len(begun)], core, begun[len(core) :]
