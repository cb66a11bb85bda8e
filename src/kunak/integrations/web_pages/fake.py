"""A web of a few pages, in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kunak.integrations.web_pages.addresses import check_address, host_of
from kunak.integrations.web_pages.interface import FetchOptions, Page, PageGoneError, Validators

Answer = bytes | str | Exception | Callable[[], "bytes | str"]


@dataclass
class FakeWebPages:
    """Answers with what was put at an address; an error is raised. An unchanged page is known by its bytes."""

    pages: dict[str, Answer] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, address: str, answer: Answer, content_type: str = "text/html") -> None:
        self.pages[check_address(address)] = answer
        self.content_types[check_address(address)] = content_type

    async def fetch(self, address: str, options: FetchOptions = FetchOptions()) -> Page:  # noqa: B008  frozen
        """See `WebPages.fetch`."""
        address = check_address(address)
        self.asked.append(address)
        answer = self.pages.get(address)
        if answer is None:
            raise PageGoneError(f"{host_of(address)} answers 404: there is no such page.", code=404)
        if isinstance(answer, Exception):
            raise answer
        given = answer() if callable(answer) else answer
        body = given.encode() if isinstance(given, str) else given
        validators = Validators(etag=f'"{hash(body)}"')
        if options.validators == validators:
            return Page(address, b"", validators=validators, is_unchanged=True)
        return Page(address, body, self.content_types[address], validators)

    async def close(self) -> None:
        """There is nothing to let go of."""
