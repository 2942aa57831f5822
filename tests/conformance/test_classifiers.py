"""What every classifier of the registry promises; a new file of the folder is checked from its first day.

It fits one linear form: better than chance where there is something to learn and not where there is nothing, the same
for the same seed, indifferent to features that say nothing, and moved by the weights of posts.
"""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

import koudai.model.fitting.classifiers
from koudai.errors import ConfigError
from koudai.model.fitting.classifiers import CLASSIFIERS, Classifier, make_classifier
from tests.text.fresh import run

NAMES = CLASSIFIERS.names()
TO_THE_END = [name for name in NAMES if name != "SGDClassifier"]
"""Those that come to one optimum whatever the order of posts; stochastic descent stops beside it."""
Drawn = tuple[sp.csr_matrix, NDArray[np.int8]]


def toy(seed: int, n: int = 240, n_features: int = 20, signal: float = 0.5) -> Drawn:
    """Posts of sparse, non-negative features in rows of length 1, of which the first three speak for the category."""
    random = np.random.default_rng(seed)
    y = (random.random(n) < 0.4).astype(np.int8)
    dense = random.random((n, n_features)) * (random.random((n, n_features)) < 0.3)
    dense[:, :3] += signal * y[:, None] * (random.random((n, 3)) < 0.7)
    dense[:, -1] += 0.01  # no post is empty
    return sp.csr_matrix(dense / np.linalg.norm(dense, axis=1, keepdims=True)), y


def fit(
    name: str, x: sp.csr_matrix, y: NDArray[np.int8], weight: NDArray[np.float64] | None = None, seed: int = 3
) -> tuple[NDArray[np.float64], float]:
    return make_classifier(name, {}).fit(x, y, np.ones(len(y)) if weight is None else weight, seed=seed)


def ranking(decision: NDArray[np.float64], y: NDArray[np.int8]) -> float:
    """Return the share of pairs, one post in the category and one out, that are in the right order."""
    pairs = decision[y == 1][:, None] - decision[y == 0][None, :]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_what_there_is_to_learn(name: str) -> None:
    for seed in range(3):
        weights, intercept = fit(name, *toy(seed))
        x, y = toy(seed + 100)
        assert ranking(x @ weights + intercept, y) > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_nothing_where_there_is_nothing(name: str) -> None:
    reached = []
    for seed in range(6):
        weights, intercept = fit(name, *toy(seed, signal=0.0))
        x, y = toy(seed + 100, signal=0.0)
        reached.append(ranking(x @ weights + intercept, y))
    assert abs(np.mean(reached) - 0.5) < 0.06


@pytest.mark.parametrize("name", NAMES)
def test_weights_and_intercept_are_finite_float64_of_the_right_shape(name: str) -> None:
    x, y = toy(1)
    weights, intercept = fit(name, x, y)
    assert isinstance(weights, np.ndarray)
    assert weights.shape == (x.shape[1],)
    assert weights.dtype == np.float64
    assert type(intercept) is float
    assert np.isfinite(weights).all()
    assert np.isfinite(intercept)


@pytest.mark.parametrize("name", NAMES)
def test_P6_the_same_seed_gives_the_same_fit_and_the_given_arrays_stay_as_they_are(name: str) -> None:
    x, y = toy(1, n=60, n_features=200)  # more features than posts, as in text: solvers then draw at random
    weight = np.linspace(0.5, 2.0, len(y))
    before = x.copy(), y.copy(), weight.copy()
    np.random.seed(0)  # noqa: NPY002
    first = fit(name, x, y, weight)
    np.random.seed(1)  # noqa: NPY002
    second = fit(name, x, y, weight)
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]
    assert abs(x - before[0]).max() == 0
    assert np.array_equal(y, before[1])
    assert np.array_equal(weight, before[2])


@pytest.mark.parametrize("name", TO_THE_END)
def test_another_seed_or_order_of_posts_gives_nearly_the_same_fit(name: str) -> None:
    x, y = toy(1)
    weights, intercept = fit(name, x, y, seed=3)
    order = np.random.default_rng(0).permutation(len(y))
    for other, bias in (fit(name, x, y, seed=4), fit(name, x[order], y[order])):
        assert np.allclose(x @ other + bias, x @ weights + intercept, atol=0.02)


@pytest.mark.parametrize("name", TO_THE_END)
def test_features_that_say_nothing_are_ignored(name: str) -> None:
    """One that no post has, and one that is the same in every post: neither changes the order of posts."""
    x, y = toy(1)
    weights, intercept = fit(name, x, y)
    unseen, y_unseen = toy(2)
    plain = unseen @ weights + intercept
    for value in (0.0, 0.05):
        column = sp.csr_matrix(np.full((x.shape[0], 1), value))
        more, bias = fit(name, sp.hstack([x, column], format="csr"), y)
        found = unseen @ more[:-1] + value * more[-1] + bias
        assert np.corrcoef(found, plain)[0, 1] > 0.999
        assert abs(value * more[-1]) < 0.1 * np.abs(more[:3]).max()
        assert ranking(found, y_unseen) == pytest.approx(ranking(plain, y_unseen), abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_the_features_that_speak_for_the_category_weigh_most(name: str) -> None:
    weights, _ = fit(name, *toy(1))
    assert set(np.argsort(-weights)[:3]) == {0, 1, 2}


@pytest.mark.parametrize("name", TO_THE_END)
def test_a_post_of_weight_two_is_a_post_that_is_there_twice(name: str) -> None:
    x, y = toy(1)
    twice = np.flatnonzero(np.arange(len(y)) % 3 == 0)
    weight = np.ones(len(y))
    weight[twice] = 2.0
    weighed, bias = fit(name, x, y, weight)
    repeated, other = fit(name, sp.vstack([x, x[twice]], format="csr"), np.r_[y, y[twice]])
    assert np.allclose(x @ weighed + bias, x @ repeated + other, atol=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_fits_on_parts_of_the_posts_are_those_of_the_parts_alone(name: str) -> None:
    x, y = toy(1)
    weight = np.random.default_rng(4).uniform(0.5, 2.0, (len(y), 5))
    for k in range(4):
        weight[np.arange(len(y)) % 4 == k, k + 1] = 0.0
    weight[:, 2] = 0.0
    found, biases = make_classifier(name, {}).fit_parts(x, y, weight, seed=3)
    assert found.shape == (x.shape[1], 5)
    assert not found[:, 2].any()
    assert biases[2] == 0.0
    for k in (0, 1, 3, 4):
        rows = np.flatnonzero(weight[:, k])
        weights, bias = fit(name, x[rows], y[rows], weight[rows, k])
        assert np.allclose(x @ found[:, k] + biases[k], x @ weights + bias, atol=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_each_fit_may_be_of_other_labels(name: str) -> None:
    x, y = toy(1)
    labels = np.stack([y, 1 - y, np.roll(y, 3)], axis=1).astype(np.int8)
    weight = np.random.default_rng(4).uniform(0.5, 2.0, labels.shape)
    weight[:5, 2] = 0.0
    made = make_classifier(name, {})
    found, biases = made.fit_parts(x, labels, weight, seed=3)
    for k in range(3):
        weights, bias = made.fit_parts(x, labels[:, k], weight, seed=3)
        assert np.allclose(x @ found[:, k] + biases[k], x @ weights[:, k] + bias[k], atol=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_weights_matter(name: str) -> None:
    """Half of the posts are labelled the other way round; the heavier half decides."""
    x, y = toy(1)
    half = np.arange(len(y)) % 2 == 0
    contradicting = np.where(half, y, 1 - y).astype(np.int8)
    unseen, y_unseen = toy(2)
    for heavy, right in ((half, True), (~half, False)):
        weights, intercept = fit(name, x, contradicting, np.where(heavy, 2.0, 0.02))
        reached = ranking(unseen @ weights + intercept, y_unseen)
        assert (reached > 0.75) if right else (reached < 0.25)


@pytest.mark.parametrize("name", NAMES)
def test_one_post_of_each_side_is_enough(name: str) -> None:
    x = sp.csr_matrix(np.eye(2))
    weights, intercept = fit(name, x, np.array([1, 0], dtype=np.int8))
    decision = x @ weights + intercept
    assert decision[0] > decision[1]


@pytest.mark.parametrize("name", NAMES)
def test_C1_parameters_that_are_not_its_own_are_refused(name: str) -> None:
    for params in ({"no_such_parameter": 1.0}, {"fit": 1.0}, {"__class__": "os.system"}, {"": 0}):
        with pytest.raises(ConfigError, match=f"{name} has no such parameter"):
            make_classifier(name, dict(params))
    with pytest.raises(ConfigError, match="random_state: the run sets it"):
        make_classifier(name, {"random_state": 1})


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_are_frozen_have_defaults_and_its_file_says_where_it_comes_from(name: str) -> None:
    factory = CLASSIFIERS[name]
    assert dataclasses.is_dataclass(factory)
    assert dataclasses.replace(factory()) == factory()
    for parameter, default in factory.parameters().items():
        assert default is not inspect.Parameter.empty, parameter
        own = f"`{parameter}`" in (factory.__doc__ or "") or name == "NBSVM"
        assert own or not inspect.getsource(factory).startswith("@dataclass"), parameter
    module = inspect.getmodule(factory)
    assert module is not None
    assert "Source:" in (module.__doc__ or "")
    assert issubclass(factory, Classifier)  # type: ignore[arg-type]
    assert f'@classifier("{name}")' in inspect.getsource(module)


def test_every_file_of_the_folder_registers_classifiers_and_nothing_else_does() -> None:
    folder = Path(inspect.getfile(koudai.model.fitting.classifiers)).parent
    files = {Path(inspect.getfile(CLASSIFIERS[name])) for name in NAMES}  # type: ignore[arg-type]
    assert files == set(folder.glob("*.py")) - {folder / "__init__.py"}


NEW = '''
"""Centroids: the difference of the mean posts of both classes.

Source: Han & Karypis 2000, "Centroid-based document classification".
"""

from dataclasses import dataclass

import numpy as np

from koudai.model.fitting.classifiers import Classifier, classifier


@classifier("centroids")
@dataclass(frozen=True)
class Centroids(Classifier):
    """`shrink` divides the difference."""

    shrink: float = 1.0

    def fit(self, features, y, weight, *, seed):
        means = [np.asarray(features[y == k].T @ weight[y == k] / weight[y == k].sum()) for k in (0, 1)]
        return (means[1] - means[0]) / self.shrink, float((means[0] @ means[0] - means[1] @ means[1]) / 2)
'''


def test_a_new_file_is_a_classifier_that_configs_can_name_and_nothing_else_changes(tmp_path: Path) -> None:
    """In a process of its own, whose classifiers lie in the folder and in another one that holds the new file."""
    (tmp_path / "centroids.py").write_text(NEW, encoding="utf-8")
    code = f"""
import numpy as np, scipy.sparse as sp
import koudai.model.fitting.classifiers as package
package.__path__.append({str(tmp_path)!r})
from koudai.config.train import ModelSection
assert package.CLASSIFIERS.names() == {sorted([*NAMES, "centroids"])!r}
section = ModelSection(classifier="centroids", params={{"shrink": 2.0}})
made = package.make_classifier(section.classifier, section.params)
weights, biases = made.fit_parts(sp.csr_matrix(np.eye(2)), np.array([1, 0], np.int8), np.ones((2, 3)), seed=0)
print(type(made).__name__, weights[:, 2].tolist(), biases.shape, made.takes_negative, made.inner_products_alone)
"""
    done = run(code)
    assert done.stdout == "Centroids [0.5, -0.5] (3,) True False\n", done.stderr
