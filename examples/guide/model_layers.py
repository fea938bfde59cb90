"""Passes a model from one cached function to another."""

from __future__ import annotations

import streamlit as st
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from chapter import begin, finish
from counts import ran, take
from reprise import cache_resource

BEGAN = begin(
    "Models as arguments",
    "Choose the other model and look at the steps that each function tells. Left as it is, a model "
    "counts by what it holds; `hash_funcs` may say what else stands for it; `id` is right for what "
    "`cache_resource` gave. With an underscore the model does not count, and the first answer "
    "stays, *wrong*, for every other model.",
)


@cache_resource
def base_model(option: int) -> Pipeline:
    """Makes one of two models."""
    ran("base_model")
    take(1)
    if option == 1:
        return Pipeline([("scale", StandardScaler()), ("judge", LogisticRegression())])
    return Pipeline(
        [("squeeze", MinMaxScaler()), ("reduce", PCA(2)), ("judge", LogisticRegression())]
    )


@cache_resource
def steps_as_it_is(model: Pipeline) -> list[str]:
    """The model counts by what it holds."""
    ran("steps_as_it_is")
    return [name for name, _ in model.steps]


@cache_resource(hash_funcs={Pipeline: lambda model: model.steps[0][0]})
def steps_by_name(model: Pipeline) -> list[str]:
    """The model counts by the name of its first step."""
    ran("steps_by_name")
    return [name for name, _ in model.steps]


@cache_resource(hash_funcs={Pipeline: id})
def steps_by_identity(model: Pipeline) -> list[str]:
    """The model counts as the object that it is."""
    ran("steps_by_identity")
    return [name for name, _ in model.steps]


@cache_resource
def steps_excluded(_model: Pipeline) -> list[str]:
    """The model does not count."""
    ran("steps_excluded")
    return [name for name, _ in _model.steps]


option = st.radio("Model", [1, 2], horizontal=True)
model = base_model(option)
answers = {
    "as it is": steps_as_it_is(model),
    "hash_funcs": steps_by_name(model),
    "id": steps_by_identity(model),
    "underscore": steps_excluded(model),
}
st.table({"Steps": {name: ", ".join(steps) for name, steps in answers.items()}})

finish(BEGAN, base_model, steps_as_it_is, steps_by_name, steps_by_identity, steps_excluded)
