"""Requirements of the engines that do not come with koudai: optional packages, and Java.

Promises: what is missing is an error that says what to install. Starts nothing but ``java -version``, and installs
nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from koudai.errors import UsageError

JAVA = 17
"""The oldest Java that Spark 4 runs on. Source: https://spark.apache.org/docs/latest/ ("Spark runs on Java 17/21")."""
_INSTALL = (
    "install Java 17 or 21 (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; "
    "macOS: brew install openjdk@17), and set JAVA_HOME if it is not in PATH"
)


def require(package: str, *, extra: str, engine: str) -> None:
    """Raise `UsageError` if `package` is not installed, naming the extra of koudai that installs it.

    Examples
    --------
    >>> try:
    ...     require("no_such_package", extra="dask", engine="dask")
    ... except UsageError as error:
    ...     print(error.todo)
    pip install 'koudai[dask]', here and where the workers run
    """
    if find_spec(package) is None:
        raise UsageError(
            what=f"the {engine} engine needs a package that is not installed",
            expected=package,
            todo=f"pip install 'koudai[{extra}]', here and where the workers run",
        )


def java() -> Path | None:
    """Return the Java that Spark would start: ``$JAVA_HOME/bin/java``, else the one in PATH, None if there is none."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    return Path(found) if found else None


def require_java() -> None:
    """Raise `UsageError` if there is no Java, or one that is too old for Spark."""
    found = java()
    if found is None:
        home = os.environ.get("JAVA_HOME")
        raise UsageError(
            what="the spark engine needs Java, and there is none", where=home and f"JAVA_HOME is {home}", todo=_INSTALL
        )
    version = _version(found)
    if version is not None and version < JAVA:
        raise UsageError(
            what="this Java is too old for Spark", where=found, expected=f"{JAVA} or newer", got=version, todo=_INSTALL
        )


def _version(path: Path) -> int | None:
    """Return the first number of ``java -version``, 8 for 1.8, None if it does not say."""
    try:
        said = subprocess.run([str(path), "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else None
