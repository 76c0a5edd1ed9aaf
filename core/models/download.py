"""Base models from the Hugging Face Hub: looked up before, fetched whole, and never in silence.

Only weights as safetensors, settings and tokenizers come here, no pickles and no code. The files lie in the
Hub's own cache. A connection that breaks is taken up again within the file; after a stop the files that
were finished stay, and the one under way begins anew (huggingface_hub 2 keeps no part of a file).
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from core.errors import Cancelled, UserError
from core.experiment.computer import gigabytes
from core.models.downloaded import has_all_weights
from core.models.hub_errors import raise_worded, refuse_offline
from core.models.known import known_model
from core.models.registry import check_type

WANTED: Final = ("*.safetensors", "*.json", "*.jinja", "tokenizer.model", "merges.txt", "vocab.txt")
_ADAPTERS: Final = ("*/adapter_config.json", "*/adapter_model.safetensors")
_OTHER_WEIGHTS: Final = "consolidated*"
"""The same weights once more, in the form of Mistral's own programs."""
_SETTINGS: Final = "config.json"
_LOOK_EVERY_S: Final = 0.2
_ENDS_WITHIN_S: Final = 5.0
"""How long a stopped download may take to put its things away."""


@dataclass(frozen=True)
class Offer:
    """What the Hub has under an id now.

    revision: the commit. model_type: of its config.json. files: names and sizes in bytes of what Spoonful
    needs of it. parameters: number of weights that are loaded, None when neither our list nor the Hub says.
    """

    hub_id: str
    revision: str
    model_type: str
    files: dict[str, int]
    parameters: int | None

    @property
    def size(self) -> int:
        return sum(self.files.values())


def look_up(hub_id: str) -> Offer:
    """Ask the Hub about a model; reads its settings, no weights.

    Raises UserError when there is no such model, it may not be read, downloads are switched off, or the Hub
    cannot be reached.
    """
    refuse_offline(hub_id)
    try:
        return _look_up(hub_id)
    except Exception as error:  # noqa: BLE001 - raised again, with words
        raise_worded(error, hub_id)


def download(
    hub_id: str,
    *,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool] = lambda: False,
    accept: Callable[[Offer], None] = lambda _: None,
) -> Path:
    """Fetch what is not here yet of a model; its folder, named by the revision.

    progress: told bytes that are here and bytes in all, several times a second. should_stop: asked as
    often. accept: sees the offer before any weights are fetched, and may raise. Raises UserError as
    `look_up`, when it is of a type Spoonful cannot tune, or the disk has no room; Cancelled when asked to
    stop.
    """
    refuse_offline(hub_id)
    transfer = _Transfer(hub_id, accept)
    # Daemon: a connection that hangs must not keep the program from ending.
    thread = threading.Thread(target=transfer.run, name=f"download {hub_id}", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_LOOK_EVERY_S)
            if transfer.total:
                progress(transfer.done, transfer.total)
            if should_stop():
                raise Cancelled
    finally:
        transfer.stopped = True
        thread.join(_ENDS_WITHIN_S)
    if transfer.error is not None:
        raise_worded(transfer.error, hub_id)
    assert transfer.folder is not None  # noqa: S101 - it ended, and without an error
    return transfer.folder


def download_words(hub_id: str, done: int, total: int) -> str:
    """ "downloading Qwen/Qwen2-Audio-7B-Instruct: 3.1 of 16.8 GB"."""
    return f"downloading {hub_id}: {done / 1e9:.1f} of {total / 1e9:.1f} GB"


def free_for_downloads() -> int:
    """Bytes that are free on the disk of the Hub's cache, which may have to be made yet."""
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _look_up(hub_id: str) -> Offer:
    from huggingface_hub import HfApi, hf_hub_download

    info = HfApi().model_info(hub_id, files_metadata=True)
    files = {file.rfilename: file.size or 0 for file in info.siblings or [] if _is_wanted(file.rfilename)}
    if info.sha is None or _SETTINGS not in files:
        raise UserError("This is no model that Spoonful can read: it has no config.json.", where=hub_id)
    settings = json.loads(Path(hf_hub_download(hub_id, _SETTINGS, revision=info.sha)).read_bytes())
    known = known_model(hub_id)
    return Offer(
        hub_id=hub_id,
        revision=info.sha,
        model_type=str(settings.get("model_type")),
        files=files,
        parameters=known.parameters if known else info.safetensors.total if info.safetensors else None,
    )


def _is_wanted(name: str) -> bool:
    """Whether a file is one that the model is loaded from: in its own folder, or an adapter in one below."""
    if "/" in name:
        return any(fnmatch(name, pattern) for pattern in _ADAPTERS)
    return any(fnmatch(name, pattern) for pattern in WANTED) and not fnmatch(name, _OTHER_WEIGHTS)


class _Transfer:
    """One download, run on a thread of its own: whoever watches must be able to leave a connection that
    hangs."""

    def __init__(self, hub_id: str, accept: Callable[[Offer], None]) -> None:
        self.done = 0
        self.total = 0
        self.stopped = False
        self.error: Exception | None = None
        self.folder: Path | None = None
        self._hub_id = hub_id
        self._accept = accept

    def run(self) -> None:
        try:
            offer = _look_up(self._hub_id)
            _refuse_unusable(offer)
            self._accept(offer)
            self.folder = self._fetch(offer)
        except Exception as error:  # noqa: BLE001 - the thread that waits raises it
            self.error = error

    def count(self, received: float) -> None:
        """More bytes are here (fewer, when some have to be fetched again). Raises Cancelled to end the
        download."""
        self.done += int(received)
        if self.stopped:
            raise Cancelled

    def _fetch(self, offer: Offer) -> Path:
        from huggingface_hub import hf_hub_download, try_to_load_from_cache

        def is_here(name: str) -> bool:
            return isinstance(try_to_load_from_cache(offer.hub_id, name, revision=offer.revision), str)

        missing = {name: size for name, size in offer.files.items() if not is_here(name)}
        _refuse_full_disk(offer.hub_id, sum(missing.values()))
        self.total = offer.size
        self.done = offer.size - sum(missing.values())
        bar: Any = _bar_into(self.count)
        for name in missing:
            self.count(0)
            hf_hub_download(offer.hub_id, name, revision=offer.revision, tqdm_class=bar)
        # Asked for by no revision, the settings are noted as the model's current ones: only now is it there
        # for everybody who looks for it by its id.
        folder = Path(hf_hub_download(offer.hub_id, _SETTINGS)).parent
        if folder.name != offer.revision or not has_all_weights(folder):
            raise UserError(
                "The model changed on the Hub while it was being downloaded.",
                where=offer.hub_id,
                remedy="Download it again; what did not change is not fetched twice.",
            )
        return folder


def _refuse_unusable(offer: Offer) -> None:
    check_type(offer.model_type, offer.hub_id)
    if not any(fnmatch(name, "model*.safetensors") for name in offer.files):
        raise UserError(
            "The model is not there as safetensors, and other formats can run hidden programs.",
            where=offer.hub_id,
            remedy="Choose another model, or convert it and give its folder.",
        )


def _refuse_full_disk(hub_id: str, needed: int) -> None:
    from huggingface_hub import constants

    free = free_for_downloads()
    if needed > free:
        raise UserError(
            f"The disk has no room for {hub_id}: it needs {gigabytes(needed)}, {gigabytes(free)} are free.",
            where=constants.HF_HUB_CACHE,
            remedy="Free some space, or set HF_HOME to a folder on another disk.",
        )


def _bar_into(count: Callable[[float], None]) -> type:
    """A progress bar as huggingface_hub wants one, which draws nothing and tells `count` of each piece."""

    class Bar:
        def __init__(self, *_: object, initial: float = 0, **__: object) -> None:
            count(initial)

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            pass

        def update(self, n: float | None = 1) -> None:
            count(n or 0)

        def update_transfer(self, n: float | None = 1) -> None:
            """Bytes as they travel, which may be packed; only what arrives in the file is counted."""

        def set_postfix_str(self, *_: object, **__: object) -> None:
            """The speed; nobody shows it."""

        set_description = set_description_str = set_transfer_postfix_str = refresh = close = set_postfix_str

    return Bar
