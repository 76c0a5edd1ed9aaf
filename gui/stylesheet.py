"""The one style sheet, filled from a theme's tokens. Widgets choose a look by their `role` property."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from core.paths import RESOURCES

_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QDialog, QWidget[role="ground"] { background: $ground; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 4px 6px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: 22px; font-weight: 600; }
QLabel[role="section"] { font-size: 16px; font-weight: 600; }
QLabel[role="hint"] { font-size: 12px; color: $muted; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="figure"] { font-size: 22px; font-weight: 600; }
QLabel[role="prompt"] { font-size: 40px; font-weight: 600; }
QLabel[role="good"] { color: $good; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="bad"] { color: $bad; }
QLabel:disabled { color: $disabled; }

QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[role="line"] { background: $line; border: none; }
QFrame[role="setting"] { border: none; border-left: 3px solid transparent; }
QFrame[role="setting"][changed="true"] { border-left-color: $accent; }
QFrame[role="chip"] { background: $hover; border: 1px solid $line; border-radius: 8px; }
QFrame[role="column"] { background: $hover; border: 1px solid $line; border-radius: 8px; }
QFrame[role="banner"] { background: $bad_ground; border: none; border-bottom: 1px solid $bad; }
QFrame[role="chip"]:focus { border-color: $accent; }
QFrame[role="message"] { border-radius: 8px; border: none; }
QFrame[role="message"][kind="info"] { background: $info_ground; }
QFrame[role="message"][kind="good"] { background: $good_ground; }
QFrame[role="message"][kind="warn"] { background: $warn_ground; }
QFrame[role="message"][kind="bad"] { background: $bad_ground; }

QWidget[role="navigation"] { background: $surface; border: none; border-right: 1px solid $line; }
QPushButton[role="navigation"] { background: transparent; border: 2px solid transparent; border-radius: 8px;
    padding: 8px 10px; text-align: left; font-size: 13px; color: $muted; min-height: 20px; }
QPushButton[role="navigation"]:hover { background: $hover; color: $text; }
QPushButton[role="navigation"]:checked { background: $selection; color: $text; font-weight: 600; }
QPushButton[role="navigation"]:focus { border-color: $accent; }

QPushButton { background: $surface; border: 1px solid $field_line; border-radius: 8px; padding: 6px 14px;
    min-height: 18px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $disabled; border-color: $line; background: $surface; }
QPushButton[role="primary"] { background: $accent; border: 1px solid $accent; color: $on_accent;
    font-weight: 600;
    padding: 8px 20px; }
QPushButton[role="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[role="primary"]:pressed { background: $accent_pressed; border-color: $accent_pressed; }
QPushButton[role="primary"]:focus { border: 1px solid $text; }
QPushButton[role="primary"]:disabled { background: $pressed; border-color: $pressed; color: $disabled; }
QPushButton[role="danger"] { color: $bad; }
QPushButton[role="danger"]:disabled { color: $disabled; }
QPushButton[role="quiet"] { background: transparent; border: 1px solid transparent; color: $accent;
    padding: 6px 8px; }
QPushButton[role="quiet"]:hover { background: $hover; }
QPushButton[role="quiet"]:pressed, QPushButton[role="quiet"]:checked { background: $pressed; }
QPushButton[role="quiet"]:focus { border: 1px solid $accent; }
QPushButton[role="quiet"]:disabled { color: $disabled; background: transparent; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; border-radius: 4px;
    color: $accent; font-size: 12px; padding: 0 4px; min-height: 16px; }
QPushButton[role="link"]:hover { background: $hover; }
QPushButton[role="link"]:pressed { background: $pressed; }
QPushButton[role="link"]:focus { border: 1px solid $accent; }
QPushButton[role="icon"] { background: transparent; border: 1px solid transparent; padding: 4px; }
QPushButton[role="icon"]:hover { background: $hover; }
QPushButton[role="icon"]:pressed { background: $pressed; }
QPushButton[role="icon"]:focus { border: 1px solid $accent; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDoubleSpinBox { background: $field;
    border: 1px solid $field_line; border-radius: 6px; padding: 4px 8px; min-height: 20px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus,
    QDoubleSpinBox:focus {
    border: 1px solid $accent; }
QLineEdit[role="place"] { background: transparent; border-color: transparent; padding-left: 0; }
QLineEdit[role="place"]:focus { border-color: $accent; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: $disabled;
    border-color: $line; background: $surface; }
QLineEdit[invalid="true"], QComboBox[invalid="true"], QSpinBox[invalid="true"],
    QDoubleSpinBox[invalid="true"] {
    border: 1px solid $bad; }
QComboBox { padding-right: 24px; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/control-down.svg"); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $field_line; outline: none;
    selection-background-color: $selection; selection-color: $text; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 6px; }
QSpinBox, QDoubleSpinBox { padding: 2px 20px 2px 0; qproperty-alignment: 'AlignRight | AlignVCenter'; }
QAbstractSpinBox > QLineEdit, QComboBox > QLineEdit { border: none; padding: 0; margin: 0; min-height: 0;
    background: transparent; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-position: top right; border: none; width: 20px;
    background: transparent; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-position: bottom right; border: none;
    width: 20px;
    background: transparent; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("$icons/control-up.svg"); width: 10px;
    height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url("$icons/control-down.svg"); width: 10px;
    height: 10px; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; padding: 2px; border: 1px solid transparent;
    border-radius: 4px; }
QCheckBox[role="section"] { font-size: 16px; font-weight: 600; }
QCheckBox[role="strong"] { font-weight: 600; }
QCheckBox:focus, QRadioButton:focus { border: 1px solid $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QListView::indicator, QRadioButton::indicator { width: 14px; height: 14px;
    border: 1px solid $field_line; background: $field; }
QCheckBox::indicator, QListView::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: $accent; border-color: $accent;
    image: url("$icons/control-check-$name.svg"); }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent;
    background: $on_accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $line; }
QCheckBox::indicator:checked:disabled { background: $disabled; border-color: $disabled; }

QSlider:horizontal { min-height: 20px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
    background: $surface;
    border: 2px solid $accent; }
QSlider:focus { border: none; }
QSlider::handle:horizontal:focus { background: $selection; }

QProgressBar { background: $line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QAbstractItemView { background: $surface; border: none; outline: none; selection-background-color: $selection;
    selection-color: $text; gridline-color: $line; }
QTableView::item, QListView::item { padding: 0 8px; border: none; }
QTableView::item { border-bottom: 1px solid $grid; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $selection; color: $text; }
QTableView, QListView { border: 1px solid transparent; border-radius: 4px; }
QTableView:focus, QListView:focus { border-color: $accent; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; font-size: 12px; border: none;
    border-bottom: 1px solid $line; padding: 4px 11px; }
QTableCornerButton::section { background: $surface; border: none; }

QScrollArea, QScrollArea > QWidget > QWidget[role="scrolled"] { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $field_line; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $disabled; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QMenu { background: $surface; border: 1px solid $field_line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; padding: 8px 12px; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $accent; }
QSplitter::handle { background: transparent; }
""")


def style_sheet(tokens: Mapping[str, str], name: str) -> str:
    """The application's style sheet for one theme. `name` picks the control glyphs ("light" or "dark")."""
    icons = (RESOURCES / "icons").as_posix()
    return _SHEET.substitute(tokens, name=name, icons=icons)
