"""The tools for tests of reactive code."""

from __future__ import annotations

import asyncio

import pytest

from metafor.core import create_deferred, create_effect, create_signal
from metafor.testing import assert_no_leaks, collect_errors, in_virtual_time, watch


def test_watch_records_what_each_run_gave_until_it_is_stopped() -> None:
    count, set_count = create_signal(1)
    with watch(lambda: count() * 10) as runs:
        set_count(2)
        assert (runs.values, runs.last, runs.count) == ([10, 20], 20, 2)
        assert runs.take() == [10, 20]
        assert runs.count == 0
        set_count(3)
    set_count(4)
    assert runs.values == [30]
    runs.stop()


def test_watch_records_errors_instead_of_reporting_them() -> None:
    count, set_count = create_signal(0)
    with watch(lambda: 1 // count()) as runs:
        set_count(1)
    assert [type(error) for error in runs.errors] == [ZeroDivisionError]
    assert runs.values == [1]


def test_collect_errors_takes_what_no_boundary_takes() -> None:
    with collect_errors() as errors:
        create_effect(lambda: 1 // 0)
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_assert_no_leaks_names_what_is_left() -> None:
    kept = []
    with pytest.raises(AssertionError, match="signal counter"), assert_no_leaks():
        kept.append(create_signal(0, name="counter"))
    with assert_no_leaks():
        create_signal(0)


@in_virtual_time
async def test_deferred_values_in_virtual_time() -> None:
    query, set_query = create_signal("")
    shown = create_deferred(query, delay=300.0)
    set_query("a")
    await asyncio.sleep(299)
    assert shown() == ""
    set_query("ab")
    await asyncio.sleep(2)
    assert shown() == "ab"
