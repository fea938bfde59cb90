from __future__ import annotations

import pytest


class NaiveSieve:
    """SIEVE as the paper puts it: a list, the newest first, a visited bit each, and a hand."""

    def __init__(self):
        self.line = []
        self.visited = set()
        self.hand = None

    def add(self, key):
        self.line.insert(0, key)

    def visit(self, key):
        self.visited.add(key)

    def discard(self, key):
        if key == self.hand:
            place = self.line.index(key)
            self.hand = self.line[place - 1] if place > 0 else None
        self.line.remove(key)
        self.visited.discard(key)

    def victim(self):
        if not self.line:
            return None
        place = len(self.line) - 1 if self.hand is None else self.line.index(self.hand)
        while self.line[place] in self.visited:
            self.visited.discard(self.line[place])
            place = place - 1 if place > 0 else len(self.line) - 1
        self.hand = self.line[place]
        return self.hand


@pytest.fixture(scope="session")
def naive_sieve():
    return NaiveSieve
