"""Tables of label efficiency from `results/label_efficiency_*.json`: a selection for README.md, every row for docs.

Methods of the sweep that were not run are named below their table.
"""

from benchmarks.cells import read_cells
from benchmarks.label_budgets import KINDS, LabelBudget, budgets_for
from benchmarks.methods import ENCODER_METHODS, POSE_METHODS
from benchmarks.results import RESULTS
from benchmarks.summary import is_of, read_summaries

DATASETS = {"motionsense": "MotionSense", "utd_mhad": "UTD-MHAD"}
WITH_POSE = ("utd_mhad",)
PROTOCOLS = {"motionsense": ("fixed", "folds", "subject_groups_10"), "utd_mhad": ("fixed",)}
PROTOCOL_TITLES = {
    "fixed": "the data set's own test people",
    "folds": "four groups of people in turn",
    "subject_groups_10": "ten groups of people in turn, 3 s windows that overlap by half",
}
TITLES = {
    "random_forest": "random forest on simple statistics",
    "random_forest_rhythm": "random forest on simple statistics and the rhythm of the stride",
    "random_forest_pose": "random forest on statistics of IMU and pose",
    "logistic_regression": "logistic regression on simple statistics",
    "scratch": "same network from scratch",
    "random_probe": "linear probe on a network that has learned nothing",
    "probe": "linear probe",
    "probe_words": "linear probe that starts from the words of the labels",
    "auto_words": "the recipe",
    "full": "fine-tuned",
    "lora": "LoRA",
    "zero_shot": "zero-shot by the words of the labels",
    "pose_probe": "linear probe on pose",
    "multimodal": "linear probe on IMU and pose that starts from the words of the labels",
}
ENCODER_TITLES = {
    "simclr": "SimCLR briefly pretrained",
    "transformations": "multi-task transformation discrimination briefly pretrained",
    "masked_reconstruction": "masked reconstruction briefly pretrained",
    "cpc": "CPC briefly pretrained",
    "simclr_long": "SimCLR",
    "cpc_long": "CPC",
    "imu_text": "MuJo briefly pretrained, IMU and words",
    "imu_pose": "MuJo briefly pretrained, IMU and pose",
    "imu_pose_text": "MuJo briefly pretrained, IMU, pose and words",
    "mujo_motion": "MuJo briefly pretrained on simulated IMU alone, as in the paper",
    "mujo": "MuJo",
}
# The sweep: every one of these has a row in every table that it can be in, or is named below as not run.
METHODS = (
    "random_forest",
    "random_forest_rhythm",
    "logistic_regression",
    "scratch",
    "random_probe",
    *(
        f"{encoder}-{kind}"
        for encoder in (
            "simclr",
            "transformations",
            "masked_reconstruction",
            "cpc",
            "simclr_long",
            "cpc_long",
            "imu_text",
            "imu_pose",
            "imu_pose_text",
        )
        for kind in ("probe", "full", "lora")
    ),
    *(f"mujo_motion-{kind}" for kind in ("zero_shot", "probe", "full", "lora", "auto_words")),
    *(f"mujo-{kind}" for kind in ("zero_shot", "probe", "probe_words", "full", "lora", "auto_words")),
    *("random_forest_pose", "mujo-pose_probe", "mujo-multimodal"),
)
README_METHODS = (
    *("random_forest", "random_forest_rhythm", "logistic_regression", "scratch", "random_probe"),
    *("simclr-full", "transformations-full", "masked_reconstruction-full", "cpc-full"),
    *("simclr_long-full", "cpc_long-full"),
    *("simclr_long-lora", "cpc_long-lora"),
    *(f"mujo-{kind}" for kind in ("zero_shot", "probe", "full", "lora", "auto_words")),
    *("random_forest_pose", "mujo-multimodal"),
)
README_BUDGETS = (
    LabelBudget("none"),
    LabelBudget("k_shot", 1),
    LabelBudget("k_shot", 5),
    LabelBudget("people", 1),
    *(LabelBudget("fraction", share) for share in (0.02, 0.1, 1.0)),
)
FEW = 0.1  # shares of the labels up to this are few, as are windows per class and people
SURE = 0.05
NOT_RUN, CANNOT = "not run", "–"
RHYTHMLESS = ("random_forest", "random_forest_pose", "logistic_regression", "zero_shot", "pose_probe")  # in any case


def label_efficiency() -> str:
    """The selection of README.md: one table per dataset, on its own test people."""
    blocks = []
    for dataset, title in DATASETS.items():
        summary = summaries(dataset).get("fixed")
        if summary is None:
            blocks.append(f"{title}: {NOT_RUN} yet.")
            continue
        methods = [*README_METHODS, *({summary["reference"]} - set(README_METHODS))]
        blocks.append(label_table(title, summary, possible(methods, dataset), README_BUDGETS))
        blocks.append(f"{caption(summary)} {verdict(summary)}")
    return "\n\n".join(blocks)


def label_results() -> str:
    """Every row of every dataset and protocol, with the command that made it and the time it took."""
    blocks = []
    for dataset, title in DATASETS.items():
        found = summaries(dataset)
        for protocol in PROTOCOLS[dataset]:
            blocks.append(f"## {title}: {PROTOCOL_TITLES[protocol]}")
            blocks += protocol_results(dataset, protocol, found[protocol]) if protocol in found else ["Not run yet."]
    return "\n\n".join(blocks)


def protocol_results(dataset: str, protocol: str, summary: dict) -> list[str]:
    """One table per kind of label budget, and what is to be said of them."""
    methods = possible([*METHODS, *(row["method"] for row in summary["rows"])], dataset)
    sweep = sweep_budgets(summary)
    run = [budget for budget in (*sweep, LabelBudget("none")) if find(summary, budget)]
    blocks = (
        [f"![Macro-F1 by number of labels](../results/{picture(dataset, protocol)})"] if has_curve(summary) else []
    )
    for kind in KINDS:
        if budgets := [budget for budget in run if budget.kind == kind]:
            takers = [name for name in methods if takes(name, budgets[0])]
            blocks.append(label_table(DATASETS[dataset], summary, takers, budgets))
    blocks.append(f"{caption(summary)} {verdict(summary)}")
    if missing := [str(budget) for budget in sweep if budget not in run]:
        blocks.append(f"Label budgets not run: {', '.join(missing)}.")
    return [*blocks, origin(dataset, protocol, summary)]


def origin(dataset: str, protocol: str, summary: dict) -> str:
    """Weights, cells, time and command behind a summary."""
    named = ", ".join(named_weights(summary))
    cells, hours = effort(dataset, protocol, summary)
    return (
        (f"IMU encoders, by the first digits of the SHA-256 of their weights: {named}. " if named else "")
        + f"{cells:,} cells, {hours:.1f} h of work in all (the sum of their times; `--workers` of them at a time), by "
        + f"\n\n```bash\n{summary['command']}\n```"
    )


def named_weights(summary: dict) -> list[str]:
    """The weights of every IMU encoder; what they were run for, where an encoder was pretrained more than once."""
    kinds: dict[str, dict[str, list[str]]] = {}
    for name, settings in summary["methods"].items():
        if settings["weights"] and kind_of(name) in ENCODER_METHODS:
            steps = f" after {settings['pretrained_steps']:,} steps" if "pretrained_steps" in settings else ""
            weights = kinds.setdefault(name.rpartition("-")[0], {})
            weights.setdefault(f"`{settings['weights']}`{steps}", []).append(TITLES[kind_of(name)])
    return [
        f"{ENCODER_TITLES.get(encoder, encoder)} {one}" + (f" ({', '.join(run)})" if len(weights) > 1 else "")
        for encoder, weights in kinds.items()
        for one, run in weights.items()
    ]


def summaries(dataset: str) -> dict[str, dict]:
    """Summaries by protocol; none where the dataset was not run."""
    return read_summaries(RESULTS / f"label_efficiency_{dataset}.json")


def picture(dataset: str, protocol: str) -> str:
    """Name of the picture of a summary, in `results/`."""
    return f"label_efficiency_{dataset}{'' if protocol == 'fixed' else f'_{protocol}'}.png"


def has_curve(summary: dict) -> bool:
    """Whether some kind of label budget was run at two amounts: enough for a line."""
    amounts = {(row["kind"], row["amount"]) for row in summary["rows"]}
    return len(amounts) > len({kind for kind, _ in amounts})


def possible(methods: list[str], dataset: str) -> list[str]:
    """Those that can be run on the dataset, each once."""
    return [name for name in dict.fromkeys(methods) if dataset in WITH_POSE or kind_of(name) not in POSE_METHODS]


def kind_of(method: str) -> str:
    """ "mujo-probe" → "probe"."""
    return method.rpartition("-")[2]


def method_title(method: str) -> str:
    """ "mujo-probe" → "MuJo, linear probe"."""
    encoder, _, kind = method.rpartition("-")
    return f"{ENCODER_TITLES.get(encoder, encoder)}, {TITLES[kind]}" if encoder else TITLES[kind]


def row_title(method: str, summary: dict) -> str:
    """The title of a method, marked where its network was an earlier one."""
    return method_title(method) + (" ‡" if is_of_earlier_network(method, summary) else "")


def is_of_earlier_network(method: str, summary: dict) -> bool:
    """Whether a row of a network was run before the network had the rhythm of the stride."""
    return kind_of(method) not in RHYTHMLESS and not summary["methods"][method].get("num_harmonics")


def takes(method: str, budget: LabelBudget) -> bool:
    """Whether a method can use a budget: zero-shot recognition takes no labels, all others need some."""
    return (kind_of(method) == "zero_shot") == (budget.kind == "none")


def sweep_budgets(summary: dict) -> list[LabelBudget]:
    """All label budgets that the people of a summary allow."""
    return budgets_for(min(len(fold["train"]) for fold in summary["folds"]))


def find(summary: dict, budget: LabelBudget) -> dict[str, dict]:
    """The rows of a budget by method."""
    return {
        row["method"]: row for row in summary["rows"] if (row["kind"], row["amount"]) == (budget.kind, budget.amount)
    }


def label_table(title: str, summary: dict, methods: list[str], budgets: tuple | list) -> str:
    """
    Mean ± sd of macro-F1; the highest mean of a column is bold, a dagger as `caption` says. Methods that were run at
    none of the budgets are named below.
    """
    run = [name for name in methods if any(name in find(summary, budget) for budget in budgets)]
    columns = []
    for budget in budgets:
        rows = find(summary, budget)
        best = max((rows[name]["mean"] for name in run if name in rows), default=None)
        columns.append([cell(rows.get(name), best) if takes(name, budget) else CANNOT for name in run])
    lines = [f"| {title} | {' | '.join(map(str, budgets))} |", "|---|" + "---|" * len(budgets)]
    lines += [
        f"| {row_title(name, summary)} | {' | '.join(cells)} |" for name, *cells in zip(run, *columns, strict=True)
    ]
    if missing := [name for name in methods if name not in run]:
        lines += ["", f"Not run at these budgets: {by_encoder(missing)}."]
    return "\n".join(lines)


def by_encoder(methods: list[str]) -> str:
    """ "CPC (linear probe, LoRA); MuJo (fine-tuned)"."""
    kinds: dict[str, list[str]] = {}
    for name in methods:
        kinds.setdefault(name.rpartition("-")[0], []).append(TITLES[kind_of(name)])
    plain = kinds.pop("", [])
    return "; ".join(
        [
            *plain,
            *(f"{ENCODER_TITLES.get(encoder, encoder)} ({', '.join(titles)})" for encoder, titles in kinds.items()),
        ]
    )


def cell(row: dict | None, best: float | None) -> str:
    if row is None:
        return NOT_RUN
    mean = f"**{row['mean']:.3f}**" if row["mean"] == best else f"{row['mean']:.3f}"
    if row["kind"] == "none":  # nothing is drawn, nothing varies
        return f"{mean}, accuracy {row['accuracy']:.3f}"
    return f"{mean} ± {row['sd']:.3f}{'†' if row.get('p_reference', 1) < SURE else ''}"


def caption(summary: dict) -> str:
    """How the figures were made."""
    folds = summary["folds"]
    people = " or ".join(sorted({str(len(fold["test"])) for fold in folds}))
    train = " or ".join(sorted({str(len(fold["train"])) for fold in folds}))
    groups = "" if len(folds) == 1 else f", {len(folds)} groups in turn"
    tested = f"{people} unseen {'person' if people == '1' else 'people'}{groups}"
    known = "" if len(folds) == 1 else " Among them are those on whom MuJo's recipe was chosen."
    return (
        f"Macro-F1 on {tested}, {train} to draw labels from; mean ± sd of "
        f"{summary['seeds']} {'draw' if summary['seeds'] == 1 else 'draws'} of labels"
        f"{' per group' if len(folds) > 1 else ''}; "
        f"{summary['window_seconds']:g} s windows, hop {summary['hop_seconds']:g} s.{known}{dagger(summary)}"
        f"{double_dagger(summary)}"
    )


def dagger(summary: dict) -> str:
    """What a dagger means, where there is any."""
    if all(row.get("p_reference", 1) >= SURE for row in summary["rows"]):
        return ""
    return (
        f" †: differs from {method_title(summary['reference'])} (paired t-test over the same draws, Holm-corrected, "
        f"p < {SURE:g})."
    )


def double_dagger(summary: dict) -> str:
    """What a double dagger means, where there is any."""
    if not any(is_of_earlier_network(name, summary) for name in summary["methods"]):
        return ""
    return " ‡: run before the network had the rhythm of the stride, and not again."


def verdict(summary: dict) -> str:
    """Where the reference is above every method that is not MuJo, where it lost, and where from scratch is better."""
    title, won, lost, below = method_title(summary["reference"]), [], [], []
    for budget in sweep_budgets(summary):
        rows = {name: row["mean"] for name, row in find(summary, budget).items() if kind_of(name) not in POSE_METHODS}
        rivals = {name: mean for name, mean in rows.items() if not method_title(name).startswith("MuJo")}
        if summary["reference"] not in rows or not rivals:
            continue
        ours, best = rows[summary["reference"]], max(rivals, key=lambda name: rivals[name])
        if rivals.get("scratch", 0) > ours:
            below.append(str(budget))
        if budget.kind == "fraction" and budget.amount > FEW:
            continue
        if ours > rivals[best]:
            won.append(str(budget))
        else:
            lost.append(f"{budget} ({ours:.3f}) to {row_title(best, summary)} ({rivals[best]:.3f})")
    if not won and not lost:
        return ""
    return (
        f"With few labels, {title} is above every method that is not MuJo at {len(won)} of {len(won) + len(lost)} "
        f"budgets" + (f"; lost: {'; '.join(lost)}." if lost else ".")
    ) + (f" It is below the same network from scratch at {', '.join(below)}." if below else "")


def effort(dataset: str, protocol: str, summary: dict) -> tuple[int, float]:
    """Number of the cells behind a summary, and the sum of their times in hours."""
    seconds = [
        cell["seconds"]
        for cell in read_cells(RESULTS / f"label_efficiency_{dataset}.jsonl").values()
        if cell["protocol"] == protocol and cell["seed"] < summary["seeds"] and is_of(cell, summary["methods"])
    ]
    return len(seconds), sum(seconds) / 3600


TABLES = {"label_efficiency": label_efficiency, "label_results": label_results}
