# pyright: strict
"""Mistakes: every checker must find an error in each line that says so, and in no other."""

from __future__ import annotations

from reprise import File, cache_data, cache_resource, progress, register_encoder


@cache_data
def load(x: int, y: str = "") -> float:
    return x / len(y)


@cache_data
async def fetch(url: str) -> bytes:
    return url.encode()


@cache_data
def words(path: File) -> list[str]:
    return [str(path)]


class Shop:
    @cache_data
    def price(self, item: str) -> float:
        return len(item) * 1.5


shop = Shop()

load("1")  # error
load()  # error
load(1, 2)  # error
load(1, z="")  # error
load(1, "", "")  # error
load.peek("1")  # error
load.refresh("1")  # error
load.forget()  # error
load.explain("1")  # error
text: str = load(1)  # error
maybe: float = load.peek(1)  # error
fetch(1)  # error
fetch.refresh(1)  # error
late: bytes = fetch("a")  # error
shop.price(1)  # error
shop.price()  # error
shop.price.peek(1)  # error
cache_data(timetolive=5)  # error
cache_data(ttl=[])  # error
cache_data(max_entries="3")  # error
cache_data(scope="everyone")  # error
cache_data(refresh_mode="soon")  # error
cache_data(validate=bool)  # error
cache_data(on_release=print)  # error
cache_resource(persist="disk")  # error
cache_resource(validate=5)  # error
cache_data(5)  # error
cache_data(files=5)  # error
cache_data(show_progress="Reading")  # error
cache_resource(show_progress=1)  # error
progress()  # error
progress("1")  # error
progress(1, "2")  # error
progress(1, 2, 3)  # error
words(5)  # error
words(b"a.txt")  # error
register_encoder(Shop)  # error
register_encoder(5, len)  # error
register_encoder(Shop, lambda shop: shop.nothing)  # error
