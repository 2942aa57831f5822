"""Originals in the layout of each known corpus, with sentences written for these tests, two or three rows each.

Every original that holds accounts holds `ACCOUNT`; the first text of each corpus mentions `MENTIONED`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pandas as pd

from tests.corpus.fetching.originals.old_pandas import pickled

ACCOUNT, MENTIONED = "隔壁老陈1987", "@楼下小卖部"
FIRST, SECOND, THIRD = f"听{MENTIONED} 说明天停水", "图书馆今天照常开门", "食堂的豆腐脑又涨价了"
Originals = dict[str, bytes]


def _csv(header: list[str] | None, *rows: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([*([header] if header else []), *rows])
    return text.getvalue().encode()


def _json(*rows: dict[str, object]) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()


def _frame(text: str, label: int) -> bytes:
    texts = pd.Series([text, SECOND], dtype=object)
    topics = pd.Series(["科技", "社会生活"], dtype=object)
    frame = pd.DataFrame({"content": texts, "label": [label, 0], "category": topics})
    frame.columns = pd.Index(list(frame.columns), dtype=object)
    return pickled(frame.sort_index(ascending=False), protocol=4)


def weibo21() -> Originals:
    return {f"data/{part}.pkl": _frame(FIRST, 1) for part in ("train", "val", "test")}


def wefend() -> Originals:
    words = [["1", "听 说 停水 "], ["2", "图书馆 开门 "], ["3", "豆腐脑 涨价 "]]
    return {
        "RumorDetectionAlpha3.0/trainingSetKey.csv": _csv(
            ["id", "account", "Title", "label"], ["7", ACCOUNT, FIRST, "1"], ["8", ACCOUNT, SECOND, "0"]
        ),
        "RumorDetectionAlpha4.0/test.feature.csv": _csv(
            ["id", "account", "Title"], ["1", ACCOUNT, FIRST], ["2", ACCOUNT, SECOND + "！"], ["3", ACCOUNT, THIRD]
        ),
        "RumorDetectionAlpha4.0/parsedTest.csv": _csv(["id", "Title"], *words),
        "RumorDetectionAlpha5.0/FinalModel/parsedLabeled.csv": _csv(
            ["id", "Title", "label"],
            ["1", words[1][1], "0"],
            ["2", words[0][1], "1"],
            ["3", words[2][1], "0"],
            ["4", words[2][1], "1"],
        ),
    }


def hancd() -> Originals:
    return {
        f"datasets/HanCD/{outlet}/test.csv": _csv(None, ["1", FIRST, SECOND, outlet], ["0", SECOND, THIRD, outlet])
        for outlet in ("tencent", "sina")
    }


def fbs() -> Originals:
    classes = (
        "AD:Loan AD:Network_service AD:Other AD:Real_estate AD:Retail FR:Financial FR:Other FR:Phishing(Bank) "
        "FR:Phishing(Other) IL:Escort_service IL:Fake_ID_and_invoice IL:Gambling IL:Political_propaganda Other"
    )
    return {name: f"{MENTIONED} 店 里 新到 DIGIT 箱 橘子 \n".encode() for name in classes.split()}


def factcheck() -> Originals:
    folder = "data_source/data_from_creeper"
    site = {"author": ACCOUNT, "authordesc": ACCOUNT, "tag": ["停水", "自来水"], "date": "2021-01-02", "type": 1}
    link = {"date": "2021-02-03 04:05:06", "editor": ACCOUNT, "author": None, "source": ACCOUNT}
    doctors = {"body": "水厂说没有。", "mainSummary": "没有这回事。", "id": 7, "score": 210, "title": THIRD}
    return {
        f"{folder}/较真网谣言.json": _json(
            {"title": FIRST, "result": "假", "explain": "谣言", "abstract": "否认", **site}
        ),
        f"{folder}/中国互联网联合辟谣.json": _json({"title": SECOND, "keyword": None, **link}),
        f"{folder}/丁香医生谣言.json": _json({"rumorType": 0, **doctors}, {"rumorType": 2, **doctors}),
    }


def hrde() -> Originals:
    sites = (
        "中国食品辟谣网_新华网 人民网“求真”栏目 公众号-科学辟谣 公众号-谣言过滤器 公众号-辟谣助手 微博辟谣 新浪-捉谣记 "
        "果壳网-谣言粉碎机 澎湃新闻 百度辟谣 科信食品与健康信息交流中心 联动要闻_中国互联网联合辟谣平台"
    )
    rows = [
        [SECOND, f"\n\t {FIRST}\n  没有这回事 ", "2021-01-02", "https://example.org/1"],
        [THIRD, "", "", ""],
        [" ", "", "", ""],
    ]
    return {f"data/reference_date/{site}.csv": _csv(["title", "text", "date", "url"], *rows) for site in sites.split()}


def wechatscope() -> Originals:
    header = ["title", "nickname", "created_at", "archive", "censored_date", "censored_msg"]
    when = ["2018-07-06", f"{ACCOUNT}.tar.gz", "2018-07-07 15:07:27"]
    return {
        "ceninfo.csv": _csv(
            header, [FIRST, ACCOUNT, *when, "此内容因违规无法查看"], [SECOND, ACCOUNT, *when, "该公众号已迁移"]
        )
    }


def mhc() -> Originals:
    header = [
        "mhc_case_id",
        "functionality",
        "test_case",
        "label_gold",
        "target_ident",
        "label_annotated",
        "label_annotated_maj",
    ]
    said = "['hateful', 'non-hateful', 'hateful']"
    rows = [["m-1", "slur_h", FIRST, "hateful", "", said, "hateful"]]
    return {"MHC Final Cases/hatecheck_cases_final_mandarin.csv": _csv(header, *rows)}


def cold() -> Originals:
    header = ["", "split", "topic", "label", "TEXT"]
    test = ["", "split", "topic", "label", "fine-grained-label", "TEXT"]
    return {
        "COLDataset/train.csv": _csv(header, ["3", "train", "region", "0", FIRST]),
        "COLDataset/dev.csv": _csv(header, ["4", "train", "region", "1", SECOND]),
        "COLDataset/test.csv": _csv(test, ["5", "test", "region", "0", "3", THIRD]),
    }


def ewect() -> Originals:
    names = "virus_train virus_eval_labeled virus_test_labeled usual_eval_labeled usual_test_labeled"
    rows = ({"id": 1, "content": FIRST, "label": "happy"}, {"id": 2, "content": SECOND, "label": "neutral"})
    return {f"data/raw/{name}.txt": _json(*rows) for name in names.split()}


def thucnews() -> Originals:
    return {f"THUCNews/data/{part}.txt": f"{FIRST}\t0\n{SECOND}\t9\n".encode() for part in ("dev", "test")}


def legalqa() -> Originals:
    header = ["question: subject", "question: body", "answer", "label"]
    rows = [["借书", "借书逾期怎么办？", FIRST, "1"], ["借书", "借书逾期怎么办？", SECOND, "0"]]
    return {f"LegalQA-manual-{part}.csv": _csv(header, *rows) for part in ("dev", "test")}


def meddialog() -> Originals:
    rows = [["消化科", "豆腐脑", "空腹能喝豆腐脑吗？", FIRST], ["肝病科", "豆腐脑", "天天喝呢？", SECOND]]
    return {"样例_内科5000-6000.csv": _csv(["department", "title", "ask", "answer"], *rows).decode().encode("gb18030")}


def stockforum() -> Originals:
    return {
        f"data/{side}.txt": f"{MENTIONED} 都 说 豆腐 会 涨 etf 也 涨\n".encode() for side in ("positive", "negative")
    }


LAYOUTS: dict[str, Callable[[], Originals]] = {
    one.__name__: one
    for one in (
        *(weibo21, wefend, hancd, fbs, factcheck, hrde, wechatscope, mhc, cold, ewect, thucnews, legalqa, meddialog),
        stockforum,
    )
}
