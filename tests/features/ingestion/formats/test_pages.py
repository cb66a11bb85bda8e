"""Pages of sites: articles, lists of articles, sitemaps."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from trafilatura import extract

from kunak.features.ingestion.formats.article import read_article
from kunak.features.ingestion.formats.charsets import decode
from kunak.features.ingestion.formats.html_text import html_to_text
from kunak.features.ingestion.formats.links import find_articles, find_feeds, guess_mode
from kunak.features.ingestion.formats.sitemap import read_sitemap
from kunak.features.ingestion.schemas import Media, SiteMode
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.web_pages.interface import PageUnfitError

HOME = "https://example.org/news/bridge?utm_source=x"
WORDS = "Мост через реку закрыт до пятницы, потому что его опоры ремонтируют после весеннего паводка. "
ARTICLE = f"""<!DOCTYPE html><html lang="ru"><head><meta charset="utf-8"><title>Мост закрыт | Вести села</title>
<link rel="canonical" href="/news/bridge"><meta property="og:title" content="Мост закрыт">
<meta property="og:image" content="/bridge.jpg">
<meta property="article:published_time" content="2026-11-18T12:00:00+03:00">
<meta name="author" content="Боб Иванов"></head><body><nav><a href="/">Главная</a> <a href="/about">О нас</a></nav>
<article><h1>Мост закрыт</h1><p>{WORDS * 3}</p><p>{WORDS}</p></article><footer>Все права защищены</footer></body>
</html>"""


def test_an_article_is_read_with_what_it_says_about_itself() -> None:
    post = read_article(ARTICLE.encode(), HOME)
    assert (post.title, post.author, post.language) == ("Мост закрыт", "Боб Иванов", "ru")
    assert post.url == post.id == "https://example.org/news/bridge"
    assert (post.time, post.media) == (
        datetime(2026, 11, 18, 9, tzinfo=UTC),
        (Media("photo", "https://example.org/bridge.jpg"),),
    )
    assert WORDS.strip() in post.text
    assert "Все права" not in post.text


def test_the_text_is_what_trafilatura_finds() -> None:
    assert read_article(ARTICLE.encode(), HOME).text == extract(ARTICLE, include_comments=False)


MENU = "".join(f'<li><a href="/r{number}">Раздел {number}</a></li>' for number in range(30))
COMMENTS = "".join(f"<p>Я не согласен с автором, всё было иначе {number}</p>" for number in range(9))


@pytest.mark.parametrize(
    "body",
    [
        "<main><article><h1>Мост</h1>{}</article></main>",
        "<div itemprop='articleBody'>{}</div>",
        "<div role='main'><aside>Реклама</aside>{}</div>",
        "<div class='text'>{}</div>",
        f"<article>{{}}<section class='comments-list'>{COMMENTS}</section></article>",
    ],
)
def test_a_short_article_is_not_lost_among_the_menus(body: str) -> None:
    page = f"<html><body><header><nav>{MENU}</nav></header>{body}<footer>Все права защищены</footer></body></html>"
    assert read_article(page.format("<p>Мост закрыт до пятницы.</p>").encode(), HOME).text == "Мост закрыт до пятницы."


STORY = "".join(
    f"<p>{words}</p>"
    for words in (
        "Утром рабочие перекрыли движение на углу Садовой и Речной, чтобы заменить старые трубы.",
        "Водителям советуют объезжать участок по проспекту, автобусы пойдут по новому маршруту.",
        "По словам главы района, работы обойдутся бюджету в сорок два миллиона рублей.",
        "Жители соседних домов жалуются на шум и просят перенести работы на дневное время.",
    )
)


@pytest.mark.parametrize(
    "body",
    [
        f"<main><h1>Трубы</h1><p>Коротко о главном.</p></main><div class='text'>{STORY}</div>",
        f"<div class='text'>{STORY}</div><article><p>Читайте и о рынке.</p></article>",
        f"<article><p>Меняют трубы на Садовой.</p><form>{STORY}</form></article>",
        f"<article><p>Меняют трубы на Садовой.</p><div class='social-issues'>{STORY}</div></article>",
    ],
    ids=["beside a lead", "beside a teaser", "in a form", "named like buttons"],
)
def test_an_article_that_is_found_beside_what_is_marked_is_kept(body: str) -> None:
    page = f"<html><body><header><nav>{MENU}</nav></header>{body}<footer>Все права защищены</footer></body></html>"
    found = extract(page, include_comments=False) or ""
    assert "сорок два миллиона" in found
    assert read_article(page.encode(), HOME).text == found


def beside(name: str, words: str) -> str:
    return (
        f"<div class='{name}'>"
        + "".join(f"<p>{words}, и так {number}-й раз подряд.</p>" for number in range(12))
        + "</div>"
    )


@pytest.mark.parametrize(
    "clutter",
    [
        beside("sf_comment_list", "Я не согласен с автором, всё было иначе"),
        beside("news-comments__items", "Я не согласен с автором, всё было иначе"),
        beside("modal fade show", "Войдите на сайт, чтобы читать дальше"),
        beside("cookie-notice-text", "Мы храним файлы на вашем устройстве"),
        beside("site-subscribe-form", "Оставьте нам свой адрес, и мы напишем"),
        "<p>Читайте также: <a href='/m'>Мост через реку снова открыт</a></p>",
        "<h3>Читайте также</h3>",
        "<p><b>Подписывайтесь на наш <a href='https://t.me/x'>канал</a>, чтобы ничего не пропустить!</b></p>",
        "<p>Нашли ошибку? Выделите её и нажмите Ctrl+Enter</p>",
    ],
)
@pytest.mark.parametrize("body", ["<div class='text'>{}{}</div>", "<main><h1>Трубы</h1>{}{}</main>"])
def test_what_stands_beside_an_article_is_no_part_of_it(body: str, clutter: str) -> None:
    page = f"<html><body>{body.format(STORY, clutter)}</body></html>"
    assert read_article(page.encode(), HOME).text.removeprefix("Трубы").split() == html_to_text(STORY).split()


TALK = "{'@type': 'DiscussionForumPosting'}"


@pytest.mark.parametrize(
    "body",
    [
        f"<div class='modal-content'><h1>Трубы</h1>{STORY}</div>",
        f"<div class='open-comments'>{STORY}</div>",
        f"<p>Читайте также то, что написано между строк: <b>так учил наш учитель.</b></p>{STORY}",
        f"<div class='comments'>{STORY}</div><script type='application/ld+json'>{TALK}</script>",
    ],
    ids=["in a window", "open for comments", "prose that begins so", "a talk"],
)
def test_what_only_sounds_like_clutter_stays(body: str) -> None:
    page = f"<html><body>{body}</body></html>".replace("'", '"')
    assert html_to_text(STORY).split()[-12:] == read_article(page.encode(), HOME).text.split()[-12:]


def test_texts_between_paragraphs_are_read() -> None:
    text = f"{WORDS}<b>Сказано</b>, и верно.<p>{WORDS}</p>Потом. {WORDS}<p>{WORDS}</p>"
    page = f"<html><body><div class=text>{text}</div></body></html>"
    text = read_article(page.encode(), HOME).text
    assert (text.count("паводка"), text.count("Сказано, и верно."), text.count("Потом.")) == (4, 1, 1)


BLOCKS = json.dumps(
    {"post": {"title": "Мост", "blocks": [{"text": WORDS * 3}, {"text": WORDS * 2}]}, "menu": ["Главная"]}
)


@pytest.mark.parametrize(
    "script",
    [
        f"<script id='__NEXT_DATA__' type='application/json'>{BLOCKS}</script>",
        f"<script>window.__STATE__ = {BLOCKS};</script>",
    ],
)
def test_an_article_is_read_from_the_data_of_scripts_when_the_page_shows_none(script: str) -> None:
    page = "<html><body><nav><a href='/'>Главная</a></nav><div id='root'>{}</div>{}</body></html>"
    assert (
        read_article(page.format("", script).encode(), HOME).text
        == f"{WORDS * 3}\n\n{WORDS * 2}".replace(" \n", "\n").strip()
    )
    assert read_article(page.format(STORY, script).encode(), HOME).text.split() == html_to_text(STORY).split()


I18N = json.dumps({"consent": "We use cookies to please you and others. " * 9})
CONSENT = f"<script type='application/json'>{I18N}</script>"
OFFICE = json.dumps(
    {"@type": "Organization", "description": "Официальный сайт администрации города и его районов. " * 9}
)
REVIEWS = json.dumps(
    {"@type": "Product", "review": [{"reviewBody": "Чайник сломался через неделю, и его не приняли. " * 9}]}
)
RELATED = json.dumps({"body": "Завтра с 9 до 17 не будет воды.", "related": [{"text": WORDS * 4}]})
BUSES = "<table>" + "<tr><td>Маршрут 3</td><td>06:10</td><td>07:40</td></tr>" * 2 + "</table>"
NOTICE = "<p>Завтра с 9 до 17 не будет воды.</p><p>Улицы: Ленина, Мира, Советская.</p><p>Телефон: 05.</p>"
CONTACTS = "<main><p>Адрес: улица Ленина, 1</p><p>Телефон: 8 800 555-35-35</p><p>Часы работы: пн–пт 9–18</p></main>"
POEM = "<article><p>Белеет парус одинокой<br>В тумане моря голубом!..</p><p>Что ищет он в стране далёкой?</p></article>"
LINKED = "<script type='application/ld+json'>{}</script>"


@pytest.mark.parametrize(
    ("body", "script"),
    [
        *((body, CONSENT) for body in (BUSES, CONTACTS, POEM)),
        *((body, LINKED.format(OFFICE)) for body in (CONTACTS, NOTICE, "<p>Завтра не будет воды.</p>")),
        (NOTICE, f"<script id='__NEXT_DATA__' type='application/json'>{RELATED}</script>"),
        (BUSES, LINKED.format(REVIEWS)),
    ],
)
def test_a_page_of_short_lines_is_not_replaced_by_the_data_of_its_scripts(body: str, script: str) -> None:
    page = f"<html><body><h1>Сегодня</h1>{body}{script}</body></html>"
    shown = read_article(page.encode(), HOME).text.removeprefix("Сегодня").replace("|", " ")
    assert shown.split() == html_to_text(body).split()


def test_data_of_a_script_goes_on_where_the_page_breaks_off() -> None:
    beginning = f"<p>{' '.join(WORDS.split()[:7])}…</p><p>{' '.join(WORDS.split()[-7:-1])}...</p>"
    page = f"<html><body>{beginning}<script type='application/json'>{BLOCKS}</script></body></html>"
    assert read_article(page.encode(), HOME).text.count("паводка") == 5


@pytest.mark.parametrize("title", ["Трубы на Садовой | Вести", "Вести села — Трубы на Садовой", "Трубы на Садовой"])
def test_the_name_of_the_site_is_no_part_of_the_title(title: str) -> None:
    page = "<html><head><title>{}</title></head><body><h1>Вести</h1><h1>Трубы на Садовой</h1>{}</body></html>"
    assert read_article(page.format(title, STORY).encode(), HOME).title == "Трубы на Садовой"
    assert (
        read_article(page.format("Трубы на Садовой заменят", STORY).encode(), HOME).title == "Трубы на Садовой заменят"
    )


SITE = "Администрация города Энска"


@pytest.mark.parametrize(
    ("title", "named", "site"),
    [
        (f"Ремонт моста - {SITE}", "", ""),
        (f"Ремонт моста - {SITE}", f"Ремонт моста - {SITE}", ""),
        (f"Ремонт моста - {SITE}", "Ремонт моста", ""),
        (f"{SITE} | Ремонт моста", "", SITE),
        ("Ремонт моста", "", SITE),
        (f"Ремонт моста - {SITE}", SITE, SITE),
    ],
)
def test_a_heading_that_names_the_site_is_no_title(title: str, named: str, site: str) -> None:
    said = f"<meta property='og:title' content='{named}'><meta property='og:site_name' content='{site}'>"
    body = f"<h1>{SITE}</h1><h2>Ремонт моста</h2>{STORY}"
    page = f"<html><head><title>{title}</title>{said}</head><body>{body}</body></html>"
    assert read_article(page.encode(), HOME).title == "Ремонт моста"


def test_a_speaker_is_part_of_the_title() -> None:
    head = "<title>Иванов: мост закрыт | Вести</title><meta property='og:title' content='Иванов: мост закрыт'>"
    page = f"<html><head>{head}</head><body><h1>мост закрыт</h1>{STORY}</body></html>"
    assert read_article(page.encode(), HOME).title == "Иванов: мост закрыт"


@pytest.mark.parametrize(
    "page",
    [
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{WORDS * 4}"}}</script>',
        f"<div class=text>{WORDS * 2}<br><br>{WORDS * 2}</div>",
        f"<table><tr><td>{MENU}<td>{WORDS * 2}<br>{WORDS * 2}</table>",
        f"<noscript><article><p>{WORDS * 4}</p></article></noscript>",
    ],
)
def test_an_article_is_found_wherever_it_stands(page: str) -> None:
    post = read_article(f"<html><body>{page}</body></html>".encode(), HOME)
    assert post.text.count("паводка") == 4


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-8"])
def test_an_old_encoding_is_understood_though_the_page_claims_another(encoding: str) -> None:
    assert WORDS.strip() in read_article(ARTICLE.encode(encoding), HOME, "text/html; charset=utf-8").text


SPANISH = (
    "Según el alcalde, las obras costarán cuarenta millones este año; los niños piden más información y menos ruido. "
)
JAPANESE = "区長によると、工事の費用は四千二百万円です。住民は騒音に不満を述べています。"


@pytest.mark.parametrize("declared", ["", "<meta charset='utf-8'>", "<meta charset='{}'>"])
@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (SPANISH, "iso8859-1"),
        (JAPANESE, "shift_jis"),
        (WORDS, "cp866"),
        (WORDS.upper(), "cp1251"),
        (WORDS.upper(), "koi8-r"),
        (WORDS, "utf-16-le"),
        (WORDS, "utf-16"),
    ],
)
def test_an_encoding_is_guessed_where_none_is_declared_or_a_wrong_one(words: str, encoding: str, declared: str) -> None:
    head = declared.format(encoding) + f"<script>{'x' * 100_000}</script>"
    page = f"<html><head>{head}</head><body><article><p>{words * 3}</p></article></body></html>"
    assert read_article(page.encode(encoding), HOME).text == (words * 3).strip()


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
@pytest.mark.parametrize("words", ["<p>ВНИМАНИЕ! ОТКЛЮЧЕНИЕ ВОДЫ ЗАВТРА", "<p>ВКонтакте и КамАЗ"])
def test_a_few_words_are_read_as_declared(words: str, encoding: str) -> None:
    assert decode(words.encode(encoding), f"text/html; charset={encoding}") == words


def test_one_sign_that_is_no_utf_8_does_not_spoil_the_rest() -> None:
    page = ARTICLE.replace("Боб Иванов", "Bob").encode("ascii", "xmlcharrefreplace").replace(b"Bob", b"Bob \x80")
    post = read_article(page, HOME)
    assert (post.text.count("паводка"), post.title) == (4, "Мост закрыт")


def test_utf_8_with_a_broken_sign_is_still_utf_8() -> None:
    page = ARTICLE.encode().replace("весеннего".encode(), b"\xd0vesennego", 1)
    assert read_article(page, HOME, "text/html; charset=windows-1251").text.count("паводка") == 4


def test_a_page_cannot_pass_itself_off_as_one_of_another_site() -> None:
    page = ARTICLE.replace('href="/news/bridge"', 'href="https://other.example/x"')
    assert read_article(page.encode(), HOME).id == HOME


def test_a_page_that_calls_itself_the_home_page_is_not_believed() -> None:
    page = ARTICLE.replace('href="/news/bridge"', 'href="/"')
    assert read_article(page.encode(), HOME).id == HOME
    assert read_article(page.encode(), "https://www.example.org").id == "https://www.example.org/"


@pytest.mark.parametrize("page", ["", "<html></html>", "<html><body><script>x</script></body></html>"])
def test_a_page_without_words_is_refused(page: str) -> None:
    with pytest.raises(InvalidInputError):
        read_article(page.encode(), HOME)


def test_a_page_of_50_mb_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="larger than 4 MB"):
        read_article(b"<p>x</p>" * (50 * 2**17), HOME)


def test_a_page_nested_without_end_does_no_harm() -> None:
    page = "<div>" * 50_000 + WORDS
    with pytest.raises(InvalidInputError):
        read_article(page.encode(), HOME)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("просто текст & всё", "просто текст & всё"),
        ("<p>раз</p><p>два<br>три</p>", "раз\n\nдва\nтри"),
        ("<ul><li>раз</li><li>два</li></ul>", "- раз\n- два"),
        ("a<script>b</script>c<style>d</style>e", "ace"),
        ("<p>одна\n   строка</p>", "одна строка"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ('до <img src="x" alt="🙂"> после <img alt="фото">', "до 🙂 после"),
        ("", ""),
    ],
)
def test_markup_becomes_lines(markup: str, words: str) -> None:
    assert html_to_text(markup) == words


def test_feeds_and_articles_of_a_page_are_found() -> None:
    links = "".join(f'<h2><a href="/news/{n}">Длинный заголовок новости номер {n}</a></h2>' for n in range(8))
    menu = '<nav><a href="/very-long-address">Очень длинное название раздела сайта</a></nav>'
    other = '<a href="https://other.example/x">Длинный заголовок с другого сайта сети</a>'
    tag = '<a href="/tag/x">Длинное название метки этого сайта</a>'
    feed = '<link rel="alternate" type="application/atom+xml" href="/a.xml"><link rel="alternate" href="/en">'
    page = f"<html><head>{feed}</head><body>{menu}{links}{other}{tag}</body></html>"
    assert find_feeds(page, HOME) == ["https://example.org/a.xml"]
    assert find_articles(page, HOME) == [f"https://example.org/news/{n}" for n in range(8)]
    assert (guess_mode(page, HOME), guess_mode(ARTICLE, HOME)) == (SiteMode.LIST, SiteMode.PAGE)


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://example.org/a</loc><lastmod>2026-11-01</lastmod></url>
<url><loc> /b </loc><lastmod>0001-01-01T00:00:00Z</lastmod></url>
<url></url>
<url><loc>javascript:x</loc></url>"""


@pytest.mark.parametrize("body", [SITEMAP + "</urlset>", SITEMAP, gzip.compress((SITEMAP + "</urlset>").encode())])
def test_a_sitemap_is_read_whole_broken_or_packed(body: str | bytes) -> None:
    pages = read_sitemap(body.encode() if isinstance(body, str) else body, HOME).pages
    assert [each.address for each in pages] == ["https://example.org/a", "https://example.org/b"]
    assert [each.changed_at for each in pages] == [datetime(2026, 11, 1, tzinfo=UTC), None]


def test_a_packed_sitemap_that_is_a_bomb_or_damaged_is_refused() -> None:
    with pytest.raises(PageUnfitError, match="larger"):
        read_sitemap(gzip.compress(b"\0" * 60 * 2**20), HOME)
    with pytest.raises(PageUnfitError, match="end is missing"):
        read_sitemap(gzip.compress(SITEMAP.encode())[:-9], HOME)
    with pytest.raises(InvalidInputError, match="not a sitemap"):
        read_sitemap(b"<html></html>", HOME)
