"""Terms: the words that set a category's posts apart from all other posts."""

from __future__ import annotations

from koudai.audit.declaration import Declaration, TermList, named, phrase
from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.word_contrast import contrast_words

SHOWN = 20


@measure(
    "terms",
    needs=("scores", "texts", "words"),
    zh="哪些词撑起了这个类别？",
    en="Which words carry the category?",
    place=70,
    declares=Declaration(
        statistics=(named("z", zh="z 值", en="z", unit="z"),),
        terms=TermList(
            "z",
            name=phrase(zh="最有代表性的词", en="Most telling terms"),
            explanation=phrase(
                zh="z 越大，这个词越偏向涉嫌帖；‹ › 表示字的片段。",
                en="The larger z, the more the term leans to alleged posts; ‹ › marks characters rather than a word.",
            ),
        ),
    ),
)
def terms(given: AuditInput) -> AuditFrame:
    """Log-odds of a word in tagged against untagged posts, divided by its standard error: z, without bound.

    z = δ/√(1/(yᵢ+α) + 1/(yⱼ+α)), where y is the number of posts with the word, δ the difference of the two log-odds
    after adding to each number an informative Dirichlet prior α, proportional to that in all posts. A word counts once
    in a post, and of near-duplicates one post counts (one tagged and one untagged, if they differ). Only words that
    are more frequent in tagged posts, and in so many more of them than chance would deal out (Fisher's exact test at a
    false discovery rate of 5 %, Benjamini-Hochberg), are shown, at most 20, largest z first; n is the number of
    different tagged posts with the word. Where tags are dealt out at random, any word at all is shown in less than one
    audit of twenty. Words of the topic rather than of the violation are a sign that the category tags topics.

    Source: Monroe, Colaresi & Quinn 2008, "Fightin' words"; Benjamini & Hochberg 1995; Lijffijt et al. 2016,
    "Significance testing of word frequencies in corpora".

    中文
    某词在被标记与未标记帖子里的对数几率之差，除以其标准误，即 z 值（无上下限）。计数单位是帖子：一个词在一条帖子里出现
    几次都只算一次，一组近重复的帖子只取一条（组内标记不一致时，两边各取一条）。两边的帖数都先加上与该词总帖数成比例的
    狄利克雷先验。只列出在被标记帖子里更常见、且多到不像碰巧的词（Fisher 精确检验，错误发现率按 Benjamini-Hochberg 控制
    在 5%），至多 20 个，按 z 从大到小；n 是含该词的、互不重复的被标记帖子数。标记如果纯属随机，二十次审计里会列出词来
    的不到一次。如果列出来的都是话题词而不是“违规”本身的词，说明这个类别抓的是话题。
    """
    figures = []
    for column, key in enumerate(given.categories):
        tagged = given.alleged[:, column]
        if tagged.any() and not tagged.all():
            figures += contrast_words(given.scored_texts, tagged, ~tagged).figures(key, "z", most=SHOWN)
    return AuditFrame("terms", tuple(figures))
