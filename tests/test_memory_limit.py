"""The memory that a process may use, read from made-up systems."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from reprise import memory_limit
from reprise.memory_limit import UNKNOWN, cgroup_limits, physical_memory, usable_memory

MB = 2**20
V1_NO_LIMIT = "9223372036854771712\n"


@pytest.fixture
def system(tmp_path):
    """Makes a root folder out of paths and contents."""

    def make(files):
        for path, content in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("files", "limits"),
    [
        pytest.param({}, [], id="no control groups"),
        pytest.param({"proc/self/cgroup": "0::/\n"}, [], id="version 2 without files"),
        pytest.param(
            {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": f"{512 * MB}\n"},
            [512 * MB],
            id="version 2 in a container",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "0::/user/app\n",
                "sys/fs/cgroup/user/app/memory.max": "max\n",
                "sys/fs/cgroup/user/memory.max": f"{300 * MB}\n",
                "sys/fs/cgroup/memory.max": f"{900 * MB}\n",
            },
            [300 * MB, 900 * MB],
            id="version 2, limits further up",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "0::/../../other\n",
                "sys/fs/cgroup/memory.max": f"{5 * MB}\n",
            },
            [5 * MB],
            id="version 2, a group outside of what is seen",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n1:name=systemd:/\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{256 * MB}\n",
                "sys/fs/cgroup/cpu,cpuacct/x/memory.limit_in_bytes": "1\n",
            },
            [256 * MB],
            id="version 1 in a container that names its group from outside",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "4:memory:/app\n",
                "sys/fs/cgroup/memory/app/memory.limit_in_bytes": f"{7 * MB}\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": V1_NO_LIMIT,
            },
            [7 * MB],
            id="version 1 without a limit at the top",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "3:hugetlb,memory:/a\n0::/a\n",
                "sys/fs/cgroup/memory/a/memory.limit_in_bytes": f"{9 * MB}\n",
                "sys/fs/cgroup/unified/a/memory.max": f"{8 * MB}\n",
            },
            [9 * MB, 8 * MB],
            id="both versions",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "garbage\n0::/a:b\n",
                "sys/fs/cgroup/a:b/memory.max": "lots\n",
                "sys/fs/cgroup/memory.max": "0\n",
            },
            [],
            id="nonsense",
        ),
    ],
)
def test_limits_of_control_groups(system, files, limits):
    assert list(cgroup_limits(system(files))) == limits


def test_the_smallest_limit_counts(system, monkeypatch):
    root = system({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": f"{64 * MB}\n"})
    monkeypatch.setattr(memory_limit, "_resource_limits", lambda: iter([80 * MB]))
    monkeypatch.setattr(memory_limit, "physical_memory", lambda: 100 * MB)
    assert usable_memory(root) == 64 * MB
    monkeypatch.setattr(memory_limit, "physical_memory", lambda: 50 * MB)
    assert usable_memory(root) == 50 * MB
    monkeypatch.setattr(memory_limit, "_resource_limits", lambda: iter([40 * MB]))
    assert usable_memory(root) == 40 * MB


def test_a_system_that_tells_nothing_gets_a_cautious_guess(tmp_path, monkeypatch):
    monkeypatch.setattr(memory_limit, "_resource_limits", lambda: iter(()))
    monkeypatch.setattr(memory_limit, "physical_memory", lambda: None)
    assert usable_memory(tmp_path) == UNKNOWN


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sysconf")
@pytest.mark.parametrize("answer", [ValueError("unrecognized configuration name"), -1])
def test_sysconf_that_knows_nothing_is_no_error(monkeypatch, answer):
    def sysconf(name):
        if isinstance(answer, Exception):
            raise answer
        return answer if name == "SC_PHYS_PAGES" else 4096

    monkeypatch.setattr(os, "sysconf", sysconf)
    assert physical_memory() is None


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is enforced on Linux")
def test_a_limit_of_the_process_itself_counts():
    program = (
        "import resource\n"
        "from reprise.memory_limit import usable_memory\n"
        "before = usable_memory()\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_AS)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (before // 2, hard))\n"
        "assert usable_memory() == before // 2\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_this_machine_has_memory():
    assert 16 * MB < usable_memory() < 2**50
