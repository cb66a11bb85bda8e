"""Which models the settings name, and what for."""

from kunak.features.language_models.schemas import InUse, Part
from kunak.foundation.settings import Settings
from kunak.processes.hearing import open_ears
from kunak.processes.language_model import read_providers


def models_in_use(settings: Settings) -> list[InUse]:
    """Those that are paid for: who is asked, who answers in the place of the first, who listens.

    Raises:
        InvalidInputError: a setting is wrong; the sentence names it.
    """
    parts = [Part.ASKED, Part.IN_PLACE, Part.IN_PLACE]
    used = [InUse(each.name, each.model, part) for each, part in zip(read_providers(settings), parts, strict=False)]
    ears = open_ears(settings)  # nothing is opened before it is asked
    return used if ears is None else [*used, InUse(ears.provider, ears.model, Part.LISTENS)]
