"""Listening to one recording closely: see it, hear any stretch of it, slowly, over and over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.audio.levels import FLOOR_DBFS
from core.audio.listening import Recording, read_recording
from core.errors import UserError
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import grouped, percent
from gui.icons import set_icon
from gui.theme import tabular
from gui.widgets.basics import ElidedLabel, button, icon_button, label
from gui.widgets.listening_sound import SPEEDS, ListeningSound
from gui.widgets.message import EmptyState, InlineMessage
from gui.widgets.spectrogram import RecordingPicture

STEP_S = 0.1
LONG_STEP_S = 1.0

KEYS = (
    "Space: play or pause",
    "Home: back to the start",
    "Left, Right: 0.1 s back or on; with Shift 1 s",
    "[ and ]: select from or up to the playhead",
    "Esc: select nothing",
    "L: loop",
    "− and +: slower, faster",
)
_MOUSE = ("Click or drag: move the playhead", "Shift and drag: select; Shift and click: select nothing")
_BUTTONS_OWN = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class ListeningPanel(QWidget):
    """Waveform, spectrogram and figures of a recording, and everything to hear it with, by mouse or keys."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._reading: Task | None = None
        self.sound = ListeningSound(context, self)
        self.picture = RecordingPicture(context.theme)
        self.title = ElidedLabel("", "strong")
        self.facts = label("", "hint")
        self.position = label("", "hint")
        self.selection = ElidedLabel("", "hint")
        self.message = InlineMessage(context.theme)
        self.empty = EmptyState(
            context.theme, "speech", "Nothing to hear yet", "Choose a recording above to see and hear it."
        )
        self._make_buttons()
        self._keys = self._key_table()
        self._lay_out()
        self._connect()
        self.show_recording(None, "")

    def show_recording(self, path: Path | None, title: str) -> None:
        """Show another recording, silent and at its beginning; None for the empty state.

        It is read in the background; what was still being read is forgotten. Loop and speed stay.
        """
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._take(None)
        self.title.setText(title)
        self.facts.clear()
        self.message.clear()
        self._pages.setCurrentWidget(self.empty if path is None else self._listening)
        self._header.setVisible(path is not None)
        if path is not None:
            self.facts.setText("Reading\N{HORIZONTAL ELLIPSIS}")
            self._reading = self._context.background.run(
                partial(_read, path), success=self._show, failure=self._refuse, owner=self
            )

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.sound.pause()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._press(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Esc also dismisses the window's error bar; while something is selected here it is ours.
        if isinstance(event, QKeyEvent) and self._is_escape_of_ours(event):
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A focused button would take the arrow keys to walk to its neighbours.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return event.key() not in _BUTTONS_OWN and self._press(event)
        return super().eventFilter(watched, event)

    # ---- building

    def _make_buttons(self) -> None:
        theme = self._context.theme
        self.play_button = button("Play", theme=theme, icon="play")
        # "Pause" is longer; the row must not move at every press.
        self.play_button.setMinimumWidth(90)
        self.home_button = icon_button("to-start", "Back to the start", theme)
        self.loop_button = button("Loop", theme=theme, icon="loop")
        self.loop_button.setCheckable(True)
        self.slower_button = icon_button("minus", "Slower", theme)
        self.speed = label("")
        self.speed.setFont(tabular(self.speed.font()))
        self.speed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.speed.setMinimumWidth(40)
        self.faster_button = icon_button("plus", "Faster", theme)
        _explain(self.home_button, "Stop and go back to the start (Home)")
        _explain(self.slower_button, "Slower, at the same pitch (−)")
        _explain(self.faster_button, "Faster, up to the recording's own speed (+)")
        for each in self._buttons():
            # A click leaves the keyboard where it was, so that Space goes on playing and pausing.
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            each.installEventFilter(self)
        self.picture.setToolTip("\n".join((*_MOUSE, *KEYS)))
        self.picture.setAccessibleDescription(". ".join((*KEYS, *_MOUSE)))
        self.setAccessibleName("Listening")

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.play_button, self.home_button, self.loop_button, self.slower_button, self.faster_button

    def _key_table(self) -> dict[Qt.Key | str, Callable[[], None]]:
        return {
            Qt.Key.Key_Space: self.sound.toggle,
            Qt.Key.Key_Home: self.sound.go_home,
            Qt.Key.Key_L: self.loop_button.click,
            "[": self._select_from,
            "]": self._select_to,
            "-": self.slower_button.click,
            "+": self.faster_button.click,
            "=": self.faster_button.click,
        }

    def _lay_out(self) -> None:
        self._header = QWidget()
        header = _row(self._header)
        header.addWidget(self.title, 1)
        header.addWidget(self.facts)
        controls = QWidget()
        row = _row(controls)
        row.setSpacing(4)
        for control in (self.play_button, self.home_button, self.loop_button):
            row.addWidget(control)
        speeds = QHBoxLayout()
        speeds.setSpacing(0)
        for part in (self.slower_button, self.speed, self.faster_button):
            speeds.addWidget(part)
        row.addLayout(speeds)
        numbers = QVBoxLayout()
        numbers.setSpacing(0)
        for line in (self.position, self.selection):
            line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            numbers.addWidget(line)
        row.addLayout(numbers, 1)
        for each in (self.facts, self.position, self.selection):
            each.setFont(tabular(each.font()))
        self._listening = QWidget()
        _column(self._listening, self.picture, controls)
        refused = QWidget()
        _column(refused, self.message).addStretch(1)
        self._refused = refused
        self._pages = QStackedWidget()
        for page in (self.empty, self._listening, refused):
            self._pages.addWidget(page)
        _column(self, self._header, self._pages)
        self.setFocusProxy(self.picture)

    def _connect(self) -> None:
        self.play_button.clicked.connect(self.sound.toggle)
        self.home_button.clicked.connect(self.sound.go_home)
        self.loop_button.clicked.connect(self.sound.set_looped)
        self.slower_button.clicked.connect(lambda: self.sound.change_speed(1))
        self.faster_button.clicked.connect(lambda: self.sound.change_speed(-1))
        self.sound.moved.connect(self._moved)
        self.sound.changed.connect(self._say_state)
        self.picture.sought.connect(self._seek)
        self.picture.selected.connect(self.sound.select)

    # ---- inside

    def _show(self, recording: Recording) -> None:
        self._reading = None
        self.facts.setText(_facts(recording))
        self._take(recording)

    def _refuse(self, error: Exception) -> None:
        self._reading = None
        self.facts.clear()
        if not isinstance(error, UserError):
            self._context.errors.report(error)
        self.message.say_error(worded(error))
        self._pages.setCurrentWidget(self._refused)

    def _take(self, recording: Recording | None) -> None:
        self.picture.show_recording(recording)
        self.sound.load(recording)
        controls = (self.play_button, self.home_button)
        if recording is None and any(each.hasFocus() for each in controls):
            self.picture.setFocus()  # a disabled button would pass the keyboard on to the next one
        for each in controls:
            each.setEnabled(recording is not None)

    def _press(self, event: QKeyEvent) -> bool:
        """Do what a key says; False for a key that says nothing here."""
        if not self.sound.seconds:
            return False
        # What was typed comes before the modifiers: some keyboards need AltGr for a bracket.
        action = self._keys.get(event.text())
        if action is None and not event.modifiers() & _COMMANDS:
            action = self._action(event)
        if action is not None:
            action()
        return action is not None

    def _action(self, event: QKeyEvent) -> Callable[[], None] | None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = LONG_STEP_S if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP_S
            return partial(self._step, step if key == Qt.Key.Key_Right else -step)
        if key == Qt.Key.Key_Escape and self.sound.span is not None:
            return partial(self.sound.select, None)
        return self._keys.get(key)

    def _is_escape_of_ours(self, event: QKeyEvent) -> bool:
        asked = event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape
        return asked and self.sound.span is not None

    def _step(self, seconds: float) -> None:
        self.sound.seek(self.sound.position_s + seconds)

    def _select_from(self) -> None:
        first, last = self.sound.position_s, (self.sound.span or (0.0, self.sound.seconds))[1]
        self.sound.select((first, last if last > first else self.sound.seconds))

    def _select_to(self) -> None:
        first, last = (self.sound.span or (0.0, self.sound.seconds))[0], self.sound.position_s
        self.sound.select((first if first < last else 0.0, last))

    @Slot(float)
    def _seek(self, seconds: float) -> None:
        span = self.sound.span
        if span is not None and not span[0] <= seconds <= span[1]:
            self.sound.select(None)
        self.sound.seek(seconds)

    @Slot(float)
    def _moved(self, seconds: float) -> None:
        self.picture.set_position(seconds)
        whole = self.sound.seconds
        self.position.setText(f"{seconds:.2f} / {whole:.2f} s" if whole else "")

    @Slot()
    def _say_state(self) -> None:
        sound, theme = self.sound, self._context.theme
        words, icon = ("Pause", "pause") if sound.playing else ("Play", "play")
        self.play_button.setText(words)
        self.play_button.setAccessibleName(words)
        _explain(self.play_button, f"{words} (Space)")
        set_icon(self.play_button, icon, theme, size=16)
        self.loop_button.setChecked(sound.looped)
        self.loop_button.setText("Looping" if sound.looped else "Loop")
        set_icon(self.loop_button, "check" if sound.looped else "loop", theme, size=16)
        what = "everything" if sound.span is None else "the selection"
        _explain(self.loop_button, f"{'Stop repeating' if sound.looped else 'Repeat'} {what} (L)")
        self.speed.setText(percent(sound.speed))
        self.speed.setAccessibleName(f"Speed {percent(sound.speed)}")
        self.slower_button.setEnabled(sound.speed != SPEEDS[-1])
        self.faster_button.setEnabled(sound.speed != SPEEDS[0])
        self.picture.set_span(sound.span)
        self.selection.setVisible(sound.span is not None)
        if sound.span is not None:
            self.selection.setText(f"only {sound.span[0]:.2f}\N{EN DASH}{sound.span[1]:.2f} s")


def _read(path: Path, task: Task) -> Recording:
    return read_recording(path, task.is_cancelled)


def _facts(recording: Recording) -> str:
    channels = {1: "mono", 2: "stereo"}.get(recording.channels, f"{recording.channels} channels")
    return " · ".join(
        (
            f"{recording.seconds:.2f} s",
            f"peak {_level(recording.peak_dbfs)}",
            f"RMS {_level(recording.rms_dbfs)}",
            f"{grouped(recording.rate)} Hz",
            channels,
        )
    )


def _level(dbfs: float) -> str:
    return "silent" if dbfs <= FLOOR_DBFS else f"{dbfs:.1f} dBFS".replace("-", "\N{MINUS SIGN}")


def _explain(control: QPushButton, words: str) -> None:
    control.setToolTip(words)
    control.setAccessibleDescription(words)


def _row(holder: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    return layout


def _column(holder: QWidget, *widgets: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    return layout
