"""A person sees what of the language model they have used."""

from kunak.features.conversations.reply import to_says
from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.spend import spender_of
from kunak.features.language_models import service as language_models
from kunak.features.language_models.schemas import BudgetPeriod, OwnUsage, UsageLine, Watched
from kunak.features.messaging.schemas import Reply
from kunak.foundation.clock import now
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.text import FormattedText


async def tell_usage(library: Library, spoken: Spoken) -> Reply:
    """Only in a private chat: in a group it is nobody else's business."""
    words = spoken.words
    if not spoken.message.is_private:
        text = FormattedText().add(words.gettext("I tell this only in a private chat with me."))
        return Reply(to_says(text, spoken.message))
    spender = spender_of(spoken.bot.id, spoken.message)
    async with library.reading() as session:
        used = await language_models.usage_of(session, library.books, spender, now())
    return Reply(to_says(_shown(used, words), spoken.message))


def _shown(used: OwnUsage, words: Words) -> FormattedText:
    text = FormattedText().add(words.gettext("What you have used of my language model"), "bold")
    text.add("\n\n").add(words.gettext("Today")).add(f": {_line(used.today, words)}")
    text.add("\n").add(words.gettext("This month")).add(f": {_line(used.month, words)}")
    for watched in used.budgets:
        text.add("\n\n").add(_budget(watched, words))
    if not used.budgets:
        text.add("\n\n").add(words.gettext("No budget is set for you."))
    return text


def _line(line: UsageLine, words: Words) -> str:
    asked = words.ngettext("%(n)s question", "%(n)s questions", line.calls)
    if line.voices:
        asked += ", " + words.ngettext("%(n)s voice message", "%(n)s voice messages", line.voices)
    if line.unknown and not line.cost:
        return asked  # nobody has set a price, so there is no sum to speak of
    amount = words.money(line.cost, line.currency)
    if line.unknown:
        amount = words.gettext("at least %(amount)s", amount=amount)
    elif line.estimated:
        amount = words.gettext("about %(amount)s", amount=amount)
    return f"{asked}, {amount}"


def _budget(watched: Watched, words: Words) -> str:
    budget = watched.budget
    if not budget.amount:
        return words.gettext("My language model is not used here.")
    of_what = {
        "amount": words.money(budget.amount, budget.currency),
        "spent": words.money(watched.spent, budget.currency),
        "when": words.moment(watched.resets_at),
    }
    if budget.period is BudgetPeriod.DAY:
        return words.gettext(
            "Of your budget for a day, %(amount)s, %(spent)s is used; it begins anew on %(when)s.", **of_what
        )
    return words.gettext(
        "Of your budget for a month, %(amount)s, %(spent)s is used; it begins anew on %(when)s.", **of_what
    )
