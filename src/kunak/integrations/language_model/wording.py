"""How parts of a message are put into words for a model."""

import re
from base64 import b64encode
from html import escape

from kunak.integrations.language_model.interface import Image, Passage, Quote, Text

_TAG = re.compile(r"<(?=\s*/?\s*(?:passage|quoted))", re.IGNORECASE)


def as_text(part: Text | Passage | Quote) -> str:
    """Plain text as it is; a passage, or a quote, between marks that it cannot close itself."""
    if isinstance(part, Text):
        return part.text
    if isinstance(part, Quote):
        author = f' from="{escape(" ".join(part.author.split()))}"' if part.author else ""
        return f"<quoted{author}>\n{_TAG.sub('‹', part.text)}\n</quoted>"
    title = f' title="{escape(" ".join(part.title.split()))}"' if part.title else ""
    return f'<passage number="{part.number}"{title}>\n{_TAG.sub("‹", part.text)}\n</passage>'


def as_string(said: object) -> str:
    """What a server said, which must be a string.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(said, str):
        raise TypeError
    return said


def as_address(image: Image) -> str:
    """Where the picture is, or the picture itself as a data address."""
    return image.url or f"data:{image.media_type};base64,{b64encode(image.content).decode()}"
