"""Answers to what is typed after the bot's name in any chat."""

import hashlib
from collections.abc import Sequence
from typing import Any

from kunak.features.conversations.render.results import add_source, shorten, source_name
from kunak.features.search.schemas import Citation
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.text import FormattedText

_LONGEST_LINE = 160


def inline_results(citations: Sequence[Citation], words: Words) -> list[dict[str, Any]]:
    """Each quote as an article: chosen, it becomes a message with the quote and its source."""
    return [_article(_result_id(each), _title(each), each.quote, _message(each, words)) for each in citations]


def how_to(username: str, words: Words) -> list[dict[str, Any]]:
    """For somebody who has typed only the bot's name."""
    title = words.gettext("Type a question")
    description = words.gettext("and choose an answer to send: a quote with its source")
    tells = words.gettext("Type @%(username)s and a question in any chat to look something up.", username=username)
    return [_article("how-to", title, description, FormattedText().add(tells))]


def button_above(label: str) -> dict[str, Any]:
    """A line above the results that leads to the chat with the bot."""
    return {"text": shorten(label, 64), "start_parameter": "inline"}


def _title(citation: Citation) -> str:
    return shorten(citation.headline, _LONGEST_LINE) or source_name(citation)


def _message(citation: Citation, words: Words) -> FormattedText:
    text = FormattedText()
    if citation.headline:
        text.add(citation.headline, "bold").add("\n")
    if quote := citation.quote.strip():
        text.add(quote, "blockquote").add("\n")
    add_source(text, citation, words)
    return text


def _article(result_id: str, title: str, description: str, message: FormattedText) -> dict[str, Any]:
    content: dict[str, Any] = {"message_text": message.text, "link_preview_options": {"is_disabled": True}}
    if entities := message.entity_params():
        content["entities"] = entities
    return {
        "type": "article",
        "id": result_id,
        "title": title,
        "description": shorten(" ".join(description.split()), _LONGEST_LINE),
        "input_message_content": content,
    }


def _result_id(citation: Citation) -> str:
    """Telegram takes at most 64 bytes, and no two alike."""
    return hashlib.sha256(f"{citation.id}\n{citation.headline}\n{citation.quote}".encode()).hexdigest()[:32]
