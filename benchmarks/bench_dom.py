"""The keyed rows benchmark, beside JavaScript and the other Python frameworks: ``make bench-dom``.

Options: ``--only metafor,vanilla``, ``--operations create,select`` (beginnings of names), ``--rounds N``
(default 7), ``--warm`` (with the warm-ups of the public benchmark), ``--no-memory``, ``--chromium PATH``.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from itertools import product
from math import exp, log
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.rows.measure import Memory, Times, chromium, memory, run_once, serving  # noqa: E402
from benchmarks.rows.operations import APPENDING, OPERATIONS, Operation  # noqa: E402
from benchmarks.rows.sites import FRAMEWORKS, build  # noqa: E402

#: Create-and-clear cycles after which memory is looked at again.
CYCLES = 10

Results = dict[str, dict[str, list[Times]]]  # by operation, by framework


def main() -> None:
    options = _options()
    frameworks = [name for name in FRAMEWORKS if not options.only or name in options.only.split(",")]
    wanted = tuple(options.operations.split(",")) if options.operations else ("",)
    operations = [one for one in OPERATIONS + APPENDING if one.name.startswith(wanted)]
    with ExitStack() as stack:
        urls = {name: stack.enter_context(serving(build(name))) for name in frameworks}
        browser = stack.enter_context(chromium(options.chromium))
        pages = "pages after warm-ups" if options.warm else "fresh pages"
        print(f"Chromium {browser.version}, {options.rounds} rounds, {pages}\n", flush=True)
        results: Results = {one.name: {name: [] for name in frameworks} for one in operations}
        # What is compared with each other is measured side by side: the machine's speed changes.
        for group in [*([one] for one in OPERATIONS), APPENDING]:
            measured = [one for one in group if one in operations]
            for _ in range(options.rounds):
                for name, operation in product(frameworks, measured):
                    try:
                        times = run_once(browser, urls[name], operation, warm=options.warm)
                    except Exception as error:
                        error.add_note(f"It was {name}, at {operation.name}.")
                        raise
                    results[operation.name][name].append(times)
            for operation in measured:
                _print_row(operation.name, results[operation.name], header=operation is operations[0])
        _print_summary(results, operations)
        if not options.no_memory:
            _print_memory({name: memory(browser, url, CYCLES) for name, url in urls.items()})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="frameworks, with commas between")
    parser.add_argument("--operations", help="beginnings of the operations' names, with commas between")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--warm", action="store_true", help="each operation after some of its kind")
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    return parser.parse_args()


def _medians(times: list[Times]) -> Times:
    return Times(median(one.script for one in times), median(one.frame for one in times))


def _print_row(operation: str, times: dict[str, list[Times]], *, header: bool) -> None:
    if header:
        print("milliseconds, medians: in script / to the next frame\n")
        print(f"{'':<20}" + "".join(f"{name:>18}" for name in times))
    cells = [f"{one.script:.2f} / {one.frame:.1f}" for one in map(_medians, times.values())]
    print(f"{operation:<20}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


def _print_summary(results: Results, operations: list[Operation]) -> None:
    """Geometric means against vanilla JavaScript, and what appending one row costs."""
    counted = [results[one.name] for one in operations if one in OPERATIONS]
    if counted and "vanilla" in counted[0]:
        cells = []
        for name in counted[0]:
            script, frame = (
                exp(
                    sum(log(_medians(by[name])[kind] / _medians(by["vanilla"])[kind]) for by in counted)
                    / len(counted)
                )
                for kind in (0, 1)
            )
            cells.append(f"{script:.2f} / {frame:.2f}")
        print(f"{'against vanilla':<20}" + "".join(f"{cell:>18}" for cell in cells))
    few, many = (results.get(one.name) for one in APPENDING)
    if few and many:
        cells = [f"{_medians(many[name]).script / _medians(few[name]).script:.2f}" for name in few]
        print(f"{'10,000 to 1,000':<20}" + "".join(f"{cell:>18}" for cell in cells))


def _print_memory(taken: dict[str, list[Memory]]) -> None:
    print(f"\nat first, after one and after {CYCLES} cycles of creating and clearing 1,000 rows\n")
    print(f"{'':<12}{'DOM nodes':>24}{'listeners':>20}{'MB':>24}")
    for name, (first, once, often) in taken.items():
        nodes, listeners, megabytes = zip(first, once, often, strict=True)
        print(
            f"{name:<12}{' '.join(map(str, nodes)):>24}{' '.join(map(str, listeners)):>20}"
            f"{' '.join(f'{one:.1f}' for one in megabytes):>24}"
        )


if __name__ == "__main__":
    main()
