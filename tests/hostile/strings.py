"""Nasty strings, one list for everyone: what has broken readers, tokenisers, terminals, spreadsheets and pages before.

``HOSTILE_STRINGS`` holds ``(name, text)`` pairs; names are plain words fit for test ids, texts are Python strings, some
of which cannot be encoded (lone surrogates): use ``encodable()`` where a file or a terminal needs real UTF-8. Each has
a comment that says why it is here. Markup for the page in depth is in ``tests/render/payloads.py``.
"""

from __future__ import annotations

HOSTILE_STRINGS: tuple[tuple[str, str], ...] = (
    # nothing to count, nothing to divide by
    ("empty", ""),
    ("spaces", "   "),
    # white space that str.strip() removes and a reader does not see
    ("ideographic-space", "\u3000\u3000"),
    # one character: shorter than any n-gram above 1
    ("one-ideograph", "啊"),
    ("emoji-only", "😂😂👍🏽"),
    # a family is one picture and seven code points, joined by U+200D: dropping joiners changes what is seen
    ("joined-emoji", "👨‍👩‍👧‍👦周末去公园"),
    ("flags", "🇨🇳🇭🇰"),
    ("punctuation-only", "！！！？？……——"),
    # values that table readers turn into missing numbers
    ("na", "NA"),
    ("nan", "nan"),
    ("null", "null"),
    ("none", "None"),
    # values that readers turn into booleans
    ("true", "TRUE"),
    # values that readers turn into numbers and print otherwise
    ("leading-zeros", "00123"),
    ("scientific", "1e5"),
    ("beyond-a-double", "4890123456789012345"),
    ("hexadecimal", "0x1F"),
    ("full-width-digits", "１２３"),
    # spreadsheets turn this into a date
    ("date-like", "2023-3-10"),
    # CSV: the separators, and a quote that nobody closes
    ("comma-and-tab", "买一送一,\t今天截止"),
    ("lone-quote", '他说"今晚停水，后来又没停'),
    ("quotes", '""""'),
    # line ends of three systems inside one field
    ("line-feed", "第一行\n第二行"),
    ("carriage-return", "第一行\r第二行"),
    ("both-line-ends", "第一行\r\n第二行\r\n"),
    # str.splitlines() cuts at these seven, the lines of a file do not
    ("other-line-ends", "一\u2028二\u2029三\x85四\x0b五\x0c六\x1c七\x1e八"),
    # ends strings in C; the csv module of Python 3.11 lets it pass
    ("nul", "前\x00后"),
    ("c0-controls", "".join(map(chr, range(1, 32)))),
    ("c1-controls", "".join(map(chr, range(0x7F, 0xA0)))),
    # clears a terminal, renames its window, and puts a link over other text
    ("ansi-escape", "\x1b[2J\x1b[31m通知\x1b[0m"),
    ("osc-title", "\x1b]0;owned\x07"),
    ("osc-link", "\x1b]8;;https://example.org\x1b\\点我\x1b]8;;\x1b\\"),
    # moves the cursor back, so that what follows is printed over what was there
    ("backspaces", "安全\b\b\b\b危险"),
    # text that is shown in another order than it is stored
    ("bidi-override", "转账\u202e001\u202c元"),
    ("bidi-isolate-open", "看\u2066这里没有关上"),
    ("right-to-left-word", "新闻 שלום 报道"),
    # takes no room, splits words for a tokeniser
    ("zero-width-inside", "谣\u200b言\u200c止\u200d于\u2060智\ufeff者"),
    # fillers that are letters (Lo) or symbols (So), so that filtering category Cf misses them
    ("hangul-filler", "加\u3164微\u115f信\uffa0群"),
    ("blank-braille", "贷\u2800款"),
    # marks, so that filtering category Cf misses them
    ("variation-selectors", "红\ufe0f包\U000e0100到"),
    # a whole hidden sentence in tag characters
    ("tag-characters", "平安" + "".join(chr(0xE0000 + ord(c)) for c in "hidden")),
    ("soft-hyphen", "公\u00ad告"),
    # U+FEFF at the front is a byte order mark to some readers and text to others
    ("byte-order-mark", "\ufeff早上好"),
    # json.loads gives these, .encode() then fails
    ("lone-high-surrogate", "坏\ud83d的"),
    ("lone-low-surrogate", "坏\udc00的"),
    ("reversed-surrogates", "\ude02\ud83d"),
    # bytes were lost before koudai saw the post
    ("replacement", "锟斤拷\ufffd\ufffd"),
    ("noncharacters", "\ufffe\uffff\U0010ffff"),
    ("private-use", "\ue000\uf8ff"),
    # eleven times as many bytes under NFKC, the worst of all code points
    ("nfkc-growth", "\ufdfa" * 50),
    # sorting a run of marks is quadratic
    ("stacked-marks", "好" + "\u0315\u0300" * 500),
    ("zalgo", "z\u0351\u036b\u0343a\u0363\u0346l\u0340g\u0310o\u0327"),
    # one word in two normal forms
    ("composed", "caf\u00e9 开业"),
    ("decomposed", "cafe\u0301 开业"),
    # compatibility ideographs, radicals and traditional forms: look the same, are not
    ("compatibility-ideographs", "\uf9b4\uf914\u2f2f\u2f08"),
    ("traditional", "網傳謠言"),
    ("full-width-latin", "ＣＡＳＨ　ＯＵＴ"),
    # beyond the Basic Multilingual Plane: two code units in UTF-16, four bytes in UTF-8
    ("rare-ideographs", "𠮷野家𡃁仔"),
    # the case of one letter is two
    ("case-growth", "İstanbul straße ŉ"),
    # NFKC makes live ASCII out of these: escape after all transforms
    ("full-width-markup", "＜script＞alert（1）＜／script＞"),
    ("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    ("entities", "&lt;b&gt;&#60;&amp;amp;"),
    ("template", "{{ 7*7 }}{% raw %}${7*7}"),
    # spreadsheets run cells that begin so
    ("formula", '=HYPERLINK("http://example.org","领奖")'),
    ("formula-at", "@SUM(1+1)"),
    ("formula-full-width", "＝1＋1"),
    ("formula-after-tab", "\t=1+1"),
    # a post that begins with a mention is not a formula
    ("mention", "@小区物业 电梯又坏了"),
    # data that would be a path, an option or a device
    ("path-upwards", "../../../../etc/passwd"),
    ("path-absolute", "/dev/null"),
    ("path-windows", "C:\\CON\\aux.txt"),
    ("option", "--out=elsewhere"),
    ("name-too-long-for-a-file", "长" * 300),
    # format strings of three languages
    ("percent-format", "打折100%s%n%d"),
    ("brace-format", "{0}{self.__class__}{"),
    ("shell", "$(touch x); `touch x`"),
    ("backslashes", "\\n\\u0041\\"),
    # quadratic for careless patterns: links, white space, repeats
    ("many-link-heads", "http://" * 500),
    ("trailing-spaces", "好" + " " * 2000 + "x"),
    ("one-letter-many-times", "哈" * 3000),
    # what platforms and crawlers put in the place of a post, or of its end
    ("cut-off", "小区今晚八点停水，请大家提前接水...全文"),
    ("placeholder", "抱歉，此微博已被作者删除。"),
    # a line that a JSON-lines reader might take for a row
    ("json-inside", '{"post_id": "1", "text": "x"}'),
    ("long", "这条消息转了很多遍，谁也不知道是从哪里来的。" * 200),
)


def encodable() -> tuple[tuple[str, str], ...]:
    """Return those of `HOSTILE_STRINGS` that UTF-8 can hold: all but the lone surrogates."""
    return tuple((name, text) for name, text in HOSTILE_STRINGS if not any("\ud800" <= c <= "\udfff" for c in text))
