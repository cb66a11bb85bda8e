"""An answer as people and programs read it."""

from collections.abc import Callable, Iterable
from typing import Any

from kunak.features.search.schemas import Answer, Citation, Correction, Found, Hit, Mode


def render_plain(answer: Answer, gettext: Callable[[str], str]) -> str:
    """The answer as plain text; `gettext` speaks the answer's language."""
    if not answer.citations:
        return gettext("Nothing was found about this.")
    return "\n\n".join([gettext("Here is what I found:"), *map(_plain_citation, answer.citations)])


def render_json(answer: Answer, gettext: Callable[[str], str]) -> dict[str, Any]:
    """The answer as JSON values: `answer`, `citations` (`id`, `title`, `url`, `quote`), `corrected`, `mode`."""
    return {
        "answer": render_plain(answer, gettext),
        "citations": [
            {"id": citation.id, "title": citation.title, "url": citation.url, "quote": citation.quote}
            for citation in answer.citations
        ],
        "corrected": _corrected(answer.corrected),
        "mode": answer.mode.value,
    }


def render_found(found: Found, *, limit: int) -> dict[str, Any]:
    """The best passage of each of at most `limit` things, as JSON values."""
    best: dict[tuple[str, int], Hit] = {}
    for hit in found.hits:
        best.setdefault((hit.kind, hit.thing_id), hit)
    return {
        "hits": [_hit(hit) for hit in list(best.values())[:limit]],
        "corrected": _corrected(found.corrected),
        "mode": (Mode.LEXICAL if best else Mode.NOTHING).value,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "id": hit.reference,
        "title": hit.title,
        "text": hit.text,
        "url": hit.url,
        "published_at": hit.published_at.isoformat() if hit.published_at else None,
        "score": round(hit.score, 3),
    }


def _corrected(corrected: Iterable[Correction]) -> list[dict[str, str]]:
    return [{"written": each.written, "meant": each.meant} for each in corrected]


def _plain_citation(citation: Citation) -> str:
    source = ", ".join(filter(None, (citation.title or (citation.url is None and citation.id) or "", _date(citation))))
    lines = [f"[{citation.number}] {citation.quote}", f"— {source}" if source else "", citation.url or ""]
    return "\n".join(filter(None, lines))


def _date(citation: Citation) -> str:
    return citation.published_at.date().isoformat() if citation.published_at else ""
