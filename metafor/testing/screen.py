"""A component on a page in memory: a test of a component needs no browser."""

from __future__ import annotations

import asyncio
import re
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from metafor.core import create_effect, create_root
from metafor.dom.components import Component
from metafor.dom.hosts.memory import MemoryElement, MemoryEvent, MemoryHost
from metafor.dom.mounting import mount
from metafor.testing.accessibility import is_hidden, labels_of, name_of, outline, role_of, words
from metafor.testing.errors import QueryError, WaitError
from metafor.testing.person import Person
from metafor.testing.stage import Stage

__all__ = ["Screen", "render"]

T = TypeVar("T")
Wanted = str | re.Pattern[str]


class _Page(MemoryHost):
    """The memory host, which tells whoever waits that something has changed."""

    def __init__(self) -> None:
        super().__init__()
        self.watchers: list[Callable[[], None]] = []

    def apply(self, ops: list[Any]) -> None:
        super().apply(ops)
        for watcher in list(self.watchers):
            watcher()


class Screen:
    """What a person sees and does on a page in memory, which `render` gives.

    Queries find elements as a person would name them: by role, by text, by label. ``get_by_…`` gives the
    one element that matches and raises `QueryError`, which says what the page holds, when there is none or
    more than one; ``all_by_…`` gives a list, also an empty one. A wanted text is compared whole, with
    white space folded; a compiled pattern is searched for.

    What a person does fires the events of a browser, default actions included: a click on a label checks
    its box, Enter in a field submits its form.

    In an ``async def`` test everything happens on the running loop. In a plain test the screen has a loop
    of its own in virtual time (ruling 43): tasks run after each action as far as they can, `advance` lets
    time pass, `run` waits for a coroutine. Screens that talk to each other want an ``async def`` test.
    A screen is a context manager that disposes it at the end.
    """

    def __init__(self, component: Component, props: dict[str, Any]) -> None:
        #: The host; ``host.commits`` counts commits, ``host.live_ids`` the node ids in use.
        self.host: MemoryHost
        self.host = self._page = _Page()
        self._person = Person(self._page)
        self._stage = stage = Stage()
        # A test need not dispose its screens; a loop must be closed all the same.
        self._closing = weakref.finalize(self, stage.close)
        self._mounted = stage.act(lambda: mount(component, self._page.root, props, host=self._page))

    # -- what is there --------------------------------------------------------------------------------

    @property
    def html(self) -> str:
        """What the page shows, as HTML."""
        return "".join(child.html() for child in self.host.root.children)

    @property
    def text(self) -> str:
        """The text that the page shows."""
        return self.host.root.textContent

    @property
    def outline(self) -> str:
        """Roles and names of what the page shows, a line each, indented: what a screen reader has."""
        return outline(self.host.root)

    def get_by_role(self, role: str, name: Wanted | None = None) -> MemoryElement:
        """The one element with this ARIA role, and accessible name where one is given, that is not hidden.

        Example::

            screen.get_by_role("button", name="Send")
        """
        wanted = role if name is None else f"{role} named {_shown(name)}"
        return self._one(self.all_by_role(role, name), wanted)

    def all_by_role(self, role: str, name: Wanted | None = None) -> list[MemoryElement]:
        """All elements with this role (and name) that are not hidden, in document order."""
        return [
            one
            for one in self.host.root.descendants()
            if role_of(one) == role and not is_hidden(one) and (name is None or _matches(name_of(one), name))
        ]

    def get_by_text(self, text: Wanted) -> MemoryElement:
        """The one innermost element that shows this text."""
        return self._one(self.all_by_text(text), f"element with the text {_shown(text)}")

    def all_by_text(self, text: Wanted) -> list[MemoryElement]:
        """All innermost elements that show this text, in document order."""
        found = [
            one
            for one in self.host.root.descendants()
            if one.tag not in ("script", "style") and _matches(words(one.textContent), text)
        ]
        around = {id(one.parentNode) for one in found}
        return [one for one in found if id(one) not in around]

    def get_by_label(self, text: Wanted) -> MemoryElement:
        """The one field or other element that is labelled so: by ``<label>`` or ``aria-label``."""
        return self._one(self.all_by_label(text), f"element labelled {_shown(text)}")

    def all_by_label(self, text: Wanted) -> list[MemoryElement]:
        """All elements that are labelled so, in document order."""
        return [
            one
            for one in self.host.root.descendants()
            if ("aria-label" in one.attributes or "aria-labelledby" in one.attributes or labels_of(one))
            and one.tag != "label"
            and _matches(name_of(one), text)
        ]

    def all(self, tag: str) -> list[MemoryElement]:
        """All elements with the given tag, in document order."""
        return self.host.root.find_all(tag)

    def one(self, tag: str, text: str | None = None) -> MemoryElement:
        """The one element with the given tag (and text)."""
        found = [one for one in self.all(tag) if text is None or words(one.textContent) == words(text)]
        return self._one(found, f"<{tag}>" if text is None else f"<{tag}> with the text {text!r}")

    # -- what a person does ---------------------------------------------------------------------------

    def click(self, element: MemoryElement) -> MemoryEvent:
        """Click an element; gives the ``click`` event. One that is disabled hears nothing of it."""
        return self._stage.act(lambda: self._person.click(_element(element)))

    def double_click(self, element: MemoryElement) -> MemoryEvent:
        """Click twice; gives the ``dblclick`` event."""
        return self._stage.act(lambda: self._person.double_click(_element(element)))

    def hover(self, element: MemoryElement) -> None:
        """Move the mouse over an element."""
        self._stage.act(lambda: self._person.hover(_element(element)))

    def focus(self, element: MemoryElement | None) -> None:
        """Move the focus to an element, or (None) away; a text that was changed fires ``change``."""
        self._stage.act(lambda: self._person.focus(None if element is None else _element(element)))

    def type(self, element: MemoryElement, text: str) -> None:
        """Type behind what a field holds, key by key: ``keydown``, ``input``, ``keyup`` for each."""
        self._stage.act(lambda: self._person.type(_element(element), text))

    def fill(self, element: MemoryElement, text: str) -> MemoryEvent:
        """Put ``text`` in place of what a field holds; gives the ``input`` event."""
        return self._stage.act(lambda: self._person.fill(_element(element), text))

    def press(self, element: MemoryElement, key: str, **details: Any) -> None:
        """Press one key, by its DOM name: ``"Enter"``, ``"a"``; ``details`` such as ``ctrlKey=True``."""
        self._stage.act(lambda: self._person.press(_element(element), key, **details))

    def select(self, element: MemoryElement, *choices: str) -> MemoryEvent:
        """Choose options of a ``<select>`` by value or by what they show; gives the ``change`` event."""
        return self._stage.act(lambda: self._person.select(_element(element), choices))

    def fire(self, element: MemoryElement, type: str, **details: Any) -> MemoryEvent:
        """Fire any event, without a default action; ``details`` become attributes of it."""
        return self._stage.act(lambda: self.host.fire(_element(element), type, **details))

    # -- time -----------------------------------------------------------------------------------------

    async def wait_for(self, condition: Callable[[], T], timeout: float = 1.0) -> T:
        """Wait until ``condition()`` gives something true, and give that.

        It is asked now, whenever a signal that it read changes, and after each commit; a `QueryError` means
        not yet. Raises `WaitError` after ``timeout`` seconds, and at once what else ``condition`` raises.
        Example::

            await screen.wait_for(lambda: screen.get_by_text("saved"))
            screen.run(screen.wait_for(lambda: screen.get_by_text("saved")))  # in a plain test
        """
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[T] = loop.create_future()
        missing: list[QueryError] = []

        def look() -> None:
            if arrived.done():
                return
            try:
                found = condition()
            except QueryError as error:
                missing[:] = [error]
            except Exception as error:
                arrived.set_exception(error)
            else:
                missing.clear()
                if found:
                    arrived.set_result(found)

        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            create_effect(look)
            return dispose

        stop = create_root(start)
        self._page.watchers.append(look)
        try:
            async with asyncio.timeout(timeout):
                return await arrived
        except TimeoutError:
            why = str(missing[0].message) if missing else f"{condition!r} stayed false"
            raise WaitError(
                f"nothing within {timeout:g} s: {why}", next_step=_page_says(self.outline)
            ) from None
        finally:
            self._page.watchers.remove(look)
            stop()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """In a plain test: run a coroutine to its end, in virtual time. Gives or raises what it does."""
        return self._stage.run(coroutine)

    def advance(self, seconds: float) -> None:
        """In a plain test: let ``seconds`` of virtual time pass."""
        self._stage.run(asyncio.sleep(seconds))

    def dispose(self) -> None:
        """Take the component off the page, and end its tasks where the loop is the screen's own."""
        self._stage.act(self._mounted.dispose)
        self._closing()

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *raised: object) -> None:
        self.dispose()

    def _one(self, found: list[MemoryElement], wanted: str) -> MemoryElement:
        if len(found) != 1:
            count = "no" if not found else str(len(found))
            raise QueryError(
                f"{count} {wanted} on the page",
                next_step=_page_says(self.outline),
            )
        return found[0]


def render(component: Component, **props: Any) -> Screen:
    """Mount ``component`` on a page in memory and give a :class:`Screen` of it.

    Takes the component and its attributes. Raises what its set-up raises. Example::

        screen = render(Counter, start=3)
        screen.click(screen.get_by_role("button", name="Add"))
        assert screen.text == "4"
    """
    return Screen(component, props)


def _element(element: MemoryElement) -> MemoryElement:
    if not isinstance(element, MemoryElement):
        raise QueryError(
            f"{element!r} is no element of the page",
            next_step='find it first: screen.get_by_role("button", name="Save")',
        )
    return element


def _matches(text: str, wanted: Wanted) -> bool:
    return text == words(wanted) if isinstance(wanted, str) else wanted.search(text) is not None


def _shown(wanted: Wanted) -> str:
    return repr(wanted) if isinstance(wanted, str) else f"/{wanted.pattern}/"


def _page_says(outline: str) -> str:
    return f"the page holds:\n{outline}" if outline else "the page holds nothing with a role"
