"""To lose a true sentence, or a whole article, is worse than to keep an invitation."""

import pytest

from kunak.features.ingestion.formats.article import read_article
from kunak.features.ingestion.formats.html_text import html_to_text

STORY = "<p>Трубы на Садовой меняют до пятницы, и воду привозят во дворы утром и вечером.</p>" * 12
MENU = "<nav>" + "".join(f"<a href='/{number}'>Новости района {number}</a>" for number in range(40)) + "</nav>"
RIGHTS = f"<footer>Перепечатка возможна лишь с согласия редакции. {'Она строга. ' * 40}</footer>"


def read(body: str) -> str:
    return read_article(f"<html><body>{body}</body></html>".encode(), "https://example.org/pipes").text


@pytest.mark.parametrize(
    "sentence",
    [
        "See more than two hundred exhibits in the <a href='/h'>old town hall</a> until the end of May.",
        "Watch next Sunday's match at the <a href='/s'>stadium</a>, or at home.",
        "Sign up for the <a href='/m'>marathon</a> before Friday at the town hall.",
        "По теме отключения воды 5 мая на Садовой <a href='/w'>ответил водоканал</a>.",
        "Подписаться на газету можно на почте до 1 июня, сказано <a href='/p'>в объявлении</a>.",
        "Читать ещё не умеет каждый пятый первоклассник, показал <a href='/r'>опрос</a>.",
        "Нашли ошибку в смете ревизоры <a href='/c'>Счётной палаты</a>: три миллиона лишних.",
        "Читайте также <a href='/k'>книги Пушкина</a> вслух, советует библиотекарь.",
    ],
)
def test_a_sentence_that_begins_like_an_invitation_stays(sentence: str) -> None:
    assert html_to_text(sentence) in read(f"<div>{STORY}<p>{sentence}</p>{STORY}</div>")


@pytest.mark.parametrize(
    "invitation",
    [
        "Читайте также <a href='/m'>Мост через реку снова открыт для всех</a>",
        "<a href='/m'>Читайте также: Мост через реку снова открыт для всех</a>",
        "Смотрите ещё: как <a href='/m'>мост через реку</a> снова открыли для всех",
        "Подпишитесь на наш <a href='/t'>Telegram-канал</a>, чтобы мост через реку не открыли без вас",
        "Read more — <a href='/m'>мост через реку</a> снова открыт",
    ],
)
def test_an_invitation_goes(invitation: str) -> None:
    assert "мост через реку" not in read(f"<div>{STORY}<p>{invitation}</p>{STORY}</div>").lower()


@pytest.mark.parametrize(
    "named",
    [
        *("class='content-modal'", "class='modal-body'", "class='newsletter-content'"),
        *("class='comment-free'", "class='subscription-article'", "id='popup-article'", "role='dialog'"),
    ],
)
def test_an_article_stays_whatever_its_wrapper_is_called(named: str) -> None:
    assert read(f"{MENU}<div>Вести села</div><div {named}>{STORY}</div>{RIGHTS}").split() == html_to_text(STORY).split()
