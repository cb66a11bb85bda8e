"""Lets a cross-encoder put the best passages into order, as long as it is quick about it."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from kunak.features.search.schemas import Equipment, Hit
from kunak.foundation.errors import KunakError, RetryableError
from kunak.integrations.circuit_breaker import Permit

log = logging.getLogger(__name__)

READ = 50
"""Passages that it reads."""


async def rerank(question: str, hits: Sequence[Hit], equipment: Equipment) -> list[Hit] | None:
    """`hits` in a better order; None when there is no reranker, or it fails, or is not ready in time.

    The scores keep their places: those of rerankers are of scales of their own, and what follows compares scores.
    """
    permit = equipment.circuit.admit() if equipment.reranker is not None and hits else None
    if equipment.reranker is None or permit is None:
        return None
    read, rest = hits[:READ], hits[READ:]
    try:
        async with asyncio.timeout(equipment.rerank_within_s):
            scores = await equipment.reranker.rerank(question, [_text(hit) for hit in read])
    except TimeoutError:
        _note_failure(permit, RetryableError(f"not ready within {equipment.rerank_within_s} s"))
        return None
    except KunakError as error:
        _note_failure(permit, error)
        return None
    else:
        permit.succeeded()
    finally:
        permit.let_go()
    order = sorted(range(len(read)), key=lambda place: -scores[place])
    return [*(replace(read[place], score=hit.score) for place, hit in zip(order, read, strict=True)), *rest]


def _note_failure(permit: Permit, error: KunakError) -> None:
    if permit.failed(error):
        log.warning("search: the reranker fails and is left alone for a while: %s", error)


def _text(hit: Hit) -> str:
    return f"{hit.title}\n{hit.text}" if hit.title else hit.text
