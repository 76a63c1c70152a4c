"""Runs every scenario of the specification in this page, and leaves what came of it in ``results``.

The test puts the package ``sections`` beside this file, and what a scenario needs into ``lab``.
"""

import asyncio
import json
import traceback
from pathlib import Path

import js
import sections

from metafor.core import set_error_handler, start_task

lab = json.loads(js.lab)
assert sections.__file__
Path(sections.__file__).with_name("channels.md").write_text(lab["document"], encoding="utf-8")

from sections import client, servers  # noqa: E402, F401
from sections.remote import RemoteApp  # noqa: E402
from sections.world import SCENARIOS, Scenario, World  # noqa: E402

world = World(RemoteApp(lab["control"]), js.lead, lab["servers"])
reported: list[BaseException] = []
set_error_handler(reported.append)
results: dict[str, str] = {}


def note(scenario: Scenario, error: BaseException | None) -> None:
    for problem in (error, *reported):
        if problem is not None:
            results[scenario.name] = "".join(traceback.format_exception(problem))
    reported.clear()
    results.setdefault(scenario.name, "passed")


def run_script(scenario: Scenario) -> None:
    """As a script of its own, which calls ``asyncio.run``."""
    asyncio.run(world.app.reset())
    world.lead("localhost", 8000, lab["app"])
    try:
        scenario.run(world)
    except Exception as error:
        note(scenario, error)
    else:
        note(scenario, None)


async def run(scenario: Scenario) -> None:
    await world.app.reset()
    world.lead("localhost", 8000, lab["app"])
    try:
        async with asyncio.timeout(30):
            await scenario.run(world)
    except Exception as error:
        note(scenario, error)
    else:
        note(scenario, None)


async def main() -> None:
    for scenario in SCENARIOS.values():
        if not scenario.is_script:
            await run(scenario)
    js.results = json.dumps(results)


for scenario in SCENARIOS.values():
    if scenario.is_script:
        run_script(scenario)
start_task(main())
