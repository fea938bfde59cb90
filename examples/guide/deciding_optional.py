"""Rows of the table that helps to decide, for libraries that are large or need a server."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from counts import ran
from reprise import cache_resource

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache_resource(show_spinner=False)
def torch_model() -> Any:
    """Makes a network of PyTorch with weights of its own."""
    import torch

    ran("torch_model")
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)).eval()


@cache_resource(show_spinner=False)
def pipeline() -> Any:
    """Makes a pipeline of transformers that knows letters; nothing is downloaded."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    ran("pipeline")
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", *LETTERS])}
    padding, unknown, *_ = words
    letters = Tokenizer(models.WordLevel(words, unk_token=unknown))
    letters.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    torch.manual_seed(1)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.BertConfig(vocab_size=len(words), intermediate_size=32, **size)
    return transformers.TextClassificationPipeline(
        model=transformers.BertForSequenceClassification(config).eval(),
        tokenizer=transformers.PreTrainedTokenizerFast(
            tokenizer_object=letters, pad_token=padding, unk_token=unknown
        ),
    )


@cache_resource(
    show_spinner=False,
    validate=lambda connection: bool(connection.is_connected()),
    on_release=lambda connection: connection.close(),
)
def mysql_connection() -> Any:
    """Connects to the server that ``GUIDE_MYSQL_URL`` names."""
    import mysql.connector
    from sqlalchemy.engine import make_url

    ran("mysql_connection")
    url = make_url(os.environ["GUIDE_MYSQL_URL"])
    return mysql.connector.connect(
        host=url.host,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
    )


@dataclass(frozen=True, slots=True)
class Optional:
    """One row whose function runs only where all that it needs is there.

    Args:
        use: What the function is for.
        function: The cached function.
        modules: What it imports.
        install: How to get these.
        variable: The variable that has to be set; empty for none.
    """

    use: str
    function: Callable[[], Any]
    modules: tuple[str, ...]
    install: str
    variable: str = ""

    @property
    def missing(self) -> str:
        """What to do so that it can run; empty where it can."""
        if not all(importlib.util.find_spec(name) for name in self.modules):
            return self.install
        if self.variable and not os.environ.get(self.variable):
            return f"set {self.variable}"
        return ""

    def seen(self) -> Mapping[str, str]:
        """What two calls give, or what to do.

        Returns:
            The row's texts by column.
        """
        texts = {"Use": self.use, "Function": getattr(self.function, "__name__", "")}
        if self.missing:
            return {**texts, "Returned": "", "Two calls give": self.missing}
        first, second = self.function(), self.function()
        shares = "the one object" if first is second else "a copy for each"
        return {**texts, "Returned": type(first).__name__, "Two calls give": shares}


OPTIONAL = (
    Optional("Models of PyTorch", torch_model, ("torch",), "pip install torch"),
    Optional(
        "Pipelines of transformers",
        pipeline,
        ("torch", "transformers"),
        "pip install torch transformers",
    ),
    Optional(
        "Connections of MySQL",
        mysql_connection,
        ("mysql", "sqlalchemy"),
        "pip install mysql-connector-python",
        "GUIDE_MYSQL_URL",
    ),
)
