"""Devices, pipes and open files: written into or refused by name, never replaced. Nodes are made for the purpose."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from koudai.errors import OutputExists, StorageError
from koudai.storage.durable import write_bytes, write_folder, write_json, write_with
from tests import forked
from tests.cli.test_streaming import KOUDAI

NULL, LOOP = os.makedev(1, 3), os.makedev(7, 251)


def node(path: Path, kind: int, device: int) -> Path:
    try:
        os.mknod(path, kind | 0o600, device)
    except (AttributeError, PermissionError, OSError) as error:
        pytest.skip(f"device nodes cannot be made here: {error}")
    return path


@pytest.mark.parametrize("by_link", [False, True], ids=["node", "link to it"])
def test_H11_a_character_device_is_written_into_and_stays(tmp_path: Path, by_link: bool) -> None:
    device = node(tmp_path / "null", stat.S_IFCHR, NULL)
    path = tmp_path / "link" if by_link else device
    if by_link:
        path.symlink_to(device)
    write_bytes(path, b"koudai")
    write_json(path, {"posts": 3})
    write_with(path, lambda temporary: temporary.write_bytes(b"koudai" * 1000))
    assert stat.S_ISCHR(device.stat().st_mode)
    assert path.is_symlink() == by_link
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted({device.name, path.name})


def test_H11_a_block_device_is_refused_by_name(tmp_path: Path) -> None:
    device = node(tmp_path / "disk", stat.S_IFBLK, LOOP)
    with pytest.raises(StorageError, match="a block device is not written to"):
        write_bytes(device, b"koudai")
    assert stat.S_ISBLK(device.stat().st_mode)


def test_H11_a_socket_is_refused_by_name() -> None:
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        path = Path(folder) / "socket"
        listening.bind(str(path))
        with pytest.raises(StorageError, match="a socket is not written to"):
            write_bytes(path, b"koudai")
        assert stat.S_ISSOCK(path.stat().st_mode)


def test_H11_a_pipe_is_written_into_and_stays(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_bytes(pipe, "口袋\n".encode() * 100_000)
    reader.join()
    assert read == ["口袋\n".encode() * 100_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_H11_a_full_device_is_named_and_stays(tmp_path: Path) -> None:
    device = node(tmp_path / "full", stat.S_IFCHR, os.makedev(1, 7))
    with pytest.raises(StorageError, match="No space left on device"):
        write_bytes(device, b"koudai")
    assert stat.S_ISCHR(device.stat().st_mode)


def test_H11_a_folder_is_not_written_over_a_device(tmp_path: Path) -> None:
    device = node(tmp_path / "null", stat.S_IFCHR, NULL)
    with pytest.raises(OutputExists):
        write_folder(device, {"model.json": b"{}"})
    assert stat.S_ISCHR(device.stat().st_mode)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_H11_a_link_to_an_open_file_of_the_process_is_written_into(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from koudai.storage.durable import write_bytes;"
        "print('rows', flush=True); write_bytes(Path(sys.argv[1]), b'told\\n')"
    )
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    for name in (str(tmp_path / "stdout"), "/proc/self/fd/1"):
        with (tmp_path / "out").open("wb") as out:
            subprocess.run([sys.executable, "-c", code, name], stdout=out, check=True)
        assert (tmp_path / "out").read_bytes() == b"rows\ntold\n"
    assert (tmp_path / "stdout").is_symlink()


@pytest.mark.slow
def test_H11_quarantine_of_a_stream_may_be_a_device(tmp_path: Path, bundle: Path) -> None:
    device = node(tmp_path / "null", stat.S_IFCHR, NULL)
    (tmp_path / "posts.jsonl").write_text('{"post_id": "1", "text": "今天下雨"}\n{x\n', encoding="utf-8")
    command = [*KOUDAI, "score", bundle, tmp_path / "posts.jsonl", "--quarantine", device]
    done = forked.run([*command, "--quarantined", "0.5"], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b"\n") == 1
    assert stat.S_ISCHR(device.stat().st_mode)
