"""`spoonful models ...`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.commands.live import LiveLine
from core.commands.output import json_option, print_facts, print_json, print_table
from core.errors import UserError
from core.experiment.computer import Computer, Verdict, gigabytes, this_computer
from core.models.description import Description, describe, look_closely
from core.models.download import Offer, download, download_words, free_for_downloads
from core.models.fit import smallest_quantization, tuning_verdict
from core.models.known import MANY, known_model, known_models
from core.models.loading import resolve_base_model

NAME_HELP = "A NAME is teaspoon, the id of a model on the Hugging Face Hub, or the folder of one."


@click.group(epilog=NAME_HELP)
def models() -> None:
    """Base models: which are known to be good, what they need, and downloading them."""


@models.command("list")
@json_option
def list_models(as_json: bool) -> None:
    """List known good base models that Spoonful can tune, and whether they fit on this computer.

    The figures are those of the models' pages on the Hub; any other model of these families can be used as
    well.
    """
    computer = this_computer()
    found = [describe(model.name) for model in known_models()]
    if as_json:
        print_json(
            {"computer": vars(computer), "models": [_as_dict(each, computer) for each in found]},
        )
        return
    print_table(
        ["Model", "Weights", "Download", "Licence", "Languages", "Here", "To tune it with LoRA"],
        [_row(each, computer) for each in found],
        right=" >>",
    )


@models.command(epilog=NAME_HELP)
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show what is known of a model here; asks no network."""
    _print(describe(name), this_computer(), as_json=as_json)


@models.command(epilog=NAME_HELP)
@click.argument("name")
@json_option
def check(name: str, as_json: bool) -> int:
    """Can Spoonful tune this model, and does it fit on this computer? Downloads no weights.

    Of a model that is not on this computer the Hub is asked. Exit code: 0 yes, 1 no, 2 no such model.
    """
    computer = this_computer()
    found = look_closely(name)
    _print(found, computer, as_json=as_json)
    verdicts = found.verdicts(computer).values()
    fits = not verdicts or any(verdict.fit != "too large" for verdict in verdicts)
    return 0 if found.can_be_tuned and fits else 1


@models.command("download")
@click.argument("hub_id", metavar="ID")
@click.option("--anyway", is_flag=True, help="Also when it does not fit in this computer's memory.")
@json_option
def download_model(hub_id: str, anyway: bool, as_json: bool) -> None:
    """Download a model from the Hugging Face Hub, or what is missing of it.

    Only safetensors, settings and tokenizer are fetched. It is kept in the Hub's own cache (HF_HOME), where
    other programs find it, too. Ctrl-C stops; the same command goes on with the files that are missing.
    """
    known = known_model(hub_id)
    hub_id = known.name if known else hub_id
    if isinstance(resolve_base_model(hub_id), Path):
        raise UserError("This model is on this computer already.", where=hub_id)
    computer = this_computer()

    def accept(offer: Offer) -> None:
        if offer.parameters is None or anyway:
            return
        verdict = tuning_verdict(offer.parameters, computer, quantization=smallest_quantization(computer))
        if verdict.fit == "too large":
            raise UserError(
                verdict.words, where=hub_id, remedy="To download it for another computer, add --anyway."
            )

    line = LiveLine()
    line.show(f"looking for {hub_id}")
    folder = download(
        hub_id,
        progress=lambda done, total: line.show(download_words(hub_id, done, total), topic="downloading"),
        accept=accept,
    )
    line.clear()
    if as_json:
        print_json({"model": hub_id, "folder": str(folder), "revision": folder.name})
        return
    print_facts([("Downloaded", hub_id), ("Revision", folder.name), ("Folder", str(folder))])


def _print(found: Description, computer: Computer, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_dict(found, computer))
        return
    known = found.known
    print_facts(
        [
            ("Model", found.name),
            ("Type", found.model_type + ("" if found.can_be_tuned else ", which Spoonful cannot tune")),
            ("Weights", _weights(found.parameters)),
            ("Licence", known.licence if known else ""),
            ("Languages", _languages(known.languages) if known else ""),
            ("Note", known.note if known else ""),
            ("Download", gigabytes(found.download_bytes) if found.download_bytes else ""),
            ("Here", str(found.folder or "no")),
            ("Revision", found.revision),
            ("Disk", _disk(found)),
            *((title, verdict.words) for title, verdict in found.verdicts(computer).items()),
        ]
    )


def _disk(found: Description) -> str:
    """Whether a download has room; empty when there is nothing to download."""
    if found.folder is not None or found.download_bytes is None:
        return ""
    free = free_for_downloads()
    enough = "enough" if free >= found.download_bytes else "too little"
    return f"{gigabytes(free)} free, {enough}"


def _row(found: Description, computer: Computer) -> list[str]:
    known = found.known
    assert known is not None  # noqa: S101 - it was taken from the list of known ones
    return [
        found.name,
        _weights(found.parameters),
        gigabytes(known.download_bytes) if known.download_bytes else "",
        known.licence,
        _languages(known.languages, limit=3),
        "yes" if found.folder else "no",
        found.verdicts(computer)["LoRA"].words,
    ]


def _languages(codes: tuple[str, ...], limit: int | None = None) -> str:
    """ "en, zh, yue and 4 more"."""
    if codes == (MANY,):
        return "many"
    shown = codes if limit is None or len(codes) <= limit else codes[:limit]
    more = f" and {len(codes) - len(shown)} more" if len(shown) < len(codes) else ""
    return ", ".join(shown) + more


def _weights(parameters: int | None) -> str:
    """ "8.4 B" for billions, "5.4 M" for millions."""
    if parameters is None:
        return "not known"
    return f"{parameters / 1e9:.1f} B" if parameters >= 1e8 else f"{parameters / 1e6:.1f} M"


def _as_dict(found: Description, computer: Computer) -> dict[str, Any]:
    known = found.known
    return {
        "name": found.name,
        "type": found.model_type,
        "can_be_tuned": found.can_be_tuned,
        "parameters": found.parameters,
        "licence": known.licence if known else None,
        "languages": list(known.languages) if known else None,
        "note": known.note if known else None,
        "download_bytes": found.download_bytes,
        "folder": found.folder and str(found.folder),
        "revision": found.revision or None,
        "memory": {title: _verdict(verdict) for title, verdict in found.verdicts(computer).items()},
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"bytes": round(verdict.need), "fit": verdict.fit, "words": verdict.words}
