"""Write the tables of README.md from results/*.json: `python benchmarks/tables.py` (`--check`: fail if one is stale).

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; no figure in it is typed by hand.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable

from benchmarks.results import RESULTS, ROOT

DOCUMENTS = ("README.md", "docs/experiments.md")
METHOD_NAMES = {
    "random_forest": "random forest on simple statistics",
    "scratch": "same network from scratch",
    "probe": "MuJo, linear probe",
    "full": "MuJo, fine-tuned",
    "lora": "MuJo, LoRA",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a table is not up to date")
    check = parser.parse_args().check
    stale = []
    for document in (ROOT / name for name in DOCUMENTS):
        text = document.read_text(encoding="utf-8")
        filled = fill(text)
        if filled != text:
            stale.append(document.name)
            if not check:
                document.write_text(filled, encoding="utf-8")
    if check and stale:
        sys.exit(f"Stale tables in {', '.join(stale)}: run `python benchmarks/tables.py`.")


def fill(text: str) -> str:
    """`text` with every table made anew."""

    def table(match: re.Match) -> str:
        return f"<!-- table: {match[1]} -->\n{TABLES[match[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", table, text, flags=re.DOTALL)


def read(name: str) -> dict:
    return json.loads((RESULTS / name).read_text(encoding="utf-8"))


def label_efficiency() -> str:
    """Macro-F1 by share of labels and method, with the paired test against scratch."""
    result = read("label_efficiency_motionsense.json")
    fractions = list(dict.fromkeys(row["fraction"] for row in result["rows"]))
    lines = [
        "| method | " + " | ".join(f"{fraction:.0%} of the labels" for fraction in fractions) + " |",
        "|---|" + "---|" * len(fractions),
    ]
    for method, name in METHOD_NAMES.items():
        cells = [row for fraction in fractions for row in result["rows"] if at(row, fraction, method)]
        lines.append(f"| {name} | " + " | ".join(figure(row) for row in cells) + " |")
    people = result["people"]
    seeds = len(result["rows"][0]["values"])
    lines += [
        "",
        f"Macro-F1 on {len(people['test'])} unseen people, mean ± sd of {seeds} seeds (p: paired t-test against "
        f"scratch); {result['window_seconds']:g} s windows, hop {result['hop_seconds']:g} s, accelerometer and "
        f"gyroscope; {len(people['train'])} people to train on, {len(people['validation'])} for validation.",
    ]
    return "\n".join(lines)


def at(row: dict, fraction: float, method: str) -> bool:
    return row["fraction"] == fraction and row["method"] == method


def figure(row: dict) -> str:
    test = f" (p = {row['p_against_scratch']:.2g})" if "p_against_scratch" in row else ""
    return f"{row['mean']:.3f} ± {row['sd']:.3f}{test}"


def throughput() -> str:
    """Speed and size."""
    result = read("throughput.json")
    speed, latency, parameters = result["pretraining"], result["latency_one_core_ms"], result["parameters"]
    low, high = speed["windows_per_second_quartiles"]
    return "\n".join(
        [
            "| what | figure |",
            "|---|---|",
            f"| pretraining, {result['machine']['threads']} CPU threads "
            f"| {speed['windows_per_second_median']:.0f} IMU windows/s (quartiles {low:.0f}-{high:.0f}) |",
            f"| one 4 s window, one core | {latency['median']:.1f} ms (95th percentile {latency['p95']:.1f} ms) |",
            f"| IMU encoder | {parameters['imu_encoder'] / 1e6:.2f} M parameters |",
            f"| pose encoder | {parameters['pose_encoder'] / 1e6:.2f} M parameters |",
            f"| text backbone (frozen) | {parameters['text_backbone_frozen'] / 1e6:.1f} M parameters |",
        ]
    )


TABLES: dict[str, Callable[[], str]] = {"label_efficiency": label_efficiency, "throughput": throughput}

if __name__ == "__main__":
    main()
