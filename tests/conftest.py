"""What all tests share: reproducible property tests, explained failures, a browser."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The contract suites are part of the package; their asserts, too, shall say what they compared.
pytest.register_assert_rewrite("reprise.testing")

# No deadline: on a busy machine one slow example says nothing about the code.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


def pytest_collection_modifyitems(items) -> None:
    """Skip what a free-threaded CPython does in another way."""
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        return
    for item in items:
        marker = item.get_closest_marker("with_gil")
        if marker is not None:
            item.add_marker(pytest.mark.skip(reason=f"free-threaded: {marker.args[0]}"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Chromium's executable; without one the test is skipped, and in CI it fails."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    reason = "no Chromium on PATH, and it could not be installed: see tools/ensure_chromium.sh"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
