"""Where no event loop runs, which is never the case in a page."""

from __future__ import annotations

import pytest

from metafor.core import create_deferred, create_resource, create_signal


def test_a_deferred_value_follows_at_once_without_a_loop() -> None:
    source, set_source = create_signal(1)
    deferred = create_deferred(source)
    set_source(2)
    assert deferred() == 2


def test_a_resource_without_a_loop_fails_with_a_reason() -> None:
    async def fetch() -> int:
        return 1

    resource = create_resource(fetch)
    with pytest.raises(RuntimeError, match="no running event loop"):
        resource()
