"""Golden posts: sentences written for koudai that every bundle scores when saved and again when loaded.

Promises: the same posts for ever (a bundle keeps its own copy); they touch everything a score depends on:
dictionary words, words only the hidden Markov model finds, both scripts, full width, invisible characters, links,
mentions, emoji, nothing.
"""

from __future__ import annotations

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
