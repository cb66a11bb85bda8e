"""What a reader chose or their browser asks for: the language and the theme."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from kunak.foundation.language.languages import DEFAULT, Language, exact, nearest, primary_subtag

Theme = Literal["light", "dark"]

LANGUAGE_COOKIE = "kunak_language"
THEME_COOKIE = "kunak_theme"
_A_YEAR_S = 365 * 24 * 3600


def language_of(request: Request) -> Language:
    """`?lang=`, else the cookie, else `Accept-Language`, else Russian."""
    chosen = exact(request.query_params.get("lang")) or exact(request.cookies.get(LANGUAGE_COOKIE))
    return chosen or from_accept_language(request.headers.get("accept-language", ""))


def theme_of(request: Request) -> Theme | None:
    """`?theme=`, else the cookie; None follows the system."""
    chosen = request.query_params.get("theme") or request.cookies.get(THEME_COOKIE)
    return "light" if chosen == "light" else "dark" if chosen == "dark" else None


def remember_choices(request: Request, response: Response) -> None:
    """Keep what the address chose for the pages that follow."""
    if language := exact(request.query_params.get("lang")):
        _keep(response, LANGUAGE_COOKIE, language)
    theme = request.query_params.get("theme")
    if theme in ("light", "dark"):
        _keep(response, THEME_COOKIE, theme)
    elif theme == "auto":
        response.delete_cookie(THEME_COOKIE)


def from_accept_language(header: str) -> Language:
    """The first of ours among the languages a browser lists, else the nearest to its first."""
    tags = [tag for _, tag in sorted(_weighted(header), key=lambda pair: -pair[0])]
    ours = (language for tag in tags if (language := exact(tag)) is not None)
    return next(ours, nearest(tags[0]) if tags else DEFAULT)


def _weighted(header: str) -> list[tuple[float, str]]:
    found = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if primary_subtag(tag) and quality > 0:
            found.append((quality, tag))
    return found


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_A_YEAR_S, samesite="lax", httponly=True)
