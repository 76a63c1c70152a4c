"""Reconnect policies (ruling 2)."""

from __future__ import annotations

import random
import statistics
from typing import Any

import pytest

from metafor.channels import Backoff, Fixed, Outage
from metafor.channels.reconnect import ReconnectPolicy
from metafor.channels.transports.base import Close


def outage(step: int = 0, *, fatal: bool = False) -> Outage:
    return Outage(attempt=step, step=step, close=Close(), fatal=fatal)


def test_ruling_2_backoff_doubles_to_a_cap() -> None:
    policy = Backoff(jitter=0)
    assert [policy.next_delay(outage(step)) for step in range(8)] == [1, 2, 4, 8, 16, 20, 20, 20]


def test_ruling_2_backoff_is_jittered_from_half_to_one_and_a_half() -> None:
    policy = Backoff(rng=random.Random(1))
    delays = [policy.next_delay(outage(9)) or 0 for _ in range(2000)]
    assert 10 <= min(delays) < 10.5
    assert 29.5 < max(delays) <= 30
    assert statistics.mean(delays) == pytest.approx(20, rel=0.05)


def test_ruling_2_fixed_is_jittered_by_a_tenth() -> None:
    policy = Fixed(2.0, rng=random.Random(1))
    delays = [policy.next_delay(outage(step)) or 0 for step in range(2000)]
    assert 1.8 <= min(delays) < 1.81
    assert 2.19 < max(delays) <= 2.2


@pytest.mark.parametrize("policy", [Backoff(), Fixed(1.0)])
def test_ruling_3_policies_give_up_after_a_fatal_close(policy: ReconnectPolicy) -> None:
    assert policy.next_delay(outage(fatal=True)) is None


def test_backoff_survives_a_very_long_outage() -> None:
    assert Backoff(jitter=0).next_delay(outage(100_000)) == 20


def test_policies_with_the_same_numbers_are_equal() -> None:
    assert Backoff(cap=5) == Backoff(cap=5.0)
    assert hash(Fixed(1)) == hash(Fixed(1))
    assert Backoff() != Backoff(cap=5)
    assert Fixed(1) != Backoff(1)
    assert Fixed(1) != Fixed(1, rng=random.Random(1))
    assert repr(Fixed(2)) == "Fixed(delay=2, jitter=0.1)"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Backoff(-1),
        lambda: Backoff(float("nan")),
        lambda: Backoff(factor=0.5),
        lambda: Backoff(cap=float("inf")),
        lambda: Backoff(jitter=2),
        lambda: Fixed(-0.1),
        lambda: Fixed(1, jitter=-1),
        lambda: Fixed("a"),  # type: ignore[arg-type]
        lambda: Backoff(None),  # type: ignore[arg-type]
        lambda: Backoff(jitter="x"),  # type: ignore[arg-type]
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()
