"""One warning for a function that misses again and again on what looks like the same call."""

from __future__ import annotations

import dataclasses
import datetime
import gc
import threading
import warnings
import weakref

import pytest

from reprise import RepeatedMissWarning, cache_data, cache_resource
from reprise.engine.repetition import LIMIT


class Config:
    """Another one each time, and looks the same."""

    made = 0

    def __init__(self):
        Config.made += 1
        self.number = Config.made

    def __reprise_key__(self):
        return self.number


class Lock:
    """Has no encoding, and counts as the object that it is where it is closed over."""

    __hash__ = None

    def __init__(self):
        self.lock = threading.Lock()


@pytest.fixture
def load():
    @cache_data
    def load(path, config=None, _log=None):
        return path

    return load


def miss(load, times=LIMIT - 1, path="a"):
    for _ in range(times):
        load(path, Config())


def test_the_tenth_miss_in_a_row_warns_and_names_the_argument(load):
    miss(load)
    with pytest.warns(RepeatedMissWarning) as caught:
        load("a", Config())
    (warning,) = caught
    text = str(warning.message)
    assert text.startswith(
        "load missed 10 times in a row because its argument 'config' (a "
        f"{Config.__module__}.Config) was another one each time"
    )
    assert "def load(path, _config, _log):" in text
    assert 'hash_funcs={"' in text
    assert "__reprise_key__(self):\n               return <all that tells it from others>" in text
    assert "load.explain(...)" in text
    assert warning.filename == __file__


def test_it_warns_once(load):
    miss(load)
    with pytest.warns(RepeatedMissWarning):
        load("a", Config())
    miss(load, 3 * LIMIT)


def test_the_call_is_answered_and_its_result_is_kept(load):
    miss(load)
    config = Config()
    with pytest.warns(RepeatedMissWarning):
        assert load("a", config) == "a"
    assert load.explain("a", config).would_hit


def test_functions_of_a_rerun_count_together():
    def rerun():
        @cache_data
        def load(config):
            return 1

        load(Config())

    for _ in range(LIMIT - 1):
        rerun()
    with pytest.warns(RepeatedMissWarning, match="'config'"):
        rerun()


def test_a_keyword_of_any_name_is_named():
    @cache_data
    def load(**options):
        return 1

    for _ in range(LIMIT - 1):
        load(config=Config(), depth=3)
    with pytest.warns(RepeatedMissWarning, match="its argument 'config'") as caught:
        load(config=Config(), depth=3)
    assert "load(..., _config=...)" in str(caught[0].message)


@pytest.mark.parametrize(
    "values",
    [
        range(2 * LIMIT),
        [str(number) for number in range(2 * LIMIT)],
        ["x" * 2000 + str(number) for number in range(2 * LIMIT)],
        [float(-number) * 0 or number * 0.5 for number in range(2 * LIMIT)],
        [[number, "a"] for number in range(2 * LIMIT)],
        [{"a": (number, None)} for number in range(2 * LIMIT)],
        [datetime.date(2024, 1, 1 + number) for number in range(2 * LIMIT)],
        [frozenset([number]) for number in range(2 * LIMIT)],
    ],
    ids=lambda values: f"{type(values[0]).__name__} {str(values[0])[:5]}",
)
def test_a_loop_over_plain_values_is_no_mistake(load, values):
    for value in values:
        load("a", value)


def test_a_loop_over_data_of_a_library_is_no_mistake(load):
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    for number in range(2 * LIMIT):
        load("a", numpy.int64(number))
    for number in range(2 * LIMIT):
        load("a", pandas.DataFrame({"a": [number]}))
    for number in range(2 * LIMIT):
        load("a", {"a": numpy.arange(3) + number})


def test_to_look_at_an_argument_runs_nothing_of_its_class(load):
    class Query(Config):
        def __len__(self):
            raise AssertionError("the query was run")

        @property
        def shape(self):
            raise AssertionError("the query was run")

    for _ in range(LIMIT - 1):
        load("a", Query())


@dataclasses.dataclass
class Settings:
    rate: float
    since: datetime.date = datetime.date(2024, 1, 1)
    client: object = None


def test_a_loop_over_objects_that_show_what_differs_is_no_mistake(load):
    for number in range(3 * LIMIT):
        load("a", Settings(number / 7))
    for number in range(3 * LIMIT):
        load("a", Settings(0.5, datetime.date(2024, 1, 1) + datetime.timedelta(number)))


def test_one_that_shows_the_same_each_time_is_named(load):
    for _ in range(LIMIT - 1):
        load("a", Settings(0.5, client=Config()))
    with pytest.warns(RepeatedMissWarning, match="'config'"):
        load("a", Settings(0.5, client=Config()))


def test_no_repr_of_an_argument_is_asked_for(load):
    class Loud(Config):
        def __repr__(self):
            raise AssertionError("it was run")

    for _ in range(2 * LIMIT):
        load("a", Loud())


def test_one_that_looks_different_is_not_counted(load):
    class Other(Config):
        pass

    load("a", Other())
    miss(load)
    with pytest.warns(RepeatedMissWarning):
        load("a", Config())


def test_what_comes_back_is_no_mistake(load):
    configs = [Config() for _ in range(5)]
    for _ in range(4):
        for config in configs:
            load("a", config)
        load.clear()


def test_two_arguments_that_change_are_no_repetition(load):
    for number in range(2 * LIMIT):
        load(str(number), Config())


def test_two_that_take_turns_are_no_repetition(load):
    for number in range(2 * LIMIT):
        load(f"{number % 2}", Config())


def test_a_hit_in_between_starts_anew(load):
    config = Config()
    load("b", config)
    for _ in range(2):
        miss(load, LIMIT - 3)
        load("b", config)
        miss(load, 2)
    load("b", config)
    miss(load, 1, "c")


def test_a_hit_that_the_wrapper_answered_itself_starts_anew(load):
    load("plain")
    miss(load, LIMIT - 2)
    load("plain")
    miss(load, 2)


def test_a_failing_function_is_not_warned_of():
    @cache_data
    def fail(config):
        raise ValueError

    for _ in range(2 * LIMIT):
        with pytest.raises(ValueError):  # noqa: PT011 - its only one
            fail(Config())


def test_sessions_are_not_taken_for_a_repetition(host):
    @cache_data(scope="session")
    def load(config):
        return 1

    for number in range(2 * LIMIT):
        host.session_id = str(number)
        load(Config())


def test_what_a_function_closes_over_is_named():
    def rerun():
        connection = Lock()

        @cache_data
        def load(path):
            return connection and path

        load("a")
        return connection

    made = [rerun() for _ in range(LIMIT - 1)]
    with pytest.warns(RepeatedMissWarning, match="'connection', which it closes over") as caught:
        made.append(rerun())
    text = str(caught[0].message)
    assert "def make_connection():" in text
    assert "def load(_connection, path):" in text


def test_a_factory_of_functions_is_no_mistake():
    def make(factor):
        @cache_data
        def times(x):
            return factor * x

        return times

    made = [make(factor) for factor in range(2 * LIMIT)]
    for times in made:
        times(1)


@dataclasses.dataclass(frozen=True)
class Rate:
    rate: float


@pytest.mark.parametrize("wrap", [Rate, lambda number: lambda x: x * number], ids=["frozen", "fn"])
def test_a_factory_over_values_that_are_no_plain_ones_is_no_mistake(wrap):
    def make(inner):
        @cache_data
        def times(x):
            return bool(inner) and x

        return times

    made = [make(wrap(number)) for number in range(2 * LIMIT)]
    for times in made:
        times(1)


def test_who_edits_a_function_ten_times_is_left_alone():
    for number in range(2 * LIMIT):
        scope = {"__name__": "edited_by_a_test"}
        exec(f"def load(x):\n    return x + {number}", scope)
        cache_data(scope["load"])(1)


def test_a_global_that_changes_each_time_is_named(monkeypatch):
    for number in range(LIMIT - 1):
        monkeypatch.setitem(globals(), "table", Table(number))
        use_table(1)
    monkeypatch.setitem(globals(), "table", Table(LIMIT))
    with pytest.warns(RepeatedMissWarning, match="the global 'table', which it depends on"):
        use_table(1)


def test_a_global_that_is_plain_may_change_as_it_likes(monkeypatch):
    for number in range(2 * LIMIT):
        monkeypatch.setitem(globals(), "table", number)
        use_table(1)


class Table:
    def __init__(self, number):
        self.number = number

    def __reprise_key__(self):
        return self.number


table = Table(0)


@pytest.fixture(autouse=True)
def decorate_anew():
    global use_table

    @cache_data
    def use_table(x):
        return table and x


def test_an_awaited_function_is_warned_of_as_well():
    import asyncio

    @cache_data
    async def fetch(config):
        return 1

    async def main():
        for _ in range(LIMIT):
            await fetch(Config())

    with pytest.warns(RepeatedMissWarning, match="'config'"):
        asyncio.run(main())


def test_no_argument_is_kept_alive():
    @cache_resource(max_entries=1)
    def load(config):
        return object()

    configs = [Config() for _ in range(LIMIT - 1)]
    for config in configs:
        load(config)
    watched = [weakref.ref(config) for config in configs]
    del configs, config
    gc.collect()
    assert not any(one() for one in watched)


def test_a_length_that_fails_is_no_obstacle(load):
    class Odd(Config):
        def __len__(self):
            raise RuntimeError

    for _ in range(LIMIT - 1):
        load("a", Odd())
    with pytest.warns(RepeatedMissWarning):
        load("a", Odd())


def test_threads_that_miss_together_end_in_one_warning(load):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        threads = [threading.Thread(target=miss, args=(load, 40)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        miss(load, LIMIT)
    assert [warning.category for warning in caught] == [RepeatedMissWarning]
