"""Tests of a model in our own process, where the extra is installed."""

from importlib.util import find_spec

import pytest

needs_local_extra = pytest.mark.skipif(
    find_spec("fastembed") is None or find_spec("onnx") is None, reason="the extra `local` is not installed"
)
