"""Pages that come and go leave nothing behind: node ids, handlers, owners, signals."""

from __future__ import annotations

import gc
from collections import Counter
from typing import Any

from metafor.core import create_context, create_effect, create_signal, on_dispose, on_mount, provide_context
from metafor.dom import mount
from metafor.dom.hosts.memory import MemoryHost
from tests.dom.templates import load

PAGE = """
@component("Row") @props {
    @prop item
    opened, set_opened = create_signal(False)
    on_dispose(lambda: ended.append(1))
}
@ptml {
    <li class:open=@{opened}>
        <button onclick=@{lambda: set_opened(not opened())}>@{item.text}</button>
        <Show when=@{opened} fallback=@{<i>closed</i>}><input bind:value=@{text}/></Show>
    </li>
}

@component("Page") @props {
    items, set_items = create_signal(make_items(3))
    provide_context(theme, "dark")
    create_effect(lambda: seen.append(len(items())))
    on_mount(lambda: set_items(make_items(4)))
}
@ptml {
    <section onclick=@{lambda: None} onfocus=@{lambda: None} ref=@{elements.append}>
        <ul><For each=@{items} key="id">@{lambda item: <Row item=@{item}/>}</For></ul>
        <ol><For each=@{items}>@{lambda item: <li onclick=@{lambda: None}><i>@{item.text}</i></li>}</For></ol>
        <Portal><dialog onclick:once=@{lambda: None}>@{text}</dialog></Portal>
        <p ...@{{"title": text, "onclick": lambda: None}}>@{[text, <b>@{text}</b>, None]}</p>
    </section>
}
"""


class Item:
    def __init__(self, id: int) -> None:
        self.id = id
        self.text = f"item {id}"


def objects() -> Counter[str]:
    """How many objects of our own there are, by type."""
    gc.collect()
    kinds = (type(one) for one in gc.get_objects())
    return Counter(
        kind.__qualname__ for kind in kinds if kind.__module__.partition(".")[0] in ("metafor", __name__)
    )


def test_1000_mounts_and_disposals_leave_nothing() -> None:
    get, set_text = create_signal("text")
    elements: list[Any] = []
    counts: list[int] = []
    page = load(
        PAGE,
        text=(get, set_text),
        create_signal=create_signal,
        create_effect=create_effect,
        on_dispose=on_dispose,
        on_mount=on_mount,
        provide_context=provide_context,
        theme=create_context("light"),
        make_items=lambda count: [Item(id) for id in range(count)],
        elements=elements,
        ended=counts,
        seen=counts,
    ).Page
    host = MemoryHost()

    def cycle(count: int) -> tuple[int, int, int, int, Counter[str]]:
        for _ in range(count):
            mounted = mount(page, host.root, host=host)
            for button in host.root.find_all("button"):
                host.fire(button, "click")
            mounted.dispose()
            elements.clear()
            counts.clear()
        return (
            host.live_ids,
            host._next_id,
            len(host.handlers),
            len(host.instances),
            len(host._listening),
            objects(),
        )

    first = cycle(20)
    assert first[0] == 0
    assert cycle(980) == first
