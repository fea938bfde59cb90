"""Whatever happens in between, a cached function answers as the same function without a cache.

Scripts are run, edited and run again; their globals are rebound and changed in place between calls;
results and arguments are changed by their holders; entries are cleared, evicted and expire. After
each step a cached function is called, and beside it its own body in the same namespace.
"""

from __future__ import annotations

import copy
import linecache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from reprise import cache_data, cache_resource
from reprise.composition import make_outsides
from reprise.engine import runtime as runtimes
from reprise.hosts import Hosts
from reprise.testing import FakeClock

SOURCE = """
from dataclasses import dataclass
from functools import partial

LIMIT = {limit!r}
TABLE = {table!r}
log = []

@dataclass
class Item:
    value: object
    weight: int = {weight}

    def heavy(self, by={weight}):
        return self.weight * by

def inner(x):
    return [x, LIMIT, {constant!r}]

def helper(x, extra={extra!r}):
    log.append(x)
    return {{"x": inner(x), "table": TABLE.get("a"), "extra": extra}}

shift = partial(helper, extra={extra!r})

def made(factor):
    @cache_data
    def scaled(x):
        return [x, factor, LIMIT]
    return scaled

def plain(x, y=1, *rest, key=None, _skipped=None, **more):
    result = helper(x)
    result["item"] = (Item(y).heavy(), Item(y).weight, y)
    result["rest"] = [list(rest), key, sorted(more.items())]
    result["shifted"] = shift(x)
    return result

load = cache_data(max_entries=3, ttl=100)(plain)
kept = cache_data(plain)
scaled = made({extra!r})

@cache_resource(max_entries=2)
def resource(x):
    return [inner(x)]
"""

ATOMS = st.sampled_from([0, 1, True, 1.0, -0.0, 0.0, "1", b"1", None, "", "a"])
VALUES = st.one_of(ATOMS, st.lists(ATOMS, max_size=3), st.dictionaries(ATOMS, ATOMS, max_size=2))
ARGUMENTS = st.one_of(st.sampled_from([1, "a"]), VALUES)
"""Often the same, so that there is something to hit."""
CODE = st.fixed_dictionaries(
    {
        "limit": ATOMS,
        "table": st.fixed_dictionaries({"a": VALUES}),
        "weight": st.integers(1, 3),
        "constant": ATOMS,
        "extra": ATOMS,
    }
)


def exactly(one, other):
    """Equal, type by type: 1, True and 1.0 are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        pairs = zip(one.items(), other.items(), strict=True) if len(one) == len(other) else ()
        return len(one) == len(other) and all(exactly(a, b) for a, b in pairs)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(exactly, one, other))
    return repr(one) == repr(other)


class Machine(RuleBasedStateMachine):
    """One process in which a script is run again and again."""

    def __init__(self):
        super().__init__()
        self.before, self.clock = runtimes.current(), FakeClock()
        hosts = Hosts(self.before.hosts.current(), {})
        runtimes.use(runtimes.Runtime(self.clock, hosts, 1e9, make_outsides(self.clock)))
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "app.py"

    def teardown(self):
        runtimes.current().close()
        runtimes.use(self.before)
        self.folder.cleanup()

    @initialize(code=CODE)
    def begin(self, code):
        self.edit(code)

    @rule(code=CODE)
    def edit(self, code):
        self.path.write_text(SOURCE.format(**code))
        linecache.clearcache()
        self.compiled = compile(self.path.read_text(), str(self.path), "exec", dont_inherit=True)
        self.rerun()

    @rule()
    def rerun(self):
        self.names = {"__name__": "__main__", "__file__": str(self.path)}
        self.names |= {"cache_data": cache_data, "cache_resource": cache_resource}
        exec(self.compiled, self.names)

    @rule(limit=ATOMS)
    def rebind_a_global(self, limit):
        self.names["LIMIT"] = limit

    @rule(value=VALUES)
    def change_a_table_in_place(self, value):
        self.names["TABLE"]["a"] = value

    @rule(weight=st.integers(1, 3))
    def change_a_class(self, weight):
        self.names["Item"].heavy = lambda self, by=weight: self.weight + by

    @rule(constant=ATOMS)
    def redefine_a_helper(self, constant):
        source = f"def inner(x):\n    return [{constant!r}, x, LIMIT]"
        exec(source, self.names)

    @rule(seconds=st.integers(1, 150))
    def wait(self, seconds):
        self.clock.advance(seconds)

    @rule(name=st.sampled_from(["load", "kept", "resource", "scaled"]))
    def clear(self, name):
        self.names[name].clear()

    @rule()
    def clear_everything(self):
        cache_data.clear()
        cache_resource.clear()

    @rule(
        name=st.sampled_from(["load", "kept"]),
        args=st.lists(ARGUMENTS, min_size=1, max_size=2),
        kwargs=st.dictionaries(st.sampled_from(["key", "more", "_skipped"]), ARGUMENTS, max_size=1),
    )
    def call(self, name, args, kwargs):
        cached, plain = self.names[name], self.names["plain"]
        expected = plain(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        for _ in range(2):
            result = cached(*args, **kwargs)
            assert exactly(result, expected)
            # What a caller does to its result, or to its argument, is its own.
            result["x"].append("mine")
            result["rest"][0].clear()
            if isinstance(args[0], list):
                args[0].append("later")
                expected = plain(*copy.deepcopy(args), **copy.deepcopy(kwargs))

    @rule(
        name=st.sampled_from(["load", "kept"]),
        change=st.sampled_from(["rebind_a_global", "change_a_table_in_place", "redefine_a_helper"]),
        value=ATOMS,
    )
    def call_change_something_and_call_again(self, name, change, value):
        self.call(name, ["a"], {})
        getattr(self, change)(value)
        self.call(name, ["a"], {})

    @rule(x=ARGUMENTS)
    def call_a_closure(self, x):
        cached = self.names["scaled"]
        assert exactly(cached(x), cached.__wrapped__(copy.deepcopy(x)))

    @rule(x=ATOMS)
    def call_for_a_resource(self, x):
        one, other = self.names["resource"](x), self.names["resource"](x)
        assert one is other
        assert exactly(one, [self.names["inner"](x)])


Machine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestOracle = Machine.TestCase
