"""Rich HTML as a tree: only the tags Telegram takes, each closed where it should be."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Union

from kunak.integrations.telegram.sandbox.refusals import bad_request

_INLINE_TAGS = (
    "b strong i em u ins s strike del code mark sub sup tg-spoiler a tg-reference tg-emoji tg-time tg-math br cite"
)
_BLOCK_TAGS = (
    "p h1 h2 h3 h4 h5 h6 pre footer hr ul ol li blockquote aside figure figcaption img video audio tg-map tg-collage "
    "tg-slideshow table caption thead tbody tr th td details summary tg-math-block input"
)
INLINE = frozenset(_INLINE_TAGS.split())
BLOCKS = frozenset(_BLOCK_TAGS.split())
VOID = frozenset(("br", "hr", "img", "input", "tg-map"))
DEEPEST = 64  # the limit on formatting is checked on the blocks; this one keeps the parser itself safe


@dataclass
class Node:
    """An element; text stands among its children as strings."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Union["Node", str]] = field(default_factory=list)

    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def all(self, *tags: str) -> list["Node"]:
        return [child for child in self.children if isinstance(child, Node) and child.tag in tags]

    def without(self, *tags: str) -> "Node":
        kept = [child for child in self.children if isinstance(child, str) or child.tag not in tags]
        return Node(self.tag, self.attributes, kept)


def parse_tree(html: str) -> Node:
    """Raises Refusal for tags that are unknown, crossed or left open."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if len(reader.path) > 1:
        raise bad_request(
            f"can't parse rich message: Can't find end tag corresponding to start tag \"{reader.path[-1].tag}\""
        )
    return reader.path[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.path = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE and tag not in BLOCKS:
            raise bad_request(f'can\'t parse rich message: Unsupported start tag "{tag}"')
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append(node)
        if tag in VOID:
            return
        if len(self.path) > DEEPEST:
            raise bad_request("can't parse rich message: too many nested tags")
        self.path.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.path.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        expected = self.path[-1].tag
        if tag != expected:
            raise bad_request(f'can\'t parse rich message: expected "</{expected}>", found "</{tag}>"')
        self.path.pop()

    def handle_data(self, data: str) -> None:
        self.path[-1].children.append(data)
