from __future__ import annotations

from collections.abc import Iterator

import pytest

from metafor.core import set_error_handler


@pytest.fixture
def errors() -> Iterator[list[BaseException]]:
    """What was reported while the test ran."""
    reported: list[BaseException] = []
    previous = set_error_handler(reported.append)
    yield reported
    set_error_handler(previous)
