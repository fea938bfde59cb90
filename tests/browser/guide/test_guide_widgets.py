"""The chapter about widgets inside cached functions."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_widgets_inside_stay_and_their_values_count(reader, newcomer, ran, runs_in):
    user = reader("widgets")
    slider = user.page.get_by_role("slider")
    night = user.page.get_by_text("At night only", exact=True)
    rerun = user.page.get_by_role("button", name="Rerun", exact=True)
    assert ran(user) == {"some_rides": 1, "lines": 1}
    assert runs_in(user, rerun.click) == {}
    assert slider.count() == 1
    assert runs_in(user, lambda: slider.press("ArrowRight")) == {"some_rides": 1}
    user.page.get_by_text("4 rides", exact=True).wait_for()
    assert runs_in(user, lambda: slider.press("ArrowLeft")) == {}
    user.page.get_by_text("3 rides", exact=True).wait_for()
    assert runs_in(user, night.click) == {"some_rides": 1}
    assert runs_in(user, rerun.click) == {}
    assert user.page.get_by_role("checkbox", name="At night only").is_checked()

    second = newcomer("widgets")
    assert ran(second) == ran(user)
    assert not second.page.get_by_role("checkbox", name="At night only").is_checked()
    with second.run():
        second.page.get_by_role("slider").press("End")
    second.page.get_by_text("10 rides", exact=True).wait_for()
    with user.run():
        rerun.click()
    user.page.get_by_text("3 rides", exact=True).wait_for()
    assert user.page.get_by_role("checkbox", name="At night only").is_checked()


def test_an_uploaded_file_counts(reader, runs_in):
    user = reader("widgets")
    upload = user.page.locator("[data-testid=stFileUploader] input[type=file]")
    file = {"name": "poem.txt", "mimeType": "text/plain", "buffer": b"one\ntwo\nthree\n"}
    assert runs_in(user, lambda: upload.set_input_files(file)) == {"lines": 1}
    user.page.get_by_text("3 lines", exact=True).wait_for()
    rerun = user.page.get_by_role("button", name="Rerun", exact=True)
    assert runs_in(user, rerun.click) == {}
    user.page.get_by_text("3 lines", exact=True).wait_for()


def test_combinations_take_memory_within_their_bounds(reader, runs_in, metric):
    user = reader("combinations")
    sliders = user.page.get_by_role("slider")

    def kept(function):
        megabytes = metric(user, f"MB of {function}")
        return int(metric(user, f"Results of {function}")), round(float(megabytes))

    def move(number, key="ArrowRight"):
        return runs_in(user, lambda: sliders.nth(number).press(key))

    for function, first, bound in (("four_results", 0, 4), ("twenty_megabytes", 5, 2)):
        assert kept(function) == (1, 8)
        for moved in range(1, 6):
            assert move(first + moved - 1) == {function: 1}
            results = min(moved + 1, bound)
            assert kept(function) == (results, 8 * results)
        assert move(first + 4, "ArrowLeft") == {}
        assert move(first + 4, "ArrowRight") == {}
