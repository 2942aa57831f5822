"""Real scoring jobs for the tests of audits: posts into a file, the file into a finished job."""

from __future__ import annotations

import json
from pathlib import Path

from koudai.model.model import Model
from koudai.scoring.job import run
from koudai.scoring.plan import ScoreSettings, make_plan

SUBJECTS = ["水厂", "邻居", "老师", "司机", "店主", "主播", "学生", "同事", "记者", "大夫"]
THINGS = [
    "说明早停水",
    "卖祖传膏药包治百病",
    "自称新闻中心播报",
    "丢了一把伞",
    "请大家吃西瓜",
    "问几点下班",
    "在河边钓鱼",
    "讲内部消息",
]
BROKEN = ['{"post_id": "broken"}', "{not json", '{"post_id": "", "text": "没有编号"}']


def posts(n: int = 60) -> list[dict[str, str]]:
    """Return everyday posts, no two alike; the last two hold no word."""
    made = [
        {
            "post_id": f"p{i:03d}",
            "text": f"{SUBJECTS[i % 10]}{THINGS[i % 8]}，第{i}次了",
        }
        for i in range(n - 2)
    ]
    return [*made, {"post_id": "emoji", "text": "🙂🙂"}, {"post_id": "empty", "text": ""}]


def job(folder: Path, model: Model, rows: list[dict[str, str]], *, broken: bool = True, shard_size: int = 20) -> Path:
    """Score `rows` (and three broken ones) into ``folder/job`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows] + (BROKEN if broken else [])
    file = folder / "posts.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan = make_plan([file], model=model.digest, settings=ScoreSettings(shard_size=shard_size))
    run(plan, model, folder / "job")
    return folder / "job"
