"""A `Channel` beside a raw WebSocket: ``make bench-channel``.

Options: ``--only cpython,chromium,firefox``, ``--rounds N`` (default 5), ``--no-latency``.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.channel import cpython, pages  # noqa: E402  # found by the line above

#: At least so much of the raw rate, by place and direction; None: no promise.
PROMISED = {
    ("cpython", "receive"): 0.8,
    ("cpython", "send"): 0.8,
    ("chromium", "receive"): 0.95,
    ("firefox", "receive"): 0.5,
}
#: At most so many times the latency of the Solid page.
LATENCY = 1.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="places, with commas between")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-latency", action="store_true")
    options = parser.parse_args()
    places = options.only.split(",") if options.only else ["cpython", *pages.BROWSERS]
    browsers = [place for place in places if place in pages.BROWSERS]

    with pages.Server(pages.build() if browsers else pages.OUT) as server:
        if "cpython" in places:
            rates = asyncio.run(cpython.rounds(f"ws://{server.address}", options.rounds))
            print_rates("cpython", f"CPython {platform.python_version()}", rates)
        for browser in browsers:
            rates = pages.report_of(server, browser, f"flood/?rounds={options.rounds}")
            print_rates(browser, browser, rates)
        for browser in browsers if not options.no_latency else ():
            taken: dict[str, list[dict[str, float]]] = {"metafor": [], "solid": []}
            for _ in range(max(1, options.rounds // 2)):
                for name, path in (("metafor", "ticks/"), ("solid", "solid/")):
                    taken[name].append(latency(pages.report_of(server, browser, path)))
            print_latency(browser, taken)


def print_rates(place: str, title: str, rates: cpython.Rates) -> None:
    """Medians, and the median of the ratios of rounds."""
    print(f"\n{title}: messages per second, median of {len(rates['receive']['raw'])} alternating rounds\n")
    print(f"{'':<10}{'raw':>12}{'Channel':>12}{'ratio':>8}   promised")
    for way, by in rates.items():
        ratio = median(mine / theirs for mine, theirs in zip(by["channel"], by["raw"], strict=True))
        promised = PROMISED.get((place, way))
        print(
            f"{way:<10}{median(by['raw']):>12,.0f}{median(by['channel']):>12,.0f}{ratio:>8.2f}"
            f"   {promised or ''}{' MISSED' if promised and ratio < promised else ''}",
            flush=True,
        )


def latency(report: dict[str, object]) -> dict[str, float]:
    """Median and 95th percentile of one page, and its frames per second."""
    latencies = sorted(report["latencies"])  # type: ignore[call-overload]
    return {
        "median": median(latencies),
        "95 %": latencies[int(len(latencies) * 0.95)],
        "frames/s": float(report["frames"]),  # type: ignore[arg-type]
    }


def print_latency(browser: str, taken: dict[str, list[dict[str, float]]]) -> None:
    """Wire to paint, at 1,000 messages a second."""
    print(f"\n{browser}: wire to paint at 1,000 messages/s, ms, medians of {len(taken['solid'])} pages\n")
    print(f"{'':<10}{'metafor':>12}{'solid':>12}{'ratio':>8}")
    for name in ("median", "95 %", "frames/s"):
        mine, theirs = (median(page[name] for page in taken[who]) for who in ("metafor", "solid"))
        missed = " MISSED" if name == "median" and mine / theirs > LATENCY else ""
        print(f"{name:<10}{mine:>12.1f}{theirs:>12.1f}{mine / theirs:>8.2f}{missed}", flush=True)


if __name__ == "__main__":
    main()
