"""What "More settings" can set: read off the experiment file's models, and each value as it is typed.

Whatever the models gain appears by itself, with its title, help, choices and bounds. No Qt in here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.experiment.spec import ExperimentSpec
from gui.formatting import short_number

Typed = str | bool
Kind = Literal["switch", "choice", "whole", "number", "text", "folder"]

ON_PAGE: Final = frozenset(
    {
        "schema_version",
        "name",
        "base_model",
        "scheme",
        "data.train",
        "data.test",
        "data.speech.share",
        "data.languages",
        "data.weights",
        "stage",
    }
)
"""Fields of the file that have a place of their own on the Experiment page, or need none."""

METHOD: Final = "method"
LORA: Final = "lora"
"""The table that comes with a method instead of a check box of its own."""


@dataclass(frozen=True)
class Setting:
    """One field. key: its place in the file, "training.batch_size"; part: the table's title where that is
    needed to tell it from another field of the same title; usual: what holds where the file is silent."""

    key: str
    title: str
    help: str
    kind: Kind
    usual: Typed
    part: str = ""
    choices: tuple[str, ...] = ()
    limits: str = ""
    optional: bool = False

    @property
    def full_title(self) -> str:
        """ "Speed: How often": the title for whoever does not see where the field stands."""
        return f"{self.part}: {self.title}" if self.part else self.title

    def value(self, typed: Typed) -> Any:
        """What the file would say; text that is no number stays text for the checks."""
        if not isinstance(typed, str) or self.kind == "choice":
            return typed
        text = typed.strip()
        if self.optional and not text:
            return None
        if self.kind in {"whole", "number"}:
            for number in (int, float):
                with suppress(ValueError):
                    return number(text)
        return text

    def differs(self, typed: Typed) -> bool:
        return bool(self.value(typed) != self.value(self.usual))

    def words(self, typed: Typed) -> str:
        """The value as people read it."""
        if isinstance(typed, bool):
            return "on" if typed else "off"
        return choice_words(typed) if self.kind == "choice" else typed.strip() or "not set"


@dataclass(frozen=True)
class SettingTable:
    """A table of the file. optional: without it none of its fields hold, and the window has a check box."""

    key: str
    title: str
    help: str = ""
    optional: bool = False
    settings: tuple[Setting, ...] = ()
    parts: tuple[SettingTable, ...] = ()

    def all_tables(self) -> Iterator[SettingTable]:
        yield self
        for part in self.parts:
            yield from part.all_tables()

    def all_settings(self) -> Iterator[Setting]:
        for table in self.all_tables():
            yield from table.settings

    def usual(self) -> dict[str, Typed]:
        """What each field and each check box in here usually is."""
        switches: dict[str, Typed] = {table.key: False for table in self.all_tables() if table.optional}
        return switches | {setting.key: setting.usual for setting in self.all_settings()}

    def is_on(self, settings: Mapping[str, Typed]) -> bool:
        if self.key == LORA:
            return settings[METHOD] == LORA
        return settings[self.key] is True if self.optional else True

    def changed(self, settings: Mapping[str, Typed]) -> list[str]:
        """Keys of what holds and is not as usual; a check box that was set counts, too."""
        if not self.is_on(settings):
            return []
        own = [self.key] if self.optional else []
        own += [setting.key for setting in self.settings if setting.differs(settings[setting.key])]
        return own + [key for part in self.parts for key in part.changed(settings)]


def choice_words(choice: str) -> str:
    """ "exact_match" -> "exact match"."""
    return choice.replace("_", " ")


def typed_settings(spec: ExperimentSpec) -> dict[str, Typed]:
    """A file's settings the way one would type them; of a table that it leaves out, the usual ones."""
    document = spec.model_dump()
    settings = ROOT.usual()
    for table in ROOT.all_tables():
        if table.optional:
            settings[table.key] = _at(document, table.key) is not None
    for setting in ROOT.all_settings():
        table_there = _at(document, setting.key.rpartition(".")[0]) is not None
        if table_there:
            settings[setting.key] = _typed(_at(document, setting.key))
    return settings


def write_settings(document: dict[str, Any], settings: Mapping[str, Typed], table: SettingTable) -> None:
    """Put what holds into an experiment file's dictionary, and None for tables that are off."""
    for setting in table.settings:
        _put(document, setting.key, setting.value(settings[setting.key]))
    for part in table.parts:
        if part.is_on(settings):
            _table_at(document, part.key)
            write_settings(document, settings, part)
        else:
            _put(document, part.key, None)


def readable(settings: Mapping[str, Typed]) -> dict[str, Typed]:
    """Remembered settings for this version: what it does not know is left out, what is missing is usual."""
    usual = ROOT.usual()
    known = {key: value for key, value in settings.items() if type(value) is type(usual.get(key))}
    return usual | known


def concerned(key: str, words: str) -> list[str]:
    """Where a problem belongs: the field itself; of a whole table, the fields its words name, else the table.

    Empty when it is about nothing that "More settings" holds. key: "" for the file as a whole.
    """
    tables = {table.key: table for table in ROOT.all_tables()}
    if key not in tables:
        return [key] if key in TITLES else []
    start = f"{key}." if key else ""
    inside = [setting.key for setting in tables[key].all_settings()]
    named = [each for each in inside if _names(words, each.removeprefix(start))]
    return named or ([key] if key else [])


def _names(words: str, key: str) -> bool:
    """Whether a message names a key: "every_steps" in quotation marks, or `method = "lora"`."""
    return f'"{key}"' in words or re.search(rf"(?<![\w.]){re.escape(key)} = ", words) is not None


# ---- reading the models


def _read_table(model: type[BaseModel], key: str, about: SettingTable) -> SettingTable:
    settings, parts = [], []
    for name, info in model.model_fields.items():
        path = f"{key}.{name}" if key else name
        inner = _table_in(info)
        if path in ON_PAGE:
            continue
        if inner is None:
            settings.append(_read_setting(path, info, about.title if "." in key else ""))
            continue
        optional = info.default is None and path != LORA
        part = SettingTable(path, info.title or name, info.description or "", optional)
        parts.append(_read_table(inner, path, part))
    return SettingTable(key, about.title, about.help, about.optional, tuple(settings), tuple(parts))


def _table_in(info: FieldInfo) -> type[BaseModel] | None:
    kinds = (info.annotation, *get_args(info.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _read_setting(key: str, info: FieldInfo, part: str) -> Setting:
    kinds = get_args(info.annotation) or (info.annotation,)
    is_choice = get_origin(info.annotation) is Literal
    return Setting(
        key=key,
        title=info.title or key,
        help=info.description or "",
        kind="choice" if is_choice else _kind(kinds, info),
        usual=_typed(info.default),
        part=part,
        choices=kinds if is_choice else (),
        limits=_limits(info),
        optional=NoneType in kinds,
    )


def _kind(kinds: tuple[Any, ...], info: FieldInfo) -> Kind:
    if bool in kinds:
        return "switch"
    if int in kinds or float in kinds:
        return "whole" if int in kinds else "number"
    extra = info.json_schema_extra
    return "folder" if isinstance(extra, dict) and extra.get("format") == "folder" else "text"


def _limits(info: FieldInfo) -> str:
    """ "1 to 4096", "above 0, at most 1", "1 or more"; empty where anything goes."""
    bounds = {
        name: f"{number:g}" if abs(number) < 1e5 else str(number)
        for name in ("ge", "gt", "le", "lt")
        for number in (getattr(bound, name, None) for bound in info.metadata)
        if number is not None
    }
    if set(bounds) == {"ge", "le"}:
        return f"{bounds['ge']} to {bounds['le']}"
    if set(bounds) == {"ge"}:
        return f"{bounds['ge']} or more"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return ", ".join(f"{words[name]} {number}" for name, number in bounds.items())


def _typed(value: Any) -> Typed:
    if isinstance(value, bool):
        return value
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else short_number(value)
    return str(value)


def _at(document: Any, key: str) -> Any:
    """The value at a key, None where it or a table on the way is left out."""
    for name in key.split(".") if key else ():
        document = None if document is None else document[name]
    return document


def _put(document: dict[str, Any], key: str, value: Any) -> None:
    table, _, name = key.rpartition(".")
    _table_at(document, table)[name] = value


def _table_at(document: dict[str, Any], key: str) -> dict[str, Any]:
    """The table at a key; those that are missing are added."""
    for name in key.split(".") if key else ():
        document = document.setdefault(name, {})
    return document


def _group(table: SettingTable) -> SettingTable:
    """A table as a group of its own; one that only holds another one gives way to it."""
    return _group(table.parts[0]) if len(table.parts) == 1 and not table.settings else table


def _read_groups() -> tuple[SettingTable, ...]:
    tables = {part.key: part for part in ROOT.parts}
    # The adapter stands with the method it belongs to; the data, of which the page shows the most, come last.
    method = SettingTable("", ROOT.settings[0].title, "", settings=ROOT.settings, parts=(tables.pop(LORA),))
    data = tables.pop("data")
    return tuple(_group(table) for table in (method, *tables.values(), data))


ROOT: Final = _read_table(ExperimentSpec, "", SettingTable("", "More settings"))
"""Everything that can be set, as the file is built."""
GROUPS: Final = _read_groups()
"""The same as the window shows it."""
TITLES: Final[Mapping[str, str]] = {
    **{table.key: table.title for table in ROOT.all_tables() if table.key},
    **{setting.key: setting.full_title for setting in ROOT.all_settings()},
}
"""By key."""
