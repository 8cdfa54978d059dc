"""In which encoding a file's names are written that are not UTF-8: guessed by the words that people write on tracks."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_JAPANESE = (
    "ピアノ ギター ベース ドラム メロディ メロディー ボーカル ヴォーカル ストリングス バイオリン ヴァイオリン "
    "チェロ ビオラ ヴィオラ コントラバス フルート クラリネット オーボエ ファゴット ホルン トランペット "
    "トロンボーン チューバ サックス オルガン ハープ シンセ パッド コーラス ブラス アコースティック エレキ ソロ "
    "リード パーカッション シンバル ティンパニ スネア キック タム ハイハット 主旋律 旋律 伴奏 右手 左手 和音 歌 "
    "声 主音 副旋律 合唱 太鼓 琴 尺八 三味線 トラック パート マリンバ ビブラフォン グロッケン シロフォン 笛 指揮 "
    "弦 コード アルペジオ サビ イントロ アウトロ"
)
_CHINESE = (
    "钢琴 吉他 贝斯 低音 鼓 架子鼓 打击乐 小提琴 中提琴 大提琴 低音提琴 弦乐 长笛 短笛 单簧管 双簧管 巴松 圆号 "
    "小号 长号 大号 萨克斯 管风琴 竖琴 合成器 合唱 人声 主唱 主旋律 旋律 伴奏 和弦 左手 右手 古筝 二胡 琵琶 笛子 "
    "箫 扬琴 唢呐 葫芦丝 音轨 铜管 木管 电吉他 木吉他 贝司 独奏 手风琴 口琴 节奏 前奏 副歌 歌词 电钢琴 鼓组 鋼琴 "
    "貝斯 打擊 小號 長笛 絃樂 弦樂 豎琴 合聲 和聲 聲 主唱 人聲 伴唱 左手 右手 古箏 二胡 琵琶 音軌 薩克斯 風琴 "
    "電吉他 木吉他 銅管 單簧管 雙簧管 圓號 長號 節奏 獨奏 鼓組 電鋼琴 手風琴 歌詞 打擊樂 管弦"
)
_KOREAN = (
    "피아노 기타 베이스 드럼 멜로디 보컬 현악 바이올린 첼로 비올라 플루트 클라리넷 오보에 호른 트럼펫 트롬본 "
    "색소폰 오르간 하프 신디 코러스 합창 반주 왼손 오른손 솔로 리드 스트링 패드 타악기 가야금 해금 대금 트랙 노래 "
    "일렉 통기타"
)
_CYRILLIC = (
    "гитара бас скрипка альт виолончель контрабас фортепиано рояль пианино ударные барабаны флейта кларнет гобой "
    "фагот валторна труба тромбон туба саксофон орган арфа синтезатор хор вокал голос мелодия соло аккорды "
    "струнные аккомпанемент ритм баян аккордеон балалайка домра дорожка правая левая рука партия тарелки литавры "
    "ксилофон колокольчики гітара скрипки"
)
_CENTRAL_EUROPEAN = (
    "zpěv smyčce příčná flétna žestě bicí basová kytara klavír śpiew głos skrzypce wiolonczela hegedű nagybőgő bőgő "
    "ének gitár basszusgitár trúbka spevák činely bubínek puzón cimbál kontrabás fagót hoboj perkusyjne dęte blaszane "
    "bağlama şarkı türkü çalgı ağıt yaylı çalgılar sağ el"
)
_OTHERS = (
    "πιάνο κιθάρα μπάσο τύμπανα ντραμς βιολί φωνή φλάουτο μπουζούκι ακορντεόν μελωδία κλαρίνο פסנתר גיטרה בס "
    "תופים כינור חליל קול מנגינה צ'לו بيانو جيتار غيتار كمان عود ناي قانون إيقاع صوت طبلة لحن เปียโน กีตาร์ เบส "
    "กลอง ไวโอลิน ขลุ่ย ทำนอง เสียงร้อง"
)
# Half-width kana write the mark of a voiced sound as a sign of its own.
_HALF_WIDTH = unicodedata.normalize("NFD", _JAPANESE)
WORDS = tuple(
    sorted(
        set(f"{_JAPANESE} {_HALF_WIDTH} {_CHINESE} {_KOREAN} {_CYRILLIC} {_CENTRAL_EUROPEAN} {_OTHERS}".split()),
        key=lambda word: (-len(word), word),
    )
)


_RANK = {word: rank for rank, word in enumerate(WORDS)}
_BY_FIRST_SIGN = {sign: [word for word in WORDS if word[0] == sign] for sign in {word[0] for word in WORDS}}
_MAX_TEXT_BYTES = 256  # LIMIT: bytes of one text that are looked at
_MAX_TEXTS = 64  # LIMIT: texts that speak for each other
_MAX_NAMES = 256  # LIMIT: names that are looked at one by one; beyond, all others speak for them
_MAX_JOINED_BYTES = 4096  # LIMIT: bytes that charset-normalizer is given
_MIN_JOINED_BYTES = 24  # below that it cannot tell a language
_MAX_SAID = 6.0  # how much one text says for or against an encoding of another one
_COHERENCE_WEIGHT = 20.0
_WORD_COST = 4.0  # a word that people write on tracks, in -ln of its frequency
_LATIN_WORD_COST = 2.0  # most of its letters are ASCII and cost nothing in any encoding
_STRANGE_COST = 12.0  # a sign that nobody writes
_BREAK_COST = 4.0  # two scripts, or cases, within one word
_JIS_COMMON, _GB_COMMON, _BIG5_COMMON, _KS_COMMON = (0x88, 0x98), (0xB0, 0xD8), (0xA4, 0xC7), (0xB0, 0xC9)


@dataclass(frozen=True)
class _Encoding:
    """An encoding and who writes in it.

    Attributes:
        name: Python's name of it.
        cost: How rare it is among files, in -ln of its frequency.
        letters: Its people's letters beyond ASCII, the most frequent first; empty for the writing of East Asia.
        common_leads: First bytes, from and to, of the signs that are in daily use.
        has_kana: Whether its people write kana.
    """

    name: str
    cost: float
    letters: str = ""
    common_leads: tuple[int, int] = (0, 0)
    has_kana: bool = False
    costs: dict[str, float] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        count = len(self.letters)
        for rank, letter in enumerate(self.letters):  # Zipf's law; ASCII takes most of the Latin letters
            self.costs[letter] = math.log(rank + 2) + (2.5 if self.is_latin else math.log(math.log(count + 1)) + 0.5)

    @property
    def is_latin(self) -> bool:
        """Whether its people write mostly in ASCII."""
        return self.letters[:1].isalpha() and unicodedata.name(self.letters[0]).startswith("LATIN")


_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ№«»"
_ENCODINGS = (
    _Encoding("cp1252", 0.0, "éäüöèàíóçáñßêôâåøæúîûïëãõìòùœýðþÿ«»°©®–—’‘“”•…´ªº¿¡§½¼¾"),
    _Encoding("mac_roman", 2.0, "éäüöèàíóçáñßêôâåøæúîûïëãõìòùœÿ«»°©®–—’‘“”•…¿¡§"),
    _Encoding("cp850", 3.0, "éäüöèàíóçáñßêôâåøæúîûïëãõìòù«»"),
    _Encoding("cp1250", 2.5, "áíéóžščřěýůúťďňąćęłńśźżőűöüäășțţşâîđ"),
    _Encoding("cp1254", 3.0, "ıişğçöüâî"),
    _Encoding("cp1251", 0.7, _RUSSIAN),
    _Encoding("koi8_r", 2.0, _RUSSIAN),
    _Encoding("cp866", 2.5, _RUSSIAN),
    _Encoding("cp1253", 2.5, "αοιετσνηυρπκμλςωάίέόήύώγδχθφβξζψ"),
    _Encoding("cp1255", 3.0, "יוהלאמרתבנשפקדחצעטסגזכםןףךץ"),
    _Encoding("cp1256", 3.0, "اليمونرتبةسعدفهكقحجشطصخزىأضغءذئثظؤإآپچژگ،؛؟"),
    _Encoding("cp874", 3.0, "านรอกงเทมยวลดสตะคปบัี่้ิื์ุูแหพไใขจชโผซศณ็ถธภฟึำฉษฐญ๊ฤ๋ฎฌฏ"),
    _Encoding("cp932", 0.7, common_leads=_JIS_COMMON, has_kana=True),
    _Encoding("euc_jp", 2.5, common_leads=_GB_COMMON, has_kana=True),
    _Encoding("gb18030", 0.7, common_leads=_GB_COMMON),
    _Encoding("big5", 1.2, common_leads=_BIG5_COMMON),
    _Encoding("cp949", 1.5, common_leads=_KS_COMMON),
)


def is_foreign(payload: bytes) -> bool:
    """Whether a text is not UTF-8, so that its encoding has to be guessed."""
    return not payload.isascii() and not _is_readable(payload, "utf-8")


def encodings_of(names: Iterable[bytes], others: Iterable[bytes] = ()) -> dict[bytes, str]:
    """For each name of a file that is not UTF-8, the encoding that reads it best.

    Args:
        names: The names; their order does not matter.
        others: The file's other texts, which say something, too.
    """
    foreign = frozenset(name for name in names if is_foreign(name))
    return dict(_guessed(foreign, frozenset(text for text in others if is_foreign(text)))) if foreign else {}


@lru_cache(maxsize=8)
def _guessed(names: frozenset[bytes], others: frozenset[bytes]) -> tuple[tuple[bytes, str], ...]:
    sorted_names = sorted(names, key=_longest_first)
    costs = {text: _costs(text) for text in sorted_names[:_MAX_NAMES]}
    telling = [*costs, *sorted(others - names, key=_longest_first)][:_MAX_TEXTS]
    costs |= {text: _costs(text) for text in telling if text not in costs}
    said = {text: _said(costs[text]) for text in telling}
    joint = {e.name: e.cost + sum(each[e.name] for each in said.values()) for e in _ENCODINGS}
    for encoding, coherence in _coherence(telling).items():
        joint[encoding] -= _COHERENCE_WEIGHT * coherence
    return tuple((name, _best(name, costs.get(name), said.get(name), joint)) for name in sorted_names)


def _longest_first(text: bytes) -> tuple[int, bytes]:
    return -len(text), text


def _best(name: bytes, costs: dict[str, float] | None, said: dict[str, float] | None, joint: dict[str, float]) -> str:
    """The encoding of a name, by what it says itself, if it was looked at, and by what the other texts say."""
    order = sorted(
        joint,
        key=lambda e: joint[e] + (costs[e] if costs is not None else 0.0) - (said[e] if said is not None else 0.0),
    )
    return next((encoding for encoding in order if _is_readable(name, encoding)), "latin-1")


def _is_readable(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _said(costs: dict[str, float]) -> dict[str, float]:
    """What a text says of the encoding of others: how much worse than its best one each is, up to a bound."""
    best = min(costs.values())
    return {name: 0.0 if best == math.inf else min(cost - best, _MAX_SAID) for name, cost in costs.items()}


def _coherence(payloads: Sequence[bytes]) -> dict[str, float]:
    """How sure charset-normalizer is of a language, 0..1, by encoding."""
    joined = b"\n".join(payloads)[:_MAX_JOINED_BYTES]
    if sum(byte > 0x7F for byte in joined) < _MIN_JOINED_BYTES:
        return {}
    from charset_normalizer import from_bytes  # only files with such texts pay for it

    names = [encoding.name for encoding in _ENCODINGS]
    return {m.encoding: m.coherence for m in from_bytes(joined, cp_isolation=names) if m.encoding in names}


def _costs(payload: bytes) -> dict[str, float]:
    """By encoding, -ln of how likely its people would write this; infinite where it cannot be read."""
    start = payload[:_MAX_TEXT_BYTES]
    return {encoding.name: _cost(start, encoding, is_cut=len(start) < len(payload)) for encoding in _ENCODINGS}


def _cost(payload: bytes, encoding: _Encoding, *, is_cut: bool) -> float:
    try:
        text = payload.decode(encoding.name, "ignore" if is_cut else "strict")
    except UnicodeDecodeError:
        return math.inf
    costs = [_sign_cost(sign, encoding) for sign in text]
    for row in range(1, len(text)):
        costs[row] += _pair_cost(text[row - 1], text[row], text[row + 1 : row + 2])
    for start, end in _known_words(text):
        most = _LATIN_WORD_COST if encoding.is_latin else _WORD_COST
        costs[start:end] = [min(most, sum(costs[start:end])) / (end - start)] * (end - start)
    letters = [sign for sign in text if sign.isalpha()]
    is_odd = any(sign < "\x80" for sign in letters) or (len(letters) == 1 and bool(encoding.letters))
    return sum(costs) + (_BREAK_COST if is_odd and not encoding.is_latin else 0.0)


def _sign_cost(sign: str, encoding: _Encoding) -> float:
    if sign < "\x80":
        return 0.0 if sign.isprintable() or sign in "\t\r\n\0" else _STRANGE_COST
    if encoding.letters:
        usual = encoding.costs.get(sign) or encoding.costs.get(sign.lower())
        return usual if usual is not None else 8.0 if sign.isalpha() else _STRANGE_COST
    if _is_kana(sign):
        return 4.5 if encoding.has_kana else _STRANGE_COST
    if "\uff61" <= sign <= "\uff9f":
        return 6.5
    if not sign.isalpha():
        return 8.0 if unicodedata.category(sign)[0] in "PS" else _STRANGE_COST
    if "\u3400" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3":
        return _ideograph_cost(sign, encoding)
    return _STRANGE_COST  # Greek, Cyrillic and Latin letters that these encodings hold besides


def _ideograph_cost(sign: str, encoding: _Encoding) -> float:
    code = sign.encode(encoding.name)
    low, high = encoding.common_leads
    is_common = low <= code[0] < high and (encoding.name in {"cp932", "big5"} or code[-1] >= 0xA1)
    if encoding.name == "cp949" and sign < "\uac00":
        is_common = False  # Chinese signs stand on no Korean track
    return (6.5 if encoding.name == "cp949" else 7.5) if is_common else 11.0


def _is_kana(sign: str) -> bool:
    return "\u3041" <= sign <= "\u30ff"


def _pair_cost(before: str, sign: str, after: str) -> float:
    """What it costs that two signs stand beside each other, before a third or the end."""
    if before < "\x80" and sign < "\x80":
        return 0.0
    if not sign.isalpha():
        is_within = before.isalpha() and (after.isalpha() or sign in "¡¿") and sign not in "’·"
        return _BREAK_COST if is_within and sign > "\x7f" else 0.0
    if not before.isalpha():
        return 0.0
    if _script(before) != _script(sign) or (before.islower() and sign.isupper()):
        return _BREAK_COST
    return 1.5 if _script(sign) == "LATIN" and before > "\x7f" and sign > "\x7f" else 0.0


def _script(sign: str) -> str:
    if sign < "\x80":
        return "LATIN"
    script = unicodedata.name(sign, "?").split(" ")[0]
    return "CJK" if script in {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"} else script


def _known_words(text: str) -> list[tuple[int, int]]:
    """Where words that people write on tracks stand, from and to; the longest first, none over another."""
    spans: list[tuple[int, int]] = []
    plain = "".join(c if len(c) == 1 else s for s, c in ((s, unicodedata.normalize("NFKC", s).lower()) for s in text))
    for word in sorted({word for sign in set(plain) for word in _BY_FIRST_SIGN.get(sign, ())}, key=_RANK.__getitem__):
        start = plain.find(word)
        while start >= 0:
            end = start + len(word)
            if all(end <= other[0] or start >= other[1] for other in spans):
                spans.append((start, end))
            start = plain.find(word, end)
    return spans
