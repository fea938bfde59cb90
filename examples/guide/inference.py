"""Caches what a model answers."""

from __future__ import annotations

import streamlit as st
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from chapter import begin, finish
from counts import ran, take
from reprise import cache_data, cache_resource

BEGAN = begin(
    "Running a model",
    "Training gives *the one model*, shared by all: `cache_resource`. What it says of a flower is "
    "data: `cache_data`, once for each flower that anybody asks about.",
)


@cache_resource(show_spinner="Training...")
def iris_model() -> RandomForestClassifier:
    """Trains a forest on 150 flowers."""
    ran("iris_model")
    flowers = load_iris()
    return RandomForestClassifier(20, random_state=1).fit(flowers.data, flowers.target)


model = iris_model()


@cache_data
def species(inputs: tuple[float, ...]) -> dict[str, float]:
    """Asks the model about one flower."""
    ran("species")
    take(1)
    chances = model.predict_proba([inputs])[0]
    return dict(zip(["setosa", "versicolor", "virginica"], map(float, chances), strict=True))


left, right = st.columns(2)
length = left.slider("Length of a petal (cm)", 1.0, 7.0, 1.5, step=0.5)
width = right.slider("Width of a petal (cm)", 0.0, 2.5, 0.5, step=0.5)
chances = species((5.8, 3.0, length, width))
best = max(chances, key=lambda name: chances[name])
st.metric("Most likely", best)
st.bar_chart(chances, horizontal=True, height=180, color="#0B5C8F")

finish(BEGAN, iris_model, species)
