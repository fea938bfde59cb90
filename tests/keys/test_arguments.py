"""From arguments to keys: what is plain, what is digested, what is left out, what is refused."""

from __future__ import annotations

import math
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from inspect import Parameter as Formal

import pytest

from reprise.errors import UnhashableParamError, UserHashError
from reprise.keys import ArgumentKeys, Parameter, digest

CODE = ("code",)
TWO = ArgumentKeys("pkg.load", (Parameter("x"), Parameter("y")))
ONE = ArgumentKeys("load", (Parameter("x"),))


class Number(int):
    pass


class Word(str):
    __slots__ = ()


class Connection:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()


class Replica(Connection):
    pass


@dataclass
class Config:
    name: str
    connection: object


class Keyed:
    def __init__(self, key: object) -> None:
        self.key = key

    def __reprise_key__(self):
        return self.key() if callable(self.key) else self.key


class Base:
    pass


class Telling(Base):
    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()

    def __reprise_key__(self):
        return self.name


class Other(Base):
    pass


class Told(Telling):
    pass


def is_digest(key, prefix=CODE):
    return len(key) == len(prefix) + 1 and isinstance(key[-1], bytes) and len(key[-1]) == 32


def keys_with(hash_funcs):
    return ArgumentKeys("load", (Parameter("x"),), hash_funcs)


PLAIN = [None, True, False, 0, 1, -1, 2**1024 - 1, 1.5, -1.5, math.inf, "", "a" * 1024, b"", b"\0"]
NOT_PLAIN = [
    *(0.0, -0.0, math.nan, 2**1024, "a" * 1025, b"a" * 1025, Number(1), Word("a")),
    *([], (), {}, (1,), 1 + 0j, bytearray(b"a"), int, len, ...),
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: repr(value)[:20])
def test_a_plain_value_stands_in_the_key_itself(value):
    assert TWO.key(CODE, (value, 7)) == ("code", type(value), value, int, 7)


@pytest.mark.parametrize("value", NOT_PLAIN, ids=lambda value: repr(value)[:20])
def test_any_other_value_makes_a_digest_of_all(value):
    assert is_digest(TWO.key(CODE, (value, 7)))
    assert is_digest(TWO.key(CODE, (7, value)))
    assert TWO.key(CODE, (7, value)) != TWO.key(CODE, (8, value))


def test_a_plain_lookup_never_finds_what_is_not_plain():
    kept = {TWO.key(CODE, (value, 7)): value for value in [*PLAIN, *NOT_PLAIN]}
    for value in NOT_PLAIN:
        try:
            found = kept.get((*CODE, type(value), value, int, 7))
        except TypeError:  # the generated wrapper asks the engine then
            continue
        assert found is None, value


def test_keys_of_all_these_values_differ():
    values = [*PLAIN, *NOT_PLAIN, "1", b"1", "True", 1.0, ("a", "bc"), ("ab", "c"), [1]]
    # Types before values: as dict keys 1, 1.0 and True are the same, which is the very danger.
    assert len({TWO.key(CODE, (value, 7)) for value in values}) == len(values)


def test_arguments_do_not_change_places():
    assert TWO.key(CODE, (1, 2)) != TWO.key(CODE, (2, 1))
    assert TWO.key(CODE, ([1], [2])) != TWO.key(CODE, ([2], [1]))


def test_where_arguments_are_cut_counts():
    assert TWO.key(CODE, ("doc1", "acme")) != TWO.key(CODE, ("doc1str:orgstr:acme", ""))
    assert TWO.key(CODE, (["a", "b"], ["c"])) != TWO.key(CODE, (["a"], ["b", "c"]))


def test_the_prefix_tells_functions_apart():
    assert TWO.key(("f",), (1, 2)) != TWO.key(("g",), (1, 2))
    assert TWO.key(("f",), ([1], 2)) != TWO.key(("g",), ([1], 2))


def test_a_function_without_parameters_has_one_key():
    assert ArgumentKeys("now", ()).key(("code", "session"), ()) == ("code", "session")


def test_a_name_with_an_underscore_is_left_out():
    keys = ArgumentKeys("load", (Parameter("_db"), Parameter("x")))
    assert keys.key(CODE, (object(), 1)) == keys.key(CODE, (threading.Lock(), 1))
    assert keys.key(CODE, (object(), [1])) == keys.key(CODE, (object(), [1]))
    assert keys.key(CODE, (object(), [1])) != keys.key(CODE, (object(), [2]))


VARIADIC = ArgumentKeys(
    "load",
    (
        Parameter("x"),
        Parameter("args", Formal.VAR_POSITIONAL),
        Parameter("kwargs", Formal.VAR_KEYWORD),
    ),
)


def test_empty_variadic_parameters_leave_the_key_plain():
    assert VARIADIC.key(CODE, (1, (), {})) == ("code", int, 1)


def test_variadic_arguments_are_digested():
    calls = [
        (1, (), {}),
        (1, (2,), {}),
        (1, (2, 3), {}),
        (1, ((2, 3),), {}),
        (1, (), {"a": 2}),
        (1, (), {"b": 2}),
        (1, (("a", 2),), {}),
        (1, ({"a": 2},), {}),
        (1, (), {"x": 1}),
        (1, (), {"kwargs": 2}),
        (1, (), {"args": (2,)}),
    ]
    assert len({VARIADIC.key(CODE, call) for call in calls}) == len(calls)


def test_the_order_of_keywords_does_not_count():
    one = VARIADIC.key(CODE, (1, (), {"a": 1, "b": 2}))
    assert one == VARIADIC.key(CODE, (1, (), {"b": 2, "a": 1}))


def test_keywords_with_an_underscore_are_left_out():
    assert VARIADIC.key(CODE, (1, (), {"_db": object()})) == VARIADIC.key(CODE, (1, (), {}))
    with_both = VARIADIC.key(CODE, (1, (), {"_db": object(), "a": 1}))
    assert with_both == VARIADIC.key(CODE, (1, (), {"a": 1}))


def test_variadic_parameters_with_an_underscore_are_left_out_wholly():
    keys = ArgumentKeys(
        "load",
        (Parameter("_args", Formal.VAR_POSITIONAL), Parameter("_more", Formal.VAR_KEYWORD)),
    )
    assert keys.key(CODE, ((object(),), {"a": object()})) == CODE


# What cannot be part of a key.


def refusal(keys, *values):
    with pytest.raises(UnhashableParamError) as caught:
        keys.key(CODE, values)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def test_a_refusal_names_argument_type_and_function_and_shows_three_ways_out():
    keys = ArgumentKeys("multiply_score", (Parameter("obj"), Parameter("multiplier")))
    assert refusal(keys, Connection("main"), 2) == (
        "Cannot make a key for argument 'obj.lock' (of type _thread.lock) "
        "of 'multiply_score': it holds something that Python cannot see.\n"
        "There are three ways out:\n\n"
        "1. Leave the argument out of the key, by an underscore before its name:\n\n"
        "       def multiply_score(_obj, multiplier):\n\n"
        "2. Say all that tells two such values apart, for those that agree in it share a result:"
        "\n\n"
        f'       hash_funcs={{"{__name__}.Connection": lambda value: value.name}}\n\n'
        "3. Let the class say so, where it is your own:\n\n"
        "       class Connection:\n"
        "           def __reprise_key__(self):\n"
        "               return self.name\n"
    )


def test_of_an_object_that_holds_the_culprit_all_other_attributes_are_named():
    connection = Connection("a")
    connection.rows = [1]
    assert f'"{__name__}.Connection": lambda value: (value.name, value.rows)' in refusal(
        ONE, connection
    )


def test_code_to_paste_never_makes_one_key_for_all():
    text = refusal(ONE, sqlite3.connect(":memory:"))
    assert 'hash_funcs={"sqlite3.Connection": lambda value: <all that tells' in text
    assert "return <all that tells" in text
    assert "id(" not in text
    (line,) = (one for one in text.splitlines() if "hash_funcs=" in one)
    with pytest.raises(SyntaxError):
        compile(f"dict({line})", "pasted", "eval")


@pytest.mark.parametrize(
    ("wrap", "path"),
    [
        (lambda bad: {"db": bad}, "x['db']"),
        (lambda bad: {"a": [1, {"b": bad}]}, "x['a'][1]['b']"),
        (lambda bad: (1, (2, bad)), "x[1][1]"),
        (lambda bad: Config("a", bad), "x.connection"),
        (lambda bad: [Config("a", {"main": bad})], "x[0].connection['main']"),
    ],
)
def test_a_refusal_shows_the_way_to_what_stood_inside(wrap, path):
    text = refusal(ONE, wrap(Connection("main")))
    assert f"argument '{path}.lock' (of type _thread.lock) of 'load'" in text


def test_a_refusal_tells_the_type_where_the_way_cannot_be_spelled():
    text = refusal(ONE, {frozenset({Connection("main")})})
    assert "'x' (of type set) of 'load', which holds a value of type _thread.lock" in text


def test_a_refused_keyword_is_called_what_the_caller_called_it():
    text = refusal(VARIADIC, 1, (), {"db": Connection("main")})
    assert "argument 'db.lock'" in text
    assert "load(..., _db=...)" in text


def test_a_refused_positional_argument_is_counted():
    text = refusal(VARIADIC, 1, (5, Connection("main")), {})
    assert "argument 'args[1].lock'" in text
    assert "def load(x, *_args, **kwargs):" in text


def test_a_method_is_pasted_by_its_own_name():
    assert "def load(_x, y):" in refusal(TWO, Connection("a"), 1)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        threading.Lock(),
        iter([]),
        (i for i in ()),
        sqlite3.connect(":memory:"),
        threading.local(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_content_of_its_own_is_refused(value):
    refusal(ONE, value)


# Keys that the user makes.


@pytest.mark.parametrize(
    "kind", [Connection, f"{__name__}.Connection", object, "object", "builtins.object"]
)
def test_hash_funcs_are_found_by_type_and_by_name(kind):
    keys = keys_with({kind: lambda value: value.name})
    assert keys.key(CODE, (Connection("a"),)) == keys.key(CODE, (Connection("a"),))
    assert keys.key(CODE, (Connection("a"),)) != keys.key(CODE, (Connection("b"),))


def test_hash_funcs_serve_subclasses_and_tell_them_apart():
    keys = keys_with({Connection: lambda value: value.name})
    assert keys.key(CODE, (Replica("a"),)) == keys.key(CODE, (Replica("a"),))
    assert keys.key(CODE, (Replica("a"),)) != keys.key(CODE, (Connection("a"),))


def test_the_nearest_base_has_the_word():
    keys = keys_with({Connection: lambda _: 0, Replica: lambda value: value.name})
    assert keys.key(CODE, (Replica("a"),)) != keys.key(CODE, (Replica("b"),))
    assert keys.key(CODE, (Connection("a"),)) == keys.key(CODE, (Connection("b"),))


def test_hash_funcs_survive_that_a_rerun_creates_classes_anew():
    def run():
        class Local:
            name = "a"

        return Local

    keys = keys_with({run(): lambda value: value.name})
    assert keys.key(CODE, (run()(),)) == keys.key(CODE, (run()(),))


@pytest.mark.parametrize("name", ["pandas.DataFrame", "pandas.core.frame.DataFrame"])
def test_hash_funcs_find_a_class_wherever_it_is_offered(name):
    pandas = pytest.importorskip("pandas")
    keys = keys_with({name: len})
    one, other = pandas.DataFrame({"a": [1]}), pandas.DataFrame({"a": [2]})
    assert keys.key(CODE, (one,)) == keys.key(CODE, (other,))


def test_hash_funcs_reach_values_inside():
    keys = keys_with({Connection: lambda value: value.name})
    one = keys.key(CODE, ({"db": [Connection("a")]},))
    assert one == keys.key(CODE, ({"db": [Connection("a")]},))
    assert one != keys.key(CODE, ({"db": [Connection("b")]},))


@pytest.mark.parametrize(("kind", "one", "other"), [(int, 1, 3), (str, "a", "c"), (object, 1, 3)])
def test_hash_funcs_for_a_builtin_type_are_asked_too(kind, one, other):
    asked = []
    keys = keys_with({kind: lambda value: asked.append(value) or 0})
    assert keys.key(CODE, (one,)) == keys.key(CODE, (other,))
    assert is_digest(keys.key(CODE, (one,)))
    assert asked == [one, other, one]


def test_hash_funcs_for_int_serve_bool_and_many_items_at_once():
    keys = keys_with({int: lambda value: value % 10})
    assert is_digest(keys.key(CODE, (True,)))
    assert keys.key(CODE, ([1] * 20,)) == keys.key(CODE, ([11] * 20,))


def test_a_hash_func_may_return_the_type_that_it_is_for():
    keys = keys_with({str: str.lower, list: lambda value: value[:1]})
    assert keys.key(CODE, ("ABC",)) == keys.key(CODE, ("abc",))
    assert keys.key(CODE, (["A", 1],)) == keys.key(CODE, (["a", 2],))
    assert keys.key(CODE, (["a"],)) != keys.key(CODE, ("a",))


def test_hash_funcs_for_a_class_come_before_its_own_word():
    keys = keys_with({Keyed: lambda _: "ours"})
    assert keys.key(CODE, (Keyed(1),)) == keys.key(CODE, (Keyed(2),))


def test_the_word_of_a_class_comes_before_hash_funcs_for_its_bases():
    keys = keys_with({Base: lambda _: "ours"})
    assert keys.key(CODE, (Telling(1),)) != keys.key(CODE, (Telling(2),))
    assert keys.key(CODE, (Base(),)) != keys.key(CODE, (Other(),))
    keys = keys_with({object: lambda value: value if isinstance(value, str) else "all others"})
    assert keys.key(CODE, (Telling("a"),)) != keys.key(CODE, (Telling("b"),))
    assert keys.key(CODE, (1,)) == keys.key(CODE, (2,))


def test_hash_funcs_for_a_class_come_before_the_word_of_its_base():
    keys = keys_with({Telling: lambda _: "ours"})
    assert keys.key(CODE, (Telling(1),)) == keys.key(CODE, (Telling(2),))
    keys = keys_with({Told: lambda _: "ours"})
    assert keys.key(CODE, (Told(1),)) == keys.key(CODE, (Told(2),))
    assert keys.key(CODE, (Telling(1),)) != keys.key(CODE, (Telling(2),))


def test_the_class_says_what_identifies_an_object():
    assert digest(Keyed(1)) == digest(Keyed(1))
    assert digest(Keyed(1)) != digest(Keyed(2))
    assert digest(Keyed(1)) != digest(1)
    assert digest([Keyed([1, "a"])]) == digest([Keyed([1, "a"])])


def test_the_class_itself_is_not_asked_for_an_objects_key():
    assert digest(Keyed) != digest(Keyed(1))


def failing(value):
    raise ValueError(f"no {value}")


def test_a_failing_hash_func_is_named_with_its_place_and_its_error_is_the_cause():
    with pytest.raises(UserHashError) as caught:
        keys_with({Connection: failing}).key(CODE, ({"db": Connection("a")},))
    assert isinstance(caught.value.__cause__, ValueError)
    text = str(caught.value)
    line = failing.__code__.co_firstlineno
    assert f"'failing' (File \"{__file__}\", line {line}) raised ValueError: no <" in text
    assert f"a value of type {__name__}.Connection" in text
    assert "argument 'x' of the cached function 'load'" in text


def test_a_failing_reprise_key_is_named():
    def fail():
        raise KeyError("a")

    with pytest.raises(UserHashError, match=r"'Keyed.__reprise_key__' .* raised KeyError: 'a'"):
        ONE.key(CODE, (Keyed(fail),))


@pytest.mark.parametrize("result", [object(), Connection("a"), [threading.Lock()]])
def test_a_result_that_cannot_be_part_of_a_key_is_the_functions_fault(result):
    for keys, value in [(ONE, Keyed(result)), (keys_with({float: lambda _: result}), 1.5)]:
        with pytest.raises(UserHashError, match="returned something that cannot be part of a key"):
            keys.key(CODE, (value,))


@pytest.mark.parametrize("wrap", [lambda me: me, lambda me: (me, 1), lambda me: {"a": [me]}])
def test_an_object_cannot_be_its_own_key(wrap):
    keyed = Keyed(None)
    keyed.key = lambda: wrap(keyed)
    with pytest.raises(UserHashError, match="returned the object itself as its key"):
        digest(keyed)


def test_a_hash_func_cannot_make_the_object_its_own_key():
    with pytest.raises(UserHashError, match="cannot be part of a key"):
        keys_with({Connection: lambda value: (value, 1)}).key(CODE, (Connection("a"),))


def test_an_interrupt_is_not_a_failing_hash_func():
    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keys_with({float: interrupt}).key(CODE, (1.5,))


def test_many_threads_get_the_same_keys():
    keys = keys_with({Connection: lambda value: value.name})
    call = ({"db": Connection("a"), "rows": [[1, "a"]] * 50},)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: keys.key(CODE, call), range(400)))
    assert len(made) == 1
