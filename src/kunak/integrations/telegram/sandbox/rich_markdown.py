"""Rich Markdown: GitHub's flavour with footnotes, formulas and marked text, turned into Telegram's rich HTML."""

import re
from collections.abc import Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

_MARKED = re.compile(r"==(?=\S)(.+?)(?<=\S)==")


def markdown_as_html(markdown: str) -> str:
    return str(_reader().render(markdown))


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.use(footnote_plugin, inline=False).use(tasklists_plugin).use(dollarmath_plugin)
    for name, rule in _RULES.items():
        reader.add_render_rule(name, rule)
    return reader


def _text(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    return _MARKED.sub(r"<mark>\1</mark>", escape(tokens[at].content, quote=False))


def _math(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    return f"<tg-math>{escape(tokens[at].content)}</tg-math>"


def _math_block(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    return f"<tg-math-block>{escape(tokens[at].content)}</tg-math-block>"


def _fence(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    language = tokens[at].info.strip().partition(" ")[0]
    if language == "math":
        return _math_block(_self, tokens, at, _options, _env)
    about = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{about}>{escape(tokens[at].content)}</code></pre>"


def _footnote_name(token: Token) -> str:
    return escape(str(token.meta.get("label") or token.meta.get("id", "")))


def _reference(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    number = int(tokens[at].meta["id"]) + 1
    return f'<a href="#{_footnote_name(tokens[at])}">{number}</a>'


def _note_begins(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: EnvType) -> str:
    """A note is one footer; its own paragraphs are dissolved in it."""
    for token in tokens[at + 1 :]:
        if token.type == "footnote_close":
            break
        if token.type in ("paragraph_open", "paragraph_close"):
            token.hidden = True
    return f'<footer><tg-reference name="{_footnote_name(tokens[at])}">'


def _note_ends(_self: RendererHTML, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _env: EnvType) -> str:
    return "</tg-reference></footer>"


def _nothing(_self: RendererHTML, _tokens: Sequence[Token], _at: int, _options: OptionsDict, _env: EnvType) -> str:
    return ""


_RULES = {
    "text": _text,
    "math_inline": _math,
    "math_inline_double": _math_block,
    "math_block": _math_block,
    "fence": _fence,
    "footnote_ref": _reference,
    "footnote_open": _note_begins,
    "footnote_close": _note_ends,
    "footnote_block_open": _nothing,
    "footnote_block_close": _nothing,
    "footnote_anchor": _nothing,
}
