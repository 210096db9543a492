"""How well a classifier does on held-out recordings, in figures, in a picture, and in words about what they mean."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, f1_score
from torch import Tensor

from .metrics import RecognitionMetrics
from .windows import Windows

_MOST_NUMBERED_LABELS = 20  # in a picture


def measure(predictions: Tensor, windows: Windows, people: Mapping[int, str]) -> dict:
    """
    Figures of `predictions` `(windows,)`, label by label and person by person.

    Labels without a window have the F1 None and do not count in the macro-F1.

    Args:
        people: number in `windows.subjects` → name.
    """
    names, present = windows.label_names, windows.labels.unique().tolist()
    figures = RecognitionMetrics().compute(
        predictions=predictions, references=windows.labels, num_labels=len(windows.label_names)
    )
    of_label = figures["f1_per_class"]
    return {
        "macro_f1": float(np.mean([of_label[label] for label in present])),
        "accuracy": figures["accuracy"],
        "f1_per_class": {name: of_label[label] if label in present else None for label, name in enumerate(names)},
        "macro_f1_per_person": {
            name: _macro_f1(windows.labels[windows.subjects == person], predictions[windows.subjects == person])
            for person, name in people.items()
        },
        "windows": count_windows(windows),
        "confusion_matrix": figures["confusion_matrix"],
    }


def _macro_f1(labels: Tensor, predictions: Tensor) -> float:
    return float(f1_score(labels, predictions, labels=labels.unique().numpy(), average="macro", zero_division=0.0))


def count_windows(windows: Windows) -> dict[str, int]:
    """Windows of each label."""
    return {name: int((windows.labels == label).sum()) for label, name in enumerate(windows.label_names)}


def describe(split: str, figures: Mapping) -> str:
    """The figures of a split in lines to read."""
    people = ", ".join(f"{name} {f1:.2f}" for name, f1 in figures["macro_f1_per_person"].items())
    lines = [f"{split}: macro-F1 {figures['macro_f1']:.3f}, accuracy {figures['accuracy']:.3f} ({people})"]
    for name, f1 in figures["f1_per_class"].items():
        lines.append(f"  {'none' if f1 is None else format(f1, '.3f'):>5} {name}, {figures['windows'][name]} windows")
    return "\n".join(lines)


def remarks(unit: str | None, share: float, trained: Mapping[str, int], test: Mapping | None) -> list[str]:
    """
    What the figures do not say.

    Args:
        unit, share: what was held out, see `HeldOut` and `hold_out`.
        trained: training windows of each label.
        test: what `measure` said of the test recordings, None where there are none.
    """
    said = []
    if never := [name for name, count in trained.items() if count == 0]:
        said.append(f"No training recording shows {', '.join(never)}: the classifier never answers it.")
    if unit is None and share == 0:
        said.append("Trained on everybody, as asked (held_out_share 0): nothing was measured.")
    elif unit is None:
        said.append(
            "Nothing could be held out, for each activity is in one file only: nothing was measured. Record every "
            "activity of at least two people, or at least twice."
        )
    if test is None:
        return said
    if unit == "recording":
        said.append(
            "RECORDINGS were held out, not people: nobody is named, there is one person, or each activity is of one "
            "person. The figures tell how the classifier does on further recordings of these people, and nothing "
            "about others."
        )
    elif len(test["macro_f1_per_person"]) == 1:
        said.append("Measured on one person only: others may do much better or worse.")
    if unmeasured := [name for name, count in test["windows"].items() if count == 0]:
        said.append(f"No held-out recording shows {', '.join(unmeasured)}: how well it is recognised is not known.")
    return said


def draw_confusion(figures: Mapping, file: Path) -> None:
    """Picture of a confusion matrix: windows by what they are (rows) and what the classifier says (columns)."""
    names, counts = list(figures["f1_per_class"]), np.array(figures["confusion_matrix"])
    size = 2.5 + 0.45 * len(names)
    figure = Figure(figsize=(size + 1, size), layout="constrained")
    axes = figure.subplots()
    shares = counts / counts.sum(1, keepdims=True).clip(min=1)
    display = ConfusionMatrixDisplay(shares, display_labels=names).plot(
        ax=axes, cmap="Blues", include_values=False, xticks_rotation="vertical", im_kw={"vmin": 0, "vmax": 1}
    )
    display.im_.colorbar.set_label("share of the row")
    if len(names) <= _MOST_NUMBERED_LABELS:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=colour)
    people = len(figures["macro_f1_per_person"])
    title = f"windows of {people} {'person' if people == 1 else 'people'}, macro-F1 {figures['macro_f1']:.2f}"
    axes.set(xlabel="the classifier says", ylabel="it is", title=title)
    figure.savefig(file, dpi=120)
