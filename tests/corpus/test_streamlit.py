"""Where Streamlit's own keys and the corpus disagree: all of it, each decided by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import corpus_streamlit
import pytest
from corpus_pairs import read_topics

streamlit = pytest.importorskip("streamlit")

VERSION = "1.67"
TOPICS = read_topics()
DECIDED = tomllib.loads((Path(__file__).parent / "streamlit.toml").read_text("utf-8"))

pytestmark = pytest.mark.skipif(
    not streamlit.__version__.startswith(f"{VERSION}."),
    reason=f"the list is that of Streamlit {VERSION}, this is {streamlit.__version__}",
)


@pytest.fixture(scope="module")
def found(elsewhere):
    """What Streamlit does, in a process of its own."""
    return corpus_streamlit.disagreements(elsewhere["streamlit"].result())


@pytest.mark.parametrize("topic", TOPICS, ids=[topic.name for topic in TOPICS])
def test_every_disagreement_is_listed(topic, found):
    if topic.missing:
        pytest.skip(f"not installed: {', '.join(topic.missing)}")
    assert found[topic.name] == DECIDED.get(topic.name, {})


def test_the_list_names_only_pairs_that_there_are():
    pairs = {topic.name: {pair.why: pair.same for pair in topic.pairs} for topic in TOPICS}
    for topic, kinds in DECIDED.items():
        assert kinds.keys() <= {"wrong_hit", "needless_miss", "refused"}
        for why in kinds.get("wrong_hit", []):
            assert not pairs[topic][why]
        for why in kinds.get("needless_miss", []):
            assert pairs[topic][why]
        assert pairs[topic].keys() >= set(kinds.get("refused", []))
