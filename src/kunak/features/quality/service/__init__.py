"""The front door of the quality lab: golden questions, runs that ask them, and whether one is worse than another."""

from kunak.features.quality.figures import is_worse, name_result
from kunak.features.quality.service.measure import measure_answers
from kunak.features.quality.service.questions import (
    LONGEST_QUESTION,
    add_questions,
    check_question,
    list_questions,
    make_questions,
    remove_questions,
)
from kunak.features.quality.service.rankings import keep_rankings
from kunak.features.quality.service.runs import check_label, compare_runs, get_run, list_runs

__all__ = [
    "LONGEST_QUESTION",
    "add_questions",
    "check_label",
    "check_question",
    "compare_runs",
    "get_run",
    "is_worse",
    "keep_rankings",
    "list_questions",
    "list_runs",
    "make_questions",
    "measure_answers",
    "name_result",
    "remove_questions",
]
