"""Settings: where they come from, which source wins, what is refused."""

from __future__ import annotations

import math
import subprocess
import sys
import threading

import pytest

from reprise import config
from reprise.config import Settings, configure, on_change, reset, settings
from reprise.errors import InvalidSettingError, RepriseError
from reprise.memory_limit import usable_memory


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """An empty folder to work in, no variables, nothing configured, and nobody who listens."""
    monkeypatch.chdir(tmp_path)
    for variable in ("REPRISE_MAX_SIZE", "REPRISE_SPINNER_DELAY", "REPRISE_TRACE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(config, "_configuration", config._Configuration())


def write(folder, name, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_without_any_source_a_quarter_of_the_memory_may_be_used():
    assert settings() == Settings(max_size=usable_memory() / 4, spinner_delay=0.3)


def test_each_source_wins_over_the_one_below_it(tmp_path, monkeypatch):
    write(tmp_path, "pyproject.toml", "[tool.reprise]\nmax_size = '1 MB'\nspinner_delay = 5")
    assert settings() == Settings(1e6, 5)
    monkeypatch.setenv("REPRISE_MAX_SIZE", "2 MB")
    reset()
    assert settings() == Settings(2e6, 5)
    configure(max_size="3 MB")
    assert settings() == Settings(3e6, 5)
    configure(spinner_delay="1 min")
    assert settings() == Settings(3e6, 60)
    reset()
    assert settings() == Settings(2e6, 5)


def test_none_takes_a_limit_away():
    configure(max_size=None)
    assert settings().max_size == math.inf


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("1", True), ("on", True), (" True ", True), ("no", False), ("0", False), ("", False)],
)
def test_a_switch_can_be_written_in_several_ways(monkeypatch, written, wanted):
    monkeypatch.setenv("REPRISE_TRACE", written)
    assert settings().trace is wanted
    configure(trace=not wanted)
    assert settings().trace is not wanted


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("REPRISE_SPINNER_DELAY", " ")
    reset()
    assert settings().spinner_delay == 0.3


def test_the_nearest_file_that_has_settings_is_taken(tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b"
    write(tmp_path, "reprise.toml", "spinner_delay = 1")
    write(tmp_path / "a", "pyproject.toml", "[tool.reprise]\nspinner_delay = 2")
    write(inner, "pyproject.toml", "[project]\nname = 'unrelated'")
    monkeypatch.chdir(inner)
    reset()
    assert settings().spinner_delay == 2
    write(tmp_path / "a", "reprise.toml", "spinner_delay = 3")
    reset()
    assert settings().spinner_delay == 3


@pytest.mark.parametrize("content", ["tool = 3", "[tool]\nother = 1", ""])
def test_a_pyproject_that_has_nothing_to_say_is_passed_over(tmp_path, content):
    write(tmp_path, "pyproject.toml", content)
    assert settings().spinner_delay == 0.3


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("reprise.toml", "max_sise = 1", ["max_sise", "Did you mean max_size?", "spinner_delay"]),
        ("reprise.toml", "max_size = '5M'", ["max_size in", "'5M'", "write MB or MiB"]),
        ("reprise.toml", "max_size = true", ["max_size in", "bool is not one"]),
        ("reprise.toml", "max_size = ", ["Cannot read the settings"]),
        ("pyproject.toml", "[tool.reprise]\nsize = 1", ["size, which is no setting"]),
        ("pyproject.toml", "[tool]\nreprise = 1", ["[tool.reprise]", "not a table"]),
        ("pyproject.toml", "[tool.reprise", ["Cannot read the settings"]),
        ("reprise.toml", "[max_size]\na = 1", ["max_size in", "dict is not one"]),
        ("reprise.toml", "trace = 'perhaps'", ["trace in", "'perhaps'", "true or false"]),
        ("reprise.toml", "trace = 2", ["trace in", "2 as yes or no"]),
    ],
)
def test_an_error_names_the_file_the_key_and_what_is_accepted(tmp_path, name, content, told):
    write(tmp_path, name, content)
    with pytest.raises(InvalidSettingError) as caught:
        settings()
    for words in (str(tmp_path / name), *told):
        assert words in str(caught.value)


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    (tmp_path / "reprise.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidSettingError, match=r"reprise\.toml"):
        settings()


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path):
    (tmp_path / "reprise.toml").mkdir()
    with pytest.raises(InvalidSettingError, match=r"reprise\.toml"):
        settings()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("REPRISE_MAX_SIZE", "lots", ["REPRISE_MAX_SIZE", "'lots'", "1.5GiB"]),
        ("REPRISE_SPINNER_DELAY", "soon", ["REPRISE_SPINNER_DELAY", "'soon'", "1h30m"]),
        ("REPRISE_TRACE", "perhaps", ["REPRISE_TRACE", "'perhaps'", "1 or 0"]),
        ("REPRISE_MAXSIZE", "1", ["REPRISE_MAXSIZE", "Did you mean REPRISE_MAX_SIZE?"]),
    ],
)
def test_an_error_names_the_variable_and_what_is_accepted(monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    reset()
    with pytest.raises(InvalidSettingError) as caught:
        settings()
    for words in told:
        assert words in str(caught.value)


def test_an_error_is_raised_until_its_cause_is_mended(monkeypatch):
    monkeypatch.setenv("REPRISE_MAX_SIZE", "lots")
    reset()
    for _ in range(2):
        with pytest.raises(InvalidSettingError):
            settings()
    monkeypatch.setenv("REPRISE_MAX_SIZE", "1 GB")
    assert settings().max_size == 1e9


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"max_sise": 1}, "Did you mean max_size"),
        ({"max_size": "5 parsecs"}, r"configure\(max_size=...\): Cannot read '5 parsecs'"),
        ({"spinner_delay": -1}, "negative"),
        ({"spinner_delay": 2, "max_size": "x"}, "max_size"),
    ],
)
def test_a_refused_change_changes_nothing(changes, told):
    before = settings()
    with pytest.raises(InvalidSettingError, match=told):
        configure(**changes)
    assert settings() == before


def test_the_error_can_be_caught_as_what_it_is():
    for kind in (ValueError, RepriseError):
        with pytest.raises(kind):
            configure(max_size="x")


def test_listeners_hear_of_every_change_until_they_leave():
    heard: list[Settings] = []
    leave = on_change(heard.append)
    configure(max_size=1)
    reset()
    leave()
    configure(max_size=2)
    assert [change.max_size for change in heard] == [1, usable_memory() / 4]


def test_a_listener_may_itself_change_a_setting():
    heard: list[float] = []

    def lower(now):
        heard.append(now.max_size)
        if now.max_size > 10:
            configure(max_size=10)

    leave = on_change(lower)
    configure(max_size=20)
    leave()
    assert heard == [20, 10]
    assert settings().max_size == 10


def test_after_changes_by_many_threads_listeners_know_what_is_in_force():
    last = []
    leave = on_change(lambda now: last.append(now.max_size))
    barrier = threading.Barrier(8)

    def change(size):
        barrier.wait()
        for offset in range(20):
            configure(max_size=size + offset)

    threads = [threading.Thread(target=change, args=(100 * n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    leave()
    assert last[-1] == settings().max_size
    assert len(last) == 160


def test_many_threads_read_the_sources_once(monkeypatch):
    looked = []

    def from_files():
        looked.append(1)
        return {}

    monkeypatch.setattr(config, "_from_files", from_files)
    barrier = threading.Barrier(8)
    seen = []

    def read():
        barrier.wait()
        seen.append(settings())

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) == 1
    assert all(found is seen[0] for found in seen)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_a_working_directory_that_is_gone_has_no_settings(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    reset()
    assert settings().spinner_delay == 0.3


def test_importing_reads_no_file_and_no_variable(tmp_path):
    write(tmp_path, "reprise.toml", "nonsense")
    program = "import sys, reprise.config; assert 'tomllib' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        timeout=60,
        cwd=tmp_path,
        env={"REPRISE_MAX_SIZE": "lots", "PYTHONPATH": ":".join(sys.path)},
    )
