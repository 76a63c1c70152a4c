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

# Counts the sockets that hold a proxy of a Python function and have not given it back.
js.eval("""
globalThis.proxies = 0;
const { open, watch } = metafor.sockets;
metafor.sockets = {
  watch,
  open(url, protocols, tell) {
    const counted = (...args) => tell(...args);
    counted.destroy = () => { proxies -= 1; tell.destroy(); };
    const socket = open(url, protocols, counted);
    proxies += 1;
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
    try:
        async with asyncio.timeout(40):
            await test()
        for _ in range(100):  # a socket that was closed tells so in its own time
            if js.proxies == 0:
                break
            await asyncio.sleep(0.02)
        assert js.proxies == 0, f"{js.proxies} proxies are left"
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
