"""What the Hugging Face Hub and the way to it can answer, in the user's words."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from core.errors import Cancelled, UserError
from core.storage.files import disk_error


def refuse_offline(hub_id: str) -> None:
    """Raise UserError when downloads are switched off."""
    from huggingface_hub import constants

    if constants.is_offline_mode():
        raise UserError(
            "Downloads are switched off (HF_HUB_OFFLINE is set).",
            where=hub_id,
            remedy="Unset HF_HUB_OFFLINE and try again. Without internet here, download the model on another"
            " computer, copy its folder and give that as the base model.",
        )


def raise_worded(error: Exception, hub_id: str) -> NoReturn:
    """Raise an error that came up while the Hub was asked: worded, where it is the world's fault.

    Those that are worded already, Cancelled and mistakes of the program are raised as they are.
    """
    told = None if isinstance(error, (UserError, Cancelled)) else _told(error, hub_id)
    if told is None:
        raise error
    raise told from error


def _told(error: Exception, hub_id: str) -> UserError | None:
    from httpx2 import HTTPError
    from huggingface_hub import constants
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
    )

    page, details = f"{constants.ENDPOINT}/{hub_id}", str(error)
    if isinstance(error, GatedRepoError):
        what = "The model's makers want their licence accepted before it is downloaded."
        remedy = "Accept the licence on that page, then sign in on this computer: hf auth login"
        return UserError(what, where=page, remedy=remedy, details=details)
    if isinstance(error, (RepositoryNotFoundError, HFValidationError)):
        what = f"There is no model {hub_id} on the Hub, or it is private."
        remedy = "Check the spelling. For a private model, sign in on this computer: hf auth login"
        return UserError(what, where=page, remedy=remedy, details=details)
    if isinstance(error, HfHubHTTPError) and error.response.status_code in {401, 403}:
        what = "The Hub does not let you read this model."
        remedy = "Sign in with an account that may: hf auth login"
        return UserError(what, where=page, remedy=remedy, details=details)
    if isinstance(error, OSError) and error.errno is not None:
        return disk_error(error, Path(constants.HF_HUB_CACHE))
    # huggingface_hub tells of some broken connections by an OSError without a number, which no disk does.
    if isinstance(error, (HTTPError, OSError)):
        what = "The Hub could not be reached, or the connection broke."
        remedy = "Check the internet connection and try again; finished files are not fetched twice."
        return UserError(what, where=page, remedy=remedy, details=details)
    return None
