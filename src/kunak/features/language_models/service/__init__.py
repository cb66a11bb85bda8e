"""Language models are looked after: how long they are there, what they cost, what may be spent on them."""

from kunak.features.language_models.service.allow import allow
from kunak.features.language_models.service.budgets import (
    describe_budget,
    list_budgets,
    list_unpriced,
    remove_budget,
    set_budget,
)
from kunak.features.language_models.service.counted import CountedModel, bill_of, close_books, close_hearing
from kunak.features.language_models.service.meter import Meter
from kunak.features.language_models.service.prices import (
    choice_of,
    choose_model,
    list_chosen,
    list_prices,
    remove_price,
    set_price,
)
from kunak.features.language_models.service.settle import (
    forget_person,
    give_back,
    settle,
    settle_at_once,
    settle_lost,
    take_names_off,
)
from kunak.features.language_models.service.sunset import alert_of_sunsets, stage_of
from kunak.features.language_models.service.usage import list_calls_of, list_usage, usage_of

__all__ = [
    "CountedModel",
    "Meter",
    "alert_of_sunsets",
    "allow",
    "bill_of",
    "choice_of",
    "choose_model",
    "close_books",
    "close_hearing",
    "describe_budget",
    "forget_person",
    "give_back",
    "list_budgets",
    "list_calls_of",
    "list_chosen",
    "list_prices",
    "list_unpriced",
    "list_usage",
    "remove_budget",
    "remove_price",
    "set_budget",
    "set_price",
    "settle",
    "settle_at_once",
    "settle_lost",
    "stage_of",
    "take_names_off",
    "usage_of",
]
