"""What the admins are told of money."""

from datetime import datetime

from kunak.features.language_models.schemas import Budget, Per, Spender, Watched


def words_of_low(watched: Watched, spender: Spender) -> str:
    budget = watched.budget
    return (
        f"More than four fifths of {_name(budget, spender)} ({_amount(budget)} a {budget.period}) are spent; "
        f"it begins anew on {_moment(watched.resets_at)}."
    )


def words_of_spent(budget: Budget, spender: Spender, resets_at: datetime) -> str:
    return (
        f"{_name(budget, spender).capitalize()} ({_amount(budget)} a {budget.period}) is spent: until "
        f"{_moment(resets_at)} answers are quotes. `kunak budget set` changes it."
    )


def words_of_unpriced(model: str) -> str:
    return (
        f"There is a budget, and no price for the model {model}: it is not asked, since nobody could count. "
        f"`kunak price set` gives it one, 0 for a model that costs nothing."
    )


def _name(budget: Budget, spender: Spender) -> str:
    return f"the budget of bot {spender.bot_id}" if budget.per is Per.BOT else "the budget of the installation"


def _amount(budget: Budget) -> str:
    return f"{budget.amount:f} {budget.currency}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
