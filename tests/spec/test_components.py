"""The components of the specification on plain CPython: a page in memory, real sockets to the server."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import metafor.compiler
from metafor.testing import render
from tests.spec.sections.document import snippet
from tests.spec.sections.world import Names, World, until


def component(section: str, name: str) -> Any:
    compiled = metafor.compiler.compile_source(snippet(section).code, f"{name}.ptml")
    module = ModuleType(name)
    exec(compile(compiled.module, f"{name}.ptml", "exec"), module.__dict__)
    return getattr(module, name)


def say(screen: Any, text: str) -> None:
    screen.fill(screen.one("input"), text)
    screen.click(screen.one("button", "Send"))


def lines(screen: Any) -> list[str]:
    return [paragraph.textContent for paragraph in screen.all("p")]


async def test_basic_component_example(world: World) -> None:
    chat = component("Using in Components/Basic Component Example", "ChatComponent")
    with render(chat) as first, render(chat) as second:
        await until(lambda: len(world.app._connections) == 2)  # type: ignore[attr-defined]
        say(first, "hello <b>there</b>")
        await until(lambda: lines(first) == lines(second) == ["{'text': 'hello <b>there</b>'}"])
        say(second, "   ")
        say(second, "hello back")
        await until(lambda: len(lines(first)) == 2)
        assert lines(first)[1] == "{'text': 'hello back'}"
        assert len(world.app.received) == 2
    await until(lambda: not world.app._connections)  # type: ignore[attr-defined]


async def test_component_with_rooms(world: World) -> None:
    chat = component("Using in Components/Component with Rooms", "RoomChat")
    with render(chat) as first, render(chat) as second:
        await until(lambda: len(world.app.received) == 2)  # both have joined
        assert first.one("h3").textContent == "Room: general"
        say(first, "for all")
        await until(lambda: lines(first) == lines(second) == ["for all"])
        second.click(second.one("button", "Tech"))
        await until(lambda: second.one("h3").textContent == "Room: tech")
        assert lines(second) == []
        say(first, "only in general")
        say(second, "only in tech")
        await until(lambda: lines(second) == ["only in tech"])
        assert lines(first) == ["for all", "only in general"]
    await until(lambda: not world.app._connections)  # type: ignore[attr-defined]


async def test_connection_state_in_the_page(world: World) -> None:
    code, markup = snippet("Best Practices/3. Handle Connection State in UI").code.split("# In template\n")
    names = Names()
    indented = "".join(f"    {line}\n" for line in code.splitlines())
    source = (
        '@component("View") @props {\n'
        "    from metafor.core import create_signal\n"
        "    @prop channel\n" + indented + "}\n@ptml {\n" + markup + "}\n"
    )
    compiled = metafor.compiler.compile_source(source, "view.ptml")
    exec(compile(compiled.module, "view.ptml", "exec"), names)

    from metafor.channels import Channel

    channel = Channel("ws://localhost:8000/ws")
    with render(names["View"], channel=channel) as screen:
        assert screen.html == "<p>Connecting...</p>"
        await channel.connect()
        assert screen.html == "<div>Connected!</div>"
        await channel.close()
        assert screen.html == "<p>Connecting...</p>"
