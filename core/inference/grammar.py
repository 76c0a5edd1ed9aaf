"""The answers a model may give, as tries of whole tokens: what label-constrained decoding walks.

    intent, then `", "slots": [{"` or `", "slots": []}`; a slot type; a free filler; the next slot or the end

Every piece is tokenised by itself, as in training, so the walk never has to split a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.data.targets import CLOSE, NEXT_SLOT, NO_SLOTS, OPEN_FILLER, OPEN_INTENT, OPEN_SLOTS, escape
from core.data.utterance import Ontology
from core.errors import UserError
from core.models.prompt import control_tokens

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Part(Enum):
    """What the walk is choosing."""

    AFTER_INTENT = auto()
    SLOT_TYPE = auto()
    FILLER = auto()
    AFTER_FILLER = auto()
    DONE = auto()


@dataclass
class Node:
    """A point in a trie. A leaf names what it spells (`word`, an intent or slot type) and what follows."""

    children: dict[int, Node] = field(default_factory=dict)
    word: str = ""
    then: Part = Part.DONE

    def add(self, tokens: Sequence[int], then: Part, word: str = "") -> None:
        node = self
        for token in tokens:
            node = node.children.setdefault(token, Node())
        node.word, node.then = word, then


@dataclass(frozen=True)
class IntentTree:
    """All intents' tokens as one tree, so that one forward pass scores every intent exactly.

    tokens [M]. depths [M], from 0. paths [M, M]: whether node j is node i itself or above it. An *edge* is
    the choice of a token at a node; a *candidate* is an intent together with one of the tokens that can
    follow it, so that an intent which begins another one is told apart from it.

    edge_nodes [E]: node + 1 the choice is made at (0 = after the opening). edge_tokens [E]. candidates
    [C, D]: the edges on the way, padded with E. owners [C]: index of the intent. ends [intents]: the node
    of its last token.
    """

    tokens: NDArray[np.int64]
    depths: NDArray[np.int64]
    paths: NDArray[np.bool_]
    edge_nodes: NDArray[np.int64]
    edge_tokens: NDArray[np.int64]
    candidates: NDArray[np.int64]
    owners: NDArray[np.int64]
    ends: NDArray[np.int64]


class LabelGrammar:
    """The grammar of one ontology in one tokenizer's tokens. Immutable after construction; shareable."""

    def __init__(
        self,
        ontology: Ontology,
        tokenize: Callable[[str], list[int]],
        tokenizer: PreTrainedTokenizerBase,
    ) -> None:
        if not ontology.intents:
            raise UserError(
                "There are no intents to choose from.",
                remedy="Import a dataset whose training utterances carry labels.",
            )
        self.ontology = ontology
        self.opening = tokenize(OPEN_INTENT)
        self.after_intent = Node()
        self.after_intent.add(tokenize(NO_SLOTS), Part.DONE)
        if ontology.slot_types:
            self.after_intent.add(tokenize(OPEN_SLOTS), Part.SLOT_TYPE)
        self.slot_types = Node()
        for slot_type in ontology.slot_types:
            tokens = tokenize(escape(slot_type)) + tokenize(OPEN_FILLER)
            self.slot_types.add(tokens, Part.FILLER, slot_type)
        self.after_filler = Node()
        self.after_filler.add(tokenize(CLOSE), Part.DONE)
        self.after_filler.add(tokenize(NEXT_SLOT), Part.SLOT_TYPE)
        self.filler_tokens = _filler_tokens(tokenizer)
        self.filler_or_end = np.concatenate([self.filler_tokens, np.array(list(self.after_filler.children))])
        self.intents = _intent_tree(
            [tokenize(escape(intent)) for intent in ontology.intents], sorted(self.after_intent.children)
        )


def forced(node: Node) -> Iterator[tuple[int, Node]]:
    """The tokens that follow `node` without any choice, each with the node it leads to."""
    while len(node.children) == 1:
        ((token, node),) = node.children.items()
        yield token, node


def _intent_tree(spellings: Sequence[Sequence[int]], following: Sequence[int]) -> IntentTree:
    tokens: list[int] = []
    parents: list[int] = []
    known: dict[tuple[int, int], int] = {}
    ends: list[int] = []
    for spelling in spellings:
        node = -1
        for token in spelling:
            child = known.setdefault((node, token), len(tokens))
            if child == len(tokens):
                tokens.append(token)
                parents.append(node)
            node = child
        ends.append(node)
    paths = np.eye(len(tokens), dtype=bool)
    for node, parent in enumerate(parents):
        if parent >= 0:
            paths[node] |= paths[parent]
    edges = {(parent, token): node for node, (parent, token) in enumerate(zip(parents, tokens, strict=True))}
    for end in ends:
        for token in following:
            edges.setdefault((end, token), len(edges))
    rows = [[*np.flatnonzero(paths[end]).tolist(), edges[end, token]] for end in ends for token in following]
    width = max(map(len, rows))
    return IntentTree(
        tokens=np.array(tokens),
        depths=paths.sum(axis=1) - 1,
        paths=paths,
        edge_nodes=np.array([node + 1 for node, _ in edges]),
        edge_tokens=np.array([token for _, token in edges]),
        candidates=np.array([row + [len(edges)] * (width - len(row)) for row in rows]),
        owners=np.repeat(np.arange(len(ends)), len(following)),
        ends=np.array(ends),
    )


def _filler_tokens(tokenizer: PreTrainedTokenizerBase) -> NDArray[np.int64]:
    """The tokens that may stand inside a JSON string as they are."""
    control = control_tokens(tokenizer)
    pieces = tokenizer.batch_decode([[token] for token in range(len(tokenizer))])
    return np.array(
        [
            token
            for token, piece in enumerate(pieces)
            if piece and token not in control and not any(char in '"\\' or char < " " for char in piece)
        ]
    )
