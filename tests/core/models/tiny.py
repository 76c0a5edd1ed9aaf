"""A random Qwen2-Audio of a few thousand weights, with tokenizer and processor, built offline in a second."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
    WhisperFeatureExtractor,
)

from core.data.targets import SKELETON

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'audio' %}<|audio_bos|><|AUDIO|><|audio_eos|>\n"
    "{% else %}{{ part['text'] }}{% if not loop.last %}\n{% endif %}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>")
CORPUS = (
    "turn on the kitchen lights please",
    "set an alarm for eight o'clock",
    "play some jazz in the living room",
    "lights_on alarm_set music_play lights_off",
    "Give the intent and slots as JSON.",
    "room time genre",
)
WINDOW_S = 8


def build_tiny_model(folder: Path, *, skeleton_tokens: bool = True, seed: int = 3) -> Path:
    """Write the model's files into `folder`; skeleton_tokens=False makes each JSON piece several tokens."""
    tokenizer = _tokenizer(skeleton_tokens)
    extractor = WhisperFeatureExtractor(feature_size=16, hop_length=160, chunk_length=WINDOW_S, n_fft=400)
    processor = Qwen2AudioProcessor(extractor, tokenizer, chat_template=TEMPLATE)
    processor.save_pretrained(folder)
    config = Qwen2AudioConfig(
        audio_config={
            "model_type": "qwen2_audio_encoder",
            "num_mel_bins": 16,
            "d_model": 16,
            "encoder_layers": 2,
            "encoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "max_source_positions": WINDOW_S * 50,
        },
        text_config={
            "model_type": "qwen2",
            "vocab_size": len(tokenizer),
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "max_position_embeddings": 1024,
            "tie_word_embeddings": False,
        },
        audio_token_index=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
        tie_word_embeddings=False,
    )
    torch.manual_seed(seed)
    model = Qwen2AudioForConditionalGeneration(config)
    with torch.no_grad():
        # The default scale leaves the tower's output, and with it every test of the audio path, near zero.
        for name, weight in model.named_parameters():
            if weight.dim() > 1 and "embed_positions" not in name:
                weight.mul_(8.0)
    model.save_pretrained(folder)
    return folder


def _tokenizer(skeleton_tokens: bool) -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(CONTROL),
        show_progress=False,
    )
    backend.train_from_iterator(CORPUS, trainer)
    if skeleton_tokens:
        backend.add_tokens([AddedToken(piece, normalized=False) for piece in SKELETON])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(CONTROL),
        clean_up_tokenization_spaces=False,
    )
