"""``reprise.cache``, the old catch-all."""

from __future__ import annotations

import warnings

import pytest

import reprise


def test_it_gives_copies_unless_told_that_mutation_is_allowed():
    @reprise.cache(suppress_st_warning=True)
    def data():
        return [1]

    @reprise.cache(allow_output_mutation=True)
    def resource():
        return object()

    with pytest.warns(reprise.RepriseDeprecationWarning):
        data().append(2)
        assert data() == [1]
    with pytest.warns(reprise.RepriseDeprecationWarning):
        assert resource() is resource()


def test_it_warns_once_and_names_the_right_decorator_for_what_was_returned():
    @reprise.cache
    def load(x):
        return {"x": x}

    with pytest.warns(reprise.RepriseDeprecationWarning, match="cache_data") as caught:
        load(1)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(2)


def test_a_connection_is_told_to_be_a_resource():
    import sqlite3

    @reprise.cache(allow_output_mutation=True)
    def connect():
        return sqlite3.connect(":memory:")

    with pytest.warns(reprise.RepriseDeprecationWarning, match="cache_resource"):
        connect().close()


def test_it_works_bare_and_clears_both_kinds():
    @reprise.cache_data
    def load():
        return 1

    load()
    reprise.cache.clear()
    assert load.peek() is reprise.MISSING
