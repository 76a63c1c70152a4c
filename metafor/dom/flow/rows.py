"""The arithmetic of a keyed list: what stays, what is new, what must move. Pure functions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

__all__ = ["longest_increasing_subsequence"]


def longest_increasing_subsequence(values: Sequence[int]) -> list[int]:
    """Give the positions of a longest strictly increasing subsequence; negative values are skipped.

    Rows at these positions can stay where they are while the others move around them. O(n log n).
    Example: ``longest_increasing_subsequence([2, 0, 1, 3])`` is ``[1, 2, 3]``.
    """
    tails: list[int] = []  # the smallest last value of a subsequence of each length
    tail_positions: list[int] = []
    previous = [-1] * len(values)
    for position, value in enumerate(values):
        if value < 0:
            continue
        length = bisect_left(tails, value)
        if length:
            previous[position] = tail_positions[length - 1]
        if length == len(tails):
            tails.append(value)
            tail_positions.append(position)
        else:
            tails[length] = value
            tail_positions[length] = position
    result: list[int] = []
    position = tail_positions[-1] if tail_positions else -1
    while position >= 0:
        result.append(position)
        position = previous[position]
    result.reverse()
    return result
