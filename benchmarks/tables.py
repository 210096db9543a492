"""Tables and curves from results/*.json: `python benchmarks/tables.py` (`--check`: fail if one is stale).

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; no figure in it is typed by hand.
"""

import argparse
import re
import sys
from collections.abc import Callable

from benchmarks import curves, fimad_tables, label_tables
from benchmarks.results import ROOT, read_json

DOCUMENTS = ("README.md", "docs/fimad.md", "docs/imu_simulation.md", "docs/results.md")


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
    for summary, title, file in curves.stale_pictures():
        stale.append(file.name)
        if not check:
            curves.draw_curves(summary, title, file)
    if check and stale:
        sys.exit(f"Stale: {', '.join(stale)}. Run `python benchmarks/tables.py`.")


def fill(text: str) -> str:
    """`text` with every table made anew."""

    def table(match: re.Match) -> str:
        return f"<!-- table: {match[1]} -->\n{TABLES[match[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", table, text, flags=re.DOTALL)


def throughput() -> str:
    """Speed of pretraining, and sizes."""
    result = read_json("throughput.json")
    speed, parameters = result["pretraining"], result["parameters"]
    low, high = speed["windows_per_second_quartiles"]
    return "\n".join(
        [
            "| what | figure |",
            "|---|---|",
            f"| pretraining, {result['machine']['threads']} CPU threads "
            f"| {speed['windows_per_second_median']:.0f} IMU windows/s (quartiles {low:.0f}-{high:.0f}) |",
            f"| IMU encoder | {parameters['imu_encoder'] / 1e6:.2f} M parameters |",
            f"| pose encoder | {parameters['pose_encoder'] / 1e6:.2f} M parameters |",
            f"| text backbone (frozen) | {parameters['text_backbone_frozen'] / 1e6:.1f} M parameters |",
            "",
            f"{result['machine']['processor']}, torch {result['machine']['torch']}.",
        ]
    )


LATENCY_TITLES = {
    "torch": "torch",
    "onnx_fp32": "ONNX Runtime, fp32",
    "onnx_int8": "ONNX Runtime, int8",
    "browser_fp32": "in the browser, fp32",
    "browser_int8": "in the browser, int8",
}


def latency() -> str:
    """Milliseconds from a window to its embedding."""
    result = read_json("latency.json")
    window, machine = result["window"], result["machine"]
    lines = [f"| one window of {window['seconds']:g} s, one core | median | 95th percentile |", "|---|---|---|"]
    for name, figures in result["latency_ms"].items():
        lines.append(f"| {LATENCY_TITLES[name]} | {figures['median']:.1f} ms | {figures['p95']:.1f} ms |")
    size = ", ".join(f"{name} {count / 1e6:.1f} MB" for name, count in result["bytes"].items())
    lines += [
        "",
        f"IMU encoder, one sensor; {result['rounds']} rounds of {result['runs_per_round']} windows in turns. "
        f"{machine['processor']}, torch {machine['torch']}, ONNX Runtime {machine['onnxruntime']}, "
        f"{machine['browser']}; files: {size}. The machine was shared: load average {result['load_average'][0]:.1f}, "
        "this included.",
    ]
    return "\n".join(lines)


def joint_space() -> str:
    """What the picture of the joint space shows, and what it cannot show."""
    result = read_json("joint_space.json")
    same = {name: f"{share:.0%}" for name, share in result["nearest_is_same_activity"].items()}
    activities = len(result["activities"])
    return (
        f"{len(result['labels'])} movements of {activities} activities from UTD-MHAD, which pretraining has not seen: "
        f"an IMU on the thigh, the pose by a Kinect, and the words. The plane holds "
        f"{sum(result['explained_variance']):.0%} of the variance (PCA). In the whole space, the nearest words are "
        f"those of the activity for {same['imu to words']} of the IMU windows and {same['pose to words']} of the "
        f"poses, and the nearest pose shows the activity of the IMU window for {same['imu to pose']}; by chance it "
        f"would be {1 / activities:.0%}."
    )


def imu_simulation_speed() -> str:
    """Seconds of motion simulated per second, and rows made."""
    result = read_json("imu_simulation_speed.json")
    lines = [
        "| clip | batch | one thread, by CPU time | one thread | two threads | two processes |",
        "|---|---|---|---|---|---|",
    ]
    for row in result["times_real_time"]:
        cells = [with_quartiles(row[mode]) for mode in ("by_cpu_time", "one_thread", "two_threads", "two_processes")]
        lines.append(f"| {row['clip_seconds']} s | {row['batch_size']} | {' | '.join(cells)} |")
    lines += ["", "| clip | rows of FiMAD, one thread, by CPU time | of that time, simulating |", "|---|---|---|"]
    for row in result["rows"]:
        speed = with_quartiles(row["times_real_time"])
        lines.append(f"| {row['clip_seconds']} s | {speed} | {row['simulation_share']:.0%} |")
    machine = result["machine"]
    lines += [
        "",
        f"Times real time, {result['sensors']} sensors at {result['sampling_rate']} Hz: median (quartiles) of "
        f"{result['rounds']} rounds on {machine['cores']} {machine['processor']} cores, torch "
        f"{machine['torch']}. The machine was shared: load average {result['load_average'][1]:.1f}, this included.",
    ]
    return "\n".join(lines)


def with_quartiles(figures: dict) -> str:
    low, high = figures["quartiles"]
    return f"{figures['median']:,.0f} ({low:,.0f}–{high:,.0f})"


def imusim_agreement() -> str:
    """Cost of a sensor, and how the magnitudes agree on the same BVH."""
    result = read_json("imu_simulation_speed.json")["imusim"]
    if isinstance(result, str):
        return f"imusim: {result}."
    lines = [
        "| sensor | orientation | cutoff: ours, imusim | force: r, r at best lag | force: RMS difference of SD "
        "| angular velocity: r | angular velocity: RMS difference of SD | orientation error |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in result["agreement"]:
        bandwidth = "default" if row["bandwidth"] is None else f"{row['bandwidth']:g} Hz"
        lines.append(
            f"| {row['placement'].replace('_', ' ')} | {row['orientation']} | {row['cutoff']:g} Hz, {bandwidth} "
            f"| {row['force_correlation']:.3f}, {row['force_correlation_best_lag']:.3f} "
            f"| {row['force_rms_difference']:.2f} of {row['force_sd']:.2f} m/s² | {row['rate_correlation']:.3f} "
            f"| {row['rate_rms_difference']:.2f} of {row['rate_sd']:.2f} rad/s "
            f"| {row['orientation_error_degrees']:.1f}° |"
        )
    cost = result["cpu_seconds_per_sensor_second"]
    ours, theirs = (
        {"median": 1e6 * cost[name]["median"], "quartiles": [1e6 * quartile for quartile in cost[name]["quartiles"]]}
        for name in ("simulate_imu", "imusim")
    )
    lines += [
        "",
        f"imusim {result['version']}, {len(result['recordings'])} recordings of {result['seconds']:g} s together, "
        f"medians. CPU time for one second of one sensor: `simulate_imu` "
        f"{with_quartiles(ours)} µs, imusim {with_quartiles(theirs)} µs.",
    ]
    return "\n".join(lines)


def imusim_closed_forms() -> str:
    """RMS errors of both where the reading is known."""
    result = read_json("imu_simulation_speed.json")["imusim"]
    if isinstance(result, str):
        return f"imusim: {result}."
    settings = list(dict.fromkeys((row["cutoff"], row["noise_mm"]) for row in result["closed_forms"]))
    cells: dict[str, list[str]] = {}
    for cutoff, noise in settings:
        for row in result["closed_forms"]:
            if (row["cutoff"], row["noise_mm"]) == (cutoff, noise):
                errors = (f"{row[name][0]:.2f} / {row[name][1]:.2f}" for name in ("simulate_imu", "imusim"))
                cells.setdefault(row["motion"], []).extend(errors)
    heads = [
        f"{name}, {cutoff:g} Hz, {noise:g} mm" for cutoff, noise in settings for name in ("simulate_imu", "imusim")
    ]
    lines = [f"| closed form | {' | '.join(heads)} |", "|---" * (1 + len(heads)) + "|"]
    lines += [f"| {motion} | {' | '.join(row)} |" for motion, row in cells.items()]
    return "\n".join(lines)


TABLES: dict[str, Callable[[], str]] = {
    "throughput": throughput,
    "latency": latency,
    "joint_space": joint_space,
    "imu_simulation_speed": imu_simulation_speed,
    "imusim_agreement": imusim_agreement,
    "imusim_closed_forms": imusim_closed_forms,
    **fimad_tables.TABLES,
    **label_tables.TABLES,
}

if __name__ == "__main__":
    main()
