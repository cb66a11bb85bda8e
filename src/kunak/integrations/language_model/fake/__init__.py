"""A provider of our own: both protocols over real HTTP, answers that follow from the question, and faults on demand."""

from kunak.integrations.language_model.fake.faults import Fault, Manner
from kunak.integrations.language_model.fake.server import FakeProvider, Recorded

__all__ = ["FakeProvider", "Fault", "Manner", "Recorded"]
