"""The tables that the corpus files promise: rows per split and label, as their originals gave them in the versions that
are pinned. Skipped where a corpus is not here; no post is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from koudai.config.load import load_config
from koudai.config.source import Source
from tests.conftest import ROOT

Counts = dict[str | None, int]
WHOLE = "-"
"""The split of a corpus that has none."""
EMOTIONS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
TOPICS = (
    *("education", "entertainment", "finance", "game", "politics"),
    *("realty", "science", "society", "sports", "stocks"),
)
PROMISED: dict[str, dict[str, Counts]] = {
    "chnci": {WHOLE: {"0": 149_689, "1": 75_450, None: 341}},
    "cold": {
        "train": {"0": 13_003, "1": 12_723},
        "dev": {"0": 3_220, "1": 3_211},
        "test": {"0": 3_216, "1": 2_107},
    },
    "ewect": {
        "train": dict(zip(EMOTIONS, (1_322, 555, 4_423, 1_460, 649, 197), strict=True)),
        "val": dict(zip(EMOTIONS, (900, 162, 1_314, 896, 511, 217), strict=True)),
        "test": dict(zip(EMOTIONS, (1_971, 400, 2_558, 1_510, 1_119, 442), strict=True)),
    },
    "factcheck": {
        WHOLE: {
            **{"谣言": 761, "假": 344, "事实": 131, "疑": 95, "误区": 50, "辟谣": 46, "真": 42, "快递": 1},
            **{"rumorType=0": 104, "rumorType=1": 9, "rumorType=2": 21, None: 11},
        }
    },
    "fbs": {
        WHOLE: {
            **{"AD:Loan": 283, "AD:Network_service": 2_127, "AD:Other": 926, "AD:Real_estate": 322, "AD:Retail": 4_669},
            **{"FR:Financial": 164, "FR:Other": 708, "FR:Phishing(Bank)": 1_900, "FR:Phishing(Other)": 297},
            **{"IL:Escort_service": 111, "IL:Fake_ID_and_invoice": 495, "IL:Gambling": 1_681},
            **{"IL:Political_propaganda": 290, "Other": 101},
        }
    },
    "hancd": {"test": {"clickbait(1)": 644, "not_clickbait(0)": 632}},
    "hrde": {WHOLE: {"debunking_article": 5_950}},
    "legalqa": {"dev": {"0": 626, "1": 190}, "test": {"0": 890, "1": 279}},
    "meddialog": {
        WHOLE: {
            **{"肝病科": 3_121, "消化科": 1_414, "神经科": 1_104, "心血管科": 1_080, "内分泌科": 558, "呼吸科": 152},
            **{"肾内科": 80, "感染科": 45, "血液科": 40, "普通内科": 32, "风湿免疫科": 18},
        }
    },
    "mhc": {WHOLE: {"hateful": 2_265, "non-hateful": 1_113}},
    "stockforum": {WHOLE: {"positive": 4_607, "negative": 4_607}},
    "thucnews": {"dev": dict.fromkeys(TOPICS, 1_000), "test": dict.fromkeys(TOPICS, 1_000)},
    "wechatscope": {
        WHOLE: {
            **{
                "该内容已被发布者删除": 9_290,
                "The content has been deleted by the author.": 3_160,
                "该公众号已迁移": 41,
            },
            **{"此内容因违规无法查看": 3_659, "Unable to view this content because it violates regulations": 575},
            **{"此帐号已被屏蔽,": 455, "此内容被投诉且经审核涉嫌侵权，无法查看。": 228},
            **{"此内容被多人投诉，相关的内容无法进行查看。": 3},
        }
    },
    "wefend": {"train": {"real": 7_844, "fake": 2_743}, "test": {"real": 8_605, "fake": 1_424, None: 112}},
    "weibo21": {
        "train": {"real": 2_956, "fake": 2_795},
        "val": {"real": 987, "fake": 931},
        "test": {"real": 1_008, "fake": 915},
    },
}
BEFORE_2020: Counts = {
    **{"该内容已被发布者删除": 8_224, "此内容因违规无法查看": 3_251, "此帐号已被屏蔽,": 394, "该公众号已迁移": 35},
    **{"此内容被投诉且经审核涉嫌侵权，无法查看。": 195, "此内容被多人投诉，相关的内容无法进行查看。": 3},
}
"""WeChatScope where it was cut at the end of 2019."""
SOURCES = {path.stem: load_config(Source, path) for path in sorted((ROOT / "configs" / "corpora").glob("*.toml"))}


def test_every_real_corpus_promises_a_table_of_its_rows_and_labels() -> None:
    assert set(PROMISED) == {name for name, source in SOURCES.items() if source.kind == "real"}
    for name, splits in PROMISED.items():
        source = SOURCES[name]
        assert sum(sum(counts.values()) for counts in splits.values()) == source.rows, name
        labels = {label for counts in splits.values() for label in counts} - {None}
        if source.columns.label:
            assert labels <= {rule.source for rule in source.label} | set(source.silent), name
        if source.fetch is not None and splits.keys() != {WHOLE}:
            said = {columns.get("split") for columns in source.fetch.each.values()}
            assert said == set(splits), "the split is said of each original, not read in it"


@pytest.mark.parametrize("name", PROMISED)
def test_the_table_at_hand_is_the_one_promised(name: str, real_corpus: Callable[[str], Path]) -> None:
    path = real_corpus(SOURCES[name].file)
    columns = pq.read_schema(path).names
    table = pq.read_table(path, columns=[one for one in ("split", "source_label") if one in columns])
    splits = table["split"].to_pylist() if "split" in columns else [WHOLE] * table.num_rows
    found = Counter(zip(splits, table["source_label"].to_pylist(), strict=True))
    promised = {(split, label): n for split, counts in PROMISED[name].items() for label, n in counts.items()}
    cut = {(WHOLE, label): n for label, n in BEFORE_2020.items()}
    assert found in ([promised, cut] if name == "wechatscope" else [promised])
