"""What a frozen audio tower made of a recording, kept on disk so that it is computed once: for all epochs,
stages and scores of a run, and for all later runs of the same base model.

An entry is found by the recording's samples and everything the tower's answer depends on. It is a file of its
own that appears whole or not at all and is checked when read, so any number of processes may read and write
at once, and be killed at it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from core.models.cache_folder import LIMIT_BYTES, cache_size, entry_file, shrink_cache
from core.models.family import Samples

_log = logging.getLogger(__name__)

_KEPT: Final = 0.9
"""Of the limit, when what was not used for longest is removed."""
_LOOK_EVERY: Final = 1_000
"""Entries written until the folder is measured again: other processes write there, too."""
_VERSION: Final = "1"
"""To be raised when what is done to samples before the tower changes, or what is kept."""


class FeatureCache:
    """The features of one tower below a folder that other towers share. Not thread-safe."""

    def __init__(self, folder: Path, tower: str, limit: int = LIMIT_BYTES) -> None:
        """tower: of `tower_fingerprint`. limit: bytes that all entries together may take."""
        self._folder, self._tower, self._limit = folder, tower, limit
        self._size: int | None = None
        self._written = 0
        self._refused = False

    def key(self, samples: Samples) -> str:
        """The name of a recording's entry; samples: as the family is given them."""
        digest = hashlib.sha256(self._tower.encode())
        digest.update(samples.tobytes())
        return digest.hexdigest()

    def get(self, key: str) -> Tensor | None:
        """The features, [audio tokens, H] on the processor; None when they are not known, or were damaged."""
        file = entry_file(self._folder, key)
        try:
            packed = file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.info("an entry of the feature cache cannot be read: %s", error)
            return None
        features = _unpacked(packed)
        # Another process may be using the entry, or have removed it; that hurts nobody.
        with suppress(OSError):
            if features is None:
                _log.warning("a damaged entry of the feature cache was removed: %s", file)
                file.unlink()
            else:
                os.utime(file)
        return features

    def put(self, key: str, features: Tensor) -> None:
        """Remember features. A disk that refuses is logged once: nothing but speed depends on it."""
        if self._refused:
            return
        packed = _packed(features)
        file = entry_file(self._folder, key)
        temporary = file.with_name(f".{uuid4().hex}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(packed)
            temporary.replace(file)
            self._grow(len(packed))
        except FileNotFoundError:
            # Another process cleared the cache this instant; the recording is kept the next time.
            _log.info("an entry of the feature cache was cleared while it was written")
        except PermissionError as error:
            # On Windows an entry cannot be replaced while it is read: then it is there already.
            if not file.exists():
                self._refuse(error)
        except OSError as error:
            self._refuse(error)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _refuse(self, error: OSError) -> None:
        self._refused = True
        _log.warning("the feature cache takes no more: %s", error)

    def _grow(self, count: int) -> None:
        if self._size is None or self._written % _LOOK_EVERY == 0:
            self._size = cache_size(self._folder).size
        else:
            self._size += count
        self._written += 1
        if self._size > self._limit:
            self._size = shrink_cache(self._folder, round(self._limit * _KEPT))


def tower_fingerprint(modules: Sequence[nn.Module], *settings: str) -> str:
    """Equal for towers that make the same of the same samples.

    modules: everything between the samples' features and the language model. settings: how features are made,
    and what of the tower is not in its weights.
    The kind of device and the libraries' versions count as well: they decide the last digits.
    """
    versions = [importlib.metadata.version(name) for name in ("torch", "transformers")]
    digest = hashlib.sha256("\n".join([_VERSION, *versions, *settings]).encode())
    for module in modules:
        for name, tensor in module.state_dict().items():
            digest.update(f"{name} {tensor.dtype} {tensor.device.type} {tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().reshape(-1).view(torch.uint8).cpu().numpy().tobytes())
    return digest.hexdigest()


def _packed(features: Tensor) -> bytes:
    content = save({"features": features.detach().cpu().contiguous()})
    return zlib.crc32(content).to_bytes(4, "little") + content


def _unpacked(packed: bytes) -> Tensor | None:
    """None when it is not what `_packed` made, for instance after the power went away."""
    checksum, content = packed[:4], packed[4:]
    if zlib.crc32(content).to_bytes(4, "little") != checksum:
        return None
    try:
        return load(content)["features"]
    except (SafetensorError, KeyError):
        return None
