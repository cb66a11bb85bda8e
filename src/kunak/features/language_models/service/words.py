"""What the admins are told of money."""

from datetime import datetime

from kunak.features.language_models.schemas import Budget, InUse, Part, Per, Watched


def words_of_low(watched: Watched, bot: str) -> str:
    """`bot`: whose budget it is, where it is a bot's; so below."""
    budget = watched.budget
    return (
        f"More than four fifths of the {_name(budget, bot)} ({_amount(budget)} a {budget.period}) are spent; "
        f"it begins anew on {_moment(watched.resets_at)}."
    )


def words_of_spent(budget: Budget, bot: str, resets_at: datetime) -> str:
    return (
        f"The {_name(budget, bot)} ({_amount(budget)} a {budget.period}) is spent: until "
        f"{_moment(resets_at)} answers are quotes. `kunak budget set` changes it."
    )


def words_of_unpriced(model: str, *, listens: bool) -> str:
    what, how = ("a minute of ", " --minute") if listens else ("", "")
    return (
        f"There is a budget, and no price for {what}the model {model}: it is not asked, since nobody could count. "
        f"`kunak price set {model}{how} …` gives it one, 0 for a model that costs nothing."
    )


def words_of_no_price(used: InUse, *, is_bounded: bool) -> str:
    """`is_bounded`: there is a budget."""
    minute = used.part is Part.LISTENS
    then = {
        Part.ASKED: "with a budget it is not asked",
        Part.IN_PLACE: "with a budget its answers are counted at the price of the first model, as an estimate",
        Part.LISTENS: "with a budget voice messages are not heard",
    }
    return (
        f"{used.model} has no price{' for a minute' if minute else ''}: "
        f"{then[used.part] if is_bounded else 'what it costs is not known'}. "
        f"`kunak price set {used.model}{' --minute' if minute else ''}` gives it one."
    )


def _name(budget: Budget, bot: str) -> str:
    return f"budget of {bot}" if budget.per is Per.BOT else "budget of the installation"


def _amount(budget: Budget) -> str:
    return f"{budget.amount:f} {budget.currency}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
