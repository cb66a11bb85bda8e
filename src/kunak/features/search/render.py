"""An answer as people and programs read it."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from kunak.features.search.schemas import Answer, Citation, Correction, Found, Hit, Mode, Span, Telling
from kunak.features.understanding.service import MOSCOW

_MOST_ALSO = 5
"""Further sources of a story that are named in plain text."""


def render_plain(answer: Answer, gettext: Callable[[str], str]) -> str:
    """The answer as plain text; `gettext` speaks the answer's language."""
    if not answer.citations:
        return _about_nothing(answer, gettext)
    return "\n\n".join([_heading(answer, gettext), *(_plain_citation(each, gettext) for each in answer.citations)])


def _about_nothing(answer: Answer, gettext: Callable[[str], str]) -> str:
    if answer.period is None:
        return gettext("Nothing was found about this.")
    return gettext("Nothing was found (%(period)s).") % {"period": _period(answer.period)}


def _heading(answer: Answer, gettext: Callable[[str], str]) -> str:
    if answer.period is None:
        return gettext("Here is what I found:")
    period = {"period": _period(answer.period)}
    if answer.mode is Mode.DIGEST and answer.is_other_time:
        return gettext("Nothing was found for that time. The latest there is (%(period)s):") % period
    if answer.mode is Mode.DIGEST:
        return gettext("What happened (%(period)s):") % period
    if answer.is_other_time:
        return gettext("Nothing was found for that time (%(period)s). From other times:") % period
    return gettext("Here is what I found:")


def _period(period: Span) -> str:
    """Its days, both included, as ISO 8601 writes them."""
    first, last = period.start.date(), (period.end - timedelta(microseconds=1)).date()
    return first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"


def render_json(answer: Answer, gettext: Callable[[str], str]) -> dict[str, Any]:
    """The answer as JSON values: `answer`, `citations`, `corrected`, `mode`, `period`, `is_other_time`, `has_more`.

    Each of `citations` has `id`, `title`, `url`, `published_at`, `headline` (of a digest), `quote`, and in `also` the
    further sources of its story.
    """
    return {
        "answer": render_plain(answer, gettext),
        "citations": [
            {"number": each.number, "headline": each.headline, "quote": each.quote}
            | _told(Telling(each.id, each.title, each.url, each.published_at, each.source))
            | {"also": [_told(telling) for telling in each.also]}
            for each in answer.citations
        ],
        "corrected": _corrected(answer.corrected),
        "mode": answer.mode.value,
        "period": answer.period and {"from": answer.period.start.isoformat(), "before": answer.period.end.isoformat()},
        "is_other_time": answer.is_other_time,
        "has_more": answer.has_more,
    }


def _told(telling: Telling) -> dict[str, Any]:
    return {
        "id": telling.id,
        "title": telling.title,
        "url": telling.url,
        "published_at": telling.published_at.isoformat() if telling.published_at else None,
        "source": telling.source,
    }


def render_found(found: Found, *, limit: int) -> dict[str, Any]:
    """The best passage of each of at most `limit` things, as JSON values."""
    best: dict[tuple[str, int], Hit] = {}
    for hit in found.hits:
        best.setdefault((hit.kind, hit.thing_id), hit)
    return {
        "hits": [_hit(hit) for hit in list(best.values())[:limit]],
        "corrected": _corrected(found.corrected),
        "mode": _mode(found).value,
        "reranked": found.reranked,
    }


def _mode(found: Found) -> Mode:
    if not found.hits:
        return Mode.NOTHING
    return Mode.HYBRID if found.by_meaning else Mode.LEXICAL


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "id": hit.reference,
        "title": hit.title,
        "text": hit.text,
        "url": hit.url,
        "published_at": hit.published_at.isoformat() if hit.published_at else None,
        "source": hit.source,
        "score": round(hit.score, 3),
        "also": [_told(each) for each in hit.also],
    }


def _corrected(corrected: Iterable[Correction]) -> list[dict[str, str]]:
    return [{"written": each.written, "meant": each.meant} for each in corrected]


def _plain_citation(citation: Citation, gettext: Callable[[str], str]) -> str:
    told = Telling(citation.id, citation.title, citation.url, citation.published_at)
    source = ", ".join(filter(None, (_name(told), _date(told))))
    lines = [
        f"[{citation.number}] {citation.headline or citation.quote}",
        citation.quote if citation.headline else "",
        f"— {source}" if source else "",
        citation.url or "",
        *_also(citation, gettext),
    ]
    return "\n".join(filter(None, lines))


def _also(citation: Citation, gettext: Callable[[str], str]) -> list[str]:
    shown = [" ".join(filter(None, (_name(each), each.url))) for each in citation.also[:_MOST_ALSO]]
    if not shown:
        return []
    further = len(citation.also) - len(shown)
    return [gettext("also: %(sources)s") % {"sources": "; ".join(shown) + (f" +{further}" if further else "")}]


def _name(telling: Telling) -> str:
    return telling.title or (telling.id if telling.url is None else "")


def _date(telling: Telling) -> str:
    return telling.published_at.astimezone(MOSCOW).date().isoformat() if telling.published_at else ""
