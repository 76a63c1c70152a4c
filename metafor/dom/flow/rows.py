"""The arithmetic of a keyed list: what stays, what is new, what must move.

A list that was written is compared with the last one by identity: for a row that stays, nothing is called.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from metafor.core.equality import same

__all__ = [
    "changed_positions",
    "common_head",
    "common_tail",
    "longest_increasing_subsequence",
    "runs",
    "runs_to_place",
]

#: Up to so many rows that changed among others that did not, these are taken together.
_FEW = 8


def common_head(old: list[Any], new: Sequence[Any]) -> int:
    """How many items both lists begin with: the same objects, or equal scalars.

    ``old`` takes over those that are equal but other objects: the next list is likely to hold these.
    """
    limit = min(len(old), len(new))
    for start in _differing_eights(iter(old), iter(new), limit):
        for position in range(start, min(start + 8, limit)):
            if old[position] is not new[position]:
                if not same(old[position], new[position]):
                    return position
                old[position] = new[position]
    return limit


def common_tail(old: list[Any], new: Sequence[Any], limit: int) -> int:
    """How many items both lists end with, at most ``limit``; ``old`` as in :func:`common_head`."""
    for start in _differing_eights(reversed(old), reversed(new), limit):
        for position in range(-1 - start, -1 - min(start + 8, limit), -1):
            if old[position] is not new[position]:
                if not same(old[position], new[position]):
                    return -1 - position
                old[position] = new[position]
    return limit


def changed_positions(old: Sequence[Any], new: Sequence[Any]) -> list[int]:
    """Where two lists of the same length hold different objects; equal scalars are no change."""
    length = len(old)
    return [
        position
        for start in _differing_eights(iter(old), iter(new), length)
        for position in range(start, min(start + 8, length))
        if old[position] is not new[position] and not same(old[position], new[position])
    ]


def _differing_eights(olds: Iterator[Any], news: Iterator[Any], limit: int) -> Iterator[int]:
    """Where each eight of ``limit`` items begins among which some differ; the rest behind the last, too.

    Eight at a time, since nearly all are the same: that takes half as many steps of the interpreter.
    """
    o, n = olds, news
    eights = zip(range(0, limit - 7, 8), o, n, o, n, o, n, o, n, o, n, o, n, o, n, o, n, strict=False)
    for start, a, a2, b, b2, c, c2, d, d2, e, e2, f, f2, g, g2, h, h2 in eights:
        if (
            (a is not a2 or b is not b2 or c is not c2 or d is not d2)
            or (e is not e2 or f is not f2 or g is not g2 or h is not h2)
        ):  # fmt: skip
            yield start
    if limit % 8:
        yield limit - limit % 8


def longest_increasing_subsequence(values: Sequence[int]) -> list[int]:
    """Give the positions of a longest strictly increasing subsequence; negative values are skipped.

    Rows at these positions can stay where they are while the others move around them. O(n log n).
    Example: ``longest_increasing_subsequence([2, 0, 1, 3])`` is ``[1, 2, 3]``.
    """
    if not values or max(values) < 0:
        return []
    tails: list[int] = []  # the smallest last value of a subsequence of each length
    tail_positions: list[int] = []
    previous = [-1] * len(values)
    highest = -1
    for position, value in enumerate(values):
        if value > highest:
            # Nearly always: it goes on.
            highest = value
            if tail_positions:
                previous[position] = tail_positions[-1]
            tails.append(value)
            tail_positions.append(position)
        elif value >= 0:
            length = bisect_left(tails, value)
            if length:
                previous[position] = tail_positions[length - 1]
            tails[length] = value
            tail_positions[length] = position
            highest = tails[-1]
    result: list[int] = []
    position = tail_positions[-1] if tail_positions else -1
    while position >= 0:
        result.append(position)
        position = previous[position]
    result.reverse()
    return result


def runs(length: int, without: Sequence[int]) -> list[tuple[int, int]]:
    """The gaps in ``range(length)`` that leaving out ``without``, in order, makes: (start, stop) of each.

    Example: ``runs(5, [1, 3, 4])`` is ``[(0, 1), (2, 3)]``.
    """
    gaps: list[tuple[int, int]] = []
    start = 0
    for position in (*without, length):
        if position > start:
            gaps.append((start, position))
        start = position + 1
    return gaps


def runs_to_place(length: int, changed: Sequence[int], places: Sequence[int]) -> list[tuple[int, int]]:
    """What must be inserted or moved in a list whose rows stayed, but for those at ``changed`` positions.

    ``places`` tells where each of these stood, -1 for a new one. Gives (start, stop) of each run, in order;
    what stays is a longest increasing subsequence. Costs as much as has changed, if that is little.
    Example: ``runs_to_place(1_000, [1, 998], [998, 1])`` is ``[(1, 2), (998, 999)]``.
    """
    if len(changed) == length:
        return runs(length, longest_increasing_subsequence(places))
    if len(changed) > _FEW:
        positions = list(range(length))
        for position, place in zip(changed, places, strict=True):
            positions[position] = place
        return runs(length, longest_increasing_subsequence(positions))
    # Stretches: where they stand, where they stood, how long they are.
    stretches: list[tuple[int, int, int]] = []
    reached = 0
    for position, place in zip(changed, places, strict=True):
        if position > reached:
            stretches.append((reached, reached, position - reached))
        stretches.append((position, place, 1))
        reached = position + 1
    if reached < length:
        stretches.append((reached, reached, length - reached))
    staying = _heaviest_increasing_subsequence([(place, size) for _, place, size in stretches])
    gaps: list[tuple[int, int]] = []
    for start, stop in runs(len(stretches), staying):
        last, _, size = stretches[stop - 1]
        gaps.append((stretches[start][0], last + size))
    return gaps


def _heaviest_increasing_subsequence(stretches: Sequence[tuple[int, int]]) -> list[int]:
    """The positions of stretches (first value, length) that increase and are longest together. O(n²)."""
    weights: list[int] = []
    previous: list[int] = []
    for value, size in stretches:
        weight, before = 0, -1
        for position in range(len(weights)):
            if weights[position] > weight and stretches[position][0] < value:
                weight, before = weights[position], position
        weights.append(weight + size if value >= 0 else 0)
        previous.append(before)
    # The last of the heaviest, as a longest subsequence ends with the lowest value that it can.
    position = max(range(len(weights)), key=lambda one: (weights[one], one)) if any(weights) else -1
    result: list[int] = []
    while position >= 0:
        result.append(position)
        position = previous[position]
    result.reverse()
    return result
