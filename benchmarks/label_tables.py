"""Tables of label efficiency: one per kind of label budget, methods down, labels across."""

from benchmarks.label_budgets import KINDS, LabelBudget
from benchmarks.results import read_json

TITLES = {
    "random_forest": "random forest on simple statistics",
    "random_forest_pose": "random forest on statistics of IMU and pose",
    "logistic_regression": "logistic regression on simple statistics",
    "scratch": "same network from scratch",
    "probe": "linear probe",
    "probe_statistics": "linear probe, simple statistics beside the features",
    "full": "fine-tuned",
    "lora": "LoRA",
    "zero_shot": "zero-shot by the words of the labels",
    "pose_probe": "linear probe on pose",
    "multimodal": "linear probe on IMU and pose",
}
ENCODER_TITLES = {"mujo": "MuJo", "simclr": "SimCLR", "cpc": "CPC"}
SURE = 0.05


def method_title(method: str) -> str:
    """ "mujo-probe" → "MuJo, linear probe"."""
    if method in TITLES:
        return TITLES[method]
    encoder, _, kind = method.rpartition("-")
    return f"{ENCODER_TITLES.get(encoder, encoder)}, {TITLES[kind]}"


def label_table(dataset: str, protocol: str = "fixed") -> str:
    """Mean ± sd of macro-F1; a dagger where the test against the reference method is below 0.05."""
    summary = read_json(f"label_efficiency_{dataset}.json")["protocols"][protocol]
    blocks = []
    for kind in KINDS:
        rows = [row for row in summary["rows"] if row["kind"] == kind]
        if not rows:
            continue
        amounts = sorted({row["amount"] for row in rows})
        heads = [str(LabelBudget(kind, amount)) for amount in amounts]
        lines = [f"| {dataset} | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
        for method in dict.fromkeys(row["method"] for row in rows):
            cells = [_cell(rows, method, amount) for amount in amounts]
            lines.append(f"| {method_title(method)} | {' | '.join(cells)} |")
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, caption(summary) + dagger(summary)])


def _cell(rows: list[dict], method: str, amount: float) -> str:
    found = [row for row in rows if row["method"] == method and row["amount"] == amount]
    if not found:
        return "–"
    (row,) = found
    accuracy = f", accuracy {row['accuracy']:.3f}" if row["kind"] == "none" else ""
    return f"{row['mean']:.3f} ± {row['sd']:.3f}{'†' if row.get('p_reference', 1) < SURE else ''}{accuracy}"


def caption(summary: dict) -> str:
    """How the figures were made."""
    folds = summary["folds"]
    people = " or ".join(sorted({str(len(fold["test"])) for fold in folds}))
    train = " or ".join(sorted({str(len(fold["train"])) for fold in folds}))
    groups = "" if len(folds) == 1 else f", {len(folds)} groups in turn"
    tested = f"{people} unseen {'person' if people == '1' else 'people'}{groups}"
    return (
        f"Macro-F1 on {tested}, {train} to draw labels from; mean ± sd of "
        f"{summary['seeds']} draws of labels{' per group' if len(folds) > 1 else ''}; "
        f"{summary['window_seconds']:g} s windows, hop {summary['hop_seconds']:g} s."
    )


def dagger(summary: dict) -> str:
    """What a dagger means, where there is any."""
    if all(row.get("p_reference", 1) >= SURE for row in summary["rows"]):
        return ""
    return (
        f" †: differs from {method_title(summary['reference'])} (paired t-test over the same draws, Holm-corrected, "
        f"p < {SURE:g})."
    )


def label_efficiency() -> str:
    """MotionSense, its fixed test people."""
    return label_table("motionsense")


TABLES = {"label_efficiency": label_efficiency}
