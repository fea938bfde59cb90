from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise.flights import FlightTable


@pytest.fixture
def flights():
    return FlightTable()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture
def call(flights):
    """A cached function without a cache: one computation for all who ask at one time."""

    def call(key, function):
        while True:
            flight, leads = flights.join(key, f"load_{key}")
            if not leads:
                outcome = flight.wait()
                if outcome.finished:
                    return outcome.result
                continue
            with flight.leading():
                try:
                    result = function()
                except BaseException as error:
                    flight.fail(error)
                    raise
                flight.finish(result)
                return result

    return call


@pytest.fixture
def call_async(flights):
    async def call_async(key, function):
        while True:
            flight, leads = flights.join(key, f"load_{key}")
            if not leads:
                outcome = await flight.wait_async()
                if outcome.finished:
                    return outcome.result
                continue
            with flight.leading():
                try:
                    result = await function()
                except BaseException as error:
                    flight.fail(error)
                    raise
                flight.finish(result)
                return result

    return call_async
