import json
import os
import socket
import stat

import pytest

from wslink_jupyter.errors import LinkError, RuntimeNotLoaded
from wslink_jupyter.transport.rendezvous import Rendezvous, remove, rendezvous_path, sweep

HERE = Rendezvous("e" * 32, "0.1.0", 123, unix="/run/s")


@pytest.fixture
def path(tmp_path):
    return rendezvous_path(tmp_path / "kernel-1.json")


@pytest.fixture
def listening(tmp_path):
    """Return a rendezvous with a socket in a directory of its own."""
    place = tmp_path / "wslink-x"
    place.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place / "s"))
        yield Rendezvous("e" * 32, "0.1.0", 1, unix=str(place / "s"))


def test_it_lies_beside_the_connection_file_and_is_not_taken_for_one(path, tmp_path):
    assert path == tmp_path / "wslink-kernel-1.json"
    assert not path.match("kernel-*.json")


def test_what_is_written_is_read(path):
    HERE.write(path)
    assert Rendezvous.read(path) == HERE


def test_only_the_owner_can_read_it_whatever_the_umask_says(path):
    before = os.umask(0)
    try:
        HERE.write(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_appears_whole_and_leaves_nothing_beside(path, monkeypatch):
    HERE.write(path)
    real, seen = json.dump, []

    def dump(fields, file):
        real(fields, file)
        seen.append(Rendezvous.read(path))

    monkeypatch.setattr(json, "dump", dump)
    newer = Rendezvous("f" * 32, "0.1.0", 5)
    newer.write(path)
    assert seen == [HERE]
    assert Rendezvous.read(path) == newer
    assert list(path.parent.iterdir()) == [path]


def test_without_file_there_is_no_runtime(path):
    with pytest.raises(RuntimeNotLoaded, match="the kernel has not loaded wslink_jupyter"):
        Rendezvous.read(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "5",
        "{}",
        '{"epoch": "e"}',
        "\0",
    ],
)
def test_a_corrupt_file_is_told_by_name(path, text):
    path.write_text(text)
    with pytest.raises(LinkError, match=r"wslink-kernel-1\.json: expected a rendezvous, got") as e:
        Rendezvous.read(path)
    assert not isinstance(e.value, RuntimeNotLoaded)


@pytest.mark.parametrize("changes", [{"unix": 5}, {"epoch": 5}, {"pid": "x"}, {"port": "x"}])
def test_fields_of_another_type_are_corrupt(path, changes):
    fields = {"epoch": "e", "version": "1", "pid": 1, "unix": "", "port": 0} | changes
    path.write_text(json.dumps(fields))
    with pytest.raises(LinkError, match="expected a rendezvous, got"):
        Rendezvous.read(path)


def test_what_a_newer_version_adds_is_ignored(path):
    HERE.write(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"more": 1}))
    assert Rendezvous.read(path) == HERE


def test_a_file_that_cannot_be_read_is_told(path):
    path.mkdir()
    with pytest.raises(LinkError, match="expected a rendezvous, got"):
        Rendezvous.read(path)


def test_removing_takes_the_socket_and_its_directory(path, listening, tmp_path):
    listening.write(path)
    for _ in range(2):
        remove(path, listening)
    assert list(tmp_path.iterdir()) == []


def test_removing_takes_nothing_that_is_not_ours(path, tmp_path):
    file = tmp_path / "place" / "precious"
    file.parent.mkdir()
    file.write_text("kept")
    remove(path, Rendezvous("e", "1", 1, unix=str(file)))
    assert file.read_text() == "kept"


def test_sweeping_removes_those_of_kernels_that_are_gone(path, listening, tmp_path):
    listening.write(path)
    (tmp_path / "wslink-kernel-2.json").write_text("corrupt")
    (tmp_path / "kernel-3.json").touch()
    alive = rendezvous_path(tmp_path / "kernel-3.json")
    HERE.write(alive)
    (tmp_path / "other.json").touch()
    sweep(tmp_path)
    kept = {"kernel-3.json", "wslink-kernel-3.json", "other.json"}
    assert {each.name for each in tmp_path.iterdir()} == kept


def test_sweeping_an_empty_or_missing_directory_is_nothing(tmp_path):
    sweep(tmp_path)
    sweep(tmp_path / "missing")
