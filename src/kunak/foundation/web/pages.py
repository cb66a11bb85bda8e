"""Pages: Jinja2 templates in the reader's language, with addresses of assets that carry their version."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kunak.foundation.language.languages import Language
from kunak.foundation.language.words import words_in
from kunak.foundation.web.assets import HERE, Assets
from kunak.foundation.web.preferences import language_of, remember_choices, theme_of


class Pages:
    """Renders `<area>/<template>`; each area is a folder of templates, and `web` holds the layout."""

    def __init__(self, assets: Assets, **folders: Path) -> None:
        self.assets = assets
        loader = jinja2.PrefixLoader(
            {name: jinja2.FileSystemLoader(folder) for name, folder in {"web": HERE / "templates", **folders}.items()}
        )
        self._environments = {language: self._environment(language, loader) for language in Language}

    def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """The page in the language and theme the reader chose, remembering a choice made in the address."""
        language = language_of(request)
        page = self._environments[language].get_template(template)
        content = page.render(
            path=request.url.path,
            other_language=_address_with(request, lang=_other(language)),
            theme=theme_of(request),
            **context,
        )
        response = HTMLResponse(content, status, headers=headers)
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Language, Cookie"
        response.headers.setdefault("Cache-Control", "no-cache")
        remember_choices(request, response)
        return response

    def _environment(self, language: Language, loader: jinja2.BaseLoader) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        words = words_in(language)
        environment.policies["ext.i18n.trimmed"] = True
        install: Any = environment
        install.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)
        environment.globals |= {"asset": self.assets.url, "language": language, "words_of_scripts": words.scripts}
        return environment


def _other(language: Language) -> Language:
    return Language.ENGLISH if language is Language.RUSSIAN else Language.RUSSIAN


def _address_with(request: Request, **changed: str) -> str:
    return "?" + urlencode({**dict(request.query_params), **changed})
