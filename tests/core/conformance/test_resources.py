"""Resources: fetched values (ruling 21)."""

from __future__ import annotations

import asyncio
from typing import Any

from metafor.core import (
    FetchCancelledError,
    PendingReadError,
    create_effect,
    create_memo,
    create_resource,
    create_root,
    create_signal,
    on_dispose,
    on_mount,
)
from metafor.core.graph import SUSPENSE, Pending, RenderEffect, start_binding
from tests.core.conformance.helpers import in_root, raises, reported, turns


class Fetches:
    """A fetcher whose fetches are answered by hand."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answers: list[asyncio.Future[Any]] = []
        self.cancelled = 0

    async def __call__(self, *arguments: Any) -> Any:
        self.asked.append(arguments)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        try:
            return await answer
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def test_a_resource_is_fetched_at_once_and_its_value_arrives() -> None:
    fetch = Fetches()
    seen: list[Any] = []
    made = []

    def start() -> None:
        made.append(create_resource(fetch))
        create_effect(lambda: seen.append((made[0].loading(), made[0].latest())))

    dispose = in_root(start)
    assert fetch.asked == [()]
    fetch.answers[0].set_result("value")
    await turns()
    assert made[0]() == made[0].peek() == "value"
    assert seen == [(True, None), (False, "value")]
    dispose()


async def test_reading_before_the_first_value_suspends_effects_and_memos() -> None:
    fetch = Fetches()
    log: list[str] = []

    def start() -> None:
        resource = create_resource(fetch)
        upper = create_memo(lambda: resource().upper())

        def effect() -> None:
            log.append("begins")
            log.append(upper())

        create_effect(effect)

    dispose = in_root(start)
    assert log == ["begins"]
    fetch.answers[0].set_result("value")
    await turns()
    assert log == ["begins", "begins", "VALUE"]
    dispose()


async def test_an_untracked_read_that_suspends_is_run_again_too() -> None:
    fetch = Fetches()
    log: list[str] = []

    def start() -> None:
        resource = create_resource(fetch)
        start_binding(RenderEffect(lambda: log.append(create_root(lambda dispose: resource()))))

    dispose = in_root(start)
    assert log == []
    fetch.answers[0].set_result("value")
    await turns()
    assert log == ["value"]
    dispose()


async def test_pending_is_no_exception() -> None:
    resource = create_resource(Fetches())
    assert not issubclass(Pending, Exception)
    with raises(Pending):
        resource()
    with raises(Pending):
        resource.peek()
    await turns(1)


async def test_the_nearest_suspense_boundary_is_told() -> None:
    fetch = Fetches()
    told: list[Any] = []

    def start() -> None:
        from metafor.core import get_owner

        get_owner()._context = {SUSPENSE: lambda node, pending: told.append(node.name)}  # type: ignore[union-attr]
        resource = create_resource(fetch)
        create_effect(resource, name="reader")

    dispose = in_root(start)
    assert told == ["reader"]
    dispose()


async def test_with_an_initial_value_reading_gives_that() -> None:
    fetch = Fetches()
    resource = create_resource(fetch, initial="initial")
    assert (resource(), resource.latest(), resource.loading()) == ("initial", "initial", True)
    fetch.answers[0].set_result("value")
    await turns()
    assert (resource(), resource.loading()) == ("value", False)


async def test_a_failed_fetch_raises_to_readers_and_latest_does_not() -> None:
    fetch = Fetches()
    resource = create_resource(fetch)
    fetch.answers[0].set_exception(ValueError("broken"))
    await turns()
    with raises(ValueError, "broken"):
        resource()
    assert resource.latest() is None
    assert isinstance(resource.error(), ValueError)
    assert not resource.loading()


async def test_refetch_keeps_the_value_while_it_loads_and_forgets_the_error() -> None:
    fetch = Fetches()
    resource = create_resource(fetch)
    fetch.answers[0].set_result(1)
    await turns()
    resource.refetch()
    assert (resource(), resource.loading(), len(fetch.asked)) == (1, True, 2)
    fetch.answers[1].set_exception(ValueError("broken"))
    await turns()
    with raises(ValueError):
        resource()
    assert resource.latest() == 1
    resource.refetch()
    fetch.answers[2].set_result(2)
    await turns()
    assert (resource(), resource.error()) == (2, None)


async def test_a_change_of_the_source_fetches_again_and_cancels_the_stale_fetch() -> None:
    fetch = Fetches()
    user, set_user = create_signal(1)
    resource = create_resource(fetch, user)
    set_user(2)
    await turns()
    assert fetch.asked == [(1,), (2,)]
    assert fetch.cancelled == 1
    fetch.answers[1].set_result("two")
    await turns()
    assert resource() == "two"


async def test_a_stale_fetch_that_ignores_its_cancellation_changes_nothing() -> None:
    gates: list[asyncio.Event] = []

    async def stubborn(number: int) -> int:
        gate = asyncio.Event()
        gates.append(gate)
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                pass
        return number

    source, set_source = create_signal(1)
    resource = create_resource(stubborn, source)
    set_source(2)
    gates[1].set()
    await turns()
    gates[0].set()
    await turns(5)
    assert resource() == 2


async def test_nothing_is_fetched_while_the_source_is_none() -> None:
    fetch = Fetches()
    user, set_user = create_signal(None)
    resource = create_resource(fetch, user)
    assert (fetch.asked, resource.loading(), resource.latest()) == ([], False, None)
    with raises(Pending):
        resource()
    set_user(7)  # type: ignore[arg-type]
    assert fetch.asked == [(7,)]
    fetch.answers[0].set_result("seven")
    await turns()
    assert resource() == "seven"


async def test_a_source_that_becomes_none_ends_the_fetch() -> None:
    fetch = Fetches()
    number, set_number = create_signal(1)
    resource = create_resource(fetch, number)
    assert resource.loading()
    set_number(None)  # type: ignore[arg-type]
    assert not resource.loading()
    await turns()
    assert fetch.cancelled == 1


async def test_the_fetcher_is_not_tracked() -> None:
    other, set_other = create_signal(0)
    calls: list[int] = []

    async def fetch() -> int:
        calls.append(other())
        return 1

    create_resource(fetch)
    set_other(1)
    await turns()
    assert calls == [0]


async def test_the_end_of_the_owner_cancels_the_fetch() -> None:
    fetch = Fetches()
    dispose = in_root(lambda: create_resource(fetch))
    dispose()
    await turns()
    assert fetch.cancelled == 1


async def test_a_resource_whose_owner_has_ended_loads_no_more() -> None:
    made: list[Any] = []
    dispose = in_root(lambda: made.append(create_resource(Fetches())))
    busy: list[bool] = []
    create_effect(lambda: busy.append(made[0].loading()))
    dispose()
    assert busy == [True, False]


async def test_a_fetcher_may_be_plain_or_raise_at_once() -> None:
    assert create_resource(lambda: 5)() == 5

    def broken() -> int:
        raise ValueError("at once")

    resource = create_resource(broken)
    with raises(ValueError, "at once"):
        resource()


async def test_a_fetch_cancelled_from_outside_is_a_named_error() -> None:
    fetch = Fetches()
    resource = create_resource(fetch)
    fetch.answers[0].cancel()
    await turns()
    with raises(FetchCancelledError, "refetch()"):
        resource()


async def test_value_and_loading_change_in_one_moment() -> None:
    fetch = Fetches()
    seen: list[tuple[Any, bool]] = []

    def start() -> None:
        resource = create_resource(fetch)
        create_effect(lambda: seen.append((resource.latest(), resource.loading())))

    dispose = in_root(start)
    fetch.answers[0].set_result("value")
    await turns()
    assert seen == [(None, True), ("value", False)]
    dispose()


async def test_a_read_where_nothing_can_wait_is_a_named_error() -> None:
    resource = create_resource(Fetches())
    with reported() as errors:
        on_mount(resource)
        in_root(lambda: on_dispose(resource))()
    assert [type(error) for error in errors] == [PendingReadError] * 2
    assert "latest()" in str(errors[0])
