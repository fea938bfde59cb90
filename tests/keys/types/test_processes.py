"""The same values have the same keys in every process, whatever PYTHONHASHSEED is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

LIBRARIES = {
    "scipy": """
        import scipy.sparse
        value = [scipy.sparse.random_array((9, 9), density=0.5, rng=1, format=name)
                 for name in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil")]
    """,
    "jax": """
        import jax
        value = [jax.numpy.arange(3), jax.random.key(1), jax.numpy.zeros(2, "bfloat16")]
    """,
    "networkx": """
        import networkx
        value = [networkx.karate_club_graph(), networkx.MultiDiGraph([("a", "b"), ("b", "c")])]
    """,
    "xarray": """
        import xarray
        value = xarray.Dataset({"a": ("x", [1, 2])}, {"x": ["u", "v"]}, {"b": 1, "c": 2})
    """,
    "geopandas": """
        import geopandas, shapely
        value = [geopandas.GeoSeries.from_xy([1, 2], [3, 4], crs=4326), shapely.Point(1, 2, 3)]
    """,
    "plotly": """
        import plotly.graph_objects as go
        value = go.Figure(go.Scatter(x=[1], y=[2]), {"title": "a", "height": 90})
    """,
    "altair": """
        import altair
        value = altair.Chart({"values": [{"a": 1}]}).mark_bar(size=1, opacity=1).encode(x="a:Q")
    """,
    "matplotlib": """
        import matplotlib.figure
        value = matplotlib.figure.Figure()
        value.subplots().bar(["a", "b"], [1, 2], label="c")
        value.legend()
    """,
    "sqlalchemy": """
        import sqlalchemy as sa
        table = sa.Table("t", sa.MetaData(), sa.Column("x", sa.Integer, sa.ForeignKey("u.y"),
                         unique=True, index=True, default=1), sa.CheckConstraint("x > 1"))
        value = [sa.select(table).where(table.c.x.in_([1, 2])), sa.Enum("a", "b")]
    """,
    "sklearn": """
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.feature_extraction.text import TfidfVectorizer
        value = [TfidfVectorizer().fit(["a word", "or two words"]),
                 RandomForestClassifier(3, random_state=0).fit([[0], [1], [2]], ["a", "b", "a"])]
    """,
    "polars": """
        import polars
        value = [polars.LazyFrame({"a": [1], "b": ["x"]}).filter(polars.col("a") > 1),
                 polars.col("a").sum()]
    """,
    "pyarrow": """
        import pyarrow
        value = [pyarrow.table({"a": [1], "b": ["x"]}), pyarrow.array([[1]], pyarrow.list_view(
                 pyarrow.int8()))]
    """,
    "pandas": """
        import pandas
        value = pandas.DataFrame({"a": pandas.Categorical(["x", "y"]),
                                  "b": pandas.interval_range(0, 2),
                                  "c": pandas.period_range("2024", periods=2, freq="M")})
    """,
    "numpy": """
        import numpy
        value = [numpy.array(["a", "b"], numpy.dtypes.StringDType()), numpy.random.default_rng(1),
                 numpy.ma.masked_array([1, 2], [True, False]), numpy.add]
    """,
}  # fmt: skip

SCRIPT = """
import importlib.util, json, textwrap, warnings
from reprise.keys import digest
found = {{}}
for name, code in {libraries!r}.items():
    if importlib.util.find_spec(name):
        scope = {{}}
        exec(textwrap.dedent(code), scope)
        found[name] = digest(scope["value"]).hex()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def known():
    """What each process that was started has printed."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
def test_two_processes_agree(library, known, in_new_process):
    if not known:
        script = SCRIPT.format(libraries=LIBRARIES)
        with ThreadPoolExecutor() as both:  # each takes long to import all that
            printed = both.map(lambda seed: in_new_process(script, seed), ("1", "2"))
            known.update(zip(("1", "2"), map(json.loads, printed), strict=True))
    if library not in known["1"]:
        pytest.skip(f"{library} is not installed")
    assert known["1"][library] == known["2"][library]
    assert len(set(known["1"].values())) == len(known["1"])
