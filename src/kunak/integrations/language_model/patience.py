"""How long an answer may take, stage by stage."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

from kunak.integrations.language_model.errors import ModelUnavailableError, Trouble
from kunak.integrations.language_model.interface import Timeouts

Result = TypeVar("Result")

_AFTERWORD_S = 3.0
"""The answer is whole, only the count of its tokens may still come."""


class Patience:
    """Only waiting for the server is counted against a stage: whoever reads slowly does not break a stream off."""

    def __init__(self, timeouts: Timeouts, who: str) -> None:
        self._timeouts = timeouts
        self._who = who
        self._until = time.monotonic() + timeouts.total
        self._left = timeouts.first_token
        self._stage = "first token"

    @property
    def connect_s(self) -> float:
        return self._timeouts.connect

    async def wait(self, awaitable: Awaitable[Result]) -> Result:
        """What `awaitable` gives.

        Raises:
            ModelUnavailableError: the time of this stage, or of the whole answer, is over.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(max(min(self._left, self._until - began), 0)):
                return await awaitable
        except TimeoutError:
            raise ModelUnavailableError(self._sentence(), trouble=Trouble.TIMEOUT) from None
        finally:
            self._left -= time.monotonic() - began

    def token(self) -> None:
        """The server gave something: the wait for the next begins."""
        self._left = self._timeouts.between_tokens
        self._stage = "next token"

    def only_afterword(self) -> None:
        """The answer is whole; what may still come is not waited for long."""
        self._left = min(self._left, _AFTERWORD_S)

    def _sentence(self) -> str:
        if time.monotonic() >= self._until:
            return f"{self._who} did not finish within {self._timeouts.total:g} s."
        return f"{self._who} kept us waiting too long for the {self._stage}."
