"""The borders of the house that import-linter does not see, and import-linter itself."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "musicassist"
MODULES = sorted(PACKAGE.rglob("*.py"))
LINES_LIMIT = 400
MAX_FRONT_NAMES = 10
VAGUE_NAMES = {"utils", "util", "helpers", "core", "common", "manager", "base", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def loaded_after_importing(module: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after importing one module of ours."""
    code = f"import json, sys, {module}; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(answer.stdout))


@pytest.mark.parametrize(
    ("module", "strangers"),
    [
        ("musicassist.session.session", {"torch", "PySide6"}),
        ("musicassist.session.together", {"torch", "PySide6"}),
        ("musicassist.sound.engine", {"torch", "PySide6", "sounddevice", "soundfile"}),
        ("musicassist.sound.client", {"torch", "PySide6", "fluidsynth", "rtmidi"}),
        ("musicassist.midi.reading_process", {"torch", "PySide6"}),
        ("musicassist.cli.main", {"torch", "PySide6", "numpy"}),
        ("musicassist.app", {"torch", "PySide6"}),
        ("musicassist.models.cards", {"torch", "PySide6"}),
        ("musicassist.composing.request", {"torch", "PySide6"}),
        ("musicassist.families.registry", {"torch", "PySide6"}),
        ("musicassist.ui.main_window", {"torch", "fluidsynth", "rtmidi", "sounddevice", "soundfile"}),
    ],
)
def test_a_fresh_interpreter_loads_no_stranger(module: str, strangers: set[str]) -> None:
    assert loaded_after_importing(module) & strangers == set()


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=name_of)
def test_a_package_file_is_a_docstring_or_a_small_front(path: Path) -> None:
    """A front names again, in ``__all__``, at most ten things of its own modules, and does nothing."""
    docstring, *front = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant)
    if not front:
        return
    *imports, listed = front
    package = ".".join(path.parent.relative_to(ROOT).parts)
    assert all(isinstance(line, ast.ImportFrom) and str(line.module).startswith(f"{package}.") for line in imports)
    assert isinstance(listed, ast.Assign) and ast.unparse(listed.targets[0]) == "__all__"
    names = {alias.name for line in imports if isinstance(line, ast.ImportFrom) for alias in line.names}
    assert names == set(ast.literal_eval(listed.value)) and len(names) <= MAX_FRONT_NAMES


def test_no_module_is_over_400_lines() -> None:
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > LINES_LIMIT} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name_of(path) for path in MODULES if path.stem in VAGUE_NAMES or path.parent.name in VAGUE_NAMES] == []


def test_nothing_that_can_run_code_is_loaded() -> None:
    """Checkpoints and messages are data: no pickle, no ``torch.load``, no ``eval``."""
    forbidden = re.compile(r"\b(torch\.load|import pickle|from pickle|marshal|shelve\b|eval\(|exec\()")
    called = re.compile(r"\.(eval|exec)\(")  # model.eval() and QDialog.exec() are other things
    found = [
        f"{name_of(path)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if forbidden.search(called.sub("(", line))
    ]
    assert found == []


def test_only_the_entry_points_fetch_the_settings() -> None:
    users = {
        name_of(path)
        for path in MODULES
        if path.stem != "settings" and "load_settings" in path.read_text(encoding="utf-8")
    }
    assert {user for user in users if not user.startswith(("musicassist/app.py", "musicassist/cli/"))} == set()


SHOWN_BY = {
    *("setText", "setToolTip", "setTitle", "setWindowTitle", "setStatusTip", "setWhatsThis", "setPlaceholderText"),
    *("setAccessibleName", "setAccessibleDescription", "setTabText", "setItemText", "setHtml", "setTextFormat"),
    *("setInformativeText", "setDetailedText", "addAction", "addMenu", "addItem", "addItems", "addTab", "addRow"),
    *("drawText", "drawStaticText", "showText"),
}  # methods of Qt that put words on the screen
MADE_WITH = {
    "QPushButton",
    "QToolButton",
    "QMenu",
    "QAction",
    "QCheckBox",
    "QRadioButton",
    "QGroupBox",
    "QStandardItem",
}
NEVER_MADE = {"QLabel", "QMessageBox", "QTextBrowser", "QTextEdit", "QErrorMessage", "QStaticText"}
OWN_WORDS = {"tr", "translate"}
NO_TEXT = {"action", "inner", "parent", "self", "widget", "menu"}  # what is handed there is an action or a widget


def shows_unchecked(call: ast.Call) -> bool:
    """Whether a call puts words on the screen that are not a literal translation."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in NEVER_MADE:
        return True
    if name not in SHOWN_BY | MADE_WITH or "clipboard" in ast.unparse(call.func):
        return False
    return not all(is_own_or_no_text(argument) for argument in call.args)


def is_own_or_no_text(argument: ast.expr) -> bool:
    if isinstance(argument, ast.Call):
        function = argument.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in OWN_WORDS and all(isinstance(part, ast.Constant) for part in argument.args)
    if isinstance(argument, ast.Attribute | ast.Subscript):
        return ast.unparse(argument).startswith(("self._", "self.", "PySide6")) and "text" not in ast.unparse(argument)
    return isinstance(argument, ast.Constant) or (isinstance(argument, ast.Name) and argument.id in NO_TEXT)


def test_every_text_of_the_window_goes_through_the_home_of_foreign_text() -> None:
    """Qt obeys markup, ``&`` and ``[*]`` in names; only literal translations may be handed to it directly.

    Elsewhere: ``PlainLabel``, ``set_face``, ``set_tip``, ``set_name``, ``add_line``, ``add_menu``, ``paint_words`` ...
    """
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        if path.is_relative_to(PACKAGE / "ui") and path.stem != "foreign_text"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and shows_unchecked(node)
    ]
    assert found == []


def test_a_name_in_a_sentence_of_the_window_is_made_literal() -> None:
    """``.format(name=path.name)``: a right-to-left name would turn the words around it; hand it through ``literal``."""
    names = {"name", "song_name", "port", "input_port", "output_port", "soundfont", "driver", "title"}
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        if path.is_relative_to(PACKAGE / "ui") and "bench" not in path.stem
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
        if any(isinstance(part.value, ast.Attribute) and part.value.attr in names for part in node.keywords)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "label = QLabel(name)", "row.name.setText(track.name)", "menu.addAction(port)", "button = QPushButton(label)",
        'w.setToolTip(f"<b>{name}</b>")', 'w.setToolTip(self.tr("{name}").format(name=name))',
        "painter.drawText(box, 0, words)", "menu.addMenu(title)", "QMessageBox.warning(self, a, b)", "item.setText(x)",
    ],
)  # fmt: skip
def test_a_name_that_is_handed_to_qt_directly_is_found(line: str) -> None:
    calls = [node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call)]
    assert any(shows_unchecked(call) for call in calls) or "QMessageBox" in line


@pytest.mark.slow
def test_imports_go_down() -> None:
    """Every contract of pyproject.toml holds."""
    linter = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


STAND_INS = {  # modules without a test of their name, and the file that is their test
    "musicassist/families/ensemble/family.py": "families/test_registry.py",
    "musicassist/families/hybrid/family.py": "families/test_registry.py",
    "musicassist/composing/melody_takes.py": "composing/test_engine.py",  # its promises are those of a request
    "musicassist/composing/request.py": "composing/test_engine.py",
    "musicassist/evaluation/command.py": "test_packaging.py",  # it is what a wheel has in place of the laboratory
    "musicassist/families/ensemble/columns.py": "lab/ensemble/test_features.py",
    "musicassist/families/ensemble/given.py": "lab/ensemble/test_features.py",
    "musicassist/families/ensemble/head_rows.py": "families/ensemble/test_following.py",
    "musicassist/families/ensemble/net.py": "families/ensemble/test_decoding.py",
    "musicassist/families/ensemble/stream.py": "lab/ensemble/test_pieces.py",
    "musicassist/families/ensemble/vocabulary.py": "lab/ensemble/test_pieces.py",
    "musicassist/families/gate_learning.py": "families/hybrid/test_learning.py",
    "musicassist/families/latent/family.py": "families/test_registry.py",  # records: the table is what can be wrong
    "musicassist/families/markov/net.py": "families/markov/test_decoding.py",
    "musicassist/families/recurrent/family.py": "families/test_registry.py",
    "musicassist/harmony/chord_search.py": "harmony/test_harmonising.py",
    "musicassist/midi/findings.py": "midi/test_reading.py",  # the warnings of files that are read
    "musicassist/midi/track_events.py": "midi/test_chunk_music.py",
    "musicassist/sound/fluid_library.py": "sound/test_fluid_synth_order.py",  # needs FluidSynth
    "musicassist/cli/answering.py": "cli/test_composing_takes.py",
    "musicassist/families/recurrent/form_reading.py": "families/recurrent/test_form_predictor.py",
    "musicassist/families/recurrent/form_vocabulary.py": "families/recurrent/test_form_context.py",
    "musicassist/sound/messages.py": "sound/test_wire.py",  # values alone
    "musicassist/sound/synth.py": "sound/test_playback.py",
    "musicassist/tokens/context.py": "tokens/test_columns.py",
    "musicassist/tokens/matches.py": "tokens/test_columns.py",
    "musicassist/tokens/vocabulary.py": "tokens/test_columns.py",
    "lab/bench.py": "lab/sound/test_font_proof.py",
    "lab/benchmarks/frame_models.py": "lab/benchmarks/test_frames.py",
    "lab/evaluation/measures.py": "lab/evaluation/test_command.py",
    "lab/evaluation/report.py": "lab/evaluation/test_scoreboard.py",
    "lab/sound/bench.py": "sound/test_jack.py",  # needs JACK, as all that follow here
    "lab/sound/jack_system.py": "sound/test_jack.py",
    "lab/sound/loads.py": "lab/sound/test_foreign_programs.py",
    "lab/sound/reference_player.py": "lab/sound/test_agreement.py",
    "lab/sound/soak.py": "lab/sound/test_transport_walk.py",
    "lab/ensemble/knowledge.py": "families/ensemble/test_following.py",
    "lab/ensemble/matching.py": "lab/ensemble/test_features.py",
    "lab/ensemble/past.py": "lab/ensemble/test_features.py",
    "lab/form/columns.py": "families/recurrent/test_form_context.py",
    "lab/form/shards.py": "lab/form/test_lines.py",
}
UNTESTED = {  # clocks around the real model and window: only `musicassist bench` runs them
    "lab/evaluation/model_bench.py",
    "lab/window/pictures.py",
    "lab/window/mixing_bench.py",
    "lab/window/play_ahead_bench.py",
    "lab/window/window_bench.py",
    # a training and its figures, hours long
    "lab/evaluation/ensemble_bits.py",
    "lab/evaluation/ensemble_ngrams.py",
    "lab/evaluation/ensemble_sixteenths.py",
    "lab/evaluation/ensemble_speed.py",
    "lab/evaluation/form_bits.py",
    "lab/evaluation/form_takes.py",
    "lab/training/ensemble.py",
    "lab/training/ensemble_card.py",
    "lab/training/form.py",
    "lab/training/form_card.py",
    "lab/training/plans.py",
}
MIN_TESTED_LINES = 40


def has_test_of_its_name(path: Path) -> bool:
    room = path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).parent
    folder = ROOT / "tests" / room
    return (folder / f"test_{path.stem}.py").exists() or any(folder.glob(f"test_{path.stem}_*.py"))


def test_every_module_has_a_test_of_its_name() -> None:
    """Who tests this line? ``tests/ROOM/test_MODULE.py`` or ``test_MODULE_topic.py``, else what the table says."""
    nameless = {
        name_of(path)
        for path in [*MODULES, *sorted((ROOT / "lab").rglob("*.py"))]
        if path.name not in ("__init__.py", "__main__.py")
        and len(path.read_text(encoding="utf-8").splitlines()) >= MIN_TESTED_LINES
        and not has_test_of_its_name(path)
    }
    assert nameless - STAND_INS.keys() == UNTESTED
    assert STAND_INS.keys() - nameless == set()  # who has a test of its name by now leaves the table
    assert [test for test in STAND_INS.values() if not (ROOT / "tests" / test).is_file()] == []
