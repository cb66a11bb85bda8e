"""pgvector's `halfvec` as a column type. Its own Python package would bring numpy into every process."""

from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType


class HalfVector(UserDefinedType[str]):
    """Of any number of dimensions, read as text: `[0.1,0.2]`. A cast of `real[]` writes it at half the cost of text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "halfvec"


ischema_names["halfvec"] = HalfVector
