"""``import reprise`` stays light: what it loads is counted here, how long it takes in ``bench``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIGHT = {"reprise", "blake3"}

# The interpreter's own build settings: part of the standard library, one name for each platform.
SETTINGS = "_sysconfigdata_"

LOADED_BY_IMPORT = """
import sys
before = set(sys.modules)
import reprise
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - sys.stdlib_module_names))
"""

LOADED_BY_USE = """
import sys
before = set(sys.modules)
from reprise import cache_data, cache_resource

@cache_data
def square(x):
    return [x * x]

@cache_resource(ttl="1h", max_entries=3)
def pair(x):
    return (x, x)

assert square(2) == square(2) == [4]
assert pair(2) is pair(2)
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - sys.stdlib_module_names))
"""


@pytest.mark.parametrize("program", [LOADED_BY_IMPORT, LOADED_BY_USE], ids=["import", "use"])
def test_nothing_heavy_is_loaded_that_the_user_did_not_load(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    loaded = {name for name in done.stdout.split() if not name.startswith(SETTINGS)}
    assert loaded - LIGHT == set()


LARGE_ROOMS = ("reprise.keys", "reprise.values", "reprise.hosts.streamlit", "reprise.legacy")


def test_rooms_that_only_calls_need_are_not_loaded_by_import() -> None:
    program = "import sys, reprise; print(*sorted(m for m in sys.modules if 'reprise.' in m))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = done.stdout.split()
    assert "reprise.decorators" in loaded
    assert [name for name in loaded if name.startswith(LARGE_ROOMS)] == []


def test_openssl_is_not_loaded_by_import() -> None:
    """``hmac`` and ``secrets`` take it along, which only stores outside of the process need."""
    program = "import sys, blake3; sys.exit('_hashlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
    program = program.replace("blake3", "reprise")
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


FIRST_HIT = """
import sys
import blake3
from reprise import cache_data

@cache_data(show_spinner=False, persist=sys.argv[1])
def squares(x):
    print("runs")
    return {"squares": [x * x], "digest": digest()}

def digest():
    return blake3.blake3(b"").hexdigest()

before = set(sys.modules)
assert squares(3)["squares"] == [9]
print(*sorted(name for name in set(sys.modules) - before if name.startswith(LATE)))
"""


def test_a_first_hit_on_disk_waits_for_nothing_to_be_loaded(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    late = ("reprise", "msgspec", "sqlite3", "platformdirs", "importlib.metadata", "email")
    script.write_text(FIRST_HIT.replace("LATE", repr(late)))
    command = [sys.executable, "-W", "error", str(script), f"disk://{tmp_path / 'store'}"]
    environment = os.environ | {"REPRISE_SECRET": "a secret of the tests"}
    said = [
        subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=60, env=environment
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert said[0][0] == "runs"
    assert said[1] == [""]


def test_to_decorate_with_a_store_makes_no_files(tmp_path: Path) -> None:
    program = (
        "from reprise import cache_data\n"
        "import sys\n"
        "for place in (sys.argv[1], 'disk'):\n"
        "    cache_data(persist=place)(lambda x: x)\n"
    )
    folders = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA")
    environment = os.environ | dict.fromkeys(folders, str(tmp_path / "home"))
    environment.pop("REPRISE_SECRET", None)
    command = [sys.executable, "-W", "error", "-c", program, f"disk://{tmp_path / 'store'}"]
    subprocess.run(command, check=True, timeout=60, env=environment)
    assert list(tmp_path.iterdir()) == []
