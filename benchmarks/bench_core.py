"""The reactive core against reaktiv (CPython and Pyodide) and alien-signals (Node): ``make bench-core``.

Options: ``--rounds N`` (default 7), ``--no-pyodide``, ``--no-node``.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.core import libraries, measure  # noqa: E402  # found by the line above
from benchmarks.core.measure import Sizes, Times, geometric_mean  # noqa: E402

HERE = Path(__file__).parent / "core"


def alien_times() -> dict[str, float]:
    """One round of each case on alien-signals, in a Node of its own."""
    printed = subprocess.run(
        ["node", "--expose-gc", HERE / "alien.mjs"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    times: dict[str, float] = json.loads(printed)
    return times


def in_pyodide(rounds: int) -> tuple[Times, Sizes]:
    """As `measure.best_times` and `measure.sizes`, inside Pyodide."""
    reaktiv = find_spec("reaktiv")
    assert reaktiv is not None
    assert reaktiv.origin is not None
    printed = subprocess.run(
        [
            "node",
            HERE / "pyodide_round.mjs",
            ROOT,
            ROOT / "node_modules" / "pyodide",
            Path(reaktiv.origin).parent.parent,
            str(rounds),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    ).stdout
    times, sizes = json.loads(printed.strip().splitlines()[-1])
    return times, sizes


def report(title: str, times: Times, alien: dict[str, float]) -> None:
    """Print one table, and whether the promise is kept: five times reaktiv, and no case slower."""
    print(f"\n{title}: milliseconds, best of alternating rounds\n")
    print(f"{'case':<16}{'metafor':>10}{'reaktiv':>10}{'ratio':>8}{'alien':>10}{'ratio':>8}")
    ratios, limits = [], []
    for case, by_library in times.items():
        mine, theirs = by_library["metafor"], by_library["reaktiv"]
        ratios.append(theirs / mine)
        line = f"{case:<16}{mine:>10.2f}{theirs:>10.2f}{ratios[-1]:>7.1f}x"
        if case in alien:
            limits.append(mine / alien[case])
            line += f"{alien[case]:>10.3f}{1 / limits[-1]:>7.3f}x"
        print(line)
    print(f"{'geometric mean':<36}{geometric_mean(ratios):>7.1f}x", end="")
    print(f"{1 / geometric_mean(limits):>17.3f}x" if limits else "")
    slower = [case for case, ratio in zip(times, ratios, strict=True) if ratio < 1]
    print(f"slower than reaktiv in: {', '.join(slower) or 'no case'}")


def report_sizes(sizes: Sizes) -> None:
    """Print how much memory a node takes."""
    print("\nbytes per node (tracemalloc)\n")
    for kind in sizes["metafor"]:
        mine, theirs = sizes["metafor"][kind], sizes["reaktiv"][kind]
        print(f"{kind:<16}{mine:>10.0f}{theirs:>10.0f}{theirs / mine:>7.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-pyodide", action="store_true")
    parser.add_argument("--no-node", action="store_true")
    options = parser.parse_args()

    both = [libraries.metafor(), libraries.reaktiv()]
    times: Times = {}
    alien: dict[str, float] = {}
    for _ in range(options.rounds):
        measure.keep_best(times, measure.best_times(both, 1))
        if not options.no_node:
            measure.keep_best(alien, alien_times())
    report(f"CPython {platform.python_version()}", times, alien)
    report_sizes(measure.sizes(both))
    if not options.no_pyodide:
        times, sizes = in_pyodide(max(2, options.rounds // 2))
        report("Pyodide in Node", times, alien)
        report_sizes(sizes)


if __name__ == "__main__":
    main()
