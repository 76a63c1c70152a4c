"""Runs in this page what holds of channels on every platform, and leaves what came of it in ``results``.

The test puts the package ``everywhere`` and ``recipes_of_docs.py`` beside this file, and addresses into
``lab``.
"""

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable

import js
import recipes_of_docs
from everywhere import bad_input, conformance
from everywhere.place import Place, scenarios
from everywhere.recipes import RECIPES
from network_events import the_page_hears_of_its_network
from one_turn import equal_messages_from_a_server, equal_messages_in_one_turn

from metafor.channels.transports.browser import BrowserTransport
from metafor.core import set_error_handler, start_task

# Knows of each socket that has a proxy of a Python function, and has not given it back, what it told.
js.eval("""
globalThis.holders = new Map();
globalThis.left = () => [...holders.values()].map(({ url, told, socket }) =>
  `${url}: told ${told.join(", ") || "nothing"}; its state is ${socket.socket.readyState}`);
const { open, watch } = metafor.sockets;
metafor.sockets = {
  watch,
  open(url, protocols, tell) {
    const told = [];
    const noted = (event, ...args) => { told.push(event); return tell(event, ...args); };
    noted.destroy = () => { holders.delete(tell); tell.destroy(); };
    const socket = open(url, protocols, noted);
    holders.set(tell, { url, told, socket });
    return socket;
  },
};
""")

lab = json.loads(js.lab)
place = Place(BrowserTransport(), lab["address"], lab["refused"])
reported: list[BaseException] = []
set_error_handler(reported.append)
results: dict[str, str] = {}


async def run(name: str, test: Callable[[], Awaitable[object]]) -> None:
    problems: list[BaseException] = []
    js.holders.clear()  # what the one before left is told there
    try:
        async with asyncio.timeout(40):
            await test()
        for _ in range(100):  # a socket that was closed tells so in its own time
            if js.holders.size == 0:
                break
            await asyncio.sleep(0.02)
        assert js.holders.size == 0, f"proxies are left: {list(js.left())}"
    except Exception as error:
        problems.append(error)
    problems += reported
    reported.clear()
    shown = "\n".join("".join(traceback.format_exception(problem)) for problem in problems)
    results[name] = shown or "passed"


async def main() -> None:
    for module in (conformance, bad_input):
        for name, scenario in scenarios(module).items():
            await run(name, lambda scenario=scenario: scenario(place))  # type: ignore[misc]
    for name, recipe in RECIPES.items():
        await run(name, lambda recipe=recipe: recipe(place, vars(recipes_of_docs)))  # type: ignore[misc]
    await run("the_page_hears_of_its_network", lambda: the_page_hears_of_its_network(place))
    await run("equal_messages_in_one_turn", lambda: equal_messages_in_one_turn(place))
    await run("equal_messages_from_a_server", lambda: equal_messages_from_a_server(place))
    js.results = json.dumps(results)


start_task(main())
