"""Asks ours and the peers the same questions in turn, and measures times and what was found."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from benchmarks.search_building import CUT, Built
from benchmarks.search_ours import Ours, Places
from benchmarks.search_peers import Ask, Peer
from benchmarks.search_vectors import Matrix
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.processes.evaluation.measures import percentile

Figures = dict[str, Any]

_WARM_UP = 50
_CLIENTS = 8
_AT_ONCE = f"hybrid_{_CLIENTS}_clients"
_FILTERED_QUESTIONS = 200
OURS = ""


@dataclass
class _Asked:
    """Somebody who is asked for something: how, and by question the milliseconds it took, and what came."""

    ask: Callable[[str], Awaitable[Places]]
    times: list[float] = field(default_factory=list)
    found: list[Places] = field(default_factory=list)

    async def put(self, question: str) -> None:
        started = time.perf_counter()
        found = await self.ask(question)
        self.times.append((time.perf_counter() - started) * 1000)
        self.found.append(found)

    def figures(self, exact: Sequence[Places] | None) -> Figures:
        times = {f"p{part}_ms": round(percentile(self.times, part / 100), 2) for part in (50, 95, 99)}
        if exact is None:
            return times
        return times | {"recall@10": round(fmean(map(_recall, self.found, exact)), 4)}


async def ask_all(
    engine: AsyncEngine, built: Built, peers: Mapping[str, Peer], questions: Sequence[str]
) -> dict[str, Figures]:
    """The figures of each peer by its name, and ours by OURS."""
    ours = Ours(engine, built)
    ways: dict[tuple[str, str], Callable[[str], Awaitable[Places]]] = {
        (OURS, "lexical"): ours.lexical,
        (OURS, "vector"): ours.vector,
        (OURS, "hybrid"): ours.hybrid,
    }
    vectors = {question: built.vector_of(question) for question in questions}
    for name, peer in peers.items():
        ways |= {(name, what): _given_vectors(ask, vectors) for what, ask in peer.asks.items()}
    asked = await _ask_in_turn(ways, questions)
    nearest = built.list_nearest(questions)
    best = [await ours.exact_hybrid(each) for each in questions]
    exact = {(name, "vector"): nearest for name in (OURS, *peers)} | {
        (OURS, what): best for what in ("hybrid", _AT_ONCE)
    }
    figures: dict[str, Figures] = {OURS: {}, **{name: {} for name in peers}}
    for key, each in asked.items():
        figures[key[0]][key[1]] = each.figures(exact.get(key))
    figures[OURS]["vector_filtered"] = await _ask_filtered(ours, built, questions[:_FILTERED_QUESTIONS])
    return figures


def _given_vectors(ask: Ask, vectors: Mapping[str, Matrix]) -> Callable[[str], Awaitable[Places]]:
    return lambda question: ask(question, vectors[question])


async def _ask_in_turn(
    ways: Mapping[tuple[str, str], Callable[[str], Awaitable[Places]]], questions: Sequence[str]
) -> dict[tuple[str, str], _Asked]:
    """One client; then, of whoever knows hybrid search, many."""
    for question in questions[:_WARM_UP]:
        for ask in ways.values():
            await ask(question)
    asked = {key: _Asked(ask) for key, ask in ways.items()}
    for question in questions:
        for each in asked.values():
            await each.put(question)
    at_once = {
        (name, _AT_ONCE): await _ask_at_once(ask, questions) for (name, what), ask in ways.items() if what == "hybrid"
    }
    return asked | at_once


async def _ask_at_once(ask: Callable[[str], Awaitable[Places]], questions: Sequence[str]) -> _Asked:
    """Each client asks as soon as it has its answer."""
    await asyncio.gather(*(ask(question) for question in questions[:_CLIENTS]))
    took: dict[str, tuple[float, Places]] = {}
    waiting = iter(questions)

    async def be_a_client() -> None:
        for question in waiting:
            one = _Asked(ask)
            await one.put(question)
            took[question] = one.times[0], one.found[0]

    await asyncio.gather(*(be_a_client() for _ in range(_CLIENTS)))
    return _Asked(ask, [took[each][0] for each in questions], [took[each][1] for each in questions])


async def _ask_filtered(ours: Ours, built: Built, questions: Sequence[str]) -> Figures:
    figures = {}
    for passing in (2, 10, 1_000):
        asked = _Asked(ours.vector_among(passing))
        for question in questions:
            await asked.put(question)
        figures[f"1 in {passing}"] = asked.figures(built.list_nearest(questions, among=passing))
    return figures


def _recall(found: Places, exact: Places) -> float:
    return len(set(found[:CUT]).intersection(exact)) / len(exact) if exact else 1.0
