"""A function's progress, on the pages of all who wait for it."""

from __future__ import annotations

import os
from pathlib import Path

APP = Path(__file__).parent / "apps" / "progress.py"


def test_progress_is_a_bar_while_the_function_runs_and_nothing_afterwards(
    serve, new_user, tmp_path
):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    server = serve(APP, PIPE=str(pipe))
    users = first, second = new_user(), new_user()
    with second.run(), first.run():
        first.page.goto(server.url)
        first.page.get_by_test_id("stSpinner").get_by_text("Opening the box...").wait_for()
        with pipe.open("w", encoding="utf-8", buffering=1) as told:
            told.write("1 4 Unpacking\n")
            bar(first).get_by_text("Unpacking 1/4 (").wait_for()
            assert first.page.get_by_role("progressbar").get_attribute("aria-valuenow") == "25"
            assert first.page.get_by_test_id("stSpinner").count() == 0
            second.page.goto(server.url)
            bar(second).get_by_text("Unpacking 1/4 (").wait_for()
            told.write("3 4\n")
            for user in users:
                bar(user).get_by_text("Opening the box... 3/4 (").wait_for()
            told.write("7 ? Sweeping\n")
            first.page.get_by_test_id("stSpinner").get_by_text("Sweeping 7 (").wait_for()
            assert bar(first).count() == 0
            # What the function displays stands below.
            for word in ("Unpacking", "Sweeping"):
                first.page.get_by_test_id("stText").get_by_text(word, exact=True).wait_for()
            told.write("4 4 Done\n")
            bar(first).get_by_text("Done 4/4 (").wait_for()
            told.write("nine end\n")
    for user in users:
        assert looks(user) == ["above", "Unpacking", "Sweeping", "Done", "pieces: nine", "below"]

    first.rerun()
    assert looks(first) == ["above", "Unpacking", "Sweeping", "Done", "pieces: nine", "below"]


def bar(user):
    return user.page.get_by_test_id("stProgress")


def looks(user):
    """The texts of the page, where no progress is left."""
    assert bar(user).count() == 0
    return user.page.get_by_test_id("stText").all_inner_texts()
