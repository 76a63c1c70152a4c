"""Event handlers: arguments, coroutines, order, errors (rulings 15, 30, 44)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from metafor.core import create_signal, set_error_handler
from metafor.dom import AttributeValueError
from metafor.testing import render
from tests.dom.templates import component


def test_a_handler_takes_no_argument_or_the_event() -> None:
    log: list[Any] = []

    class Model:
        def bound(self, event: Any) -> None:
            log.append(("bound", event.type))

        def bare(self) -> None:
            log.append("bare")

    model = Model()
    markup = """
    <div>
        <button onclick=@{lambda: log.append("none")}>1</button>
        <button onclick=@{lambda e: log.append(e.target.textContent)}>2</button>
        <button onclick=@{model.bound}>3</button>
        <button onclick=@{model.bare}>4</button>
        <button onclick=@{lambda x=7: log.append(x)}>5</button>
        <button onclick=@{None}>6</button>
    </div>
    """
    screen = render(component(markup, log=log, model=model))
    for button in screen.all("button"):
        screen.click(button)
    assert log == ["none", "2", ("bound", "click"), "bare", 7]


def test_a_handler_is_one_batch() -> None:
    a, set_a = create_signal(0)
    b, set_b = create_signal(0)

    def both() -> None:
        set_a(1)
        set_b(1)
        assert (a(), b()) == (1, 1)

    screen = render(component("<button onclick=@{both}>@{a() + b()} @{a}</button>", a=a, b=b, both=both))
    commits = screen.host.commits
    screen.click(screen.one("button"))
    assert (screen.text, screen.host.commits) == ("2 1", commits + 1)


def test_events_bubble_until_they_are_stopped() -> None:
    log: list[str] = []
    markup = """
    <div onclick=@{lambda: log.append("outer")}>
        <p onclick=@{lambda e: log.append(e.currentTarget.tag)}><b>go</b></p>
        <p onclick=@{lambda e: e.stopPropagation()}><i>stop</i></p>
    </div>
    """
    screen = render(component(markup, log=log))
    screen.click(screen.one("b"))
    screen.click(screen.one("i"))
    assert log == ["p", "outer"]


async def test_a_coroutine_handler_runs_at_once_to_its_first_await_and_then_to_its_end() -> None:
    log: list[str] = []
    shown, set_shown = create_signal(True)
    gate = asyncio.Event()

    async def handler(event: Any) -> None:
        event.preventDefault()
        set_shown(False)  # removes the button itself
        log.append("before")
        await gate.wait()
        log.append("after")

    screen = render(
        component(
            "<p><Show when=@{shown}><button onclick=@{handler}/></Show></p>", shown=shown, handler=handler
        )
    )
    event = screen.click(screen.one("button"))
    assert event.defaultPrevented
    assert (log, screen.html) == (["before"], "<p></p>")
    gate.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert log == ["before", "after"]


async def test_errors_of_handlers_and_of_tasks_they_return_are_reported() -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)

    def fail() -> None:
        raise ValueError("at once")

    async def fail_later() -> None:
        await asyncio.sleep(0)
        raise KeyError("later")

    try:
        screen = render(
            component(
                "<p><b onclick=@{fail}/><i onclick=@{lambda: asyncio.create_task(fail_later())}/></p>",
                fail=fail,
                fail_later=fail_later,
                asyncio=asyncio,
            )
        )
        screen.click(screen.one("b"))
        screen.click(screen.one("i"))
        for _ in range(4):
            await asyncio.sleep(0)
    finally:
        set_error_handler(previous)
    assert [type(error) for error in errors] == [ValueError, KeyError]


def test_a_handler_that_is_a_prop_is_looked_up_when_the_event_comes() -> None:
    log: list[str] = []
    handler, set_handler = create_signal(lambda: log.append("first"))
    button = component("<button onclick=@{on_pick}/>", "@prop on_pick = None")
    screen = render(component("<Button on_pick=@{handler}/>", Button=button, handler=handler))
    screen.click(screen.one("button"))
    set_handler(lambda: log.append("second"))
    screen.click(screen.one("button"))
    assert log == ["first", "second"]


def test_what_cannot_be_called_is_no_handler() -> None:
    with pytest.raises(AttributeValueError, match=r"Subject: onclick was given 'x'"):
        render(component("<button onclick=@{value}/>", value="x"))


def test_modifiers_of_events() -> None:
    log: list[str] = []
    markup = """
    <div onclick:capture=@{lambda: log.append("capture")} onclick=@{lambda: log.append("bubble")}>
        <a onclick:prevent=@{lambda: log.append("prevent")}>1</a>
        <b onclick:stop=@{lambda: log.append("stop")}>2</b>
        <i onclick:once=@{lambda: log.append("once")} onclick=@{lambda: log.append("always")}>3</i>
    </div>
    """
    screen = render(component(markup, log=log))
    assert screen.click(screen.one("a")).defaultPrevented
    assert log == ["capture", "prevent", "bubble"]
    log.clear()
    assert not screen.click(screen.one("b")).defaultPrevented
    assert log == ["capture", "stop"]
    log.clear()
    screen.click(screen.one("i"))
    screen.click(screen.one("i"))
    assert sorted(log) == sorted(["capture", "once", "always", "bubble", "capture", "always", "bubble"])
