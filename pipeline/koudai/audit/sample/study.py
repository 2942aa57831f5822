"""The folder that a study begins with, as texts: config, codebook, Makefile, and a README in each language.

Promises: the config can be read by `koudai.config.load`, and the Makefile goes from posts to page with it; the codebook
says what the taxonomy says. Writes no file, and reads those of ``study_template`` alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from koudai.audit.sample.guide import MEANT, told_of
from koudai.taxonomy import Taxonomy

CONFIG, CODEBOOK, MAKEFILE, README, CHINESE = "study.toml", "codebook.md", "Makefile", "README.md", "README.zh-CN.md"
_TEMPLATE = Path(__file__).with_name("study_template")


@dataclass(frozen=True)
class Study:
    """What a study begins with.

    Parameters
    ----------
    name
        Of the study and its audit.
    taxonomy
        Whose categories are looked at, and whose words the codebook holds.
    categories
        Keys that are planned; every other figure is exploratory.
    posts, model
        The file of posts and the model, as paths from the folder on.
    n, double, gold
        Posts that are drawn, those that a second person labels too, and those that are adjudicated.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> study = Study("mine", taxonomy, ("rumour",))
    >>> sorted(study.files)
    ['Makefile', 'README.md', 'README.zh-CN.md', 'codebook.md', 'study.toml']
    """

    name: str
    taxonomy: Taxonomy
    categories: tuple[str, ...]
    posts: str = "posts.csv"
    model: str = "model"
    n: int = 400
    double: int = 100
    gold: int = 50

    @property
    def files(self) -> dict[str, str]:
        """The text of each file by its name."""
        told = {"name": self.name, "taxonomy": self.taxonomy.name, "posts": self.posts, "model": self.model}
        numbers = {"n": str(self.n), "double": str(self.double), "gold": str(self.gold)}
        told["asked"] = " ".join(self.categories)
        return {
            CONFIG: self._config,
            CODEBOOK: self._codebook,
            **{name: _filled(name, told | numbers) for name in (MAKEFILE, README, CHINESE)},
        }

    @property
    def _config(self) -> str:
        head = {"model": self.model, "name": self.name, "taxonomy": self.taxonomy.name}
        parts = [_filled(CONFIG, {name: _quoted(value) for name, value in head.items()})]
        for key in self.categories:
            name = self.taxonomy[key].name
            asked = {
                "question": f"{name.zh}实际占多少？ How much is there of {name.en}?",
                "again": f"标注者会出错，{name.zh}实际又占多少？ How much of {name.en}, since people err?",
            }
            told = {"category": key, **asked}
            parts.append(_filled("comparison.toml", {name: _quoted(value) for name, value in told.items()}))
        return "".join(parts)

    @property
    def _codebook(self) -> str:
        lines = [f"# {self.taxonomy.title.zh} · {self.taxonomy.title.en}", "", self.taxonomy.source]
        for one in self.taxonomy.category:
            meaning = told_of(one.key, self.taxonomy).meaning
            lines += ["", f"## {one.name.zh} · {one.name.en} (`{one.key}`)"]
            for number, (title, said) in enumerate(zip(MEANT, meaning, strict=True)):
                lines += [*([] if number % 2 else [""]), f"- {title}{said}"]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _filled(name: str, told: dict[str, str]) -> str:
    return (_TEMPLATE / name).read_text(encoding="utf-8").format(**told)
