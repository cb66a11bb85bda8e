"""What can go wrong with a source beside what can go wrong with the web.

InvalidInputError
└── SourceClosedError   it is there, and closed to us: only a person can help
"""

from kunak.foundation.errors import InvalidInputError


class SourceClosedError(InvalidInputError):
    """The source cannot be read without joining it."""
