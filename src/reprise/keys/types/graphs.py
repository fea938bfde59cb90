"""Encoders for networkx: nodes, edges and all attributes, in their order.

The order counts, unlike that of a dict: rows of an adjacency matrix, breadth-first search and ties
between shortest paths follow it, so that two graphs that differ in it give different results.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from reprise.keys.framing import frame, number

if TYPE_CHECKING:
    from reprise.keys.walk import Walk


def graph(value: Any, walk: Walk) -> bytes:
    """Class, attributes, nodes and edges; a view counts as the graph that it shows."""
    places = {node: place for place, node in enumerate(value)}
    nodes = [part for node, known in value.nodes.items() for part in (walk(node), walk(known))]
    adjacent, many = value.adj, value.is_multigraph()
    edges = [_neighbours(adjacent[node], places, many, walk) for node in places]
    back = []
    if value.is_directed():  # only the order is new in them
        back = [frame("from", [number(places[one]) for one in value.pred[node]]) for node in places]
    known = (dict(value.graph), getattr(value, "frozen", False), _own(value))
    parts = [frame("nodes", nodes), frame("edges", edges), frame("back", back)]
    return frame("graph", [walk(type(value)), *map(walk, known), *parts])


def _neighbours(neighbours: Any, places: dict[Any, int], many: bool, walk: Walk) -> bytes:
    parts, plain = [], walk({})
    for node, known in neighbours.items():
        parts.append(number(places[node]))
        if many:
            edges = [part for key, edge in known.items() for part in (walk(key), walk(dict(edge)))]
            parts.append(frame("parallel", edges))
        else:
            parts.append(walk(known) if known else plain)
    return frame("to", parts)


def _own(value: Any) -> dict[str, Any]:
    """Attributes that a class of the user's adds; networkx' own hold the graph or a view of it."""
    if type(value).__module__.partition(".")[0] == "networkx":
        return {}
    import networkx

    usual = vars(networkx.MultiDiGraph())
    return {
        name: item
        for name, item in vars(value).items()
        if name not in usual and not isinstance(getattr(type(value), name, None), cached_property)
    }
