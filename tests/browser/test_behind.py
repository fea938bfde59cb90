"""A refresh behind, as two users see it while their scripts go on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APPS = Path(__file__).parent / "apps"


def looks(user):
    """What of each version is on the page: all texts, and how wide the image is."""
    image = user.page.get_by_test_id("stImage").locator("img")
    width = image.evaluate("image => image.decode().then(() => image.naturalWidth, () => 0)")
    return user.page.get_by_test_id("stText").all_inner_texts(), width


def version(number):
    texts = [f"aside: {number}", "after it", *[f"shown: {number}"] * number]
    return [*texts, f"returned: {number}", f"written: {number}"], 64 * number


def test_all_see_the_old_page_until_the_new_one_is_whole(serve, new_user, tmp_path, eventually):
    directory = shutil.copytree(APPS, tmp_path / "apps")
    calls, clock = tmp_path / "calls.txt", tmp_path / "clock.txt"
    calls.touch()
    clock.write_text("0", encoding="utf-8")
    server = serve(directory / "behind.py", CALLS=str(calls), CLOCK=str(clock))
    first, second = new_user(), new_user()
    for user in (first, second):
        user.visit(server.url)
        assert looks(user) == version(1)

    clock.write_text("11", encoding="utf-8")
    first.rerun()
    eventually(lambda: calls.read_text().split() == ["began"] * 2, "the refresh has begun")
    for user in (second, first, second):
        user.rerun()
        assert looks(user) == version(1)
    assert calls.read_text().split() == ["began"] * 2

    (tmp_path / "gate").touch()
    seen = looks(first)
    while seen == version(1):
        first.rerun()
        seen = looks(first)
    assert seen == version(2)
    assert looks(second) == version(1), "nothing comes to a page that does not ask"
    second.rerun()
    assert looks(second) == version(2)

    with second.run():
        second.page.get_by_text("Inside", exact=True).click()
    assert looks(second) == version(3), "its value is an input as ever"
    first.rerun()
    assert looks(first) == version(2)
    assert calls.read_text().split() == ["began"] * 3
