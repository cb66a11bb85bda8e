"""To lose a true sentence, or a whole article, is worse than to keep an invitation."""

import pytest

from kunak.features.ingestion.formats.article import read_article
from kunak.features.ingestion.formats.html_text import html_to_text

STORY = "<p>Трубы на Садовой меняют до пятницы, и воду привозят во дворы утром и вечером.</p>" * 12
MENU = "<nav>" + "".join(f"<a href='/{number}'>Новости района {number}</a>" for number in range(40)) + "</nav>"
RIGHTS = f"<footer>Перепечатка возможна лишь с согласия редакции. {'Она строга. ' * 40}</footer>"

YEARS = "".join(
    f"<p>В {year} году трубы на Садовой меняли до пятницы, и воду привозили утром и вечером.</p>\n"
    for year in range(2001, 2013)
)


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
        "Sign up for the swimming course by Friday 5 June at <a href='/h'>the sports hall</a>.",
        "Подписаться на петицию против закрытия школы можно до 5 июня на <a href='/s'>сайте</a>.",
        "Подпишитесь на страницу жалоб до 5 июня в <a href='/s'>приёмной</a>.",
        "Заметили ошибку в квитанции? Обратитесь в <a href='/m'>МФЦ на Ленина</a>.",
        "Нашли ошибку? Обратитесь до 20 июня в <a href='/m'>МФЦ на Ленина</a>.",
        "По теме благоустройства выступил <a href='/g'>глава города</a>: парк откроют 1 июля.",
        "По теме: <a href='/g'>глава города</a> сказал, что парк откроют 1 июля.",
        "Read more than 20 books by June and win a prize.",
        "Read more books this summer: <a href='/l'>the library</a> is open until nine.",
        "Watch more of the river: <a href='/b'>the new bridge</a> opens on Monday at nine.",
        "Follow us on the excursion through the old town on Sunday, <a href='/t'>tickets</a> cost 300.",
        "Subscribe to the channel tunnel walk, it leaves from <a href='/t'>the station</a>.",
        "Читать также надо уметь по Брайлю: курсы ведёт <a href='/b'>общество слепых</a>, улица Мира, 3.",
        "Смотрите также расписание: с 1 июня <a href='/7'>автобус №7</a> идёт до станции.",
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
        "Нашли ошибку в тексте про мост через реку? Нажмите Ctrl+Enter",
        "Нашли ошибку в тексте? <a href='/e'>Пишите</a> нам про мост через реку",
        "Subscribe to our <a href='/n'>newsletter</a> мост через реку",
    ],
)
def test_an_invitation_goes(invitation: str) -> None:
    assert "мост через реку" not in read(f"<div>{STORY}<p>{invitation}</p>{STORY}</div>").lower()


WRAPPERS = (
    "content-modal modal news-modal article-modal modal-content popup popup-content js-popup-content page-popup "
    "newsletter-content newsletter-body newsletter_main subscription-content subscribe-content mailing-list-content "
    "main-comment editor-comment expert-comment news-comment comment comment-text kommentarii gdpr-info cookie-info "
    "has-modal open-modal no-modal comment-free comments-off comments-closed subscription-article"
)


@pytest.mark.parametrize("named", [*(f"class='{name}'" for name in WRAPPERS.split()), "id='popup'", "role='dialog'"])
@pytest.mark.parametrize(
    "page",
    [
        "<div>Вести села</div><div {}><h2>Трубы</h2>{}</div>",
        "<h1>Трубы</h1><div {}>{}</div>",
        "<div {}><article><h2>Трубы</h2>{}</article></div>",
        "<article><h1>Трубы</h1><div {}>{}</div></article>",
    ],
)
def test_an_article_stays_whatever_its_wrapper_is_called(page: str, named: str) -> None:
    text = read(MENU + page.format(named, YEARS) + RIGHTS)
    assert text.split()[-len(YEARS.split()) :] == html_to_text(YEARS).split()
    assert "Новости района" not in text


@pytest.mark.parametrize("named", ["modal", "newsletter-body"])
def test_a_wrapper_stays_that_holds_most_of_the_prose(named: str) -> None:
    teasers = "<div class='side'><p>В соседнем селе тоже меняют трубы, и надолго, пишут оттуда.</p></div>" * 6
    text = read(f"{MENU}{teasers}<div class='{named}'>{YEARS}</div>{RIGHTS}")
    assert all(f"В {year} году" in text for year in range(2001, 2013))


@pytest.mark.parametrize("named", ["expert-comment", "editor-comment", "comment"])
def test_the_word_of_an_expert_is_part_of_the_article(named: str) -> None:
    word = "«Трубы простоят ещё пятьдесят лет», — сказал главный инженер Сидоров."
    assert word in read(f"<article><h1>Трубы</h1>{STORY}<div class='{named}'><p>{word}</p></div></article>")


@pytest.mark.parametrize("named", ["comment", "user-comment", "news-comment", "comment-body"])
def test_comments_of_readers_go(named: str) -> None:
    comments = f"<div class='{named}'><p>Третий год меняют эти трубы, и всё без толку, как всегда.</p></div>" * 2
    assert "без толку" not in read(f"<article><h1>Трубы</h1>{STORY}{comments}</article>")
    assert "без толку" not in read(
        f"<h1>Трубы</h1><p>Завтра воды не будет до вечера.</p><div id='comments'>{comments}</div>"
    )


@pytest.mark.parametrize("article", [f"<div>{STORY}</div>", "<p>Завтра с 9 до 17 на Садовой не будет воды.</p>"])
def test_a_notice_of_cookies_longer_than_the_article_goes(article: str) -> None:
    notice = "<p>Мы используем файлы cookie, чтобы сайт был удобнее, и просим вас согласиться с этим.</p>" * 9
    text = read(f"<h1>Трубы</h1>{article}<div role='dialog'>{notice}</div>")
    assert "cookie" not in text
    assert "на Садовой" in text
