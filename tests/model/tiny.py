"""A tiny model, fitted in a moment on posts written for these tests: two trees, three categories, every part real."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.config.decide import DecideSection
from koudai.config.train import FeaturesSection, ModelSection
from koudai.corpus.split import SplitSizes
from koudai.model.evaluation import CategoryEvaluation, Evaluation, MetricValue
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.model import Model
from koudai.model.ngrams.blocks import fit_blocks
from koudai.taxonomy import Taxonomy, parse_taxonomy
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.fit import FitData, fit_categories

STEPS = ("nfkc", "drop-invisible", "links", "mentions")
CATEGORIES = ("posing", "posing.police", "advice")
OPENINGS = ("大家注意，", "转给家里人：", "昨天晚上，", "各位邻居，", "紧急！", "说个事，")
NEWS = (
    "本台记者从现场发回独家报道，请持续关注本频道",
    "我是新闻主播，现在播报今天的要闻",
    "记者站刚刚授权我发布这条通稿",
)
POLICE = (
    "我是派出所民警，您的账户涉嫌洗钱，请马上配合转账",
    "公安局通知：身份证异常，点链接联系警官办理",
    "这里是反诈中心警官，请把验证码发给我核实",
)
ADVICE = (
    "老中医祖传偏方，橘子皮煮水喝三天保准治好高血压",
    "不用去医院，糖尿病喝这个茶就能停药",
    "我没有执照但是看病三十年，私聊我开药方",
)
PLAIN = (
    "今天食堂的红烧茄子居然没放糖，有点失望",
    "周末去爬山，山顶的风很大，看到了日出",
    "地铁又晚点了二十分钟，希望早点修好",
    "楼下新开的面馆味道不错，推荐大家去试试",
    "孩子的作业写到十点，老师能不能少布置一点",
    "投诉窗口排队两小时没人理，希望有关部门给个说法",
)
LABELS = ((NEWS, (1, 0, 0)), (POLICE, (1, 1, 0)), (ADVICE, (0, 0, 1)), (PLAIN, (0, 0, 0)))


def tiny_taxonomy(*, exclusive: bool = False) -> Taxonomy:
    def both(words: str) -> dict[str, str]:
        return {"zh": words, "en": words}

    def category(key: str, parent: str | None) -> dict[str, Any]:
        texts = {name: both(f"{name} of {key}") for name in ("name", "wording", "counts_in", "counts_out")}
        return {"key": key, "parent": parent, **texts}

    tree: dict[str, str | None] = {"posing": None, "posing.police": None if exclusive else "posing", "advice": None}
    return parse_taxonomy(
        {
            "name": "tiny",
            "version": 1,
            "exclusive": exclusive,
            "title": both("tiny"),
            "source": "written for these tests",
            "category": [category(key, parent) for key, parent in tree.items()],
        },
        where="tests",
    )


def tiny_posts() -> tuple[list[str], NDArray[np.int8], NDArray[np.int64]]:
    """Return texts, labels of shape (n_posts, 3) and groups: one group per sentence, in all its openings."""
    texts, labels, groups, group = [], [], [], 0
    for sentences, row in LABELS:
        for sentence in sentences:
            for opening in OPENINGS:
                texts.append(opening + sentence + "。")
                labels.append(row)
                groups.append(group)
            group += 1
    return texts, np.array(labels, dtype=np.int8), np.array(groups)


def tiny_model(
    *, exclusive: bool = False, classifier: str = "logistic", words: bool = True, chars: bool = True
) -> Model:
    taxonomy, normalizer, segmenter = tiny_taxonomy(exclusive=exclusive), Normalizer(STEPS), Segmenter()
    texts, labels, groups = tiny_posts()
    told = ModelSection(classifier=classifier)
    section = FeaturesSection(words=(1, 1) if words else None, chars=(1, 2) if chars else None, min_df=2)
    blocks, features = fit_blocks(normalizer.many(of_texts(texts)), section, segmenter)
    fitted = fit_categories(
        FitData(
            features,
            labels,
            np.ones(len(texts)),
            groups,
            classifier=make_classifier(told.classifier, told.params),
            seed=7,
        ),
        names=CATEGORIES,
        section=DecideSection(folds=3),
    )
    return Model(
        name="tiny",
        taxonomy=taxonomy,
        categories=CATEGORIES,
        normalizer=normalizer,
        segmenter=segmenter,
        blocks=blocks,
        weights=np.stack([one.weights for one in fitted], axis=1).astype(np.float32),
        intercept=np.array([one.intercept for one in fitted]),
        slope=np.array([one.slope for one in fitted]),
        offset=np.array([one.offset for one in fitted]),
        threshold=np.array([one.threshold for one in fitted]),
        abstain=0.1,
        validated_on=dict.fromkeys(CATEGORIES, "written"),
        config={"run": {"name": "tiny"}},
    )


def changed(model: Model, **fields: Any) -> Model:
    """Return `model` with other `fields`, checked anew."""
    return replace(model, **fields)


EVALUATION = Evaluation(
    categories={
        key: CategoryEvaluation(
            "real", 0.5, {"a": (9, 9)}, {"a": (45, 45)}, 0, (MetricValue("f1", 0.9, 90, 0.8, 0.95),), ()
        )
        for key in CATEGORIES
    },
    corpora={},
    quarantined=0,
    dropped=0,
    split=SplitSizes(18, 90, 0, 0, 0, None, {"groups": 0, "posts": 0}, {}),
    labelled=(),
    test_digest="",
    seed=1,
)
