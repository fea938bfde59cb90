from __future__ import annotations

import itertools

import pytest
from disk_helpers import key, open_store, part

from reprise.envelopes import Envelope
from reprise.testing import FakeClock, StoreContract

NUMBERS = itertools.count()


class DiskContract(StoreContract):
    @pytest.fixture
    def make_store(self, tmp_path, request):
        def make_store(max_size, on_removal):
            store = open_store(
                tmp_path / "cache", clock=FakeClock(), max_size=max_size, on_removal=on_removal
            )
            request.addfinalizer(store.close)
            return store

        return make_store

    def make_item(self, value=None, *, size=1, group="group", expires=float("inf")):
        header = repr(value).encode().ljust(self.header)
        content = bytes(size * self.unit - self.header)
        return Envelope(header, group, 0.0, expires, (part(content),))

    def value_of(self, item):
        return eval(item.header)

    key = staticmethod(key)


class TestDiskStoreWithPartsInTheIndex(DiskContract):
    unit, header = 600, 512


class TestDiskStoreWithPartsInFiles(DiskContract):
    """Files of whole pages, each with a content of its own: shared ones would count once."""

    unit, header = 17 * 4096 + 512, 512

    def make_item(self, value=None, *, size=1, **options):
        # One part of whole pages for each unit, and a header that makes up for the rest.
        item = super().make_item(value, size=size, **options)
        header = item.header.ljust(512 * size)
        content = str(next(NUMBERS)).encode().ljust(size * 17 * 4096)
        return Envelope(header, item.group, 0.0, item.expires, (part(content),))
