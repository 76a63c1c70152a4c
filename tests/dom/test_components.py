"""Components: props, children, owners, mount and dispose."""

from __future__ import annotations

from typing import Any

import pytest

from metafor.core import create_signal, get_owner, on_dispose, on_mount, set_error_handler
from metafor.dom import MountError, PropError, mount
from metafor.dom import component as python_component
from metafor.testing import render
from tests.dom.templates import component, load


def test_a_declared_prop_is_live() -> None:
    title, set_title = create_signal("one")
    module = load(
        """
        @component("Card") @props {
            @prop title: str
            @prop size: int = 3
        }
        @ptml { <h1 class="s@{size}">@{title} @{title.upper()}</h1> }

        @component("Page") @ptml { <div><Card title=@{title}/><Card title=@{title() + "!"} size=@{4}/></div> }
        """,
        title=title,
    )
    screen = render(module.Page)
    assert screen.html == '<div><h1 class="s3">one ONE</h1><h1 class="s4">one! ONE!</h1></div>'
    set_title("two")
    assert screen.html == '<div><h1 class="s3">two TWO</h1><h1 class="s4">two! TWO!</h1></div>'


CARD = """
@component("Card") @props {
    @prop title: str
}
@ptml { <h1>@{title}</h1> }
"""


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({}, "<Card> misses the attribute 'title'"),
        ({"title": 3}, "<Card> got 3 for 'title', which takes str"),
        ({"title": "x", "titel": "y"}, "did you mean 'title'?"),
    ],
)
def test_a_wrong_attribute_is_an_error_that_names_component_and_attribute(
    attributes: dict[str, Any], message: str
) -> None:
    with pytest.raises(PropError) as caught:
        render(load(CARD).Card, **attributes)
    assert message in str(caught.value)


def test_a_component_without_declared_props_takes_any() -> None:
    assert render(component("<p>@{props['x']}</p>"), x="any").html == "<p>any</p>"


def test_a_lazy_attribute_is_evaluated_once_and_only_when_read() -> None:
    calls: list[int] = []

    def expensive() -> str:
        calls.append(1)
        return "v"

    reader = component("<p>@{value}@{value}</p>", "@prop value")
    ignorer = component("<p></p>", "@prop value")
    render(
        component(
            "<div><R value=@{expensive()}/><I value=@{expensive()}/></div>",
            R=reader,
            I=ignorer,
            expensive=expensive,
        )
    )
    assert calls == [1]


def test_a_lazy_attribute_stays_live_whoever_reads_it_first() -> None:
    count, set_count = create_signal(0)
    screen = render(component("<p><Show when=@{count() % 2}>odd</Show></p>", count=count))
    seen = []
    for value in range(1, 7):
        set_count(value)
        seen.append(screen.text)
    assert seen == ["odd", "", "odd", "", "odd", ""]


def test_children_are_a_prop() -> None:
    frame = component("<section>@{children}</section>")
    screen = render(component("<Frame><b>in</b> side</Frame>", Frame=frame))
    assert screen.html == "<section><b>in</b> side</section>"


def test_a_python_component_reads_its_props_live() -> None:
    name, set_name = create_signal("Ada")

    @python_component
    def Greeting(props: Any) -> Any:
        return lambda: f"Hello {props['name']}"

    screen = render(component("<p><Greeting name=@{name}/></p>", Greeting=Greeting, name=name))
    set_name("Grace")
    assert screen.text == "Hello Grace"


def test_children_mount_before_parents_and_siblings_in_order() -> None:
    """Ruling 20; the nodes are on the page by then."""
    log: list[str] = []
    module = load(
        """
        @component("Leaf") @props {
            on_mount(lambda: log.append("leaf " + props["n"]))
        }
        @ptml { <i></i> }

        @component("Tree") @props {
            on_mount(lambda: log.append("tree"))
        }
        @ptml { <p><Leaf n="1"/><Leaf n="2"/></p> }
        """,
        on_mount=on_mount,
        log=log,
    )
    render(module.Tree)
    assert log == ["leaf 1", "leaf 2", "tree"]


def test_disposal_runs_callbacks_once_children_first() -> None:
    log: list[str] = []
    leaf = component("<i></i>", "on_dispose(lambda: log.append('leaf'))", log=log, on_dispose=on_dispose)
    tree = component(
        "<p><Leaf/></p>", "on_dispose(lambda: log.append('tree'))", Leaf=leaf, log=log, on_dispose=on_dispose
    )
    screen = render(tree)
    screen.dispose()
    screen.dispose()
    assert log == ["leaf", "tree"]


def test_an_error_in_the_set_up_of_the_root_passes_to_the_caller() -> None:
    """Ruling 32."""
    with pytest.raises(ZeroDivisionError):
        render(component("<p></p>", "1 / 0"))


def test_an_error_in_the_set_up_of_another_component_leaves_a_gap() -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        broken = component("<b></b>", "1 / 0")
        screen = render(component("<p>a<Broken/>b</p>", Broken=broken))
    finally:
        set_error_handler(previous)
    assert screen.html == "<p>ab</p>"
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_component_code_runs_untracked() -> None:
    count, set_count = create_signal(0)
    runs: list[int] = []
    inner = component("<i></i>", "runs.append(count())", runs=runs, count=count)
    render(component("<p>@{<Inner/>}</p>", Inner=inner))
    set_count(1)
    assert runs == [0]


def test_handlers_find_the_owner_of_their_component() -> None:
    owners: list[Any] = []
    screen = render(
        component(
            "<button onclick=@{lambda: owners.append(get_owner())}/>", owners=owners, get_owner=get_owner
        )
    )
    screen.click(screen.one("button"))
    assert owners[0] is not None


def test_mount_needs_a_page_and_a_component() -> None:
    with pytest.raises(MountError, match="needs a page"):
        mount(component("<p></p>"), "#app")
    with pytest.raises(MountError, match="is no component"):
        mount(lambda: None, "#app")  # type: ignore[arg-type]
