"""The ways of other people's servers, seen in their sources: each differs from Telegram's own in some of them."""

from dataclasses import dataclass, field

from kunak.integrations.telegram_channels.server import Transport


class RefusalError(Exception):
    """An error of Telegram's, such as 401 AUTH_KEY_UNREGISTERED."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(name)
        self.code = code
        self.name = name


@dataclass
class Manners:
    """How the server behaves. As it stands: much like Telegram."""

    transports: frozenset[Transport] = frozenset(Transport)
    """Who comes on another one is hung up on."""
    takes_plain: bool = True
    takes_padded: bool = True
    """How the secret of a key exchange may be sealed."""
    lacks: set[str] = field(default_factory=set)
    """Requests that it does not know, such as `GetState`."""
    says_of_lacking: tuple[int, str] = (404, "METHOD_NOT_FOUND")
    is_deaf_to: set[str] = field(default_factory=set)
    """Requests that it never answers."""
    writes_changes_down: bool = True
    """Whether what has happened in a channel can be asked for; switched off, nothing ever has."""
    pages_count_events: bool = True
    """Whether a page of a channel says how many events there have been."""
    sends_away_to: int | None = None
    """A data centre in which every account lives."""
    signs_up: bool = False
    """Whether the number of the phone belongs to nobody yet."""
    salt: int = 0
    """What it wants to find in each message."""
    names_centre: tuple[str, int] | None = None
    """The host and port that its configuration tells of."""

    def refuse_lacking(self, name: str) -> None:
        """
        Raises:
            RefusalError: it does not know such requests.
        """
        if name in self.lacks:
            raise RefusalError(*self.says_of_lacking)
