"""Compiled templates on the real runtime: what the compiler writes and what the renderer takes agree."""

from __future__ import annotations

from typing import Any

from metafor.compiler import compile_source, to_portable
from metafor.core import create_signal
from metafor.page.loader import load_code
from metafor.testing import render
from tests.compiler import stub


def component(source: str, /, **names: Any) -> Any:
    """The component ``A`` of a template, as a page gets it; ``names`` are there in its module."""
    compiled = compile_source(source, "input.ptml")
    portable = to_portable(compiled)
    return stub.run(load_code(portable.source, portable.positions, "input.ptml"), **names)["A"]


def test_the_show_of_the_specification() -> None:
    banner = component(
        """@component("A") @ptml {
<Show when=@{is_connected} fallback=@{<p>Connecting...</p>}>
    <div>Connected!</div>
</Show>
}""",
        is_connected=(signal := create_signal(False))[0],
    )
    screen = render(banner)
    assert screen.html.replace("<!---->", "") == "<p>Connecting...</p>"
    signal[1](True)
    assert screen.html.replace("<!---->", "") == "<div>Connected!</div>"


def test_holes_attributes_and_events() -> None:
    source = """
from metafor.core import create_signal

@component("A") @props {
    @prop start: int = 1
    count, set_count = create_signal(start)
}
@ptml {
    <section class="n@{count} @{"even" if count() % 2 == 0 else "odd"}" title=@{count} data-x=@{start + 1}>
        <button onclick=@{lambda: set_count(count() + 1)}>Add</button>
        Count: @{count}, twice @{count() * 2}. @{<b>@{count() > 2}</b> if count() > 2 else None}
    </section>
}
"""
    screen = render(component(source), start=1)
    section = screen.one("section")
    assert (section.getAttribute("class"), section.getAttribute("title")) == ("n1 odd", "1")
    assert section.getAttribute("data-x") == "2"
    assert "Count: 1, twice 2." in screen.text
    screen.click(screen.one("button"))
    screen.click(screen.one("button"))
    assert (section.getAttribute("class"), section.getAttribute("title")) == ("n3 odd", "3")
    assert "Count: 3, twice 6." in screen.text
    assert len(screen.all("b")) == 1


def test_rows_follow_their_items() -> None:
    get, set_items = create_signal([{"id": 1, "text": "a"}, {"id": 2, "text": "b"}])
    source = """@component("A") @ptml {
    <ul>
        <For each=@{items} key="id">
            @{lambda item, i: <li title=@{item["text"]}>@{i}: @{item["text"]}</li>}
        </For>
    </ul>
}"""
    screen = render(component(source, items=get))
    rows = screen.all("li")
    assert [row.textContent for row in rows] == ["0: a", "1: b"]
    set_items([{"id": 2, "text": "B"}, {"id": 1, "text": "A"}])
    assert [row.textContent for row in screen.all("li")] == ["0: B", "1: A"]
    assert screen.all("li") == rows[::-1]


def test_props_children_and_spread() -> None:
    source = """
@component("Card") @props {
    @prop title
    @prop wide: bool = False
    @prop on_pick = None
}
@ptml {
    <article data-wide=@{wide} onclick=@{on_pick}><h1>@{title}</h1>@{children}</article>
}

@component("A") @props {
    rest = {"wide": True, "title": "overridden"}
}
@ptml {
    <Card ...@{rest} title=@{f"{name()}!"} on_pick=@{lambda: picked.append(1)}>
        <p>@{name}</p>
    </Card>
}
"""
    name, set_name = create_signal("x")
    picked: list[int] = []
    screen = render(component(source, name=name, picked=picked))
    assert screen.one("h1").textContent == "x!"
    assert screen.one("article").getAttribute("data-wide") == "true"
    set_name("y")
    assert (screen.one("h1").textContent, screen.one("p").textContent) == ("y!", "y")
    screen.click(screen.one("article"))
    assert picked == [1]


def test_set_up_may_return_something_else_to_show() -> None:
    source = """
@component("A") @props {
    @prop user = None
    if user is None:
        return <p>Nobody</p>
    name = user.title()
}
@ptml { <b>@{name}</b> }

"""
    assert render(component(source)).html == "<p>Nobody</p>"
    assert render(component(source), user="bob").html == "<b>Bob</b>"


def test_loop_variables_are_captured_per_iteration() -> None:
    source = """@component("A") @props {
    rows = []
    for n in range(3):
        rows.append(<li onclick=@{lambda: picked.append(n)}>@{n + shift()}</li>)
}
@ptml { <ul>@{rows}</ul><ol>@{[<li>@{n + shift()}</li> for n in range(2)]}</ol> }
"""
    shift, set_shift = create_signal(0)
    picked: list[int] = []
    screen = render(component(source, shift=shift, picked=picked))
    set_shift(10)
    assert [row.textContent for row in screen.all("li")] == ["10", "11", "12", "10", "11"]
    for row in screen.all("li")[:3]:
        screen.click(row)
    assert picked == [0, 1, 2]


def test_text_of_literals_and_of_text_only_elements() -> None:
    source = """@component("A") @ptml {
    <p>a &lt; b @{"<b>"} @{3}@{None} @@{x} {y}</p><textarea>in @{n} out</textarea>
}"""
    get, set_n = create_signal(1)
    screen = render(component(source, n=get))
    assert screen.one("p").textContent == "a < b <b> 3 @{x} {y}"
    assert screen.one("textarea").textContent == "in 1 out"
    set_n(2)
    assert screen.one("textarea").textContent == "in 2 out"
