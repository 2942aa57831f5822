"""A fitted pipeline of scikit-learn as a bundle (koudai.api.pipelines), and the bundle as a pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from koudai import JiebaTfidfVectorizer, api, bundled, from_sklearn, load_model, load_taxonomy
from koudai.errors import ConfigError, OutputExists, UsageError
from tests.model.tiny import tiny_posts

TEXTS, LABELS, _ = tiny_posts()


def test_a_bundle_of_a_pipeline_and_back(tmp_path: Path) -> None:
    pipeline = make_pipeline(JiebaTfidfVectorizer(char_ngram_range=(1, 2)), LogisticRegression()).fit(
        TEXTS, LABELS[:, 0]
    )
    told = {"categories": ["rumour"], "out": tmp_path / "bundle"}
    trained = from_sklearn(pipeline, taxonomy="cac-2023", name="mine", **told)
    expected = pipeline.predict_proba(TEXTS)[:, 1]
    assert np.abs(trained.predict(TEXTS)["p_rumour"] - expected).max() < 1e-6
    back = load_model(tmp_path / "bundle").to_sklearn()
    assert np.abs(back.predict_proba(TEXTS)[:, 0] - expected).max() < 1e-6
    assert back.classes_.tolist() == ["rumour"]
    assert back[:-1].transform(TEXTS).shape[1] == back[-1].n_features_in_
    assert trained.model.validated_on == {"rumour": "none"}
    assert "brought in as it was" in (tmp_path / "bundle" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert api.inspect(tmp_path / "bundle").digest == trained.digest
    (tmp_path / "posts.csv").write_text("post_id,text\n1," + TEXTS[0] + "\n2,🎉\n", encoding="utf-8")
    assert api.score(trained, tmp_path / "posts.csv", out=tmp_path / "scores").read == 2
    with pytest.raises(OutputExists):
        from_sklearn(pipeline, taxonomy="cac-2023", **told)
    with pytest.raises(UsageError, match="cannot be fitted"):
        back.fit(TEXTS, LABELS[:, 0])


def test_a_taxonomy_by_name_by_file_or_itself(tmp_path: Path) -> None:
    pipeline = make_pipeline(JiebaTfidfVectorizer(), LogisticRegression()).fit(TEXTS, LABELS[:, 0])
    file = bundled("configs") / "taxonomies" / "cac-2023.toml"
    digests = {
        from_sklearn(pipeline, taxonomy=one, categories=["rumour"], out=tmp_path / str(number)).digest
        for number, one in enumerate(("cac-2023", file, load_taxonomy(file)))
    }
    assert len(digests) == 1
    with pytest.raises(ConfigError, match="no taxonomies file"):
        from_sklearn(pipeline, taxonomy="cac", categories=["rumour"], out=tmp_path / "none")
