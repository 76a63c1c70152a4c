"""The walks that dispose: children before their parent, the last created first, without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from metafor.core.errors import Pending
from metafor.core.owner import Owner
from metafor.core.ownership import settle_result
from metafor.core.section import now

__all__ = ["dispose_tree", "dispose_trees", "end_trees"]


def dispose_tree(root: Owner, inclusive: bool) -> None:
    """Dispose what is under ``root``, and ``root`` itself if ``inclusive``.

    Children go before their parent, the last created first; then the parent's callbacks, last in first
    out. A callback may create more, which goes too.
    """
    dispose_trees((root,) if inclusive else _contents(root))


def _contents(root: Owner) -> Iterator[Owner]:
    """What is under ``root``, one by one, as long as each is disposed before the next is asked for."""
    while True:
        last = root._last
        if last is not None:
            yield last
        elif root._cleanups:
            _run_cleanups(root)
        else:
            return


def dispose_trees(roots: Iterable[Owner]) -> None:
    """Dispose several trees with their roots, each of which is asked for when those before it are gone.

    Trees that :func:`end_trees` has ended are taken apart.
    """
    run, observer, owner = now.run, now.observer, now.owner
    now.run, now.observer = 0, None
    try:
        for root in roots:
            node = root
            while True:
                last = node._last
                if last is not None:
                    node = last
                    continue
                parent = node.parent
                # A callback may have disposed an owner above from inside this walk: release once.
                first = not node.disposed
                node.disposed = True
                if node._cleanups:
                    _run_cleanups(node)
                if first:
                    node._release()
                if parent is not None and parent._last is node:
                    # _orphan() of a last child, as nearly always, spelled out.
                    before = parent._last = node._prev
                    if before is not None:
                        before._next = node._prev = None
                else:
                    node._orphan()
                if node is root:
                    break
                assert parent is not None
                node = parent
    finally:
        now.run, now.observer, now.owner = run, observer, owner


def end_trees(roots: Iterable[Owner]) -> list[Owner]:
    """Dispose several trees, but do not take them apart: that can wait, and takes longer than the rest.

    Nothing of them runs any more, and nothing leads to them. Gives those whose memory is to be released by
    :func:`dispose_trees`, when there is time. A tree with callbacks, which may change it, is gone at once,
    and so are those behind it, which are likely to be alike.
    """
    ended: list[Owner] = []
    waiting = iter(roots)
    run, observer = now.run, now.observer
    now.run, now.observer = 0, None
    try:
        for root in waiting:
            if _end(root):
                root._orphan()
                ended.append(root)
            else:
                dispose_trees(chain((root,), waiting))
    finally:
        now.run, now.observer = run, observer
    return ended


def _end(root: Owner) -> bool:
    """Dispose the nodes of a tree where they stand, up to the first with callbacks; False if there is one."""
    node = root
    while True:
        while node._last is not None:
            node = node._last
        while True:
            if node._cleanups:
                return False
            if not node.disposed:
                node.disposed = True
                node._release()
            if node is root:
                return True
            if node._prev is not None:
                node = node._prev
                break
            assert node.parent is not None
            node = node.parent


def _run_cleanups(node: Owner) -> None:
    now.owner = node
    while node._cleanups:
        callback = node._cleanups.pop()
        try:
            settle_result(callback())
        except (Exception, Pending) as raised:
            from metafor.core.reporting import report_error

            report_error(raised, node)
    node._cleanups = None
