"""Lookup by name: configs in the ``configs`` folder around a config file, or else those that come with koudai.

Promises: the folder around the config file takes precedence over koudai's own; an unknown name is refused with the
known ones. Knows nothing of what is in the files.
"""

from __future__ import annotations

from pathlib import Path

from koudai.errors import ConfigError
from koudai.registry import did_you_mean
from koudai.taxonomy import Taxonomy, load_taxonomy


def configs_folder(path: Path) -> Path:
    """Return the ``configs`` folder that `path` lies in, or else the one that comes with koudai.

    Examples
    --------
    >>> configs_folder(Path("nowhere/mine.toml")) == bundled("configs")
    True
    >>> configs_folder(bundled("configs") / "train" / "mine.toml").name
    'configs'
    """
    for folder in path.resolve().parents:
        if (folder / "taxonomies").is_dir():
            return folder
    return bundled("configs")


def bundled(name: str) -> Path:
    """Return the path of a folder that comes with koudai, such as ``configs`` or ``data/seed``.

    Examples
    --------
    >>> (bundled("configs") / "taxonomies" / "cac-2023.toml").is_file()
    True
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "_bundled" / name
    return installed if installed.exists() else package.parents[1] / name


def find_taxonomy(name: str, *, configs: Path) -> Taxonomy:
    """Load the taxonomy called `name` from ``configs/taxonomies``; raises `ConfigError` with the known names.

    Examples
    --------
    >>> find_taxonomy("cac-2023", configs=bundled("configs")).name
    'cac-2023'
    """
    return load_taxonomy(find_named("taxonomies", name, configs=configs))


def find_named(kind: str, name: str, *, configs: Path) -> Path:
    """Return the path of ``configs/<kind>/<name>.toml``; raises `ConfigError` with the known names if there is none.

    Examples
    --------
    >>> try:
    ...     find_named("taxonomies", "cac2023", configs=bundled("configs"))
    ... except ConfigError as error:
    ...     print(error.todo)
    did you mean 'cac-2023'?
    """
    known = {path.stem: path for folder in (bundled("configs"), configs) for path in (folder / kind).glob("*.toml")}
    if name in known:
        return known[name]
    raise ConfigError(
        what=f"no {kind} file called {name!r}",
        where=configs / kind,
        expected=", ".join(sorted(known)) or "at least one .toml file there",
        todo=did_you_mean(name, list(known)),
    )
