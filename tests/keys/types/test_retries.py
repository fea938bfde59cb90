"""tenacity: how often and when is tried again, not how an attempt went."""

from __future__ import annotations

import pytest

import reprise
from reprise.keys import digest

tenacity = pytest.importorskip("tenacity")


def times(count, **options):
    return tenacity.Retrying(stop=tenacity.stop_after_attempt(count), **options)


@pytest.mark.parametrize(
    "other",
    [
        times(4),
        times(3, wait=tenacity.wait_fixed(1)),
        times(3, reraise=True),
        times(3, retry=tenacity.retry_if_exception_type(KeyError)),
        times(3, retry=tenacity.retry_if_result(lambda value: value is None)),
    ],
)
def test_another_policy_is_another_argument(other):
    assert digest(times(3)) == digest(times(3)) != digest(other)


def test_attempts_that_were_made_are_no_change():
    retrying = times(3)
    before = digest(retrying)
    assert retrying(lambda: 1) == 1
    assert digest(retrying) == before


def test_a_function_that_is_tried_again_hits_on_every_rerun():
    calls = []

    def rerun(attempts):
        @reprise.cache_data
        @tenacity.retry(stop=tenacity.stop_after_attempt(attempts), reraise=True)
        def load(x):
            calls.append(x)
            return [x]

        return load(1)

    assert rerun(3) == rerun(3) == [1]
    assert calls == [1]
    assert rerun(4) == [1]
    assert calls == [1, 1]
