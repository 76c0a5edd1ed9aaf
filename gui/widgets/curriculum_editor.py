"""The curriculum: a strip of stages, and the chosen stage's fields below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.experiment_draft import StageDraft
from gui.theme import Theme
from gui.widgets.stage_form import StageForm
from gui.widgets.stage_strip import HEIGHT, BlockContent, StageStrip


class CurriculumEditor(QWidget):
    """Edits a list of stages: add, remove, reorder by drag or Alt+Left/Right, change the fields.

    `stages_changed` follows every change by the user; `set_stages` emits nothing.
    """

    stages_changed = Signal(tuple)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: tuple[StageDraft, ...] = ()
        self._seen: tuple[tuple[int, int], ...] = ()
        self._problems: Mapping[int, Mapping[str, str]] = {}
        self._selected = 0
        self._strip = StageStrip(theme)
        self._form = StageForm(theme)
        self._heading = QLabel()
        self._heading.setProperty("role", "strong")
        self._earlier = self._button("Move earlier", "Alt+Left on the stage", lambda: self._move_by(-1))
        self._later = self._button("Move later", "Alt+Right on the stage", lambda: self._move_by(1))
        self._copy = self._button("Add stage", "Adds a copy of this stage after it", self.add_stage)
        self._remove = self._button("Remove stage", "Delete on the stage", self._remove_selected)
        self._strip.selected.connect(self._select)
        self._strip.move_asked.connect(self._move)
        self._strip.removal_asked.connect(self._remove_stage)
        self._form.edited.connect(self._replace_selected)
        self._lay_out()

    def stages(self) -> tuple[StageDraft, ...]:
        return self._stages

    def selected(self) -> int:
        return self._selected

    def set_stages(self, stages: Sequence[StageDraft]) -> None:
        """Show `stages` (at least one), without emitting `stages_changed`."""
        self._stages = tuple(stages)
        self._selected = min(self._selected, len(self._stages) - 1)
        if len(self._seen) != len(self._stages):
            self._seen = ()
        self._show()

    def set_seen(self, seen: Sequence[tuple[int, int]]) -> None:
        """Examples each stage will see, (text, speech); they give the blocks their widths."""
        self._seen = tuple(seen)
        self._show_strip()

    def set_problems(self, problems: Mapping[int, Mapping[str, str]]) -> None:
        """Mistakes per stage index and field; the field "" holds a problem of the stage as a whole."""
        self._problems = problems
        self._form.set_problems(problems.get(self._selected, {}))
        self._show_strip()

    def add_stage(self) -> None:
        """Add a copy of the selected stage after it and select the copy."""
        here = self._selected + 1
        name = self._free_name(self._stages[self._selected].name)
        fresh = replace(self._stages[self._selected], name=name)
        self._selected = here
        self._change((*self._stages[:here], fresh, *self._stages[here:]))

    def _free_name(self, name: str) -> str:
        taken = {stage.name for stage in self._stages}
        candidates = (f"{name} {number}" for number in range(2, len(taken) + 3))
        return next(candidate for candidate in candidates if candidate not in taken)

    def _remove_selected(self) -> None:
        self._remove_stage(self._selected)

    def _remove_stage(self, index: int) -> None:
        if len(self._stages) > 1:
            self._selected = min(self._selected, len(self._stages) - 2)
            self._change((*self._stages[:index], *self._stages[index + 1 :]))

    def _move_by(self, step: int) -> None:
        if 0 <= self._selected + step < len(self._stages):
            self._move(self._selected, self._selected + step)

    def _move(self, source: int, target: int) -> None:
        order = list(self._stages)
        order.insert(target, order.pop(source))
        self._selected = target
        self._change(tuple(order))

    def _replace_selected(self, stage: StageDraft) -> None:
        here = self._selected
        self._change((*self._stages[:here], stage, *self._stages[here + 1 :]))

    def _select(self, index: int) -> None:
        self._selected = index
        self._show()

    def _change(self, stages: tuple[StageDraft, ...]) -> None:
        # Counts and mistakes belong to the old stages; the owner answers with new ones soon.
        if len(stages) != len(self._stages):
            self._seen, self._problems = (), {}
        self._stages = stages
        self._show()
        self.stages_changed.emit(stages)

    def _show(self) -> None:
        stage, count = self._stages[self._selected], len(self._stages)
        self._heading.setText(f"Stage {self._selected + 1} of {count}")
        self._form.set_draft(stage)
        self._form.set_problems(self._problems.get(self._selected, {}))
        self._earlier.setEnabled(self._selected > 0)
        self._later.setEnabled(self._selected < count - 1)
        self._remove.setEnabled(count > 1)
        self._show_strip()

    def _show_strip(self) -> None:
        self._strip.show_stages(
            [self._content(index, stage) for index, stage in enumerate(self._stages)], self._selected
        )

    def _content(self, index: int, stage: StageDraft) -> BlockContent:
        epochs = "1 epoch" if stage.epochs == 1 else f"{stage.epochs} epochs"
        text_seen, speech_seen = self._seen[index] if self._seen else (0, 0)
        return BlockContent(
            title=stage.name.strip() or "(no name)",
            detail=f"{epochs}, rate {stage.learning_rate}",
            weight=text_seen + speech_seen or stage.epochs,
            text_seen=text_seen,
            speech_seen=speech_seen,
            has_problem=bool(self._problems.get(index)),
        )

    def _button(self, words: str, tip: str, act: object) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(tip)
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        self._strip.setProperty("role", "scrolled")
        scroll = QScrollArea()
        scroll.setWidget(self._strip)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedHeight(HEIGHT + scroll.horizontalScrollBar().sizeHint().height())
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._heading)
        head.addStretch(1)
        for button in (self._earlier, self._later, self._remove, self._copy):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(scroll)
        column.addLayout(head)
        column.addWidget(self._form)
