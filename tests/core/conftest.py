"""No error may reach the global handler unless the case collects it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.core.conformance.helpers import reported


@pytest.fixture(autouse=True)
def nothing_reported() -> Iterator[None]:
    with reported() as errors:
        yield
    assert not errors, errors
