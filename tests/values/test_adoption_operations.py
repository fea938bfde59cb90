"""What pandas can do with a frame it can do with an adopted one, and with the same result."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from reprise.values.adoption import adopt

ROWS = 60


def frame() -> pd.DataFrame:
    """Columns of many kinds, with gaps, by days."""
    numbers = np.arange(ROWS)
    return pd.DataFrame(
        {
            "a": numbers * 1.5 % 7,
            "b": np.where(numbers % 5 == 0, np.nan, numbers),
            "n": numbers,
            "g": pd.Series([f"g{n % 4}" for n in numbers], index=None),
            "c": pd.Categorical([f"c{n % 3}" for n in numbers]),
            "k": pd.Categorical([f"k{n % 3}" for n in numbers], ordered=True),
            "p": pd.period_range("2024-01-01", periods=ROWS, freq="h"),
            "y": numbers % 2 == 0,
            "t": pd.Timestamp("2024-01-01") + pd.to_timedelta(numbers % 11, unit="h"),
            "z": (pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(numbers, unit="h")),
            "d": pd.to_timedelta(numbers, unit="min"),
            "o": pd.Series([f"x{n}" if n % 7 else None for n in numbers], dtype=object),
        }
    ).set_axis(pd.date_range("2024-01-01", periods=ROWS, freq="D", name="day"), axis=0)


def sink(write):
    """What ``write`` writes into a buffer."""
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def through(method, *args, **options):
    """The frame itself, changed in place by one of its methods."""

    def run(df):
        getattr(df, method)(*args, **options)
        return df

    return run


def assign(df):
    df["new"] = df["a"] * 2
    df["a"] += 1
    df.loc[df["n"] > 30, "b"] = -1.0
    df.iloc[3, 2] = 99
    df.at[df.index[1], "n"] = 98
    df.iat[2, 0] = 97.0
    df.loc[df.index[4], "g"] = "new"
    df.loc[df.index[4], "p"] = pd.Period("2000-01-01", "h")
    df.loc[df.index[5], "c"] = "c1"
    df.loc[df.index[5], "t"] = pd.Timestamp("2000-01-01")
    df.loc[df.index[5], "z"] = pd.Timestamp("2000-01-01", tz="UTC")
    df.loc[df.index[6], "o"] = "changed"
    return df


def enlarge(df):
    df.loc[pd.Timestamp("2030-01-01")] = df.iloc[0]
    return df


OPERATIONS = {
    "groupby sum": lambda df: df.groupby("g")[["a", "b", "n"]].sum(),
    "groupby a column of it": lambda df: df.groupby(df["g"])[["a", "n"]].mean(),
    "groupby own column, all": lambda df: df[["a", "n"]].groupby(df["n"]).sum(),
    "groupby category": lambda df: df.groupby("c", observed=True)["a"].agg(["min", "max", "std"]),
    "groupby transform": lambda df: df.groupby("g")["a"].transform("mean"),
    "groupby apply": lambda df: df.groupby("g")[["a", "n"]].apply(lambda g: g.sum()),
    "groupby rank": lambda df: df.groupby("g")["a"].rank(),
    "groupby shift": lambda df: df.groupby("g")["n"].shift(),
    "groupby fill": lambda df: df.groupby("g")["b"].ffill(),
    "groupby first": lambda df: df.groupby("g").first(),
    "groupby quantile": lambda df: df.groupby("g")["a"].quantile(0.3),
    "rolling": lambda df: df[["a", "b"]].rolling(3).mean(),
    "rolling apply": lambda df: df["a"].rolling(3).apply(np.sum, raw=True),
    "rolling by time": lambda df: df["a"].rolling("3D").sum(),
    "expanding": lambda df: df["a"].expanding().max(),
    "ewm": lambda df: df["a"].ewm(span=3).mean(),
    "merge": lambda df: df.merge(df[["n", "g"]], on="n"),
    "merge by index": lambda df: df.merge(df[["n"]], left_index=True, right_index=True),
    "merge asof": lambda df: pd.merge_asof(
        df[["n"]], df[["a"]].iloc[::3], left_index=True, right_index=True
    ),
    "join": lambda df: df.join(df[["a"]].add_suffix("_other")),
    "pivot": lambda df: df.pivot(index="n", columns="g", values="a"),
    "pivot table": lambda df: df.pivot_table(index="g", columns="c", values="a", observed=True),
    "crosstab": lambda df: pd.crosstab(df["g"], df["c"]),
    "melt": lambda df: df.melt(id_vars="n", value_vars=["a", "b"]),
    "stack": lambda df: df[["a", "b"]].stack(),
    "unstack": lambda df: df.set_index(["g", "n"])["a"].unstack(),
    "explode": lambda df: df.assign(l=[[1, 2]] * ROWS).explode("l"),
    "sort": lambda df: df.sort_values(["g", "a"]),
    "sort index": lambda df: df.sort_index(ascending=False),
    "rank": lambda df: df.rank(numeric_only=True),
    "cut": lambda df: pd.cut(df["a"], 4),
    "qcut": lambda df: pd.qcut(df["a"], 4),
    "resample": lambda df: df[["a", "n"]].resample("W").sum(),
    "resample ohlc": lambda df: df["a"].resample("W").ohlc(),
    "asfreq": lambda df: df.asfreq("12h"),
    "str": lambda df: df["g"].str.upper().str.replace("G", "h"),
    "str extract": lambda df: df["g"].str.extract(r"(\w)(\d)"),
    "str of objects": lambda df: df["o"].str.len(),
    "dt": lambda df: df["t"].dt.floor("D"),
    "dt zone": lambda df: df["z"].dt.tz_convert("Europe/Vienna"),
    "dt of durations": lambda df: df["d"].dt.total_seconds(),
    "cat": lambda df: df["c"].cat.rename_categories(str.upper),
    "cat remove": lambda df: df["c"].cat.remove_categories(["c0"]),
    "cat add": lambda df: df["c"].cat.add_categories(["c9"]),
    "corr": lambda df: df.corr(numeric_only=True),
    "cov": lambda df: df[["a", "b"]].cov(),
    "describe": lambda df: df.describe(),
    "quantile": lambda df: df[["a", "b", "n", "t"]].quantile([0.1, 0.5]),
    "median": lambda df: df.median(numeric_only=True),
    "mode": lambda df: df[["a", "g"]].mode(),
    "skew": lambda df: df.skew(numeric_only=True),
    "sample": lambda df: df.sample(10, random_state=3),
    "nlargest": lambda df: df.nlargest(5, "a"),
    "shift": lambda df: df.shift(2),
    "shift by time": lambda df: df.shift(2, freq="D"),
    "diff": lambda df: df[["a", "n", "d"]].diff(),
    "pct_change": lambda df: df[["n"]].pct_change(),
    "cumsum": lambda df: df[["a", "b", "n", "y"]].cumsum(),
    "cumsum of durations": lambda df: df["d"].where(df["y"]).cumsum(),
    "cummax": lambda df: df[["a", "b", "n", "t", "z", "d"]].cummax(),
    "cummin of gaps": lambda df: df[["t", "z", "d"]].shift().cummin(),
    "cummax of categories": lambda df: df["k"].cummax(),
    "extremes": lambda df: df[["k", "p", "t", "z", "d"]].agg(["min", "max"]),
    "ranks": lambda df: df[["k", "p", "t", "z", "d", "g"]].rank(),
    "sorts": lambda df: [df.sort_values(name) for name in df.columns],
    "counts": lambda df: [df[name].value_counts() for name in df.columns],
    "distinct": lambda df: [df[name].unique() for name in df.columns],
    "codes": lambda df: df["k"].cat.codes,
    "reordered": lambda df: df["k"].cat.reorder_categories(["k2", "k0", "k1"]),
    "periods": lambda df: df["p"].dt.asfreq("D").dt.to_timestamp(),
    "period differences": lambda df: df["p"] - df["p"].iloc[0],
    "means of moments": lambda df: df[["t", "z", "d"]].mean(),
    "medians": lambda df: df[["a", "b", "t", "d"]].median(),
    "rounded moments": lambda df: df["z"].dt.round("D"),
    "moments and durations": lambda df: df["t"] + df["d"],
    "grouped moments": lambda df: df.groupby("g")[["t", "z", "d", "p", "k"]].max(),
    "grouped gaps": lambda df: df.groupby("g")[["t", "d"]].shift(),
    "interpolate": lambda df: df["b"].interpolate(),
    "interpolate in time": lambda df: df["b"].interpolate("time"),
    "fillna": lambda df: df["b"].fillna(0),
    "ffill": lambda df: df.ffill(),
    "bfill": lambda df: df.bfill(limit=1),
    "dropna": lambda df: df.dropna(),
    "drop_duplicates": lambda df: df.drop_duplicates(["g", "c"]),
    "duplicated": lambda df: df.duplicated(["g"]),
    "value_counts": lambda df: df["g"].value_counts(),
    "value_counts of all": lambda df: df[["g", "c"]].value_counts(),
    "nunique": lambda df: df.nunique(),
    "unique": lambda df: pd.Series(df["o"].unique()),
    "dummies": lambda df: pd.get_dummies(df[["g", "c"]]),
    "factorize": lambda df: pd.Series(pd.factorize(df["g"])[0]),
    "concat": lambda df: pd.concat([df, df]),
    "concat columns": lambda df: pd.concat([df[["a"]], df[["b"]]], axis=1),
    "align": lambda df: df.align(df.iloc[::2], join="outer")[1],
    "reindex": lambda df: df.reindex(df.index[::-1]),
    "reindex columns": lambda df: df.reindex(columns=["b", "new", "a"]),
    "asof": lambda df: df[["a"]].asof(pd.Timestamp("2024-01-10 12:00")),
    "isin": lambda df: df.isin([1, 2.0, "g1"]),
    "where": lambda df: df[["a", "b"]].where(df["y"], -1),
    "mask": lambda df: df[["a", "n"]].mask(df["n"] > 5),
    "clip": lambda df: df[["a", "n"]].clip(1, 5),
    "replace": lambda df: df.replace({"g1": "h1", 3: 33}),
    "replace nan": lambda df: df.replace({np.nan: None}),
    "map": lambda df: df["g"].map({"g1": 1}),
    "map all": lambda df: df[["a", "n"]].map(lambda cell: cell + 1),
    "apply columns": lambda df: df[["a", "n"]].apply(np.sum),
    "apply rows": lambda df: df[["a", "n"]].apply(lambda row: row["a"] + row["n"], axis=1),
    "apply rows that write": lambda df: df[["a", "b"]].apply(lambda row: row.fillna(0), axis=1),
    "apply raw": lambda df: df[["a", "n"]].apply(np.sum, raw=True, axis=1),
    "agg": lambda df: df.agg({"a": ["min", "sum"], "n": ["max"]}),
    "query": lambda df: df.query("a > 2 and n < 40"),
    "eval": lambda df: df.eval("q = a + n"),
    "transpose": lambda df: df[["a", "b"]].T,
    "dot": lambda df: df[["a", "n"]].T.dot(df[["a", "n"]]),
    "compare": lambda df: df.compare(df.assign(a=1.0)),
    "combine_first": lambda df: df[["b"]].combine_first(df[["a"]]),
    "update": lambda df: through("update", pd.DataFrame({"a": [9.0]}, index=df.index[:1]))(df),
    "astype": lambda df: df.astype({"a": "float32", "n": "int8", "g": "category"}),
    "astype the same": lambda df: df.astype({"a": "float64"}),
    "convert": lambda df: df.convert_dtypes(),
    "infer": lambda df: df.infer_objects(),
    "select": lambda df: df.select_dtypes("number"),
    "filter": lambda df: df.filter(like="a"),
    "xs": lambda df: df.xs(df.index[3]),
    "between times": lambda df: df.between_time("00:00", "01:00"),
    "slices of time": lambda df: df.loc["2024-01-05":"2024-01-09"],
    "take": lambda df: df.take([3, 1, 2]),
    "squeeze": lambda df: df[["a"]].squeeze(),
    "rename": lambda df: df.rename(columns={"a": "A"}),
    "round": lambda df: df[["a", "b"]].round(1),
    "abs": lambda df: df[["a", "b"]].abs(),
    "set and reset": lambda df: df.set_index(["g", "c"], append=True).reset_index(),
    "sum of bool": lambda df: df[["y"]].sum(),
    "searchsorted": lambda df: pd.Series(df["n"].searchsorted([3, 5])),
    "tz_localize": lambda df: df.tz_localize("UTC"),
    "to_period": lambda df: df.to_period("M"),
    "divmod": lambda df: df["n"].divmod(7)[1],
    "str cat": lambda df: df["g"].str.cat(df["o"], na_rep="-"),
    "from_dict": lambda df: pd.DataFrame(df.to_dict("list")),
    "records": lambda df: pd.DataFrame(df.to_dict("records")),
    "rec array": lambda df: pd.DataFrame(df[["a", "n"]].to_records()),
    "csv": lambda df: df.to_csv(),
    "json": lambda df: df.drop(columns="p").to_json(date_format="iso"),
    "html": lambda df: df.to_html(),
    "text": lambda df: df.to_string(),
    "parquet": lambda df: pd.read_parquet(io.BytesIO(df.to_parquet())),
    "feather": lambda df: sink(df.reset_index().to_feather),
    "numpy": lambda df: df[["a", "b"]].to_numpy(copy=True) + 1,
    "memory": lambda df: df[["a", "o", "t"]].memory_usage(deep=True),
    "hash": pd.util.hash_pandas_object,
    "iteration": lambda df: [tuple(row) for row in df[["a", "n"]].itertuples()],
    "items": lambda df: {name: column.sum() for name, column in df[["a", "n"]].items()},
    "column in place": lambda df: df.assign(a=df["a"].pow(2)),
    "a new frame on it": lambda df: pd.DataFrame(df).assign(b=1),
    "a new frame of series": lambda df: pd.DataFrame({"x": df["a"], "y": df["n"]}),
    "index as column": lambda df: df.index.to_series(),
    "index union": lambda df: df.index.union(df.index + pd.Timedelta("1D")),
    "assignments": assign,
    "enlarging": enlarge,
    "insert": through("insert", 0, "first", 1),
    "pop": lambda df: (df.pop("a"), df)[1],
    "drop in place": through("drop", columns=["a"], inplace=True),
    "fillna in place": through("fillna", {"b": 0.0}, inplace=True),
    "ffill in place": through("ffill", inplace=True),
    "sort in place": through("sort_values", "a", inplace=True),
    "reset in place": through("reset_index", inplace=True),
    "set in place": through("set_index", "n", inplace=True),
    "rename in place": through("rename", columns={"a": "A"}, inplace=True),
    "replace in place": through("replace", 3, 33, inplace=True),
    "replace list in place": through("replace", [3, 4], [33, 44], inplace=True),
    "eval in place": through("eval", "a = n * 2", inplace=True),
    "query in place": through("query", "n > 3", inplace=True),
    "dropna in place": through("dropna", inplace=True),
    "clip in place": lambda df: through("clip", 1, 5, inplace=True)(df[["a", "n"]]),
    "where in place": lambda df: through("where", df["y"], 0, inplace=True)(df[["a", "n"]]),
    "mask in place": lambda df: through("mask", df["y"], 0, inplace=True)(df[["a", "n"]]),
    "interpolate in place": lambda df: through("interpolate", inplace=True)(df[["a", "b"]]),
}


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other)
    elif isinstance(one, pd.Index):
        pd.testing.assert_index_equal(one, other)
    elif isinstance(one, list):
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    elif isinstance(one, pd.api.extensions.ExtensionArray):
        pd.testing.assert_extension_array_equal(one, other)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    else:
        assert one == other


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_gives_what_it_gives_for_a_fresh_frame(name):
    operation = OPERATIONS[name]
    kept = adopt(frame())
    assert_same(operation(kept.restore()), operation(frame()))
    pd.testing.assert_frame_equal(kept.restore(), frame())
