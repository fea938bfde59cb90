"""Every pair of the corpus: one key or two, in this process."""

from __future__ import annotations

from collections import Counter

import pytest
from corpus_pairs import read_topics

TOPICS = read_topics()
PAIRS = [(topic, pair) for topic in TOPICS for pair in topic.pairs]


@pytest.mark.parametrize(
    ("topic", "pair"), PAIRS, ids=[f"{topic.name}: {pair.why}" for topic, pair in PAIRS]
)
def test_a_pair_has_one_key_or_two(topic, pair, sides):
    if topic.missing:
        pytest.skip(f"not installed: {', '.join(topic.missing)}")
    one, other = sides[topic.name][pair.why]
    assert not one.startswith("raises"), one
    assert not other.startswith("raises"), other
    assert (one == other) is pair.same


def test_the_corpus_is_large_and_says_why():
    assert len(PAIRS) >= 400
    assert sum(pair.same for _, pair in PAIRS) >= 150
    assert all(pair.why and "\n" not in pair.why for _, pair in PAIRS)


def test_no_reason_stands_twice_in_a_topic():
    counts = Counter((topic.name, pair.why) for topic, pair in PAIRS)
    assert [key for key, count in counts.items() if count > 1] == []
