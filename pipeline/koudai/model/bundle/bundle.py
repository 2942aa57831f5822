"""Bundles: a model on disk as a folder of plain arrays and JSON, each named and hashed in a manifest.

Promises: nothing in a bundle is ever executed, imported or unpickled; unknown files and keys, wrong hashes and sizes
above the limits are refused by name before anything is built; a loaded model scores its golden posts as it did when it
was saved. Saving is atomic: the folder appears whole or not at all.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from koudai import __version__
from koudai.errors import ConfigError, DriftError, ModelFormatError, TaxonomyMismatch
from koudai.model.bundle.fitted_posts import FittedPosts, fitted_posts_of
from koudai.model.bundle.kept_forms import forms_members, read_forms
from koudai.model.bundle.members import (
    ARRAYS,
    CARD,
    CURVE_ARRAYS,
    FORMAT,
    MANIFEST,
    PROFILE,
    PROTOCOL,
    bundle_digest,
    json_member,
    npy_bytes,
    npy_member,
    read_members,
)
from koudai.model.bundle.used_words import used_words, words_members
from koudai.model.bundle.vocabulary import require_no_contacts
from koudai.model.deciding.isotonic import Curve
from koudai.model.model import Model
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.model.profile import Profile
from koudai.model.scorer import probabilities
from koudai.storage.durable import sha256_bytes, to_json, write_folder
from koudai.taxonomy import Taxonomy, parse_taxonomy
from koudai.text.characters.assigned import unicode_of_this_python
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import PAD, LazyTexts, Utf8, of_texts

if TYPE_CHECKING:
    from koudai.model.bundle.held_out import HeldOut
    from koudai.model.evaluation import Evaluation

GOLDEN_POSTS = (
    "",
    "🎉🎉🎉",
    "今天食堂的红烧茄子居然没放糖。",
    "刚接到通知，明天起全县停水七天，赶紧转给家里人！",
    "請問這個消息是真的嗎？群組裡都在傳，我不太相信。",
    "本中心工作人员提醒您：您的账户存在异常，请尽快联系我们办理。",
    "我是老中医，听我的，橘子皮煮水喝三天保准好。",
    "记者从现场发回报道，本台将持续关注。",
    "各位观众晚上好，欢迎收看今晚的新闻播报。",
    "明天开盘闭眼买入，错过这一波再等十年。",
    "不用请律师，照我说的写诉状，百分之百赢。",
    "跟着我报志愿，低二十分也能上重点。",
    "不转不是本地人！这件事必须让所有人看到！！",
    "专业删帖、涨粉、上热门，价格私聊，先款后办。",
    "投诉窗口排队两小时没人理，希望有关部门给个说法。",
    "ＡＢＣ１２３，全角字符；薇\u200b信和ｖ❤一样吗",
    "看这里 https://example.com/a?b=1 转自 @某某某 #今日话题#",
    "阿婆讲呢个系假嘅，唔好信。",
    "蓝瘦香菇，绝绝子，yyds，栓Q。",
    "部队训练结束，班长带我们去炊事班包饺子。",
)
"""Posts written for koudai that every bundle scores when saved and again when loaded; a bundle keeps its own copy.

They cover everything a score depends on: dictionary words, words that only the hidden Markov model finds, both scripts,
full width, invisible characters, links, mentions, emoji, the empty post.
"""
GOLDEN_TOLERANCE = 1e-6
LONGEST_NGRAM = 8
_MODEL_KEYS = {"name", "categories", "steps", "hmm", "dictionary", "abstain", "validated_on", "blocks"}


def save_bundle(
    model: Model,
    folder: Path,
    *,
    card: str,
    evaluation: Evaluation,
    held_out: HeldOut | None = None,
    fitted: FittedPosts | None = None,
) -> str:
    """Write a model into a folder that does not exist yet or is empty.

    Parameters
    ----------
    model
        The model.
    folder
        Target folder; appears whole or not at all.
    card
        The text of ``MODEL_CARD.md``.
    evaluation
        Its evaluation.
    held_out
        Its scores of the test posts, for comparisons.
    fitted
        Salted hashes of the posts it was fitted on, for audits.

    Returns
    -------
    str
        The bundle's digest.

    Raises
    ------
    OutputExists
        If the folder is not empty.
    StorageError
        If it cannot be written; nothing is left behind.
    DataError
        If the model hides contacts and a word of it is one.
    """
    require_no_contacts(model)
    golden = probabilities(model, GOLDEN_POSTS)
    members = {
        "model.json": to_json(
            {
                "name": model.name,
                "categories": list(model.categories),
                "steps": list(model.normalizer.steps),
                "hmm": model.segmenter.hmm,
                "dictionary": model.segmenter.digest,
                "abstain": model.abstain,
                "validated_on": model.validated_on,
                **({} if model.forms is None else {"link": model.forms.link}),
                "blocks": [
                    {"kind": block.kind, "ngrams": list(block.ngrams), "sublinear_tf": block.sublinear_tf}
                    for block in model.blocks
                ],
            }
        ),
        "taxonomy.json": to_json(model.taxonomy.model_dump(mode="json")),
        "config.json": to_json(model.config),
        "evaluation.json": to_json(evaluation.to_json()),
        "golden.json": to_json({"texts": list(GOLDEN_POSTS), "proba": _nan_to_none(golden)}),
        CARD: card.encode(),
    }
    for name, dtype in ARRAYS.items():
        members[f"{name}.npy"] = npy_bytes(getattr(model, name), dtype)
    if model.curves:
        members |= curve_members(model.curves)
    if model.forms is not None:
        members |= forms_members(model.forms)
    if model.sets is not None:
        members["sets.npy"] = npy_bytes(model.sets, "<f8")
    if held_out is not None:
        members |= held_out.members()
    if fitted is not None:
        members |= fitted.members()
    if model.profile is not None:
        members[PROFILE] = to_json(model.profile.to_json())
    members |= words_members(model)
    for place, block in enumerate(model.blocks):
        data, offsets = of_texts(block.terms)
        members[f"block{place}_idf.npy"] = npy_bytes(block.idf, "<f8")
        members[f"block{place}_terms.npy"] = npy_bytes(data[offsets[0] : offsets[-1]], "|u1")
        members[f"block{place}_ends.npy"] = npy_bytes(offsets[1:] - offsets[0], "<i8")
    manifest = {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "versions": versions(),
        "taxonomy_digest": model.taxonomy.digest,
        "members": {name: {"sha256": sha256_bytes(data), "bytes": len(data)} for name, data in members.items()},
    }
    members[MANIFEST] = to_json(manifest)
    write_folder(folder, members)
    return bundle_digest(members[MANIFEST])


def load_bundle(folder: str | os.PathLike[str], *, allow_drift: bool = False) -> Model:
    """Check every member of a bundle, then build the model, then score its golden posts.

    Parameters
    ----------
    folder
        A bundle.
    allow_drift
        Load even if the dictionary or Unicode data differ from those it was trained with. Golden posts must still score
        the same.

    Raises
    ------
    ModelFormatError, UnknownMember, DigestMismatch, LimitExceeded, TaxonomyMismatch, DriftError
        If the bundle is damaged, foreign or incompatible; raised before the model is used.

    Examples
    --------
    >>> try:
    ...     load_bundle(Path("nowhere"))
    ... except ModelFormatError as error:
    ...     print(error.what)
    not a koudai bundle (koudai never unpickles)
    """
    return _load(Path(folder), None, allow_drift=allow_drift)


def load_again(folder: Path, saved: Model) -> Model:
    """Return the model of a bundle just as `load_bundle`; vocabularies of the model `saved` there, which take long to
    make, serve again if their terms are those read.
    """
    return _load(folder, saved, allow_drift=False)


def _load(folder: Path, saved: Model | None, *, allow_drift: bool) -> Model:
    manifest, members = read_members(folder)
    described = json_member(members, "model.json", folder)
    if set(described) - {"link"} != _MODEL_KEYS:
        raise ModelFormatError(
            what="model.json has other keys than a model has",
            where=folder,
            expected=", ".join(sorted(_MODEL_KEYS)),
            got=", ".join(sorted(described)),
        )
    taxonomy = _taxonomy(members, folder)
    if taxonomy.digest != manifest["taxonomy_digest"]:
        raise TaxonomyMismatch(
            what="the bundle's taxonomy is not the one it was trained with",
            where=folder,
            expected=manifest["taxonomy_digest"],
            got=taxonomy.digest,
            todo="restore the bundle, or train again",
        )
    user_words, stop_words = used_words(members, folder)
    segmenter = Segmenter(hmm=bool(described["hmm"]), user_dict=user_words)
    _refuse_drift(manifest["versions"], described["dictionary"], segmenter, folder, allow_drift=allow_drift)
    try:
        model = Model(
            name=described["name"],
            taxonomy=taxonomy,
            categories=tuple(described["categories"]),
            normalizer=Normalizer(tuple(described["steps"])),
            segmenter=segmenter,
            blocks=tuple(
                _block(members, place, entry, stop_words, folder, saved=None if saved is None else saved.blocks[place])
                for place, entry in enumerate(described["blocks"])
            ),
            abstain=float(described["abstain"]),
            validated_on=dict(described["validated_on"]),
            config=json_member(members, "config.json", folder),
            digest=bundle_digest(members[MANIFEST]),
            curves=read_curves(members, folder),
            forms=read_forms(members, described.get("link"), folder),
            sets=npy_member(members, "sets.npy", "<f8", folder) if "sets.npy" in members else None,
            profile=_profile(members, folder),
            **{name: npy_member(members, f"{name}.npy", dtype, folder) for name, dtype in ARRAYS.items()},
        )
    except (KeyError, TypeError, ValueError, OverflowError, ConfigError) as error:
        raise ModelFormatError(
            what="model.json does not describe a model",
            where=folder,
            got=error.what if isinstance(error, ConfigError) else repr(error),
            happened="nothing was built",
        ) from error
    fitted_posts_of(members, folder)
    _check_golden(model, json_member(members, "golden.json", folder), folder)
    return model


def taxonomy_of(folder: Path) -> tuple[str, Taxonomy]:
    """Return the digest of a bundle and its taxonomy; raises `ModelError` as `load_bundle` does."""
    _, members = read_members(folder)
    return bundle_digest(members[MANIFEST]), _taxonomy(members, folder)


def config_of(folder: Path) -> dict[str, Any]:
    """Return the config that a bundle was trained by; raises `ModelError` as `load_bundle` does."""
    return json_member(read_members(folder)[1], "config.json", folder)


def versions() -> dict[str, str]:
    """Return the versions that a score may depend on.

    Examples
    --------
    >>> sorted(versions())
    ['koudai', 'numpy', 'python', 'unicode']
    """
    return {
        "koudai": __version__,
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "unicode": unicode_of_this_python(),
    }


def curve_members(curves: tuple[Curve | None, ...]) -> dict[str, bytes]:
    """Return the curves of a model, one or None per category, as members of a bundle.

    Examples
    --------
    >>> sorted(curve_members((None, Curve(np.array([0.2, 0.8]), np.array([0.1, 0.5])))))
    ['curve_ends.npy', 'curve_x.npy', 'curve_y.npy']
    """
    parts = [[] if one is None else [one.x, one.y] for one in curves]
    whole = {
        "curve_x": np.concatenate([np.empty(0), *(part[0] for part in parts if part)]),
        "curve_y": np.concatenate([np.empty(0), *(part[1] for part in parts if part)]),
        "curve_ends": np.cumsum([len(part[0]) if part else 0 for part in parts]),
    }
    return {f"{name}.npy": npy_bytes(whole[name], dtype) for name, dtype in CURVE_ARRAYS.items()}


def read_curves(members: dict[str, bytes], folder: Path) -> tuple[Curve | None, ...]:
    """Return the curves that a bundle's members hold, ``()`` if none.

    Raises
    ------
    ModelError
        If they are no curves.

    Examples
    --------
    >>> members = curve_members((None, Curve(np.array([0.2, 0.8]), np.array([0.1, 0.5]))))
    >>> none, curve = read_curves(members, Path("bundle"))
    >>> none is None, curve.y.tolist()
    (True, [0.1, 0.5])
    """
    if not any(f"{name}.npy" in members for name in CURVE_ARRAYS):
        return ()
    x, y, ends = (npy_member(members, f"{name}.npy", dtype, folder) for name, dtype in CURVE_ARRAYS.items())
    starts = np.append(0, ends)
    if ends.ndim != 1 or x.ndim != 1 or x.shape != y.shape or (np.diff(starts) < 0).any() or starts[-1] != len(x):
        raise ModelFormatError(what="the calibration curves do not fit together", where=folder)
    return tuple(
        Curve(x[start:end], y[start:end]) if end > start else None
        for start, end in zip(starts[:-1], starts[1:], strict=True)
    )


def _profile(members: dict[str, bytes], folder: Path) -> Profile | None:
    if PROFILE not in members:
        return None
    try:
        return Profile.of_json(json_member(members, PROFILE, folder))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFormatError(
            what=f"{PROFILE} does not describe the posts fitted on",
            where=folder,
            got=repr(error),
            happened="nothing was built",
        ) from error


def _taxonomy(members: dict[str, bytes], folder: Path) -> Taxonomy:
    try:
        return parse_taxonomy(json_member(members, "taxonomy.json", folder), where=folder / "taxonomy.json")
    except ConfigError as error:
        raise ModelFormatError(error.what, where=error.where, got=error.got, happened="nothing was built") from error


def _block(
    members: dict[str, bytes],
    place: int,
    entry: dict[str, Any],
    stop_words: tuple[str, ...],
    folder: Path,
    *,
    saved: FeatureBlock | None = None,
) -> FeatureBlock:
    ends = npy_member(members, f"block{place}_ends.npy", "<i8", folder)
    blob = npy_member(members, f"block{place}_terms.npy", "|u1", folder)
    idf = npy_member(members, f"block{place}_idf.npy", "<f8", folder)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends])
    whole = ends.shape == idf.shape and starts[-1] == len(blob) and not (starts[1:] <= starts[:-1]).any()
    whole = whole and not ((blob[starts[:-1]] & 0xC0) == 0x80).any()
    if not whole or not len(ends) or entry["kind"] not in (WORDS, CHARS):
        raise ModelFormatError(what="the terms of a block do not fit together", where=f"{folder}: block {place}")
    blob.tobytes().decode("utf-8", "surrogatepass")  # no term begins within a character, so each is UTF-8
    terms = LazyTexts(Utf8(np.concatenate([blob, np.zeros(PAD, np.uint8)]), starts))
    low, high = (int(n) for n in entry["ngrams"])
    left_out = stop_words if entry["kind"] == WORDS else ()
    block = FeatureBlock(entry["kind"], (low, high), terms, idf, bool(entry["sublinear_tf"]), left_out)
    if saved is not None and (known := block.sharing(saved)) is not block:
        return known
    if _repeats(terms.utf8) or not 1 <= low <= high <= LONGEST_NGRAM:
        raise ModelFormatError(
            what="a block has a term twice, or n-grams that koudai does not count", where=f"{folder}: block {place}"
        )
    return block


def _repeats(terms: Utf8) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    of = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), terms.posts, [None, pa.py_buffer(terms.offsets), pa.py_buffer(terms.data)]
    )
    return int(pc.count_distinct(of).as_py()) < terms.posts


def _refuse_drift(
    trained: dict[str, str], dictionary: str, segmenter: Segmenter, folder: Path, *, allow_drift: bool
) -> None:
    here = versions()["unicode"]
    differ = []
    if trained.get("unicode") != here:
        differ.append(f"Unicode {trained.get('unicode')} then, {here} now")
    if dictionary != segmenter.digest:
        differ.append(f"dictionary {dictionary} then, {segmenter.digest} now")
    if differ and not allow_drift:
        raise DriftError(
            what="trained under other versions than run here",
            where=folder,
            got="\n".join(differ),
            happened="the model was not built",
            todo="train again, or load it with `allow_drift` (golden posts must score the same even so)",
        )


def _check_golden(model: Model, golden: dict[str, Any], folder: Path) -> None:
    try:
        rows = [[np.nan if value is None else float(value) for value in row] for row in golden["proba"]]
        expected = np.array(rows, dtype=np.float64)
        texts = [str(text) for text in golden["texts"]]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelFormatError(what="golden.json holds no golden posts", where=folder, got=repr(error)) from error
    now = probabilities(model, texts)
    if expected.shape != now.shape or not len(now):
        raise ModelFormatError(
            what="golden.json does not fit the model", where=folder, expected=now.shape, got=expected.shape
        )
    if not np.allclose(now, expected, rtol=0.0, atol=GOLDEN_TOLERANCE, equal_nan=True):
        raise DriftError(
            what="the golden posts do not score as they did when the model was saved",
            where=folder,
            expected=f"within {GOLDEN_TOLERANCE}",
            got=f"differences up to {np.abs(np.nan_to_num(now) - np.nan_to_num(expected)).max():.3g}",
            happened="the model is not used",
            todo="run it under the versions in its manifest, or train again",
        )


def _nan_to_none(proba: NDArray[np.float32]) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in proba]
