"""Real ONNX models of a few kilobytes, for the library that runs large ones: words are looked up, not understood."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

DIMENSIONS = 48
_WORDS = (
    "query passage аренда квартиры квартира центр в центре сдаётся сдам уютная продам велосипед горный почти новый "
    "ночью выпал первый снег the a flat to rent in town bicycle for sale snow fell last night where can i"
)


def write_embedder(folder: Path) -> Path:
    """A folder with an embedder, laid out as the hubs have them."""
    _write_tokenizer(folder)
    looked_up = helper.make_node("Gather", ["words", "input_ids"], ["last_hidden_state"])
    _write_graph(folder, [looked_up], ["input_ids", "attention_mask"], "last_hidden_state", ["b", "n", DIMENSIONS])
    return folder


def write_cross_encoder(folder: Path) -> Path:
    """A folder with a cross-encoder: the more words two texts share, the higher it scores them."""
    _write_tokenizer(folder)
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["all"]),
        helper.make_node("Cast", ["token_type_ids"], ["second"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["second", "last"], ["second_column"]),
        helper.make_node("Mul", ["all", "second_column"], ["of_second"]),
        helper.make_node("Sub", ["all", "of_second"], ["of_first"]),
        helper.make_node("ReduceSum", ["of_first", "middle"], ["first_sum"], keepdims=0),
        helper.make_node("ReduceSum", ["of_second", "middle"], ["second_sum"], keepdims=0),
        helper.make_node("LpNormalization", ["first_sum"], ["one"], axis=-1, p=2),
        helper.make_node("LpNormalization", ["second_sum"], ["other"], axis=-1, p=2),
        helper.make_node("Mul", ["one", "other"], ["shared"]),
        helper.make_node("ReduceSum", ["shared", "middle"], ["logits"], keepdims=1),
    ]
    _write_graph(folder, nodes, ["input_ids", "token_type_ids", "attention_mask"], "logits", ["b", 1])
    return folder


def _write_tokenizer(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[SEP]", ":", *_unique_words()])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="$A", pair="$A [SEP] $B:1", special_tokens=[("[SEP]", vocabulary["[SEP]"])]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 128, "pad_token": "[PAD]"}')
    (folder / "config.json").write_text(f'{{"hidden_size": {DIMENSIONS}, "pad_token_id": 0}}')


def _write_graph(
    folder: Path, nodes: list[onnx.NodeProto], inputs: list[str], output: str, shape: list[str | int | None]
) -> None:
    words = np.random.default_rng(1).standard_normal((4 + len(_unique_words()), DIMENSIONS)).astype(np.float32)
    words[[0, 2, 3]] = 0.0  # padding, separator, colon
    words[1] *= 0.01  # unknown words say next to nothing
    constants = [
        numpy_helper.from_array(words, "words"),
        numpy_helper.from_array(np.array([-1], np.int64), "last"),
        numpy_helper.from_array(np.array([1], np.int64), "middle"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "n"]) for name in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "model.onnx"))


def _unique_words() -> list[str]:
    return list(dict.fromkeys(_WORDS.split()))
