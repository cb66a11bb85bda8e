"""The addresses of sources."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.api.shapes import (
    Added,
    Look,
    Seen,
    Sources,
    SourceShown,
    SourceToAdd,
    show_preview,
    show_source,
    show_sources,
)
from kunak.features.ingestion.schemas import Preview, Source, Wish
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError, KunakError, RetryableError
from kunak.foundation.web.api_key import Gate
from kunak.foundation.web.json_errors import documented
from kunak.integrations.web_pages.interface import HostUnknownError

LookAt = Callable[[str, Wish], Awaitable[Preview]]
"""What would be read at an address, inside the guard."""

_ACTOR = "api"
_WITHIN_S = 90.0
_LOOKS_AT_ONCE = 2
"""Each takes a process for pages, and what strangers wrote is taken apart in it."""
_ERRORS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_OF_ONE = documented(HTTPStatus.NOT_FOUND)
_OF_A_CHANGE = documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
Id = Annotated[int, Path(ge=1, lt=2**63, description="The number of the source.")]
Most = Annotated[int, Query(ge=0, le=100, description="Posts of the preview that are shown.")]


class TooSlowError(RetryableError):
    """The address answers too slowly to be looked at; try again, or add the source by `kunak source add`."""


def sources_api(sessions: Sessions, look_at: LookAt, gate: Gate) -> APIRouter:
    """`gate`: who may use it. Everything that changes a source is written into the log of events."""
    errors: dict[int | str, dict[str, Any]] = documented(*_ERRORS)
    router = APIRouter(prefix="/sources", tags=["sources"], dependencies=[Depends(gate)], responses=errors)
    _register_reading(router, sessions, _Looking(look_at))
    _register_changes(router, sessions)
    return router


class _Looking:
    """Looks at addresses, a few at a time, and says in a sentence what is wrong with one."""

    def __init__(self, look_at: LookAt) -> None:
        self._look_at = look_at
        self._turns = asyncio.Semaphore(_LOOKS_AT_ONCE)

    async def look(self, asked: Look) -> Preview:
        try:
            async with asyncio.timeout(_WITHIN_S), self._turns:
                return await self._look_at(asked.address, asked.wish())
        except TimeoutError:
            raise TooSlowError from None
        except KunakError as error:
            if isinstance(error, RetryableError) and not isinstance(error, HostUnknownError):
                raise _unavailable(error) from error
            # Whatever the other side says of its page, here it is the address that cannot be used.
            raise InvalidInputError(str(error)) from error


def _unavailable(error: RetryableError) -> HTTPException:
    """With its own sentence, which is of the address that was asked for and of nothing that is ours."""
    after = {} if error.retry_after is None else {"Retry-After": str(max(1, round(error.retry_after)))}
    return HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error), after)


def _register_reading(router: APIRouter, sessions: Sessions, looking: _Looking) -> None:
    @router.get("", operation_id="list_sources")
    async def list_all() -> Sources:
        """All sources and how they are."""
        async with sessions() as session:
            return show_sources(await ingestion.list_sources(session))

    @router.post("/preview", operation_id="preview_source")
    async def preview(asked: Look, limit: Most = 20) -> Seen:
        """What would be read at an address; nothing is kept."""
        return show_preview(await looking.look(asked), limit)

    @router.post(
        "", operation_id="add_source", status_code=HTTPStatus.CREATED, responses=documented(HTTPStatus.CONFLICT)
    )
    async def add(asked: SourceToAdd, limit: Most = 3) -> Added:
        """Read an address from now on. A first look is taken at once, so that a typing error is seen at once."""
        seen = await looking.look(asked)
        async with sessions.begin() as session:
            added = await ingestion.add_source(session, ingestion.as_wished(seen, asked.wish()), actor=_ACTOR)
        return Added(source=show_source(added), preview=show_preview(seen, limit))

    @router.get("/{source_id:int}", operation_id="show_source", responses=_OF_ONE)
    async def show(source_id: Id) -> SourceShown:
        """One source: schedule, health, counters."""
        async with sessions() as session:
            return show_source(await ingestion.get_source(session, source_id))


def _register_changes(router: APIRouter, sessions: Sessions) -> None:
    async def change(source_id: int, do: Callable[..., Awaitable[None]]) -> SourceShown:
        async with sessions.begin() as session:
            source: Source = await ingestion.get_source(session, source_id)
            await do(session, source, actor=_ACTOR)
            return show_source(await ingestion.get_source(session, source_id))

    @router.post("/{source_id:int}/pause", operation_id="pause_source", responses=_OF_A_CHANGE)
    async def pause(source_id: Id) -> SourceShown:
        """Stop reading; what was read stays."""
        return await change(source_id, ingestion.pause_source)

    @router.post("/{source_id:int}/resume", operation_id="resume_source", responses=_OF_A_CHANGE)
    async def resume(source_id: Id) -> SourceShown:
        """Read on, beginning at once."""
        return await change(source_id, ingestion.resume_source)

    @router.post(
        "/{source_id:int}/run", operation_id="run_source", status_code=HTTPStatus.ACCEPTED, responses=_OF_A_CHANGE
    )
    async def run(source_id: Id) -> SourceShown:
        """Have it read now, due or not, by the process that reads sources."""
        return await change(source_id, ingestion.read_soon)

    @router.delete("/{source_id:int}", operation_id="remove_source", status_code=HTTPStatus.ACCEPTED, responses=_OF_ONE)
    async def remove(source_id: Id) -> SourceShown:
        """Forget it with all its documents. It is not read any more; the documents go in the background."""
        return await change(source_id, ingestion.begin_removing)
