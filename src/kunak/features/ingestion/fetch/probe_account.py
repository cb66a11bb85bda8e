"""A first look at a channel by the logged-in account."""

from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.fetch.albums import whole_albums
from kunak.features.ingestion.fetch.channel_names import name_in, open_channel, post_address
from kunak.features.ingestion.formats.telegram_message import read_posts
from kunak.features.ingestion.schemas import Contents, NewSource, Preview, SourceKind
from kunak.foundation.errors import InvalidInputError

_SHOWN = 20


async def probe_with_account(written: str, outside: Outside) -> Preview:
    """
    Raises:
        InvalidInputError: this is no channel, it holds nothing, or there is no account.
        KunakError: the account cannot read it.
    """
    name = name_in(written)
    if outside.open_account is None:
        raise InvalidInputError(
            "A Telegram account reads this: set KUNAK_TELEGRAM_API_ID and KUNAK_TELEGRAM_API_HASH (from "
            "my.telegram.org), then `kunak telegram login`."
        )
    async with outside.open_account() as account:
        channel = await open_channel(account, name)
        page = whole_albums(await account.read_history(channel.key, below=None, limit=_SHOWN))
    posts = read_posts(page.messages, page.names, lambda number: post_address(name, channel.key.id, number))
    if not posts:
        raise InvalidInputError(f"«{channel.title}» holds no posts.")
    key = name.username or f"c/{channel.key.id}"
    source = NewSource(SourceKind.TELEGRAM_ACCOUNT, key, channel.title or key, name.address)
    return Preview(source, Contents(channel.title, tuple(posts[::-1])))
