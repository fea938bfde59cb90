from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise import signing
from reprise.errors import InvalidSettingError, SecretWarning
from reprise.signing import Signer, existing_secret, load_secret

SECRET = b"a secret of the tests"


@given(st.text(max_size=5), st.lists(st.binary(max_size=5)), st.text(), st.lists(st.binary()))
def test_a_signature_is_for_one_purpose_and_these_parts(purpose, parts, other, others) -> None:
    signer = Signer(SECRET)
    signature = signer.sign(purpose, *parts)
    assert signer.verifies(signature, purpose, *parts)
    assert signer.verifies(signature, other, *others) == ((purpose, parts) == (other, others))


def test_parts_cannot_be_cut_in_another_place() -> None:
    signer = Signer(SECRET)
    signature = signer.sign("entry", b"ab", b"c")
    assert not signer.verifies(signature, "entry", b"a", b"bc")
    assert not signer.verifies(signature, "entry", b"abc")
    assert not signer.verifies(signature, "entr", b"y", b"ab", b"c")


def test_another_secret_signs_otherwise() -> None:
    signature = Signer(SECRET).sign("entry", b"a")
    assert not Signer(SECRET + b"2").verifies(signature, "entry", b"a")
    assert not Signer(SECRET).verifies(signature[:-1], "entry", b"a")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Signer(b"fifteen bytes..")
    with pytest.raises(InvalidSettingError, match=r"has 5 bytes(.|\n)*token_hex"):
        load_secret("short")
    with pytest.raises(InvalidSettingError):
        load_secret("")


def test_what_is_given_is_the_secret(tmp_path: Path) -> None:
    assert load_secret("ä" * 8, folder=tmp_path / "new") == ("ä" * 8).encode()
    assert not (tmp_path / "new").exists()


def test_a_secret_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "folder"
    secret = load_secret(None, folder=folder)
    assert len(secret) == 64
    assert load_secret(None, folder=folder) == secret
    assert load_secret(None, folder=tmp_path / "other") != secret
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret"]
    # The file can be copied into the setting of another machine.
    assert load_secret((folder / "secret").read_text().strip()) == secret


def test_the_file_is_in_the_folder_of_the_users_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    secret = load_secret(None)
    assert [path.read_bytes().strip() for path in tmp_path.rglob("secret")] == [secret]


def test_threads_that_come_at_once_get_the_same(tmp_path: Path) -> None:
    barrier = Barrier(8)

    def load(_: int) -> bytes:
        barrier.wait()
        return load_secret(None, folder=tmp_path / "new")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(load, range(8)))) == 1


def test_of_two_that_make_one_at_once_the_first_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = signing._publish
    winners = []

    def be_overtaken(draft: Path, path: Path) -> None:
        monkeypatch.setattr(signing, "_publish", publish)
        winners.append(load_secret(None, folder=tmp_path))
        publish(draft, path)

    monkeypatch.setattr(signing, "_publish", be_overtaken)
    assert [load_secret(None, folder=tmp_path)] == winners


def test_a_writer_that_is_killed_leaves_no_half_secret(tmp_path: Path) -> None:
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from reprise import signing\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"signing.load_secret(None, folder=Path({str(tmp_path)!r}))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
    )
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "secret").exists()
    assert len(load_secret(None, folder=tmp_path)) == 64


def test_without_hard_links_it_is_made_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    secret = load_secret(None, folder=tmp_path)
    assert load_secret(None, folder=tmp_path) == secret


def expect_own_secret(folder: Path, match: str) -> None:
    secrets = set()
    for _ in range(2):
        with pytest.warns(SecretWarning, match=match) as caught:
            secrets.add(load_secret(None, folder=folder))
        assert len(caught) == 1
        assert "REPRISE_SECRET" in str(caught[0].message)
        assert str(folder / "secret") in str(caught[0].message)
    assert len(secrets) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_get_at_is_not_used(tmp_path: Path, mode: int) -> None:
    secret = load_secret(None, folder=tmp_path)
    (tmp_path / "secret").chmod(mode)
    expect_own_secret(tmp_path, "others can get at")
    assert (tmp_path / "secret").read_bytes().strip() == secret


def test_a_folder_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    expect_own_secret(tmp_path, "others can get at")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_secret(None, folder=tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    expect_own_secret(tmp_path, "belongs to the user")


def test_a_damaged_file_is_not_used(tmp_path: Path) -> None:
    load_secret(None, folder=tmp_path)
    (tmp_path / "secret").write_bytes(b"short\n")
    expect_own_secret(tmp_path, "damaged")


def test_what_is_no_file_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "secret").mkdir()
    expect_own_secret(tmp_path / "a", "secret")
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "secret", 0o600)
    expect_own_secret(tmp_path / "b", "no file")
    (tmp_path / "c").mkdir()
    load_secret(None, folder=tmp_path)
    (tmp_path / "c" / "secret").symlink_to(tmp_path / "secret")
    expect_own_secret(tmp_path / "c", "secret")


def test_where_no_file_can_be_made_the_secret_is_the_process_s_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    expect_own_secret(tmp_path / "file", "Not a directory|File exists")


def test_a_secret_that_exists_is_found_and_none_is_made(tmp_path):
    folder = tmp_path / "settings"
    assert existing_secret(None, folder=folder) is None
    assert not folder.exists()
    made = load_secret(None, folder=folder)
    assert existing_secret(None, folder=folder) == made
    assert existing_secret("sixteen or more characters", folder=folder) == (
        b"sixteen or more characters"
    )


def test_a_secret_that_others_could_read_is_not_found_but_refused(tmp_path):
    load_secret(None, folder=tmp_path)
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(OSError, match="others can get at"):
        existing_secret(None, folder=tmp_path)
