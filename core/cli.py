"""`spoonful`: the command line, another skin over the calls the window makes.

Exit codes: 0 done, 1 failed or interrupted, 2 unusable input. Errors go to standard error in the same words
as in the window; with `--json` also to standard output as {"error": {...}}.
"""

from __future__ import annotations

import runpy
import sys
import traceback
import warnings
from collections.abc import Sequence
from datetime import datetime

import click

from core.commands.bench import bench
from core.commands.cache import cache
from core.commands.calibrate import calibrate
from core.commands.datasets import datasets
from core.commands.evaluate import evaluate
from core.commands.history import history
from core.commands.mix import mix
from core.commands.models import models
from core.commands.output import print_error
from core.commands.predict import predict
from core.commands.recordings import recordings
from core.commands.runs import runs
from core.commands.score import score
from core.commands.speech import speak, voices
from core.commands.train import train
from core.errors import Cancelled, UserError
from core.paths import AppPaths

LOG_NAME = "spoonful.log"


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="spoonful", message="spoonful %(version)s")
@click.pass_context
def program(context: click.Context) -> None:
    """Teach a model to understand spoken commands, with much text and a spoonful of speech.

    Without a command, the window opens. To see it work: "spoonful train demo-curriculum".

    Every command explains itself with -h and prints JSON for programs with --json.
    """
    if context.invoked_subcommand is None:
        runpy.run_module("gui", run_name="__main__", alter_sys=True)


for command in (
    datasets,
    recordings,
    models,
    mix,
    train,
    runs,
    evaluate,
    calibrate,
    score,
    predict,
    cache,
    bench,
):
    program.add_command(command)
for command in (history, speak, voices):
    datasets.add_command(command)


def main() -> None:
    """The console script `spoonful`."""
    # Other people's news for programmers; our own stays to be seen, and so do theirs in tests.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(?!(core|gui)\b)")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command, print its errors, and return its exit code.

    Raises SystemExit when the window was opened and closed, or the reader of a pipe (`| head`) has left.
    """
    as_json = "--json" in arguments
    try:
        code = program.main(args=list(arguments), prog_name="spoonful", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as help_text:
        click.echo(help_text.format_message(), err=True)
        return 2
    except click.ClickException as error:
        print_error(_usage_error(error), as_json=as_json)
        return 2
    except UserError as error:
        print_error(error, as_json=as_json)
        return 2
    except (KeyboardInterrupt, click.Abort, Cancelled):
        click.echo("\nInterrupted.", err=True)
        return 1
    except Exception as error:  # noqa: BLE001 - the last net: worded here, kept whole in the log
        print_error(_unexpected(error), as_json=as_json)
        return 1
    return code if isinstance(code, int) else 0


def _usage_error(error: click.ClickException) -> UserError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "spoonful"
    return UserError(error.format_message(), where=path, remedy=f"See: {path} -h")


def _unexpected(error: Exception) -> UserError:
    trace = traceback.format_exc()
    what = f"Something unexpected went wrong ({type(error).__name__}: {error})."
    log = AppPaths.default().home / LOG_NAME
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now().astimezone().isoformat()} {' '.join(sys.argv)}\n{trace}\n")
    except OSError:
        return UserError(what, remedy="Please report this, with the text below.\n" + trace, details=trace)
    return UserError(
        what, where=str(log), remedy="Please report it with the last lines of this log.", details=trace
    )
