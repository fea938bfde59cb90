"""scikit-learn: parameters and all that was fitted, in estimators of every build."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from reprise.keys import digest

pytest.importorskip("sklearn")

from sklearn import (
    cluster,
    compose,
    decomposition,
    ensemble,
    feature_extraction,
    gaussian_process,
    linear_model,
    model_selection,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)

ROWS = np.random.default_rng(0).normal(size=(60, 3))
ROWS[30:] += 1
KINDS = np.array(["a", "b"])[(ROWS[:, 0] + ROWS[:, 1] > 1).astype(int)]
TEXTS = ["one word", "two more words", "one more"]

ESTIMATORS = {
    "tree": lambda: tree.DecisionTreeClassifier(random_state=0),
    "forest": lambda: ensemble.RandomForestClassifier(3, random_state=0),
    "boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=3, random_state=0),
    "histograms": lambda: ensemble.HistGradientBoostingClassifier(max_iter=3, random_state=0),
    "line": linear_model.LogisticRegression,
    "descent": lambda: linear_model.SGDClassifier(random_state=0),
    "vectors": svm.SVC,
    "neighbours": lambda: neighbors.KNeighborsClassifier(algorithm="kd_tree"),
    "balls": lambda: neighbors.KNeighborsClassifier(algorithm="ball_tree"),
    "processes": gaussian_process.GaussianProcessClassifier,
    "network": lambda: neural_network.MLPClassifier((2,), max_iter=2, tol=1e9, random_state=0),
    "clusters": lambda: cluster.KMeans(2, n_init=1, random_state=0),
    "components": lambda: decomposition.PCA(2),
    "isolation": lambda: ensemble.IsolationForest(n_estimators=3, random_state=0),
    "steps": lambda: pipeline.make_pipeline(
        preprocessing.StandardScaler(), linear_model.LogisticRegression()
    ),
    "columns": lambda: compose.ColumnTransformer([("a", preprocessing.StandardScaler(), [0, 2])]),
    "search": lambda: model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [1]}),
}

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")


def fitted(name, rows=ROWS):
    made = ESTIMATORS[name]()
    made.fit(rows, KINDS)
    for attribute in list(getattr(made, "cv_results_", ())):
        if attribute.endswith("_time"):  # another one each time, and a part of the state
            made.cv_results_[attribute] = 0
    if hasattr(made, "refit_time_"):
        made.refit_time_ = 0
    return made


def moved():
    return ROWS * 1.5


@pytest.mark.parametrize("name", ESTIMATORS)
def test_what_was_fitted_counts(name):
    one = fitted(name)
    assert digest(one) == digest(fitted(name))
    assert digest(one) == digest(copy.deepcopy(one))
    assert digest(one) != digest(ESTIMATORS[name]())
    assert digest(one) != digest(fitted(name, moved()))


def test_one_value_within_a_tree_counts():
    one, other = (fitted("forest") for _ in range(2))
    other.estimators_[1].tree_.threshold[0] += 1e-9
    assert digest(one) != digest(other)


def test_words_that_were_counted_count():
    kind = feature_extraction.text.TfidfVectorizer
    assert digest(kind().fit(TEXTS)) == digest(kind().fit(TEXTS))
    assert digest(kind().fit(TEXTS)) != digest(kind().fit(TEXTS[:2]))
    assert digest(kind()) != digest(kind(lowercase=False))


def test_a_function_within_an_estimator_counts_by_its_code():
    def made(function):
        return preprocessing.FunctionTransformer(function)

    assert digest(made(lambda rows: rows + 1)) == digest(made(lambda rows: rows + 1))
    assert digest(made(lambda rows: rows + 1)) != digest(made(lambda rows: rows + 2))


@pytest.mark.parametrize(
    "name", ["forest", "histograms", "vectors", "neighbours", "balls", "steps"]
)
def test_predicting_changes_nothing(name):
    one = fitted(name)
    before = digest(one)
    one.predict(ROWS)
    assert digest(one) == before


def test_a_list_of_words_to_leave_out_counts_by_content():
    def made(*words):
        return feature_extraction.text.TfidfVectorizer(stop_words=list(words)).fit(TEXTS)

    assert digest(made("more")) == digest(made("more"))
    assert digest(made("more")) != digest(made("two"))


def test_search_trees_count_by_points_and_metric():
    kinds = neighbors.KDTree, neighbors.BallTree
    assert len({digest(kind(rows)) for kind in kinds for rows in (ROWS, moved())}) == 4
    assert digest(kinds[0](ROWS)) == digest(kinds[0](ROWS.copy()))
    assert digest(kinds[0](ROWS)) != digest(kinds[0](ROWS, metric="chebyshev"))
