"""The state machine alone: every transition, and the rulings that live in it, without any I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from metafor.channels import ChannelConnectionError, ChannelState, ChannelTimeoutError, Fixed, Outage
from metafor.channels.connection import (
    Action,
    Closed,
    CloseSocket,
    Connection,
    DropSocket,
    Ended,
    Opened,
    OpenSocket,
    Settled,
    StartTimer,
    StopTimer,
    Timer,
)
from metafor.channels.transports.base import Close


class Waits:
    """A policy that answers 1, 2, 3… and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Outage] = []

    def next_delay(self, outage: Outage) -> float | None:
        self.asked.append(outage)
        return float(len(self.asked))


def only(actions: Sequence[Action], kind: type) -> Any:
    (found,) = [action for action in actions if isinstance(action, kind)]
    return found


def kinds(actions: Sequence[Action]) -> list[type]:
    return [type(action) for action in actions]


def opened(connection: Connection, now: float = 0.0) -> int:
    generation: int = only(connection.connect(), OpenSocket).generation
    connection.socket_opened(generation, now)
    assert connection.state is ChannelState.OPEN
    return generation


CUT = Close()


def test_connect_opens_one_socket_and_sets_a_deadline() -> None:
    connection = Connection(connect_timeout=10)
    assert connection.connect() == [StartTimer(Timer.CONNECT, 10), OpenSocket(1)]
    assert connection.state is ChannelState.CONNECTING
    assert connection.connect() == []  # shared


def test_the_open_event_answers_and_stops_the_deadline() -> None:
    connection = Connection()
    connection.connect()
    assert connection.socket_opened(1, 0) == [StopTimer(Timer.CONNECT), Settled(None), Opened()]
    assert connection.connect() == [Settled(None)]  # at once


def test_ruling_4_without_auto_reconnect_the_first_failure_answers() -> None:
    connection = Connection()
    connection.connect()
    actions = connection.socket_closed(1, Close(problem="nobody there"), 0)
    assert kinds(actions) == [StopTimer, Settled, Ended, Closed]
    error = only(actions, Settled).error
    assert only(actions, Ended).error is error
    assert "nobody there" in str(error)
    assert error.retry_in is None
    assert error.attempt == 1
    assert connection.state is ChannelState.CLOSED


def test_ruling_4_with_auto_reconnect_a_failure_answers_nobody() -> None:
    connection = Connection(Waits())
    connection.connect()
    actions = connection.socket_closed(1, CUT, 0)
    assert kinds(actions) == [StopTimer, StartTimer, Ended]
    assert only(actions, StartTimer) == StartTimer(Timer.RETRY, 1)
    assert only(actions, Ended).error.retry_in == 1
    assert (connection.state, connection.retry_in, connection.attempt) == (ChannelState.RECONNECTING, 1, 1)
    assert connection.connect() == []  # joins in, and does not hurry it
    actions = connection.timer_fired(Timer.RETRY, 1)
    assert only(actions, OpenSocket) == OpenSocket(2)
    assert (connection.state, connection.retry_in, connection.attempt) == (ChannelState.CONNECTING, None, 1)
    assert Settled(None) in connection.socket_opened(2, 1)
    assert connection.attempt == 0


def test_no_answer_in_time_is_a_failure() -> None:
    connection = Connection(connect_timeout=10)
    connection.connect()
    actions = connection.timer_fired(Timer.CONNECT, 10)
    assert kinds(actions) == [DropSocket, StopTimer, Settled, Ended, Closed]
    assert isinstance(only(actions, Settled).error, ChannelTimeoutError)
    assert connection.socket_opened(1, 11) == []  # too late


def test_ruling_1_attempts_count_since_the_last_open() -> None:
    connection = Connection(Waits(), max_attempts=2)
    connection.connect()
    for generation in (1, 2):
        connection.socket_closed(generation, CUT, 0)
        assert connection.state is ChannelState.RECONNECTING
        connection.timer_fired(Timer.RETRY, 0)
    connection.socket_opened(3, 0)
    for generation in (3, 4):
        connection.socket_closed(generation, CUT, 0)
        assert connection.state is ChannelState.RECONNECTING
        connection.timer_fired(Timer.RETRY, 0)
    actions = connection.socket_closed(5, CUT, 0)
    assert connection.state is ChannelState.CLOSED
    assert "gave up after 2 attempts" in str(only(actions, Settled).error)


def test_ruling_1_the_delay_steps_back_only_after_five_seconds_up() -> None:
    waits = Waits()
    connection = Connection(waits)
    now = 0.0
    generation = opened(connection, now)
    for uptime in (0.0, 4.9, 5.0, 1.0):
        now += uptime
        connection.socket_closed(generation, CUT, now)
        generation = only(connection.timer_fired(Timer.RETRY, now), OpenSocket).generation
        connection.socket_opened(generation, now)
    assert [outage.step for outage in waits.asked] == [0, 1, 0, 1]
    assert [outage.attempt for outage in waits.asked] == [0, 0, 0, 0]


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010])
def test_ruling_3_fatal_codes_stop_it_when_the_peer_sent_them(code: int) -> None:
    connection = Connection(Fixed(1))
    generation = opened(connection)
    actions = connection.socket_closed(generation, Close(code, "no", clean=True, received=True), 1)
    assert kinds(actions) == [Ended, Closed]
    error = only(actions, Ended).error
    assert (error.close_code, error.reason, error.clean) == (code, "no", True)
    assert OpenSocket(2) in connection.connect()  # a later connect() works


@pytest.mark.parametrize("code", [1002, 1007, 1009])
def test_ruling_3_a_violation_found_on_our_side_is_retried(code: int) -> None:
    connection = Connection(Fixed(1))
    generation = opened(connection)
    actions = connection.socket_closed(generation, Close(code, problem="invalid UTF-8"), 1)
    assert connection.state is ChannelState.RECONNECTING
    assert "invalid UTF-8" in str(only(actions, Ended).error)


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 1011, 1012, 1013, 3000, 4999])
def test_ruling_3_all_other_codes_are_retried(code: int) -> None:
    connection = Connection(Fixed(1))
    generation = opened(connection)
    connection.socket_closed(generation, Close(code, clean=True, received=True), 1)
    assert connection.state is ChannelState.RECONNECTING


def test_ruling_3_a_policy_may_decide_otherwise() -> None:
    waits = Waits()
    connection = Connection(waits)
    generation = opened(connection)
    connection.socket_closed(generation, Close(1008, clean=True, received=True), 1)
    assert waits.asked[0].fatal
    assert connection.state is ChannelState.RECONNECTING


@pytest.mark.parametrize(
    ("close", "is_error"),
    [(Close(1000, clean=True), False), (Close(1001, clean=True), False), (Close(1005, clean=True), False)]
    + [(Close(code, clean=True), True) for code in (1006, 1011, 1012, 4000)],
)
def test_a_normal_end_is_no_error(close: Close, is_error: bool) -> None:
    connection = Connection()
    ended = only(connection.socket_closed(opened(connection), close, 1), Ended)
    assert (ended.error is not None) == is_error


def test_ruling_2_a_servers_hint_is_a_lower_bound() -> None:
    for close, delay in [
        (Close(1012, "retry-after=7.5 restarting", clean=True, received=True), 7.5),
        (Close(1012, "retry-after=0.5", clean=True, received=True), 1.0),
        (Close(1012, "retry-after=7.5", clean=True, received=False), 1.0),
        (Close(problem="HTTP 503", retry_after=30), 30.0),
    ]:
        connection = Connection(Fixed(1, jitter=0))
        connection.socket_closed(opened(connection), close, 1)
        assert connection.retry_in == delay


@pytest.mark.parametrize("delay", [None, float("inf"), float("nan")])
def test_a_policy_can_give_up(delay: float | None) -> None:
    class GivesUp:
        def next_delay(self, outage: Outage) -> float | None:
            return delay

    connection = Connection(GivesUp())
    connection.connect()
    error = only(connection.socket_closed(1, CUT, 0), Settled).error
    assert "the reconnect policy gave up" in str(error)


def test_a_policy_that_raises_ends_the_attempts_and_says_so() -> None:
    class Broken:
        def next_delay(self, outage: Outage) -> float | None:
            raise LookupError("oops")

    connection = Connection(Broken())
    connection.connect()
    assert "oops" in str(only(connection.socket_closed(1, CUT, 0), Settled).error)
    assert connection.state is ChannelState.CLOSED


def test_what_no_attempt_can_mend_is_not_tried_again() -> None:
    connection = Connection(Waits())
    connection.connect()
    cause = ChannelConnectionError("no URL")
    actions = connection.socket_closed(1, CUT, 0, cause=cause)
    assert only(actions, Settled).error is cause
    assert connection.state is ChannelState.CLOSED


# -- close(), from every state ---------------------------------------------------------------------------


def test_close_when_closed_answers_at_once() -> None:
    assert Connection().close() == [Closed()]


def test_close_while_connecting_lets_the_socket_go() -> None:
    connection = Connection(Waits())
    connection.connect()
    actions = connection.close()
    assert kinds(actions) == [StopTimer, DropSocket, Settled, Ended, Closed]
    assert "close() was called" in str(only(actions, Settled).error)
    assert only(actions, Ended).error is None
    assert connection.state is ChannelState.CLOSED
    assert connection.socket_opened(1, 0) == []
    assert connection.socket_closed(1, CUT, 0) == []


def test_close_when_open_waits_for_the_peer_but_not_for_ever() -> None:
    connection = Connection(Waits(), close_timeout=5)
    generation = opened(connection)
    assert connection.close(3001, "bye") == [CloseSocket(3001, "bye"), StartTimer(Timer.CLOSE, 5)]
    assert connection.state.value == "closing"
    assert connection.close() == []  # shared
    actions = connection.socket_closed(generation, Close(3001, "bye", clean=True), 1)
    assert kinds(actions) == [StopTimer, Ended, Closed]
    assert connection.state.value == "closed"


def test_close_of_a_half_open_connection_ends_at_its_deadline() -> None:
    connection = Connection(Waits(), close_timeout=5)
    generation = opened(connection)
    connection.close()
    actions = connection.timer_fired(Timer.CLOSE, 5)
    assert kinds(actions) == [DropSocket, StopTimer, Ended, Closed]
    assert only(actions, Ended).error is None
    assert connection.socket_closed(generation, CUT, 6) == []


def test_close_while_reconnecting_stops_the_wait() -> None:
    connection = Connection(Waits())
    connection.connect()
    connection.socket_closed(1, CUT, 0)
    actions = connection.close()
    assert kinds(actions) == [StopTimer, Settled, Closed]
    assert (connection.state, connection.retry_in) == (ChannelState.CLOSED, None)
    assert connection.timer_fired(Timer.RETRY, 1) == []


def test_connect_while_closing_begins_again_afterwards() -> None:
    connection = Connection()
    generation = opened(connection)
    connection.close()
    assert connection.connect() == []
    actions = connection.socket_closed(generation, Close(1000, clean=True), 1)
    assert kinds(actions) == [StopTimer, Ended, Closed, StartTimer, OpenSocket]
    assert connection.state is ChannelState.CONNECTING


def test_close_takes_back_a_connect_while_closing() -> None:
    connection = Connection()
    generation = opened(connection)
    connection.close()
    connection.connect()
    assert kinds(connection.close()) == [Settled]
    assert OpenSocket not in kinds(connection.socket_closed(generation, CUT, 1))


def test_timers_of_another_state_do_nothing() -> None:
    connection = Connection(Waits())
    for timer in Timer:
        assert connection.timer_fired(timer, 0) == []
    opened(connection)
    for timer in Timer:
        assert connection.timer_fired(timer, 0) == []


@pytest.mark.parametrize(
    ("state", "ready_state"),
    [("closed", 3), ("connecting", 0), ("open", 1), ("closing", 2), ("reconnecting", 3)],
)
def test_ready_state_is_that_of_a_native_websocket(state: str, ready_state: int) -> None:
    assert ChannelState(state).ready_state == ready_state
