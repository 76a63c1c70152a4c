"""Runs the conformance cases where there is no pytest: inside Pyodide."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from importlib import import_module
from pathlib import Path

from tests.core.conformance.helpers import reported

__all__ = ["run_all"]


async def run_all() -> tuple[int, list[str]]:
    """Run every case beside this file; give how many passed, and the traceback of each failure."""
    passed, failures = 0, []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = import_module(f"tests.core.conformance.{path.stem}")
        for name, case in vars(module).items():
            if not name.startswith("test_"):
                continue
            try:
                with reported() as errors:
                    if inspect.iscoroutinefunction(case):
                        await asyncio.wait_for(case(), 10)
                    else:
                        case()
                if errors:
                    raise AssertionError(f"reported: {errors}") from errors[0]
            except BaseException:
                failures.append(f"{path.name}::{name}\n{traceback.format_exc()}")
            else:
                passed += 1
    return passed, failures
