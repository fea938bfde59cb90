"""The chapters about data, resources and arguments: what runs when their readers click."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUIDE = Path(__file__).parents[3] / "examples" / "guide"


def rerun(user):
    return lambda: user.page.get_by_role("button", name="Rerun", exact=True).click()


def slide(user, key="ArrowRight", number=0):
    return lambda: user.page.get_by_role("slider").nth(number).press(key)


def choose(user, name):
    return lambda: user.page.get_by_role("radio", name=name, exact=True).click(force=True)


def press(user, name):
    return lambda: user.page.get_by_role("button", name=name, exact=True).click()


def write(user, label, text):
    def act():
        field = user.page.get_by_label(label, exact=True)
        field.fill(text)
        field.press("Enter")

    return act


def test_a_function_runs_once_for_each_pair_of_numbers(reader, ran, runs_in, metric):
    user = reader("minimal")
    up = user.page.get_by_test_id("stNumberInputStepUp").first
    down = user.page.get_by_test_id("stNumberInputStepDown").first
    assert ran(user) == {"product": 1}
    assert metric(user, "Product") == "42"
    assert runs_in(user, rerun(user)) == {}
    assert runs_in(user, up.click) == {"product": 1}
    assert metric(user, "Product") == "49"
    assert runs_in(user, down.click) == {}
    assert metric(user, "Product") == "42"


def test_a_table_is_downloaded_once_for_all_users(reader, newcomer, ran, runs_in, metric, service):
    before = service.requests["/pickups.csv"]
    first = reader("load_data")
    assert metric(first, "Rides") == "5,000"
    assert metric(first, "Cached by") == "Reprise"
    assert runs_in(first, rerun(first)) == {}
    second = newcomer("load_data")
    assert ran(second) == {"load_rides": 1}
    assert metric(second, "Rides") == "5,000"
    assert service.requests["/pickups.csv"] - before == 1


def test_all_of_a_frame_counts_and_an_equal_one_hits(reader, runs_in, metric):
    user = reader("transform")
    assert runs_in(user, choose(user, "two")) == {"largest": 1}
    assert runs_in(user, choose(user, "one")) == {}
    before = int(metric(user, "Sum of three").replace(",", ""))
    assert runs_in(user, slide(user)) == {"totals": 1, "largest": 1}
    assert int(metric(user, "Sum of three").replace(",", "")) == before + 1
    assert runs_in(user, slide(user, "ArrowLeft")) == {}


def test_arrays_of_the_same_content_hit(reader, ran, runs_in):
    user = reader("arrays")
    assert ran(user) == {"add": 1}
    assert runs_in(user, rerun(user)) == {}
    assert runs_in(user, slide(user)) == {"add": 1}
    assert runs_in(user, slide(user, "ArrowLeft")) == {}


def test_a_query_runs_once_until_it_is_forgotten(reader, runs_in, metric):
    user = reader("query")
    assert metric(user, "Price of all") == "£ 21"
    assert runs_in(user, choose(user, "Eliot")) == {"books_by": 1}
    assert runs_in(user, choose(user, "Austen")) == {}
    assert runs_in(user, press(user, "Raise prices")) == {}
    assert metric(user, "Price of all") == "£ 21"
    assert runs_in(user, press(user, "Forget")) == {"books_by": 1}
    assert metric(user, "Price of all") == "£ 23"


def test_a_service_is_asked_once_for_each_currency(reader, runs_in, metric, service):
    user = reader("api")
    answer = metric(user, "Answer number")
    asked = service.requests["/rates/EUR"]
    assert runs_in(user, choose(user, "JPY")) == {"rate_of": 1}
    assert metric(user, "1 EUR in JPY") == "171.40"
    assert runs_in(user, choose(user, "EUR")) == {}
    assert runs_in(user, rerun(user)) == {}
    assert metric(user, "Answer number") == answer
    assert service.requests["/rates/EUR"] == asked


def test_a_model_is_trained_once_and_asked_once_about_each_flower(reader, ran, runs_in, metric):
    user = reader("inference")
    assert ran(user) == {"iris_model": 1, "species": 1}
    assert metric(user, "Most likely") == "setosa"
    assert runs_in(user, slide(user, "End")) == {"species": 1}
    assert runs_in(user, slide(user, "End", number=1)) == {"species": 1}
    assert metric(user, "Most likely") == "virginica"
    assert runs_in(user, slide(user, "Home")) == {"species": 1}
    assert runs_in(user, slide(user, "End")) == {}


def test_two_users_share_the_one_model_and_get_answers_of_their_own(reader, newcomer, ran, metric):
    first, second = reader("text_classification"), newcomer("text_classification")
    for user, text, mood in ((first, "a wonderful film", "glad"), (second, "I hate it", "sad")):
        with user.run():
            write(user, "A sentence", text)()
        assert metric(user, "Mood") == mood
        assert ran(user) == {"mood_model": 1}
    marker = "The model's number in memory:"
    assert first.text(marker) == second.text(marker)


def a_connection_lives_and_is_replaced(user, dialect, ran, runs_in, metric):
    assert metric(user, "Database") == dialect
    assert (metric(user, "Opened"), metric(user, "Given back")) == ("1", "0")
    assert ran(user) == {"connect": 1, "powers": 1}
    assert runs_in(user, slide(user)) == {"powers": 1}
    assert runs_in(user, slide(user, "ArrowLeft")) == {}
    assert runs_in(user, press(user, "Break it"))["connect"] == 1
    assert (metric(user, "Opened"), metric(user, "Given back")) == ("2", "1")


def test_a_connection_is_opened_once_and_a_dead_one_is_replaced(reader, ran, runs_in, metric):
    a_connection_lives_and_is_replaced(reader("connection"), "sqlite", ran, runs_in, metric)


@pytest.mark.parametrize(
    ("variable", "dialect"), [("GUIDE_DATABASE_URL", "postgresql"), ("GUIDE_MYSQL_URL", "mysql")]
)
def test_a_connection_to_a_server_does_the_same(
    serve, user, ran, runs_in, metric, variable, dialect
):
    address = os.environ.get(variable)
    if not address:
        pytest.skip(f"{variable} names no {dialect}")
    server = serve(GUIDE / "connection.py", GUIDE_PACE="0", GUIDE_DATABASE_URL=address)
    user.visit(server.url)
    a_connection_lives_and_is_replaced(user, dialect, ran, runs_in, metric)


def test_each_row_of_the_deciding_table_runs_once_and_gives_what_it_should(reader, ran, runs_in):
    user = reader("deciding")
    data, resources, optional = (user.page.get_by_test_id("stTable").nth(n) for n in range(3))
    rows = [row.locator("th, td").all_inner_texts() for row in optional.locator("tbody tr").all()]
    missing = {name: gives for _, name, _, gives in rows if gives != "the one object"}
    counted = ran(user)
    assert len(counted) == 17 + len(rows)
    assert {name for name, runs in counted.items() if runs != 1} == set(missing)
    for table, gives in ((data, {"a copy for each", "what cannot change"}),
                         (resources, {"the one object"})):  # fmt: skip
        cells = table.locator("tbody tr td:last-child").all_inner_texts()
        assert {text.strip() for text in cells} == gives
    assert runs_in(user, lambda: user.page.keyboard.press("r")) == {}


OPTIONAL = {
    "torch_model": ("torch", "pip install torch", "Sequential"),
    "pipeline": ("transformers", "pip install torch transformers", "TextClassificationPipeline"),
}


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_row_whose_library_is_large_says_how_to_get_it_and_else_runs(reader, ran, name):
    library, install, kind = OPTIONAL[name]
    user = reader("deciding")
    row = user.page.get_by_test_id("stTable").nth(2).locator("tr").filter(has_text=name)
    texts = [text.strip() for text in row.locator("th, td").all_inner_texts()]
    if importlib.util.find_spec(library) is None:
        assert texts[2:] == ["", install]
        assert ran(user)[name] == 0
    else:
        assert texts[2:] == [kind, "the one object"]
        assert ran(user)[name] == 1


@pytest.mark.skipif(not os.environ.get("GUIDE_MYSQL_URL"), reason="GUIDE_MYSQL_URL names no MySQL")
def test_a_connection_of_mysql_is_one_object(serve, user, ran):
    address = os.environ["GUIDE_MYSQL_URL"]
    user.visit(serve(GUIDE / "deciding.py", GUIDE_PACE="0", GUIDE_MYSQL_URL=address).url)
    row = user.page.get_by_test_id("stTable").nth(2).locator("tr").filter(has_text="MySQL")
    assert row.locator("th, td").all_inner_texts()[3] == "the one object"
    assert ran(user)["mysql_connection"] == 1


def test_a_parameter_with_an_underscore_does_not_count(reader, runs_in, metric):
    user = reader("excluded")
    assert runs_in(user, lambda: user.page.keyboard.press("r")) == {}
    assert runs_in(user, slide(user)) == {"cheapest": 1}
    assert metric(user, "Greeting") == "Hello, Ada!"
    assert runs_in(user, choose(user, "French")) == {}
    assert metric(user, "Greeting") == "Hello, Ada!"


def test_objects_of_a_class_count_by_what_they_hold(reader, ran, runs_in, metric):
    user = reader("own_class")
    assert set(ran(user).values()) == {1}
    up = user.page.get_by_test_id("stNumberInputStepUp")
    down = user.page.get_by_test_id("stNumberInputStepDown")
    assert runs_in(user, rerun(user)) == {"by_identity": 1}
    assert runs_in(user, up.click) == dict.fromkeys(ran(user), 1)
    assert metric(user, "as it is") == metric(user, "by points") == "32"
    assert (metric(user, "method"), metric(user, "method, by name")) == ("48", "64")
    assert runs_in(user, down.click) == {"by_identity": 1}
    assert metric(user, "as it is") == "30"


def test_a_model_of_pydantic_counts_by_its_fields_or_by_its_name(reader, runs_in, metric):
    user = reader("pydantic_model")
    assert metric(user, "By all fields") == metric(user, "By name") == "Lee, 30"
    assert runs_in(user, slide(user)) == {"same_person": 1}
    assert metric(user, "By all fields") == "Lee, 31"
    assert metric(user, "By name") == "Lee, 30"
    assert runs_in(user, slide(user, "ArrowLeft")) == {}
    assert runs_in(user, write(user, "Name", "Kim")) == {"same_person": 1, "same_name": 1}


def test_models_count_unless_they_are_excluded(reader, runs_in):
    user = reader("model_layers")
    rows = user.page.get_by_test_id("stTable").first.locator("tbody tr td")
    assert set(rows.all_inner_texts()) == {"scale, judge"}
    assert runs_in(user, choose(user, "2")) == {
        "base_model": 1,
        "steps_as_it_is": 1,
        "steps_by_name": 1,
        "steps_by_identity": 1,
    }
    assert rows.all_inner_texts() == ["squeeze, reduce, judge"] * 3 + ["scale, judge"]
    assert runs_in(user, choose(user, "1")) == {}


def test_datetimes_count_with_their_zones_or_to_the_minute(reader, ran, runs_in):
    user = reader("datetimes")
    assert ran(user) == {"exactly": 3, "to_the_minute": 3}
    assert runs_in(user, slide(user)) == {"exactly": 3}
    assert runs_in(user, slide(user, "ArrowLeft")) == {}
    assert runs_in(user, slide(user, "End")) == {"exactly": 3, "to_the_minute": 3}


def test_arrays_of_texts_hit_without_hash_funcs(reader, ran, runs_in):
    user = reader("unique_values")
    assert ran(user) == {"table": 1, "shown": 1, "shown_by_text": 1}
    assert runs_in(user, rerun(user)) == {}
