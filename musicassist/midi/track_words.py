"""Words that people write on tracks where few write in UTF-8; by them the encoding of a short name is known."""

from __future__ import annotations

import unicodedata

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
