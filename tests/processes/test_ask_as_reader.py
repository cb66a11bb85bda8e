"""What is measured is what a reader is told, and what it depends on is named."""

from dataclasses import dataclass
from datetime import timedelta

from tests.features.search.town import entry, put

from kunak import __version__
from kunak.features.quality.schemas import Cited, Conditions
from kunak.features.search.schemas import Equipment
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.processes.evaluation.answers import ask_as_reader, describe_conditions


@dataclass(frozen=True)
class Embedder:
    """One that is never there in time."""

    model: str = "words-to-numbers"

    async def vector_of(self, _text: str) -> None:
        return None


async def test_a_quote_is_cited_and_nothing_is_nothing(sessions: Sessions) -> None:
    await put(sessions, [entry(1, "Рынок открыт по субботам."), entry(2, "Мост на ремонте.")])
    ask = ask_as_reader(sessions, Equipment())
    given = await ask("Когда открыт рынок?", Language.RUSSIAN)
    assert given.citations == (Cited("doc-1", "Рынок открыт по субботам."),)
    assert (given.text, given.refused) == ("Рынок открыт по субботам.", False)
    nothing = await ask("Какова масса Юпитера?", Language.RUSSIAN)
    assert (nothing.citations, nothing.refused) == ((), True)


async def test_a_story_of_a_digest_is_cited_with_its_headline(sessions: Sessions) -> None:
    at = now() - timedelta(hours=2)
    told = "В Дербенте открыли новый мост через реку. Он соединил старый город с вокзалом и рынком."
    await put(sessions, [entry(1, told, published_at=at, source="one")])
    given = await ask_as_reader(sessions, Equipment())("Что нового за неделю?", Language.RUSSIAN)
    assert not given.refused
    assert {each.reference for each in given.citations} == {"doc-1"}
    assert given.citations[0].quote.startswith("В Дербенте открыли новый мост")


async def test_what_the_figures_depend_on_is_named(sessions: Sessions) -> None:
    bare = describe_conditions(Equipment(), corpus_entries=7)
    assert bare == Conditions(__version__, "lexical", corpus_entries=7)
    equipped = describe_conditions(Equipment(Embedder()), corpus_entries=7)
    assert (equipped.mode, equipped.embedder, equipped.reranker) == ("hybrid", "words-to-numbers", None)
