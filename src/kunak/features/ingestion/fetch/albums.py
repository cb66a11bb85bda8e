"""Albums are several messages that people see as one. Who reads a part of one reads all of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kunak.features.ingestion.formats.telegram_message import Message, album_of, number_of
from kunak.integrations.telegram_channels.interface import ChannelAccount, ChannelKey, History

_LARGEST = 10
"""Messages of an album, which follow one another."""
_MOST = 100


def whole_albums(page: History) -> History:
    """The page without the album at its lower end, which may go on below, if there is anything else on it."""
    messages = sorted(page.messages, key=number_of)
    cut = album_of(messages[0]) if messages else None
    kept = [each for each in page.messages if cut is None or album_of(each) != cut]
    return replace(page, messages=tuple(kept)) if kept else page


async def find_albums(account: ChannelAccount, channel: ChannelKey, touched: Iterable[int]) -> History:
    """All messages of the albums that these numbers belong to, or belonged to before they were deleted."""
    numbers = set(touched)
    near = _around(numbers, _LARGEST - 1)
    wanted = sorted(_around(numbers, 2 * (_LARGEST - 1)))
    found: list[Message] = []
    names: dict[str, str] = {}
    for start in range(0, len(wanted), _MOST):
        part = await account.read_messages(channel, wanted[start : start + _MOST])
        found += part.messages
        names |= part.names
    albums = {album_of(each) for each in found if number_of(each) in near} - {None}
    return History(tuple(each for each in found if album_of(each) in albums), names, None)


def _around(numbers: Iterable[int], distance: int) -> set[int]:
    return {max(each + by, 1) for each in numbers for by in _span(distance)}


def _span(distance: int) -> Sequence[int]:
    return range(-distance, distance + 1)
