"""Elements beyond the common: properties, namespaces, refs, portals, and what mappings may not bring."""

from __future__ import annotations

from typing import Any

import pytest

from metafor.core import create_signal, on_dispose, on_mount
from metafor.dom import AttributeValueError, mount
from metafor.dom.hosts.memory import MemoryHost
from metafor.dom.hosts.tree import MemoryElement
from metafor.testing import render
from tests.dom.templates import component, load


@pytest.mark.parametrize("name", ["inner_html", "srcdoc", "INNER_HTML"])
def test_html_never_comes_from_a_mapping(name: str, errors: list[BaseException]) -> None:
    screen = render(component("<p ...@{given}></p>", given={name: "<b>x</b>"}))
    assert screen.html == "<p></p>"
    assert name in str(errors[0])
    assert "write it as an attribute" in str(errors[0])


ADDRESSES = [
    ("to", "javascript:x"),
    ("values", "#a;javascript:x"),
    ("from", "java\tscript:x"),
    ("href", "data:application/xhtml+xml,x"),
]


@pytest.mark.parametrize(("name", "address"), ADDRESSES)
def test_an_address_that_an_animation_would_set_is_refused(name: str, address: str) -> None:
    with pytest.warns(RuntimeWarning, match="Subject"):
        html = render(component(f"<svg><animate {name}=@{{address}}/></svg>", address=address)).html
    assert html == f'<svg><animate {name}="about:blank"></animate></svg>'


@pytest.mark.parametrize("address", ["/javascript:", "#a;b", "data:image/png;base64,AA==", "mailto:x"])
def test_other_addresses_stay(address: str) -> None:
    assert (
        render(component("<a href=@{address}></a>", address=address)).one("a").getAttribute("href") == address
    )


def test_a_property_takes_what_json_carries() -> None:
    items, set_items = create_signal([1, {"a": None}])
    screen = render(component("<x-card prop:someItems=@{items}/>", items=items))
    assert screen.one("x-card").properties == {"someItems": [1, {"a": None}]}
    set_items([])
    assert screen.one("x-card").properties == {"someItems": []}
    assert screen.html == "<x-card></x-card>"


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"x"])
def test_a_property_refuses_what_json_cannot_carry(value: Any) -> None:
    with pytest.raises(AttributeValueError, match=r"prop:given was given \w+, which JSON cannot carry"):
        render(component("<x-card prop:given=@{value}/>", value=value))


def test_events_of_custom_elements_keep_their_case() -> None:
    log: list[Any] = []
    markup = "<x-card on:itemPicked:once=@{lambda e: log.append(e.detail)}/>"
    screen = render(component(markup, log=log))
    for detail in (1, 2):
        screen.fire(screen.one("x-card"), "itemPicked", detail=detail)
    screen.fire(screen.one("x-card"), "itempicked", detail=3)
    assert log == [1]


def test_a_link_is_made_for_the_place_where_it_stands() -> None:
    """The same component in HTML, in SVG, and in HTML inside SVG; also when it comes later."""
    link = component("<a href='#'>@{children}</a>", "@prop children")
    shown, show = create_signal(False)
    markup = """
    <div>
        <Link>1</Link>
        <svg><g>@{<Link>2</Link>}</g><Show when=@{shown}><Link>3</Link></Show>
             <foreignObject><Show when=@{shown}><p><Link>4</Link></p></Show></foreignObject></svg>
    </div>
    """
    screen = render(component(markup, Link=link, shown=shown))
    show(True)
    assert {one.textContent: one.namespace for one in screen.all("a")} == {
        "1": "html", "2": "svg", "3": "svg", "4": "html"
    }  # fmt: skip


def test_a_component_can_be_mounted_into_a_picture() -> None:
    host = MemoryHost()
    picture = MemoryElement("g", namespace="svg")
    host.root.insert(picture, None)
    mount(component("<a><title>t</title></a>"), picture, host=host)
    assert [one.namespace for one in picture.descendants()] == ["svg", "svg"]


@pytest.mark.parametrize("given", [None, "signal"])
def test_a_ref_may_be_handed_on_or_left_out(given: str | None) -> None:
    element, set_element = create_signal(None)
    field = component("<input ref=@{ref}>", "@prop ref = None")
    screen = render(component("<Field ref=@{ref}/>", Field=field, ref=set_element if given else None))
    assert element() is (screen.one("input") if given else None)


def test_a_portal_finds_a_place_that_comes_with_it() -> None:
    log: list[str] = []
    inner = component("<b>in</b>", "on_mount(note)", on_mount=on_mount, note=lambda: log.append("mount"))
    shown, show = create_signal(True)
    markup = "<div><Show when=@{shown}><Portal mount='#later'><Inner/></Portal></Show><p id='later'/></div>"
    screen = render(component(markup, Inner=inner, shown=shown))
    assert screen.one("b").closest("p") is screen.one("p")
    assert log == ["mount"]
    show(False)
    assert screen.html == '<div><p id="later"></p></div>'
    screen.dispose()
    assert screen.host.live_ids == 0


def test_a_portal_without_a_place_is_an_error_of_its_component(errors: list[BaseException]) -> None:
    screen = render(component("<p>a<Portal mount='#nowhere'><b/></Portal>b</p>"))
    assert screen.text == "ab"
    assert "no element to mount into: '#nowhere'" in str(errors[0])
    assert errors[0].__notes__ == ["in Subject > Portal"]


def test_an_error_names_its_component_once(errors: list[BaseException]) -> None:
    def fail() -> None:
        raise ValueError("x")

    page = load(
        """
        from metafor.core import create_effect, on_dispose, on_mount

        @component("Row") @props {
            on_mount(fail)
            on_dispose(fail)
            create_effect(lambda: fail() if bad() else None)
        }
        @ptml { <li title=@{fail() if bad() else ""} onclick=@{fail}>@{fail() if bad() else ""}</li> }

        @component("List") @ptml { <ul><For each=@{[1]}>@{lambda x: <Row/>}</For></ul> }
        """,
        fail=fail, bad=(signal := create_signal(False))[0], on_dispose=on_dispose,
    )  # fmt: skip
    screen = render(page.List)
    signal[1](True)
    screen.click(screen.one("li"))
    screen.dispose()
    assert [error.__notes__ for error in errors] == [["in List > For > Row"]] * 6


def test_a_portal_into_a_picture_shows_parts_of_a_picture() -> None:
    link = component("<a href='#'>@{children}</a>", "@prop children")
    markup = "<svg><g id='place'/></svg><Portal mount='#place'><Link><circle r='1'/></Link></Portal>"
    place = next(one for one in render(component(markup, Link=link)).all("g") if one.attributes)
    assert [(one.tag, one.namespace) for one in place.descendants()] == [
        ("g", "svg"), ("a", "svg"), ("circle", "svg")
    ]  # fmt: skip
