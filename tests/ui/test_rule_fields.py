"""The fields of rules show what they are given and say what they show."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from musicassist.composing.request import Constraints
from musicassist.score.theory import Key
from musicassist.ui.rule_fields import RangeField, RuleFields

RULES = Constraints(
    key=Key(2), density=1.5, largest_leap=7, polyphony=2, rhythm="straight", only_new=True, new_to_training=True
)


@pytest.mark.parametrize("rules", [RULES, Constraints(key=Key(2))])
def test_what_is_shown_is_what_is_said_without_a_word_of_a_change(qtbot: QtBot, rules: Constraints) -> None:
    fields = RuleFields()
    qtbot.addWidget(fields)
    with qtbot.assertNotEmitted(fields.changed):
        fields.show_rules(rules, "folk")
    assert fields.applied_to(Constraints(key=Key(2))) == rules
    assert fields.style_name == "folk"


def test_rules_that_are_set_are_counted() -> None:
    assert RuleFields.count(Constraints(key=Key(2)), None) == 0
    assert RuleFields.count(RULES, "folk") == 7


def test_fields_have_names_for_a_screen_reader(qtbot: QtBot) -> None:
    fields = RuleFields()
    qtbot.addWidget(fields)
    named = (fields._density, fields._leap, fields._polyphony, fields._rhythm, fields._only_new, fields._style)
    assert [field.accessibleName() for field in named] == [
        "Density",
        "Largest leap",
        "Polyphony",
        "Rhythm: free",
        "New to my phrase",
        "Style: any",
    ]


def test_a_range_is_written_as_it_is_read(qtbot: QtBot) -> None:
    field = RangeField()
    qtbot.addWidget(field)
    for text, range_ in (("C4:C6", (60, 84)), ("bb3:c4", (58, 60)), ("", (0, 127))):
        field.setText(text)
        with qtbot.waitSignal(field.chosen):
            field.editingFinished.emit()
        assert field.range == range_
    field.setText("high")
    with qtbot.waitSignal(field.refused):
        field.editingFinished.emit()
    assert field.range == (0, 127)
