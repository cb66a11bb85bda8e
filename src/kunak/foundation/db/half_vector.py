"""pgvector's `halfvec` as a column type. Its own Python package would bring numpy into every process."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType


class HalfVector(UserDefinedType[str]):
    """Of any number of dimensions, as text: `[0.1,0.2]`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "halfvec"


ischema_names["halfvec"] = HalfVector


def to_half_vector(vector: Sequence[float]) -> str:
    """As PostgreSQL reads it; half precision holds no more than four digits."""
    return f"[{','.join(f'{each:.5g}' for each in vector)}]"
