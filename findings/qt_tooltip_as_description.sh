#!/bin/sh
# PySide6-Essentials 6.11.3 (PyPI, 2026-11-30, Python 3.11, platform "offscreen")
#
# One would expect: a screen reader is told the words of a tooltip. A tooltip that has markup (Qt shows it as rich text), as
# many have for their shortcut, is told as it reads: "Plays the song & stops".
#
# What happens: where a widget has no accessible description of its own, Qt answers with the tooltip's source, tags and
# entities included: "<b>Plays</b> the song &amp; stops". So every formatted tooltip needs setAccessibleDescription too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'PYTHON'
from PySide6.QtGui import QAccessible, QTextDocument
from PySide6.QtWidgets import QApplication, QPushButton

application = QApplication([])
tooltip = "<b>Plays</b> the song &amp; stops"
shown = QTextDocument()
shown.setHtml(tooltip)
button = QPushButton("Play")
button.setToolTip(tooltip)
told = QAccessible.queryAccessibleInterface(button).text(QAccessible.Text.Description)
print("shown:", shown.toPlainText())
print("told: ", told)
assert shown.toPlainText() == "Plays the song & stops"
assert told == tooltip
button.setAccessibleDescription("Plays the song and stops")
assert QAccessible.queryAccessibleInterface(button).text(QAccessible.Text.Description) == "Plays the song and stops"
print("as described")
PYTHON
