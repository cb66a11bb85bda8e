"""The bold line above results, or what is said in their place."""

from datetime import timedelta

from kunak.features.conversations.schemas import Span, View
from kunak.features.search.schemas import Answer, Mode
from kunak.features.search.schemas import Span as Period
from kunak.foundation.language.words import Words


def heading(answer: Answer, view: View, words: Words) -> str:
    if answer.mode is Mode.DIGEST:
        return _of_digest(answer, view, words)
    if view.skip:
        return words.gettext("More of what I found:")
    if answer.is_other_time and answer.period is not None:
        days = days_of(answer.period, words)
        return words.gettext("Nothing was found for that time (%(period)s). From other times:", period=days)
    return words.gettext("Here is what I found:")


def _of_digest(answer: Answer, view: View, words: Words) -> str:
    match view.span:
        case Span.DAY:
            return words.gettext("What is new today:")
        case Span.WEEK:
            return words.gettext("What was new this week:")
        case Span.MONTH:
            return words.gettext("What was new this month:")
    days = days_of(answer.period, words) if answer.period else ""
    if answer.is_other_time:
        return words.gettext("Nothing was found for that time. The latest there is (%(period)s):", period=days)
    return words.gettext("What happened (%(period)s):", period=days)


def nothing_found(answer: Answer, view: View, words: Words) -> str:
    if view.source or view.span is not Span.ANY:
        return words.gettext("Nothing was found about this there. Choose another period or source.")
    if answer.period is not None:
        return words.gettext("Nothing was found (%(period)s).", period=days_of(answer.period, words))
    return words.gettext("Nothing was found about this.")


def days_of(period: Period, words: Words) -> str:
    """Its days, both included."""
    first, last = words.date(period.start), words.date(period.end - timedelta(microseconds=1))
    return first if first == last else f"{first} – {last}"
