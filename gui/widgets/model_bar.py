"""Choosing the model to try, and loading it into the warm inference process."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import UserError
from core.inference.client import LoadedModel
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.model_choices import ModelChoice, list_choices
from gui.widgets.basics import ElidedLabel
from gui.widgets.elided_combo import ElidedComboBox
from gui.widgets.message import InlineMessage, Kind


class ModelBar(QWidget):
    """One model is loaded at a time; when another is chosen meanwhile, it is loaded next."""

    ready = Signal()
    """the chosen model answers now"""
    chosen = Signal(object)
    """the `ModelChoice` that is being loaded"""
    failed = Signal(object)
    """the `UserError` for which there will be no model; it is shown here too"""

    listed = Signal()
    """the list of models was read"""

    _progress = Signal(str)
    """words from the inference process, emitted off the UI thread"""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._choices: list[ModelChoice] = []
        self.all_choices: list[ModelChoice] = []
        """those of the list, and the steps on the way to them"""
        self._wanted = context.settings.current.model
        self._loading: ModelChoice | None = None
        self._loaded: ModelChoice | None = None
        self.model: LoadedModel | None = None
        self.choice = ElidedComboBox()
        self.choice.setAccessibleName("Model")
        self.status = ElidedLabel(role="hint")
        self.message = InlineMessage(context.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.choice, self.status, self.message):
            column.addWidget(widget)
        self.choice.currentIndexChanged.connect(self._choose)
        self._progress.connect(self._tell_progress)

    def refresh(self) -> None:
        """Read the list of models again; what was chosen stays chosen, and is loaded if it is not."""
        self._context.background.run(
            self._list_choices, success=self._show_choices, failure=self._refused, owner=self
        )

    def look_for_new(self) -> None:
        """Take up models that came or went; never under an open list."""
        self._context.background.run(self._list_choices, success=self._show_if_new, owner=self)

    def use(self, key: str) -> None:
        """Choose this model, now or when it is in the list."""
        self._remember(key)
        self.refresh()

    @property
    def is_ready(self) -> bool:
        """Whether the chosen model answers now."""
        return self._loaded is not None and self._loaded == self.current

    def _list_choices(self, _task: Task) -> list[ModelChoice]:
        library = self._context.open_library()
        if not library.names():
            library.ensure_demo()  # at the very first start the window may still be busy with it
        return list_choices(library, self._context.run_store(), self._context.paths)

    def family(self) -> list[ModelChoice]:
        """The steps on the way to the chosen model, the base model first."""
        chosen = self.current
        return [] if chosen is None else [each for each in self.all_choices if each.step_of == chosen.key]

    def _show_choices(self, everything: list[ModelChoice]) -> None:
        self.all_choices = everything
        self._choices = choices = [choice for choice in everything if not choice.step_of]
        keys = [choice.key for choice in choices]
        with QSignalBlocker(self.choice):
            self.choice.clear()
            self.choice.addItems([choice.title for choice in choices] or ["No model"])
            self.choice.setCurrentIndex(keys.index(self._wanted) if self._wanted in keys else 0)
        self.choice.setEnabled(bool(choices))
        self.listed.emit()
        if choices:
            self._load()
        else:
            self._give_up(
                UserError("There is no model to try yet.", remedy="Import a dataset and train a run."), "info"
            )

    def _show_if_new(self, choices: list[ModelChoice]) -> None:
        if choices != self.all_choices and not self.choice.view().isVisible():
            self._show_choices(choices)

    @Slot()
    def _choose(self) -> None:
        choice = self.current
        if choice is not None:
            self._remember(choice.key)
            self._load()

    def _remember(self, key: str) -> None:
        self._wanted = key
        self._context.remember(model=key)

    @property
    def current(self) -> ModelChoice | None:
        """The chosen model, loaded or not."""
        index = self.choice.currentIndex()
        return self._choices[index] if 0 <= index < len(self._choices) else None

    def _load(self) -> None:
        choice = self.current
        if choice is None or self._loading is not None or choice == self._loaded:
            return
        self._loading, self._loaded = choice, None
        self.message.clear()
        self.status.setText("Loading\N{HORIZONTAL ELLIPSIS}")
        self.chosen.emit(choice)
        self._context.background.run(
            self._loader(choice), success=self._is_loaded, failure=self._refused, owner=self
        )

    def _loader(self, choice: ModelChoice) -> Callable[[Task], LoadedModel]:
        inference, tell = self._context.inference, self._progress.emit
        return lambda _task: inference.load(choice.model, choice.datasets, tell)

    @Slot(str)
    def _tell_progress(self, words: str) -> None:
        if self._loading is not None:
            self.status.setText(f"Loading: {words}\N{HORIZONTAL ELLIPSIS}")

    def _is_loaded(self, model: LoadedModel) -> None:
        self._loaded, self._loading = self._loading, None
        self.model = model
        self.status.setText(f"Ready. It knows {len(model.intents)} intents.")
        if self.is_ready:
            self.ready.emit()
        else:
            self._load()

    def _refused(self, error: Exception) -> None:
        refused, self._loading = self._loading, None
        if refused is not None and refused != self.current:
            self._load()  # another one was chosen meanwhile
        else:
            self._give_up(worded(error), "bad")

    def _give_up(self, error: UserError, kind: Kind) -> None:
        self.status.setText("")
        self.message.say(kind, str(error))
        self.failed.emit(error)
