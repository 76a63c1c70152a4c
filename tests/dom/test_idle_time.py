"""What a page puts off until it is idle: the memory of rows that are gone, and the search for garbage."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from metafor.core import create_signal, on_dispose
from metafor.dom import mount
from metafor.dom.hosts.browser import BrowserHost
from tests.dom.templates import component


class Page:
    """A page without a browser: it gives idle times where they are asked for."""

    def __init__(self) -> None:
        #: What each host calls when the page is idle, and whether it has asked for that.
        self._hosts: dict[Callable[[], bool], bool] = {}

    @property
    def asked(self) -> bool:
        return any(self._hosts.values())

    def create_kernel(self, dispatch: object, tidy_up: Callable[[], bool]) -> SimpleNamespace:
        def apply(text: str, untidy: bool) -> str:
            self._hosts[tidy_up] = self._hosts[tidy_up] or untidy
            return ""

        self._hosts[tidy_up] = False
        return SimpleNamespace(
            apply=apply, event=None, target=lambda *_: "", claim=lambda _: 0, ready=lambda: None,
            space=lambda _: "html",
        )  # fmt: skip

    def idle(self) -> int:
        """As many idle times as are asked for; gives how many there were."""
        times = 0
        for tidy_up in self._hosts:
            while self._hosts[tidy_up]:
                self._hosts[tidy_up] = tidy_up()
                times += 1
                assert times < 100, "the page gets no rest"
        return times


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    page = Page()
    js, ffi = ModuleType("js"), ModuleType("pyodide.ffi")
    js.metafor = SimpleNamespace(dom=SimpleNamespace(createKernel=page.create_kernel))  # type: ignore[attr-defined]
    ffi.create_proxy = lambda value: value  # type: ignore[attr-defined]
    for name, module in {"js": js, "pyodide.ffi": ffi}.items():
        monkeypatch.setitem(sys.modules, name, module)
    threshold = gc.get_threshold()
    gc.collect()
    gc.disable()
    yield page
    gc.enable()
    gc.set_threshold(*threshold)


class Item:
    def __init__(self, number: int) -> None:
        self.number = number


class Rows:
    """A list in the page: of each set of items, how many are still held."""

    def __init__(self, row: str = "<li class=@{marked}>@{item.number}</li>", **names: Any) -> None:
        self._items, self._set_items = create_signal([])
        marked, self.mark = create_signal("")
        markup = f"<ul><For each=@{{items}}>@{{lambda item: {row}}}</For></ul>"
        self.mounted = mount(
            component(markup, items=self._items, marked=marked, **names), "#app", host=BrowserHost()
        )

    def fill(self, count: int) -> weakref.WeakSet[Item]:
        items = [Item(number) for number in range(count)]
        self._set_items(items)
        return weakref.WeakSet(items)

    def keep(self, wanted: Callable[[Item], bool]) -> None:
        self._set_items([item for item in self._items.peek() if wanted(item)])


def test_the_rows_of_a_cleared_list_wait_until_the_page_is_idle(page: Page) -> None:
    rows = Rows()
    items = rows.fill(100)
    rows.keep(lambda item: False)
    assert (len(items), page.asked) == (100, True)
    commits = rows.mounted.host.commits
    rows.mark("marked")  # nothing of them runs any more
    assert rows.mounted.host.commits == commits
    assert page.idle() == 1
    assert len(items) == 0
    rows.fill(1)
    assert not page.asked


def test_so_do_those_that_were_filtered_out(page: Page) -> None:
    rows = Rows()
    items = rows.fill(200)
    rows.keep(lambda item: item.number % 2 == 0)
    assert (len(items), page.asked) == (200, True)
    page.idle()
    assert len(items) == 100


def test_many_of_them_take_several_idle_times(page: Page) -> None:
    rows = Rows()
    items = rows.fill(1_200)
    rows.keep(lambda item: False)
    assert page.idle() == 3
    assert len(items) == 0


def test_few_rows_and_rows_that_are_replaced_are_released_at_once(page: Page) -> None:
    rows = Rows()
    items = rows.fill(100)
    rows.keep(lambda item: item.number >= 40)
    assert (len(items), page.asked) == (60, False)
    others = rows.fill(100)
    assert (len(items), len(others), page.asked) == (0, 100, False)


def test_one_list_waits_at_most(page: Page) -> None:
    rows = Rows()
    items = rows.fill(100)
    rows.keep(lambda item: False)
    others = rows.fill(101)
    assert (len(items), len(others)) == (100, 101)
    rows.keep(lambda item: item.number < 100)  # one goes: those that wait need not hurry for it
    assert (len(items), len(others)) == (100, 100)
    rows.keep(lambda item: False)
    assert (len(items), len(others)) == (0, 100)
    page.idle()
    assert len(others) == 0


def noting(end: Callable[[int], object]) -> Any:
    """A component that calls ``end`` with its number when it is disposed."""
    props = "@prop number\non_dispose(lambda: end(number))"
    return component("<b>@{number}</b>", props, on_dispose=on_dispose, end=end)


def test_rows_with_callbacks_are_released_when_they_have_been_called(page: Page) -> None:
    ended: list[int] = []
    rows = Rows("<li class=@{marked}><Note number=@{item.number}/></li>", Note=noting(ended.append))
    items = rows.fill(100)
    rows.keep(lambda item: False)
    assert ended == list(range(99, -1, -1))
    gc.collect()  # what a component holds refers to itself
    assert (len(items), page.asked) == (0, False)


def test_a_callback_may_clear_another_list(page: Page) -> None:
    other = Rows()
    others = other.fill(100)
    note = noting(lambda number: number == 50 and other.keep(lambda item: False))
    rows = Rows("<li class=@{marked}><Note number=@{item.number}/></li>", Note=note)
    items = rows.fill(100)
    rows.keep(lambda item: False)
    assert len(others) == 100
    page.idle()
    gc.collect()
    assert (len(items), len(others)) == (0, 0)


class Circle:
    """Garbage as soon as nobody else holds it."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_is_looked_for_when_much_is_new(page: Page) -> None:
    rows = Rows()
    circle = weakref.ref(Circle())
    new: list[list[int]] = [[] for _ in range(11_000)]
    rows.fill(1)
    assert not page.asked  # an app that switched the search off means it
    gc.enable()
    rows.fill(1)
    assert page.asked
    assert circle() is not None
    # From Python 3.14 on a search may be one of several steps.
    for _ in range(3):
        assert page.idle() == 1
        rows.fill(1)
        assert not page.asked
        new += [[] for _ in range(11_000)]
        rows.fill(1)
    assert circle() is None


def test_a_search_that_was_switched_off_by_its_threshold_stays_so(page: Page) -> None:
    gc.enable()
    gc.set_threshold(0)
    rows = Rows()
    new: list[list[int]] = [[] for _ in range(11_000)]
    rows.fill(1)
    assert (gc.get_threshold()[0], page.asked, len(new)) == (0, False, 11_000)


def test_what_becomes_garbage_when_it_is_old_is_found(page: Page) -> None:
    rows = Rows("<li class=@{marked}><Note number=@{item.number}/></li>", Note=noting(lambda number: None))
    gc.enable()
    held = [weakref.WeakSet[Item]()]
    for _ in range(20):
        held.append(rows.fill(500))
        page.idle()  # they have outlived a search
        rows.keep(lambda item: False)
        page.idle()
    assert len(held[1]) == 0
    assert sum(map(len, held)) < 500 * 10
