"""A small package on disk that tests edit and load again."""

from __future__ import annotations

import importlib
import itertools
import os
import sys
import textwrap

import pytest

_names = itertools.count()


class Project:
    """Modules of the user's, ``app`` among them, with the function ``f`` in it."""

    def __init__(self, folder) -> None:
        self.name = f"project{next(_names)}"
        self.folder = folder / self.name
        self.folder.mkdir()
        self._edits = 0
        self.write("__init__.py", "")

    def write(self, file: str, source: str) -> None:
        path = self.folder / file
        path.write_text(textwrap.dedent(source))
        # The import system and linecache go by the time of the last change, in whole seconds.
        self._edits += 1
        os.utime(path, (self._edits * 10, self._edits * 10))

    def load(self, module: str = "app"):
        """Load everything anew, as a new process would."""
        for name in [n for n in sys.modules if n.partition(".")[0] == self.name]:
            del sys.modules[name]
        importlib.invalidate_caches()
        return importlib.import_module(f"{self.name}.{module}")

    def reload(self, *modules: str):
        """Load modules again in place, those that others use first."""
        for module in modules:
            loaded = importlib.reload(sys.modules[f"{self.name}.{module}"])
        return loaded

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a piece of source that must be there."""
        text = (self.folder / file).read_text()
        assert old in text
        self.write(file, text.replace(old, new))


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Project(tmp_path)
    yield made
    for name in [n for n in sys.modules if n.partition(".")[0] == made.name]:
        del sys.modules[name]
