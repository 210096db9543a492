"""How like a real stride a generated one is: what a phone in a trouser pocket reads in the course of a stride.

    python benchmarks/gait_waveforms.py --phones ../shared/data/motionsense --out docs/gait_waveforms.png

Writes the figure, `results/gait_waveforms.json` and the table of `docs/synthesis.md`. Takes a minute on one core.

Recorded are the phones of MotionSense's training people; test people are never read. Their axes are found in the
signal: gravity is the mean of the specific force, and the thigh turns about the axis across which it turns most,
forwards faster than backwards. Every window is written as harmonics of its stride, whose phase is that of the thigh's
turning, so that windows can be averaged; spectra alone cannot tell a body that hurries where others lag.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from benchmarks.results import DATA_ROOT, RESULTS, ROOT, write_json
from benchmarks.synthesis_realism import REAL, SENSOR_CUTOFF, SYNTHETIC, generated_poses, phone_signals, write_table
from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from modeling_mujo.configuration_mujo import PLACEMENTS
from modeling_mujo.rhythm_mujo import in_axes_of_limb
from training.augmentation import AugmentationSettings

GAITS = ("walking", "walking upstairs", "walking downstairs")
CHANNELS = {
    "upward force, m/s²": 0,
    "backward force, m/s²": 1,
    "force to the right, m/s²": 2,
    "turn rate of the thigh, rad/s": 5,
}
WINDOW = 200  # samples: four seconds
HARMONICS = np.arange(1, 7)
STRIDES = (0.55, 1.5)  # a second
POINTS = 60  # of a stride


def stride_harmonics(window: np.ndarray) -> np.ndarray:
    """Complex amplitudes `(len(HARMONICS), 6)` of a window, in the axes of the leg, at multiples of its rate."""
    signal = in_axes_of_limb(torch.from_numpy(window)[None], torch.ones(1, len(window), 1))[0].numpy()
    signal = signal * np.hanning(len(signal))[:, None]
    frequencies = np.fft.rfftfreq(8 * len(signal), 1 / SAMPLING_RATE)
    possible = (frequencies > STRIDES[0]) & (frequencies < STRIDES[1])
    spectrum = possible * np.abs(np.fft.rfft(signal[:, 5], 8 * len(signal)))
    turns = np.outer(HARMONICS, np.arange(len(signal))) * frequencies[spectrum.argmax()] / SAMPLING_RATE
    harmonics = 2 * np.exp(-2j * np.pi * turns) @ signal / np.hanning(len(signal)).sum()
    return harmonics * np.exp(-1j * np.angle(harmonics[0, 5]) * HARMONICS)[:, None]


def mean_stride(signals: list[np.ndarray]) -> np.ndarray:
    """The stride `(POINTS, 6)` that the mean harmonics of all windows of `signals`, each `(time, 6)`, add up to."""
    windows = [
        signal[start : start + WINDOW]
        for signal in signals
        for start in range(0, len(signal) - WINDOW + 1, WINDOW // 2)
    ]
    mean = np.mean([stride_harmonics(window) for window in windows], axis=0)
    turns = np.outer(np.arange(POINTS) / POINTS, HARMONICS)
    return (np.exp(2j * np.pi * turns) @ mean).real


def generated_signals(name: str, clips: int) -> list[np.ndarray]:
    """What a rigid sensor in front of the right thigh, where pretraining puts phones, reads of generated people."""
    settings = AugmentationSettings()
    place = torch.tensor([[PLACEMENTS.index("right_thigh")]])
    along, offset = torch.tensor([[settings.pocket_along]]), torch.tensor([[[settings.skin_distance, 0.0, 0.0]]])
    signals = []
    for pose in generated_poses(name, clips):
        centred = torch.from_numpy(pose - [*pose[:, 0, :2].mean(axis=0), 0.0])[None].float()
        imu = simulate_imu(centred, place, along=along, offset=offset, cutoff=SENSOR_CUTOFF)
        signals.append(imu[0, 0].double().numpy())
    return signals


def compare(recorded: np.ndarray, generated: np.ndarray) -> dict[str, dict]:
    """Of each channel both strides, their correlation, and the size of the generated one as a share of the other's."""
    return {
        channel: {
            "recorded": recorded[:, index].round(4).tolist(),
            "generated": generated[:, index].round(4).tolist(),
            "correlation": round(float(np.corrcoef(recorded[:, index], generated[:, index])[0, 1]), 3),
            "size": round(float(generated[:, index].std() / recorded[:, index].std()), 3),
        }
        for channel, index in CHANNELS.items()
    }


def draw(gaits: dict[str, dict]) -> Figure:
    """A row each gait, a column each channel."""
    figure, axes = plt.subplots(
        len(gaits), len(CHANNELS), figsize=(14, 8), sharex=True, sharey="col", layout="constrained"
    )
    stride = np.arange(POINTS) / POINTS
    for row, (name, channels) in zip(axes, gaits.items(), strict=True):
        for axis, (channel, strides) in zip(row, channels.items(), strict=True):
            for kind, colour in (("recorded", REAL), ("generated", SYNTHETIC)):
                axis.plot(stride, strides[kind], color=colour, linewidth=1.6, label=kind)
            axis.set_title(f"{name}: {channel}", fontsize=9)
            axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].legend(frameon=False, fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel("part of the stride")
    return figure


def waveform_table(gaits: dict[str, dict]) -> str:
    """Markdown: correlation and relative size, a row each gait."""
    lines = [
        "| gait | " + " | ".join(channel.split(",")[0] for channel in CHANNELS) + " |",
        "|---" * (1 + len(CHANNELS)) + "|",
    ]
    for name, channels in gaits.items():
        cells = [f"{each['correlation']:.2f}, {each['size']:.2f}" for each in channels.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phones", type=Path, default=DATA_ROOT / "motionsense", help="folder of MotionSense")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "gait_waveforms.png")
    parser.add_argument("--clips", type=int, default=24, help="generated clips of each gait")
    arguments = parser.parse_args()
    phones = phone_signals(arguments.phones)
    gaits = {
        name: compare(
            mean_stride([signal[0] for signal in phones[name]]), mean_stride(generated_signals(name, arguments.clips))
        )
        for name in GAITS
    }
    write_json(RESULTS / "gait_waveforms.json", {"clips": arguments.clips, "gaits": gaits})
    draw(gaits).savefig(arguments.out, dpi=90)
    write_table(ROOT / "docs" / "synthesis.md", "gait_waveforms", waveform_table(gaits))
    print(waveform_table(gaits))


if __name__ == "__main__":
    main()
