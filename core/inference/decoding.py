"""Greedy decoding over one key/value cache per batch: constrained to the label grammar, or free.

Rows advance by different numbers of tokens (forced tokens are taken in one pass), so the cache has gaps;
the attention mask skips them and positions count real tokens only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from core.data.targets import parse_target, target_text
from core.data.utterance import Label, Slot
from core.evaluation.calibration import tempered
from core.inference.grammar import LabelGrammar, Node, Part, forced
from core.models.family import Batch, LalmFamily

MAX_FILLER_TOKENS = 24
MAX_SLOTS = 8
MAX_FREE_TOKENS = 160
RUNNERS_UP = 4


@dataclass(frozen=True)
class Answer:
    """A decoded answer; the fields are those of `core.inference.prediction.Prediction`."""

    label: Label | None
    raw: str
    confidence: float
    raw_confidence: float | None = None
    slot_confidence: tuple[float, ...] = ()
    runner_up: tuple[tuple[str, float], ...] = ()


class Session:
    """The state of a batch while it is being answered. `logits` [N, vocabulary] are each row's next token's.

    opening: tokens every answer begins with; they are taken together with the prompt.
    """

    def __init__(self, family: LalmFamily, batch: Batch, embeds: Tensor, opening: Sequence[int]) -> None:
        self._family = family
        self._cache = family.new_cache()
        rows, device = len(embeds), family.device
        ids = torch.tensor([list(opening)] * rows, dtype=torch.long, device=device)
        opened = torch.ones(rows, len(opening), dtype=torch.bool, device=device)
        self._mask = torch.cat([batch.attention_mask, opened], dim=1)
        positions = (self._mask.long().cumsum(-1) - 1).clamp(min=0)
        self._lengths = self._mask.sum(-1)
        input_ids = torch.cat([batch.input_ids, ids], dim=1)
        if opening:
            embeds = torch.cat([embeds, family.model.get_input_embeddings()(ids)], dim=1)
        hidden = family.hidden(
            input_ids,
            attention_mask=self._mask,
            positions=positions,
            inputs_embeds=embeds,
            cache=self._cache,
        )
        columns = torch.arange(self._mask.shape[1], device=device)
        last = (self._mask * columns).argmax(-1)
        self.logits = family.logits(hidden[torch.arange(rows, device=device), last])

    def advance(self, tokens: Sequence[Sequence[int]]) -> None:
        """Take the given tokens row by row; a row without any keeps its state."""
        device = self._family.device
        width = max(map(len, tokens))
        taken = torch.tensor([len(row) for row in tokens], device=device)
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in tokens], device=device)
        steps = torch.arange(width, device=device)
        self._mask = torch.cat([self._mask, steps < taken.unsqueeze(-1)], dim=1)
        positions = self._lengths.unsqueeze(-1) + steps
        hidden = self._family.hidden(ids, attention_mask=self._mask, positions=positions, cache=self._cache)
        moved = taken.nonzero()[:, 0]
        self.logits[moved] = self._family.logits(hidden[moved, taken[moved] - 1])
        self._lengths = self._lengths + taken

    def choose_intent(self, grammar: LabelGrammar) -> NDArray[np.float64]:
        """Score all intents in one pass, advance every row by its best one; returns [N, intents].

        The probabilities are products of token probabilities renormalised over what the grammar allows at
        each token, so they sum to 1 over the intents.
        """
        tree, device, rows = grammar.intents, self._family.device, len(self.logits)
        ids = torch.from_numpy(tree.tokens).to(device).expand(rows, -1)
        positions = self._lengths.unsqueeze(-1) + torch.from_numpy(tree.depths).to(device)
        paths = torch.from_numpy(tree.paths).to(device).expand(rows, -1, -1)
        seen = self._mask.unsqueeze(1).expand(-1, ids.shape[1], -1)
        hidden = self._family.hidden(
            ids,
            attention_mask=torch.cat([seen, paths], dim=2).unsqueeze(1),
            positions=positions,
            cache=self._cache,
        )
        choices, columns = np.unique(tree.edge_tokens, return_inverse=True)
        allowed = torch.from_numpy(choices).to(device)
        scores = torch.cat([self.logits[:, None, allowed], self._family.logits(hidden, allowed)], dim=1)
        edge_scores = scores.double().cpu().numpy()[:, tree.edge_nodes, columns].T
        probabilities = _intent_probabilities(grammar, edge_scores)
        best = probabilities.argmax(axis=1)
        ends = torch.from_numpy(tree.ends[best]).to(device)
        row = torch.arange(rows, device=device)
        self._mask = torch.cat([self._mask, paths[row, ends]], dim=1)
        self._lengths = positions[row, ends] + 1
        self.logits = self._family.logits(hidden[row, ends])
        return probabilities


def decode_labels(
    session: Session,
    grammar: LabelGrammar,
    tokenizer: PreTrainedTokenizerBase,
    temperatures: Sequence[float],
) -> list[Answer]:
    """Answers of the session's rows under the grammar; the session was opened with `grammar.opening`.

    temperatures: of each row's intents; see `core.evaluation.calibration`.
    """
    raw = session.choose_intent(grammar)
    probabilities = tempered(raw, np.asarray(temperatures))
    walks = [_Walk(grammar) for _ in probabilities]
    steps = [walk.begin() for walk in walks]
    while not all(walk.done for walk in walks):
        if any(steps):
            session.advance(steps)
        scores = session.logits.cpu().numpy()
        steps = [[] if walk.done else walk.step(scores[row]) for row, walk in enumerate(walks)]
    return [
        replace(_label_answer(walk, chances, tokenizer), raw_confidence=float(model_own.max()))
        for walk, chances, model_own in zip(walks, probabilities, raw, strict=True)
    ]


def decode_freely(session: Session, family: LalmFamily) -> list[Answer]:
    """Answers without any grammar, the likeliest token each time; the session was opened with nothing."""
    rows: list[list[int]] = [[] for _ in session.logits]
    chances: list[list[float]] = [[] for _ in rows]
    active = set(range(len(rows)))
    for _ in range(MAX_FREE_TOKENS):
        best = session.logits.softmax(-1).max(-1)
        steps: list[list[int]] = [[] for _ in rows]
        for row in sorted(active):
            token = int(best.indices[row])
            chances[row].append(float(best.values[row]))
            if token == family.end_id:
                active.remove(row)
            else:
                rows[row].append(token)
                steps[row] = [token]
        if not active:
            break
        session.advance(steps)
    answers = []
    for tokens, certainty in zip(rows, chances, strict=True):
        raw = _spell(family.tokenizer, tokens)
        answers.append(Answer(parse_target(raw), raw, float(np.mean(certainty))))
    return answers


def _label_answer(walk: _Walk, chances: NDArray[np.float64], tokenizer: PreTrainedTokenizerBase) -> Answer:
    intents = walk.grammar.ontology.intents
    order = np.argsort(-chances, kind="stable")
    slots = tuple(
        Slot(slot_type, _spell(tokenizer, filler).strip())
        for slot_type, filler in zip(walk.types, walk.fillers, strict=True)
    )
    label = Label(intents[order[0]], slots)
    return Answer(
        label=label,
        raw=target_text(label),
        confidence=float(chances[order[0]]),
        slot_confidence=tuple(float(np.mean(certainty)) for certainty in walk.confidences),
        runner_up=tuple((intents[rival], float(chances[rival])) for rival in order[1 : 1 + RUNNERS_UP]),
    )


def _spell(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int]) -> str:
    text = tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return cast(str, text)


def _intent_probabilities(grammar: LabelGrammar, edge_scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N, intents] from the scores of all edges [E, N]: a softmax at each node, then products along paths."""
    tree = grammar.intents
    shape = (int(tree.edge_nodes.max()) + 1, edge_scores.shape[1])
    highest, totals = np.full(shape, -np.inf), np.zeros(shape)
    np.maximum.at(highest, tree.edge_nodes, edge_scores)
    exponents = np.exp(edge_scores - highest[tree.edge_nodes])
    np.add.at(totals, tree.edge_nodes, exponents)
    # One more edge of probability 1 stands behind the padding of shorter candidates.
    chosen = np.ones((len(edge_scores) + 1, shape[1]))
    chosen[:-1] = exponents / totals[tree.edge_nodes]
    probabilities = np.zeros((len(tree.ends), shape[1]))
    np.add.at(probabilities, tree.owners, chosen[tree.candidates].prod(axis=1))
    return probabilities.T


def _choose(scores: NDArray[np.float32], allowed: NDArray[np.int64]) -> tuple[int, float]:
    """The best of the allowed tokens and its probability among them."""
    candidates = scores[allowed].astype(np.float64)
    weights = np.exp(candidates - candidates.max())
    best = int(weights.argmax())
    return int(allowed[best]), float(weights[best] / weights.sum())


class _Walk:
    """One row's way through the grammar after its intent."""

    def __init__(self, grammar: LabelGrammar) -> None:
        self.grammar = grammar
        self.types: list[str] = []
        self.fillers: list[list[int]] = []
        self.confidences: list[list[float]] = []
        self._part = Part.AFTER_INTENT
        self._node = grammar.after_intent

    @property
    def done(self) -> bool:
        return self._part is Part.DONE

    def begin(self) -> list[int]:
        """The tokens that are forced right after the intent."""
        return self._follow()

    def step(self, scores: NDArray[np.float32]) -> list[int]:
        """Choose the next token by its scores [vocabulary]; returns it with all that is forced after it."""
        token, probability = _choose(scores, self._allowed())
        if self._part in (Part.SLOT_TYPE, Part.FILLER):
            self.confidences[-1].append(probability)
        if self._part is Part.FILLER:
            if token not in self.grammar.after_filler.children:
                self.fillers[-1].append(token)
                return [token]
            self._part, self._node = Part.AFTER_FILLER, self.grammar.after_filler
        self._node = self._node.children[token]
        return [token, *self._follow()]

    def _allowed(self) -> NDArray[np.int64]:
        if self._part is Part.FILLER and not self.fillers[-1]:
            return self.grammar.filler_tokens
        if self._part is Part.FILLER and len(self.fillers[-1]) < MAX_FILLER_TOKENS:
            return self.grammar.filler_or_end
        node = self.grammar.after_filler if self._part is Part.FILLER else self._node
        return np.fromiter(node.children, dtype=np.int64)

    def _follow(self) -> list[int]:
        """Go on as far as nothing is to be chosen; returns the tokens on the way."""
        taken: list[int] = []
        while self._part not in (Part.FILLER, Part.DONE):
            for token, node in forced(self._node):
                taken.append(token)
                self._node = node
            if self._node.children:
                break
            self._enter(self._node)
        return taken

    def _enter(self, leaf: Node) -> None:
        """A piece is complete: begin what comes after it."""
        if leaf.then is Part.SLOT_TYPE:
            if len(self.fillers) == MAX_SLOTS:
                self._part = Part.DONE
                return
            self._node = self.grammar.slot_types
            self.confidences.append([])
        elif leaf.then is Part.FILLER:
            self.types.append(leaf.word)
            self.fillers.append([])
        self._part = leaf.then
