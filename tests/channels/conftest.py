"""What the tests of channels share."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from metafor.core import set_error_handler


@pytest.fixture(autouse=True)
def reported(request: pytest.FixtureRequest) -> Iterator[list[BaseException]]:
    """The errors that reached the global handler; a test that does not take it expects none."""
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    yield errors
    set_error_handler(previous)
    function = getattr(request.node, "function", None)
    if function is None or "reported" not in inspect.signature(function).parameters:
        assert not errors
