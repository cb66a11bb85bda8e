"""An answer as people and programs read it."""

from collections.abc import Callable
from typing import Any

from kunak.features.search.schemas import Answer, Citation


def render_plain(answer: Answer, gettext: Callable[[str], str]) -> str:
    """The answer as plain text; `gettext` speaks the answer's language."""
    if not answer.citations:
        return gettext("Nothing was found about this.")
    return "\n\n".join([gettext("Here is what I found:"), *map(_plain_citation, answer.citations)])


def render_json(answer: Answer, gettext: Callable[[str], str]) -> dict[str, Any]:
    """The answer as JSON values: `answer`, `citations` (`id`, `title`, `url`, `quote`), `mode`."""
    return {
        "answer": render_plain(answer, gettext),
        "citations": [
            {"id": citation.id, "title": citation.title, "url": citation.url, "quote": citation.quote}
            for citation in answer.citations
        ],
        "mode": answer.mode.value,
    }


def _plain_citation(citation: Citation) -> str:
    source = ", ".join(filter(None, (citation.title or (citation.url is None and citation.id) or "", _date(citation))))
    lines = [f"[{citation.number}] {citation.quote}", f"— {source}" if source else "", citation.url or ""]
    return "\n".join(filter(None, lines))


def _date(citation: Citation) -> str:
    return citation.published_at.date().isoformat() if citation.published_at else ""
