"""networkx: nodes, edges and attributes, in their order."""

from __future__ import annotations

import copy

import pytest

from reprise.keys import digest

nx = pytest.importorskip("networkx")


def path(kind=nx.Graph, **attributes):
    return kind([(1, 2, {"w": 1}), (2, 3, {"w": 2}), (3, 4, {"w": 3})], **attributes)


def changed(graph, change):
    change(graph)
    return graph


def parallel(*edges):
    made = nx.MultiGraph()
    for key, weight in edges:
        made.add_edge(1, 2, key=key, w=weight)
    return made


class Roads(nx.Graph):
    pass


def roads(name):
    made = Roads([(1, 2)])
    made.region = name
    return made


def part():
    return path().subgraph([2, 3, 4])


def ordered(nodes, edges, kind=nx.Graph):
    made = kind()
    made.add_nodes_from(nodes)
    made.add_edges_from(edges)
    return made


ROWS = [ordered(nodes, [(1, 2), (2, 3)]) for nodes in ([1, 2, 3], [3, 2, 1])]
SEARCHED = [ordered([1, 2, 3], edges) for edges in ([(1, 2), (1, 3)], [(1, 3), (1, 2)])]
POINTED = [ordered([1, 2], [edge], nx.DiGraph) for edge in [(1, 2), (2, 1)]]

DIFFER = [
    ("an edge in the middle", path(), changed(path(), lambda g: g[2][3].update(w=9))),
    ("a node", path(), changed(path(), lambda g: g.add_node(5))),
    ("an attribute of a node", path(), changed(path(), lambda g: g.nodes[3].update(c=1))),
    ("an attribute of the graph", path(name="a"), path(name="b")),
    ("nodes by type", nx.Graph([(1, 2)]), nx.Graph([("1", 2)])),
    ("numbers that are equal", nx.Graph([(1, 2)]), nx.Graph([(1.0, 2)])),
    ("directed", path(), path(nx.DiGraph)),
    ("multigraph", path(), path(nx.MultiGraph)),
    ("direction", *POINTED),
    ("parallel edges", parallel((0, 1), (1, 2)), parallel((0, 2), (1, 1))),
    ("keys of parallel edges", parallel(("a", 1)), parallel(("b", 1))),
    ("order of nodes, which rows of a matrix follow", *ROWS),
    ("order of edges, which a search follows", *SEARCHED),
    ("frozen", path(), nx.freeze(path())),
    ("a subclass", roads("a"), nx.Graph([(1, 2)])),
    ("attributes of a subclass", roads("a"), roads("b")),
    ("not its dict", path(), nx.to_dict_of_dicts(path())),
]

SAME = [
    ("copies", path(), path().copy()),
    ("deep copies", path(nx.MultiDiGraph), copy.deepcopy(path(nx.MultiDiGraph))),
    ("at once and one by one", path(), ordered([1], [(n, n + 1, {"w": n}) for n in (1, 2, 3)])),
    ("order of attributes", path(a=1, b=2), path(b=2, a=1)),
    ("what was looked at", changed(path(), lambda g: (g.adj, g.edges, g.degree)), path()),
    ("a view and its copy", part(), nx.freeze(part().copy())),
    ("equal subclasses", roads("a"), roads("a")),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_graphs_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_graphs_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_digesting_leaves_a_graph_as_it_was():
    value = path(nx.MultiDiGraph, name="a")
    before = copy.deepcopy((value._node, value._adj, value.graph))
    digest(value)
    assert (value._node, value._adj, value.graph) == before


def test_a_graph_that_is_a_node_of_itself():
    def looped(name):
        made = nx.DiGraph(name=name)
        made.add_edge(made, 1)
        return made

    assert digest(looped("a")) == digest(looped("a"))
    assert digest(looped("a")) != digest(looped("b"))
