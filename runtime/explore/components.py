"""The strong components of a graph: Tarjan's algorithm, without recursion.

Source: R. Tarjan, Depth-first search and linear graph algorithms (1972).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator


def components(
    nodes: Collection[int],
    following: Callable[[int], Iterable[int]],
    tick: Callable[[], object] = lambda: None,
) -> Iterator[list[int]]:
    """The strong components of some nodes, those that others lead to first.

    following: where a node leads to; what is not in `nodes` is left out. tick: called at each
    node. An edge from a node to itself makes no difference.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    done: set[int] = set()
    stack: list[int] = []
    for root in nodes:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        work = [(root, iter(following(root)))]
        while work:
            node, ends = work[-1]
            for end in ends:
                if end not in index:
                    if end not in nodes:
                        continue
                    tick()
                    index[end] = low[end] = len(index)
                    stack.append(end)
                    work.append((end, iter(following(end))))
                    break
                if end not in done and index[end] < low[node]:
                    low[node] = index[end]
            else:
                work.pop()
                if work and low[node] < low[work[-1][0]]:
                    low[work[-1][0]] = low[node]
                if low[node] == index[node]:
                    found = [stack.pop()]
                    while found[-1] != node:
                        found.append(stack.pop())
                    done.update(found)
                    yield found
