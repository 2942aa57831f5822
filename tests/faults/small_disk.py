"""A small disk, mounted where only this process and its children see it, and a command line on it, before and after it
grows.

``python -m tests.faults.small_disk DISK SIZE LARGER KEPT DONE [argument …]`` mounts SIZE KiB on the folder DISK, runs
``koudai [argument …]``, gives the disk LARGER KiB and runs it again. Copies ``DISK/out`` to KEPT in between and to DONE
at last, prints the two exit codes, and ends with `NO_MOUNT` where nobody may mount a disk.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

NO_MOUNT = 77
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000


def see_mounts_alone() -> None:
    """Leave the mounts of the system as they are from now on, as the root of a namespace of this process.

    Raises
    ------
    OSError
        If the system does not let it.
    """
    maps = {"setgroups": "deny", "uid_map": f"0 {os.getuid()} 1", "gid_map": f"0 {os.getgid()} 1"}
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER | _CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, content in maps.items():
        Path("/proc/self", name).write_text(content, encoding="ascii")


def mount(disk: Path, size: int, *options: str) -> None:
    """Mount `size` KiB on `disk`, or give the disk that is mounted there this size.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        If the system does not let it.
    """
    given = ",".join([*options, f"size={size}k"])
    subprocess.run(["mount", "-t", "tmpfs", "-o", given, "koudai", disk], check=True)


def koudai(arguments: list[str]) -> int:
    """Run the command line in a process of its own, and return its exit code."""
    child = os.fork()
    if not child:
        from koudai.cli import main

        sys.argv = ["koudai", *arguments]
        main()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _main() -> None:
    disk, kept, done = (Path(sys.argv[place]) for place in (1, 4, 5))
    size, larger, arguments = int(sys.argv[2]), int(sys.argv[3]), sys.argv[6:]
    try:
        see_mounts_alone()
        mount(disk, size)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(NO_MOUNT)
    os.chdir(disk)
    before = koudai(arguments)
    if (disk / "out").exists():
        shutil.copytree(disk / "out", kept)
    mount(disk, larger, "remount")
    sys.stdout.write(f"{before} {koudai(arguments)}")
    shutil.copytree(disk / "out", done)


if __name__ == "__main__":
    _main()
