"""Which models look at pictures. No server tells beforehand: it is tried once, and a refusal is remembered."""

import re

from kunak.integrations.language_model.access import ProviderAccess
from kunak.integrations.language_model.errors import ImagesRefusedError, LanguageModelError, Trouble
from kunak.integrations.language_model.interface import Image, Request

_IMAGE = r"(?:image|vision|multi-?modal|image_url|input_image)"
_CANNOT = re.compile(
    rf"(?:not|n't|cannot|no)\b.{{0,40}}\b(?:support|accept|allow|take|see|capab)\w*.{{0,40}}{_IMAGE}"
    rf"|{_IMAGE}\w*.{{0,60}}\b(?:not (?:supported|enabled|available|allowed)|unsupported)"
    rf"|\bnot (?:an? )?{_IMAGE}|support\w* {_IMAGE} input|required for {_IMAGE} input|text[- ]only"
    rf"|(?:unknown|unsupported|invalid|unexpected).{{0,60}}\b(?:image_url|input_image)\b"
    r"|content\b.{0,40}\b(?:must|should) be a (?:valid )?string",
    re.IGNORECASE,
)
_THIS_PICTURE = re.compile(r"format|size|large|dimension|decod|corrupt|download|fetch|policy|base64", re.IGNORECASE)
"""Words about the picture that was sent: another one may be welcome."""


class Sight:
    """What is known of the models of one provider."""

    def __init__(self, access: ProviderAccess) -> None:
        self._access = access
        self._blind: set[str] = set()

    def check(self, request: Request, model: str) -> None:
        """
        Raises:
            ImagesRefusedError: there are pictures in it, and this model will not look at them.
        """
        if _has_images(request) and (self._access.images is False or model in self._blind):
            raise ImagesRefusedError(f"{self._access.name}: {model} does not look at pictures.")

    def refused(self, request: Request, model: str, error: LanguageModelError) -> ImagesRefusedError | None:
        """The error in clearer words when it says that this model looks at no pictures; it is remembered."""
        words = str(error)
        if not _has_images(request) or error.trouble is Trouble.WITHHELD:
            return None
        if not _CANNOT.search(words) or _THIS_PICTURE.search(words):
            return None
        if self._access.images is None:
            self._blind.add(model)
        return ImagesRefusedError(words)


def _has_images(request: Request) -> bool:
    return any(isinstance(part, Image) for message in request.messages for part in message.parts)
