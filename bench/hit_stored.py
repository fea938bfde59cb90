"""Does a hit in memory cost more where the result is kept on disk, too?"""

from __future__ import annotations

from typing import Any

from _disk_peers import DISK_PEERS
from _harness import Question
from _peers import REPRISE, Function, Peer, new_folder
from hit_int import prepare


def _persisted(function: Function) -> Any:
    return DISK_PEERS[0].decorate(function, new_folder())


QUESTION = Question(
    "hit, f(int), kept on disk too",
    prepare,
    peers=(
        Peer("Reprise", "", "reprise", _persisted, REPRISE.clear),
        Peer("Reprise, in memory only", "", "reprise", REPRISE.decorate, REPRISE.clear),
    ),
    about="Twice a second such a hit asks the store whether the result is still the latest.",
    at_most={"Reprise, in memory only": 1.1},
)
