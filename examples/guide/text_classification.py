"""Loads a model once for everybody, and lets it judge what each user writes."""

from __future__ import annotations

import streamlit as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from chapter import begin, finish
from counts import ran, take
from reprise import cache_resource

BEGAN = begin(
    "One model for everybody",
    "The model is loaded when the first user comes. Later runs and all other users, who may type "
    "whatever they like, get that very object: look at its number in memory.",
)

GLAD = ["a lovely day", "what a great film", "I love this", "happy and good", "wonderful, thanks"]
SAD = ["a dreadful day", "what a bad film", "I hate this", "sad and boring", "terrible, sorry"]


@cache_resource(show_spinner="Loading the model...")
def mood_model() -> Pipeline:
    """Learns from ten short texts."""
    ran("mood_model")
    take(2)
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10))
    return pipeline.fit(GLAD + SAD, ["glad"] * len(GLAD) + ["sad"] * len(SAD))


model = mood_model()
text = st.text_input("A sentence", value="I love a good day")
if text:
    mood = model.predict([text])[0]
    left, right = st.columns(2)
    left.metric("Mood", mood)
    right.metric("Sure of it", f"{model.predict_proba([text])[0].max():.0%}")
st.caption(f"The model's number in memory: {id(model)}")

finish(BEGAN, mood_model)
