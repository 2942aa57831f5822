"""Posts for the sample report, written for these tests; no real post, person or institution stands behind any of them.

Each is (role, text, labels or None). A parent category borrows the posts of its children.
"""

from __future__ import annotations

Post = tuple[str, str, int | None]

POSTS: dict[str, list[Post]] = {
    "rumour": [
        ("typical", "紧急扩散！！！内部消息，明天起全市停水三天，超市已经开始抢桶装水了，赶紧转给家里老人 🙏", None),
        ("typical", "刚从医院朋友那里听说的，这种香肠一根就能致癌，厂家花钱压了三年，看到就转，救一家是一家。", None),
        ("borderline", "有人说后天地铁二号线要停运，谁知道真假？官网没看到通知。", None),
        (
            "contradicting",
            "【辟谣】网传“明天起全市停水三天”不属实。自来水公司：仅河东两个小区今晚 22 点至次日 5 点检修。",
            0,
        ),
    ],
    "impersonation.state_officials": [
        (
            "typical",
            "我\u200b是反\u200b诈\u200b中心王警官，你名下银行卡涉嫌洗钱，请立即加我工作微信配合调查，不要告诉家人。",
            1,
        ),
        ("borderline", "刚才接到一个自称社区民警的电话，让我下载一个 APP，这是真的吗？", None),
        ("contradicting", "派出所提醒：凡是自称“反诈中心”要你转账的，一律是骗子。民警不会通过微信办案。", 0),
    ],
    "impersonation.military": [
        ("typical", "部队内部招文职，不限学历，交 3800 元政审费即可入编，名额只剩 6 个，首长亲自面试。", None),
        ("borderline", "老班长说他们连又要来招人了，我弟想去，怎么报名靠谱？", None),
        ("contradicting", "退伍第三年，翻到当年的作训服，扣子还是我妈给缝的。想兄弟们了。", 0),
    ],
    "impersonation.public_institutions": [
        ("typical", "【医保中心】您的医保卡今晚 24 点停用，请点击链接重新认证，逾期不予报销。", 1),
        ("borderline", "社保客服让我报验证码，说是系统升级，我报了……现在有点慌", None),
    ],
    "impersonation.news_media": [
        ("typical", "本台最新消息：记者从现场获悉，事故已造成重大伤亡，官方尚未公布，请持续关注本号独家报道。", None),
        ("borderline", "转：晚报说下周油价要涨，来源在评论区。", None),
        ("contradicting", "校广播站今日播报：食堂二楼的糖醋里脊宣布退役，现场同学情绪稳定。（恶搞，别当真）", 0),
    ],
    "impersonation.ai_news_anchors": [
        ("typical", "主播小安为您播报：专家证实每天一杯盐水可逆转糖尿病，节目画面来自本台虚拟演播室。", None),
        ("borderline", "这个主播的嘴型怎么对不上？背景还在抖，是 AI 吧 \u202e？假是", None),
    ],
    "unqualified_advice.medical": [
        ("typical", "得了结节千万别手术！我用这三味药煮水，喝一个月全消，百试百灵，私信发方子。", 1),
        ("typical", "孩子发烧不用去医院，生姜擦背再捂一床被子，出汗就好，我带大三个娃都是这样。", 1),
        ("borderline", "我妈当年是喝这个好的，不一定适合所有人，仅供参考哈。", None),
        ("contradicting", "我是三甲药师：布洛芬和对乙酰氨基酚不要一起吃，间隔和剂量请看说明书，拿不准就问医生。", 0),
    ],
    "unqualified_advice.legal": [
        ("typical", "欠信用卡的听好了：只要回这一句话，银行就不敢起诉你，包你一分不还，律师不会告诉你的。", None),
        ("borderline", "我离婚的时候法院就是这么判的，房子一人一半，你们参考。", None),
    ],
    "unqualified_advice.financial": [
        ("typical", "明天开盘直接满仓这只，内部目标价翻三倍，跟上老师的节奏，收益稳稳的📈", 1),
        ("typical", "老师带队，周收益百分之三十，保本，先进群再说，名额有限。", 1),
        ("borderline", "今年基金亏了四成，算了，卸载软件，明年再说。", None),
        ("contradicting", "投资有风险，以上内容不构成建议；本人持证，不推荐任何个股。", 0),
    ],
    "unqualified_advice.education": [
        ("typical", "高考志愿按我这张表填，低二十分也能进重点，签约保录取，滑档全额退。", None),
        ("borderline", "我家娃去年是这样填的志愿，冲稳保各三个，大家可以看看。", None),
    ],
    "clout_chasing": [
        ("typical", "全网都在问的那件事，真相太吓人！我只说一遍，点赞过万立刻放视频，懂的都懂🔥🔥🔥", None),
        ("typical", "她才二十三岁……看到最后我泪崩了，关注我，明天带你们去她家门口直播。", None),
        ("borderline", "对那起事故我想说两句：先别急着站队，等调查结果。", None),
        ("contradicting", "有些号一出事就守在现场直播，人家还在办丧事呢。这种流量吃着不烫嘴吗？", 0),
    ],
    "illegal_monetisation": [
        ("typical", "专业删帖十年，报价按条算，头条热搜都能压，先付一半定金，飞机号见主页。", 1),
        ("typical", "＝日结＝ 手机刷单，一单返 15，多劳多得，垫付秒返，进群看流程。", 1),
        ("borderline", "转卖二手相机，九成新，可小刀，同城面交。", None),
        ("contradicting", "昨天被刷单返利骗了 2600，已经报警，把聊天记录发出来大家避坑。", 0),
    ],
}

TERMS: dict[str, str] = {
    "rumour": "扩散 内部消息 ‹赶紧转› 致癌 停水 ‹看到就› 紧急 听说 官方 老人",
    "impersonation": "反诈 警官 ‹工作微信› 医保卡 记者 本台 政审 认证 停用 配合",
    "impersonation.state_officials": "反诈中心 警官 洗钱 ‹涉嫌› 配合调查 民警 ‹工作微信› 名下",
    "impersonation.military": "部队 政审 首长 文职 入编 ‹部队内› 名额 退役",
    "impersonation.public_institutions": "医保 停用 认证 报销 逾期 ‹链接重› 社保 验证码",
    "impersonation.news_media": "本台 记者 独家 获悉 现场 ‹最新消› 报道 播报",
    "impersonation.ai_news_anchors": "主播 播报 演播室 虚拟 专家 证实 ‹为您播› 本台",
    "unqualified_advice": "老师 百试百灵 收益 保录取 方子 起诉 私信 包过 老中医 稳赚",
    "unqualified_advice.medical": "方子 偏方 百试百灵 ‹煮水喝› 结节 手术 出汗 逆转 排毒",
    "unqualified_advice.legal": "律师 起诉 信用卡 法院 ‹一分不› 官司 逾期 合同",
    "unqualified_advice.financial": "满仓 收益 老师 翻倍 ‹跟上老› 目标价 保本 内部 开盘",
    "unqualified_advice.education": "志愿 保录取 高考 滑档 ‹低二十› 签约 重点 补录",
    "clout_chasing": "真相 点赞 关注 ‹懂的都› 直播 泪崩 吓人 全网 现场",
    "illegal_monetisation": "删帖 刷单 返利 定金 ‹日结› 进群 报价 垫付 秒返 代运营",
}
THEMES = (
    "停水 停电 抢购",
    "香肠 致癌 厂家",
    "警官 洗钱 微信",
    "医保 停用 认证",
    "记者 现场 独家",
    "方子 煮水 结节",
    "满仓 收益 老师",
    "志愿 录取 滑档",
    "真相 点赞 视频",
    "刷单 返利 进群",
    "删帖 报价 热搜",
    "地铁 停运 通知",
)
FUNCTIONS = (
    "quoted_to_refute",
    "asks_if_true",
    "hearsay_with_request",
    "declared_satire",
    "news_about_case",
    "complaint_to_office",
    "personal_experience",
    "warns_of_impostors",
    "declared_parody",
    "licensed_explanation",
    "advises_professional",
    "disclosed_sponsorship",
    "second_hand_sale",
    "mourning",
    "plain_violation",
)
