"""`spoonful recordings ...`"""

from __future__ import annotations

from pathlib import Path

import click

from core.commands.live import LiveLine
from core.commands.output import json_option, moment, print_json, print_table
from core.commands.services import open_services
from core.data.importers.gathering import counted
from core.recording.exchange import export_session, import_session
from core.recording.recovery import sweep
from core.recording.session import Progress

_SESSION_HELP = "A SESSION is given by its id or the beginning of its id."


@click.group(epilog=_SESSION_HELP)
def recordings() -> None:
    """List recording sessions, and take them from one computer to another."""


@recordings.command("list")
@json_option
def list_recordings(as_json: bool) -> None:
    """List all recording sessions, the newest first, and how far they are."""
    with open_services() as services:
        store = services.recordings
        unfinished = sweep(store)
        found = [(session, store.progress(session.id)) for session in store.sessions()]
    if as_json:
        sessions = [
            {**vars(session), "speaker": session.speaker.code, "progress": _as_dict(progress)}
            for session, progress in found
        ]
        waiting = [
            {"session": each.session.id, "prompt": each.prompt.position, "seconds": each.seconds}
            for each in unfinished
        ]
        print_json({"sessions": sessions, "unfinished": waiting})
        return
    if not found:
        click.echo("There is no recording session yet. Begin one on the Record page.")
        return
    print_table(
        ["Session", "Begun", "Dataset", "Speaker", "Done", "Skipped", "Again", "Takes", "Minutes"],
        [
            [
                session.short,
                moment(session.created_at),
                f"{session.dataset} / {session.split}",
                session.speaker.code,
                f"{progress.done}/{progress.total}",
                str(progress.skipped),
                str(progress.to_record_again),
                str(progress.takes),
                f"{progress.minutes:.1f}",
            ]
            for session, progress in found
        ],
        right="    >>>>>",
    )
    for each in unfinished:
        click.echo(
            f"Unfinished: {each.seconds:.1f} s of prompt {each.prompt.position} of {each.session.short}."
            " The Record page offers to keep it."
        )


@recordings.command(epilog=_SESSION_HELP)
@click.argument("session")
@click.option(
    "--to", "path", required=True, type=click.Path(path_type=Path), help="The zip file to be written."
)
@click.option(
    "--without-speaker", is_flag=True, help="Leave out what is known of the speaker but the name or code."
)
@json_option
def export(session: str, path: Path, without_speaker: bool, as_json: bool) -> None:
    """Write a session with all of its takes and reviews as one zip file."""
    line = LiveLine()
    with open_services() as services:
        found = services.recordings.session(session)
        takes = export_session(
            services.recordings,
            found.id,
            path,
            personal=not without_speaker,
            progress=lambda done, total: line.show(f"writing take {done} / {total}", topic="writing"),
        )
    line.clear()
    if as_json:
        print_json({"session": found.id, "takes": takes, "file": str(path)})
    else:
        click.echo(f"Wrote session {found.short} with {counted(takes, 'take')} to {path}.")


@recordings.command(epilog=_SESSION_HELP)
@click.argument("session")
@json_option
def restore(session: str, as_json: bool) -> None:
    """Put a session's accepted takes back into its dataset, after that was deleted or imported anew."""
    with open_services() as services:
        found = services.recordings.session(session)
        came = services.recordings.put_back(found.id)
    if as_json:
        print_json({"session": found.id, "dataset": found.dataset, "utterances": came})
    else:
        click.echo(f"{counted(came, 'utterance')} of session {found.short} put back into {found.dataset}.")


@recordings.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--dataset", metavar="NAME", help="Where its recordings go.  [default: the dataset they were made for]"
)
@json_option
def import_(path: Path, dataset: str | None, as_json: bool) -> None:
    """Take in an exported session: wholly or, when anything is wrong, not at all.

    It stands beside the sessions that are here. A session that is here already gets the takes and reviews
    that are new.
    """
    line = LiveLine()
    with open_services() as services:
        merged = import_session(
            services.recordings,
            path,
            dataset,
            lambda done, total: line.show(f"reading file {done} / {total}", topic="reading"),
        )
    line.clear()
    if as_json:
        told = {name: getattr(merged, name) for name in ("known", "takes", "reviews", "notes")}
        print_json({"session": merged.session.id, "dataset": merged.session.dataset, **told})
        return
    how = "is now up to date" if merged.known else f"goes to {merged.session.dataset}"
    brought = f"{counted(merged.takes, 'new take')}, {counted(merged.reviews, 'new review')}"
    click.echo(f"Session {merged.session.short} {how}: {brought}.")
    for note in merged.notes:
        click.echo(f"Note: {note}")


def _as_dict(progress: Progress) -> dict[str, object]:
    return {**vars(progress), "breaks": [vars(each) for each in progress.breaks]}
