"""A bot, its ledger, and a model that answers over HTTP."""

from collections.abc import AsyncIterator

import pytest
from tests.features.messaging.conftest import Town, town

from kunak.integrations.language_model.fake import FakeProvider

__all__ = ["Town", "town"]


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as fake:
        yield fake
