"""What the window's own parts add to the theme's style sheet."""

from __future__ import annotations

from musicassist.ui.theme import SMALL_PX, Theme


def window_style_sheet(theme: Theme) -> str:
    """Grounds and spacing of the bars, panels and notices, by object name."""
    return f"""
QMainWindow, #centre {{ background: {theme.window}; }}
QMenuBar {{ background: {theme.window}; padding: 0 4px; }}
QMenuBar::item {{ padding: 3px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {theme.hover}; }}
#transport_bar, #status_strip, #track_list, #takes_panel {{ background: {theme.window}; }}
#transport_bar QToolButton {{ padding: 4px; }}
#transport_bar QToolButton[wide="true"] {{ padding: 4px 7px; }}
#transport_bar QToolButton#prompt_field {{ color: {theme.second_text}; font-size: {SMALL_PX}px; }}
#transport_bar QToolButton:checked {{ background: {theme.hover}; }}
#transport_bar QToolButton::menu-indicator, #takes_panel QToolButton::menu-indicator,
#status_strip QToolButton::menu-indicator, #track_list QToolButton::menu-indicator {{ image: none; width: 0; }}
#position {{ background: {theme.field}; border-radius: 6px; padding: 4px 8px; color: {theme.text}; }}
#separator {{ background: {theme.beat_line}; min-width: 1px; max-width: 1px; min-height: 20px; max-height: 20px; }}
QPushButton[quiet="true"] {{ background: {theme.field}; color: {theme.second_text}; font-weight: normal;
    font-size: {SMALL_PX}px; }}
#status_strip QToolButton {{ padding: 1px 5px; color: {theme.second_text}; border-radius: 4px; }}
#status_message {{ color: {theme.second_text}; }}
#takes_panel QPushButton {{ padding: 3px 4px; }}
#notice {{ background: {theme.field}; }}
#notice QPushButton {{ background: {theme.hover}; padding: 2px 9px; }}
#panel_title {{ color: {theme.second_text}; font-weight: 600; }}
#second, #take_facts {{ color: {theme.second_text}; font-size: {SMALL_PX}px; }}
#refusal {{ color: {theme.warning}; font-size: {SMALL_PX}px; }}
QToolButton#mute, QToolButton#solo {{ border: 0; padding: 0; border-radius: 4px; font-size: {SMALL_PX}px;
    color: {theme.second_text}; }}
QToolButton#mute:checked {{ background: {theme.warning}; color: {theme.window}; }}
QToolButton#solo:checked {{ background: {theme.text}; color: {theme.window}; }}
#track_row[chosen="true"] {{ background: {theme.hover}; border-radius: 6px; }}
#progress {{ background: transparent; border: 0; min-height: 2px; max-height: 2px; }}
#progress::chunk {{ background: {theme.accent}; }}
QSlider::groove:horizontal {{ height: 3px; background: {theme.bar_line}; border-radius: 1px; }}
QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 1px; }}
QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -5px 0; border-radius: 6px;
    background: {theme.text}; }}
QAbstractSpinBox {{ padding: 3px 0; }}
QAbstractSpinBox QLineEdit {{ padding: 0; border: 0; background: transparent; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; height: 0; border: 0; }}
#instrument {{ color: {theme.second_text}; font-size: {SMALL_PX}px; text-align: left; border: 0; padding: 1px 0;
    background: transparent; }}
#instrument::menu-indicator {{ image: none; width: 0; }}
#instrument:hover {{ color: {theme.text}; }}
QSplitter::handle {{ background: {theme.window}; }}
#popup {{ background: {theme.panel}; border: 1px solid {theme.bar_line}; border-radius: 8px; }}
#popup QListView {{ background: transparent; border: 0; }}
#popup QListView::item {{ padding: 5px 8px; border-radius: 4px; }}
#popup QListView::item:selected {{ background: {theme.hover}; color: {theme.text}; }}
"""
