"""Label noise: which labels look wrong to a model that never saw them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Declaration, named
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.content import Content, content_of
from koudai.model.deciding.calibration import calibrate
from koudai.training.bootstrap import FEWER_RESAMPLES, percentile_interval

MOST_POSTS = 6000


@measure(
    "label_noise",
    needs=("labels",),
    zh="哪些标签像是标错了？",
    en="Which labels look wrong?",
    place=17,
    declares=Declaration(
        statistics=(
            named("noise", zh="估计错标率", en="estimated label noise", unit="share", interval="bootstrap over groups"),
            named(
                "labelled_out_but_in",
                zh="标为否而似应为是",
                en="labelled out, seems in",
                unit="share",
                interval="bootstrap over groups",
            ),
            named(
                "labelled_in_but_out",
                zh="标为是而似应为否",
                en="labelled in, seems out",
                unit="share",
                interval="bootstrap over groups",
            ),
            named("flagged", zh="存疑标签占比", en="labels flagged", unit="share", interval="wilson"),
        ),
    ),
)
def label_noise(given: AuditInput) -> AuditFrame:
    """Estimated share of wrong labels by confident learning, from 0 to 1.

    A linear model of words gives each post the probability of a category, fitted without it and its near-duplicates
    (five folds). A post labelled i counts as truly j if its probability of j reaches tⱼ, the mean probability of j
    among posts labelled j; of two such the more probable one. C[i][j] = #{labelled i, p_j ≥ t_j} is the confident
    joint; scaled so that each label keeps its number of posts, its off-diagonal share is *noise*.
    *labelled_out_but_in* is the share of posts labelled 0 that are estimated to belong in, *labelled_in_but_out* the
    reverse. *flagged* counts the posts off the diagonal themselves, also by corpus (Wilson interval). The model is
    wrong too: where words do not carry the category, what looks like noise is ignorance, so read this beside
    learnability, and look at flagged posts before correcting any. High noise under a low agreement between people says
    that the definition is at fault. At most 6,000 posts per category, drawn at random; interval: bootstrap over
    near-duplicate groups, the model left as it is.

    Source: Northcutt, Jiang & Chuang 2021, "Confident learning: estimating uncertainty in dataset labels".

    中文
    用“置信学习”估计标错的标签占多少，0 到 1。先用词与字的线性模型给每条帖子一个属于该类别的概率，训练时不用它本身，
    也不用它的近重复帖（五折）。tⱼ 是标为 j 的帖子属于 j 的平均概率；一条标为 i 的帖子，如果属于 j 的概率不低于 tⱼ，就
    算“其实是 j”，两边都够得上时取概率大的。C[i][j] 就是这样的帖子数，即置信联合矩阵；按各标签的帖子数缩放后，非对角
    线部分的比例就是 noise。labelled_out_but_in 是标为 0 而估计应属于该类的比例，labelled_in_but_out 相反。flagged 是
    落在非对角线上的帖子，也按语料分列（Wilson 区间）。模型也会错：文字撑不起类别时，看着像标错的其实是模型学不会，所
    以要和“可学性”一起看，改标签之前先读帖子。如果人与人之间一致性也低，问题多半出在定义上。每个类别至多随机
    取 6000 条；区间用自助法求得，按近重复组抽样，模型不重新训练。
    """
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("label_noise", ())
    figures: list[Figure] = []
    contents: dict[bytes, Content] = {}
    for column, key in enumerate(given.categories):
        known = np.flatnonzero(labelled.labels[:, column] >= 0)
        if len(known) > MOST_POSTS:
            known = np.sort(given.generator("label_noise").choice(known, MOST_POSTS, replace=False))
        y, groups = labelled.labels[known, column], labelled.group[known]
        if not len(known):
            continue
        name = known.tobytes()
        if name not in contents:
            contents = {name: content_of([labelled.texts[i] for i in known], groups)}
        content = contents[name]
        if not content.enough(y):
            figures.append(Figure(key, ALL, "noise", None, len(y)))
            continue
        decision = content.decisions(y, classifier="logistic", seed=given.seed)
        p = calibrate(decision, y, groups, how="sigmoid")(decision)
        figures += _figures(key, y, p, groups, given)
        wrong = flagged(y, p)
        figures.append(share(key, ALL, "flagged", int(wrong.sum()), len(wrong)))
        source = labelled.source[known]
        if len(set(source)) > 1:
            figures += [
                share(key, str(name), "flagged", int(wrong[source == name].sum()), int((source == name).sum()))
                for name in dict.fromkeys(source)
            ]
    return AuditFrame("label_noise", tuple(figures))


def confident_joint(
    y: NDArray[np.int8], p: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return C, shape (2, 2): how many posts labelled i are confidently j.

    Parameters
    ----------
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    p : ndarray of float64, shape (n_posts,)
        Out-of-fold probability of 1.
    weight : ndarray of float64, shape (n_posts,), or None
        How often each post counts; once if not given.

    Examples
    --------
    >>> confident_joint(np.array([0, 0, 1, 1], dtype=np.int8), np.array([0.1, 0.9, 0.8, 0.9])).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    times = np.ones(len(y)) if weight is None else weight
    joint = np.zeros((2, 2))
    which = _confidently(y, p, times)
    np.add.at(joint, (y[which >= 0], which[which >= 0]), times[which >= 0])
    return joint


def flagged(y: NDArray[np.int8], p: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which posts are confidently not what they are labelled; parameters as for `confident_joint`.

    Examples
    --------
    >>> flagged(np.array([0, 0, 1, 1], dtype=np.int8), np.array([0.1, 0.9, 0.8, 0.9])).tolist()
    [False, True, False, False]
    """
    which = _confidently(y, p, np.ones(len(y)))
    return np.asarray((which >= 0) & (which != y))


def scaled(joint: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the estimated joint distribution, summing to 1: each row of `joint` scaled to the size of its label.

    Examples
    --------
    >>> scaled(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([2.0, 2.0])).tolist()
    [[0.25, 0.25], [0.0, 0.5]]
    """
    rows = joint.sum(axis=1, keepdims=True)
    shares = np.divide(joint, rows, out=np.eye(2), where=rows > 0)
    counts = shares * sizes[:, None]
    return np.asarray(counts / max(counts.sum(), 1.0))


def _confidently(y: NDArray[np.int8], p: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return what each post confidently is, -1 where it is neither."""
    both = np.column_stack([1 - p, p])
    least = np.array(
        [np.average(both[y == j, j], weights=times[y == j]) if times[y == j].sum() else np.inf for j in (0, 1)]
    )
    reached = np.where(both >= least, both, -1.0)
    return np.where(reached.max(axis=1) >= 0, np.argmax(reached, axis=1), -1)


def _figures(
    key: str, y: NDArray[np.int8], p: NDArray[np.float64], groups: NDArray[np.int64], given: AuditInput
) -> list[Figure]:
    def estimates(weight: NDArray[np.float64]) -> list[float]:
        sizes = np.array([weight[y == 0].sum(), weight[y == 1].sum()])
        joint = scaled(confident_joint(y, p, weight), sizes)
        rows = joint.sum(axis=1)
        within = [joint[i, 1 - i] / rows[i] if rows[i] > 0 else float("nan") for i in (0, 1)]
        return [joint[0, 1] + joint[1, 0], *within]

    _, place = np.unique(groups, return_inverse=True)
    n_groups = int(place.max()) + 1
    random = given.generator("label_noise intervals")
    whole = estimates(np.ones(len(y)))
    drawn = np.array(
        [
            estimates(np.bincount(random.integers(0, n_groups, n_groups), minlength=n_groups)[place].astype(float))
            for _ in range(FEWER_RESAMPLES)
        ]
    )
    sizes = (len(y), int((y == 0).sum()), int((y == 1).sum()))
    names = ("noise", "labelled_out_but_in", "labelled_in_but_out")
    return [
        Figure(key, ALL, name, value, n, *percentile_interval(drawn[:, at]))
        for at, (name, value, n) in enumerate(zip(names, whole, sizes, strict=True))
    ]
