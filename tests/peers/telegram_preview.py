"""Public previews of channels, as `t.me/s/NAME` serves them: twenty posts a page, newest page first."""

import html
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.peers.web_server import Answer, Asked, WebServer

PAGE = 20


@dataclass
class Channel:
    """A channel whose posts (by number) a test writes, edits and deletes."""

    name: str
    title: str
    posts: dict[int, str] = field(default_factory=dict)
    is_open: bool = True

    def serve(self, town: WebServer) -> None:
        town.put_answer(f"/s/{self.name}", self.answer)

    def answer(self, asked: Asked) -> Answer:
        if not self.is_open:
            return Answer(_closed(self.title))
        before = int(parse_qs(urlsplit(asked.path).query).get("before", ["1000000"])[0])
        numbers = sorted(number for number in self.posts if number < before)[-PAGE:]
        posts = "".join(_post(self.name, number, self.posts[number]) for number in numbers)
        head = f'<div class="tgme_channel_info_header_title"><span dir="auto">{html.escape(self.title)}</span></div>'
        return Answer(f'<body>{head}<section class="tgme_channel_history">{posts}</section></body>')


def _post(name: str, number: int, text: str) -> str:
    return f"""<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="{name}/{number}">
        <div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>
        <span class="tgme_widget_message_meta"><a class="tgme_widget_message_date" href="https://t.me/{name}/{number}">
        <time datetime="2026-11-{1 + number % 18:02}T08:00:00+00:00" class="time">08:00</time></a></span></div></div>"""


def _closed(title: str) -> str:
    return f'<body class="tgme_page"><div class="tgme_page_title"><span>{html.escape(title)}</span></div></body>'
