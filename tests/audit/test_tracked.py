"""What MLflow is told of an audit: every figure over all posts with its n, and nothing that posts hold."""

from __future__ import annotations

import re

from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.report import AuditReport
from koudai.audit.tracked import metrics_of, tags_of
from tests.render.reports import empty_report, report_with, sample_report


def of(*figures: Figure) -> AuditReport:
    return report_with(frames={"m": AuditFrame("m", figures)})


def test_figures_of_all_posts_with_n_and_interval() -> None:
    found = metrics_of(
        of(
            Figure(ALL, ALL, "tagged", 0.5, 40, 0.4, 0.6),
            Figure("rumour", ALL, "z", 2.0, 7),
            Figure("rumour", ALL, "f1", 0.5, 0),
            Figure("rumour", "停水", "z", 9.0, 9),
        )
    )
    assert found == {
        "m/tagged": 0.5,
        "m/tagged_n": 40.0,
        "m/tagged_low": 0.4,
        "m/tagged_high": 0.6,
        "m/rumour/z": 2.0,
        "m/rumour/z_n": 7.0,
        "m/rumour/f1_n": 0.0,
    }


def test_every_measure_with_a_figure_of_all_posts_is_told_under_names_that_mlflow_takes() -> None:
    report = sample_report()
    found = metrics_of(report)
    told = {name for name, frame in report.frames.items() if any(one.group == ALL for one in frame.figures)}
    assert {name.split("/")[0] for name in found} == told
    assert all(re.fullmatch(r"[\w./-]{1,250}", name, re.ASCII) for name in found)
    assert all(f"{name}_n" in found for name in found if not name.endswith(("_n", "_low", "_high")))


def test_K4_a_text_in_the_place_of_a_category_is_not_told() -> None:
    post = "听说明天全县停水七天"
    assert metrics_of(of(Figure(post, ALL, "f1", 0.5, 9), Figure("rumour", post, "f1", 0.5, 9))) == {}


def test_K4_no_quoted_post_is_in_what_is_told() -> None:
    report = sample_report()
    told = repr((metrics_of(report), tags_of(report)))
    assert not [post.text for post in report.posts if post.text in told]


def test_tags_say_what_was_audited() -> None:
    report = sample_report()
    tags = tags_of(report)
    assert tags["koudai.audited_taxonomy"] == f"cac-2023 {report.taxonomy.digest}"
    assert tags["koudai.audited_model"] == report.provenance["model"]["digest"]
    assert list(tags_of(empty_report())) == ["koudai.audited_taxonomy"]


def test_of_two_figures_with_one_name_the_first_is_told() -> None:
    found = metrics_of(of(Figure("rumour", ALL, "f 1", 0.5, 9), Figure("rumour", ALL, "f?1", 0.7, 8)))
    assert found == {"m/rumour/f_1": 0.5, "m/rumour/f_1_n": 9.0}
