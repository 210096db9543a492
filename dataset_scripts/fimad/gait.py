"""Walking, running, stairs and pedalling: joint-angle curves over the gait cycle, played with human variability."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from dataset_scripts.fimad.contacts import Contacts
from dataset_scripts.fimad.exercises.format import Gait
from dataset_scripts.fimad.kinematics import ANGLE_INDEX, ANGLES
from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from dataset_scripts.fimad.trajectories import pink_sequence

_HARMONICS = (
    7  # gait signals hold nearly all their power below the sixth to eighth harmonic (Winter, 4th ed., ch. 2.4)
)


def gait_motion(gait: Gait, times: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, Contacts, float]:
    """Joint angles and footholds of cyclic locomotion.

    Args:
        gait: whose curves to play.
        times: `(time,)` in seconds, at `SAMPLING_RATE`.
        rng: source of speed, size and variability.

    Returns:
        `(time, len(ANGLES))` in degrees, the contacts, and the speed drawn: 0 slowest, 1 fastest.
    """
    pace = rng.beta(2, 2)
    cadence = gait.cadence[0] + pace * (gait.cadence[1] - gait.cadence[0])
    size = (gait.amplitude[0] + pace * (gait.amplitude[1] - gait.amplitude[0])) * rng.normal(1, 0.05)
    phase = _stride_phase(times, cadence / 120, gait.variation, rng)
    limp = rng.normal(0.5, 0.008)
    phases = {"left": phase, "right": phase + limp}
    angles = np.zeros((len(times), len(ANGLES)))
    lean = gait.lean * rng.normal(1, 0.25)
    _swing_trunk(angles, gait, phase, lean, rng)
    stance = gait.stance and np.clip(gait.stance + 0.02 - 0.04 * pace + rng.normal(0, 0.01), 0.2, 0.75)
    masks, roll, loads, shocks = {}, {}, {}, {}
    impact = min(rng.lognormal(0, 0.3), 1.6) * (0.7 + 0.6 * pace)  # how hard this person lands in these shoes
    for side, own in phases.items():
        _swing_leg(angles, gait, side, own, size * rng.normal(1, 0.015), rng)
        shock = gait.heel_strike * impact * _heel_strike(own, rng) / 1000
        _swing_arm(angles, gait, side, own, size, rng)
        if gait.stance:
            within = own % 1.0
            masks[f"{side}_foot"] = within < stance
            shocks[f"{side}_foot"] = shock
            # The leading leg takes the body over as soon as it lands; the trailing one, bent by then, gives way.
            carrying = ((within > 0.03) & (within < min(stance, 0.53))).astype(float)
            loads[f"{side}_foot"] = gaussian_filter1d(carrying, 2.5, mode="nearest", truncate=3)
            # Heel rocker until the foot is flat, ankle rocker on the whole sole, forefoot rocker (Perry, "Gait
            # Analysis").
            roll[f"{side}_foot"] = _smooth_step((within - 0.04) / (0.3 * stance))
    if not gait.stance:
        masks["saddle"] = np.ones(len(times), dtype=bool)
    stride = 120 / cadence
    evening = gait.inertia * stride, gait.cushion * stride, gait.bounce
    contacts = Contacts(masks, roll, gait.climbs, loads, *evening, shocks, *_pelvis_path(gait, phase, rng))
    return angles, contacts, float(pace)


def _pelvis_path(
    gait: Gait, phase: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Factor on the speed of the pelvis `(time,)`, and metres that it swings to the left `(time,)`.

    `phase` `(time,)` counts the cycles of the left leg. Either is None where the gait leaves it to the legs.

    Nobody walks evenly: the body falls forward onto the leading leg, is fastest just after that has landed, is then
    braked by it, and climbs over it slowly. It swings to the side of the leg it stands on, and stays there longer than
    a sine would (Zijlstra & Hof, Gait & Posture 18, 2003). Second and third harmonics and all phases were set after
    CMU's motion capture and the phones of MotionSense's training people (docs/experiments.md).
    """
    hurry, swing = rng.lognormal(0, 0.25, 2)
    steps, stride = 4 * np.pi * (phase - 0.06), 2 * np.pi * (phase - 0.03)
    surge = 1 + gait.surge * hurry * (np.cos(steps) + 0.4 * np.cos(2 * steps + 0.2 * np.pi))
    sway = gait.sway * swing * (np.sin(stride) + 0.2 * np.sin(3 * stride - 0.24 * np.pi))
    return (surge if gait.surge else None), (sway if gait.sway else None)


def _stride_phase(times: np.ndarray, stride_rate: float, variation: float, rng: np.random.Generator) -> np.ndarray:
    """Cycles completed at each time, no stride quite as long as the last."""
    strides = int(times[-1] * stride_rate * 1.4) + 4
    duration = np.maximum(1 + variation * pink_sequence(rng, strides), 0.5) / stride_rate
    starts = np.concatenate([[0.0], np.cumsum(duration)]) - rng.uniform(0, duration[0])
    phase = np.interp(times, starts, np.arange(strides + 1.0))
    return gaussian_filter1d(phase, 0.2 * SAMPLING_RATE, mode="nearest", truncate=3) if len(times) > 1 else phase


def _smooth_step(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0, 1)
    return x**3 * (10 - 15 * x + 6 * x**2)


def _play(curve: tuple[float, ...], phase: np.ndarray) -> np.ndarray:
    """A cyclic curve at the given phases, as a Fourier series of `_HARMONICS` harmonics."""
    coefficients = np.fft.rfft(curve)[: _HARMONICS + 1] / len(curve)
    order = np.arange(1, _HARMONICS + 1)
    waves = np.exp(2j * np.pi * phase[:, None] * order)
    return coefficients[0].real + 2 * (waves @ coefficients[1:]).real


def _swing_leg(
    angles: np.ndarray, gait: Gait, side: str, phase: np.ndarray, size: float, rng: np.random.Generator
) -> None:
    hip_curve, knee_curve, ankle_curve = (np.asarray(curve) for curve in (gait.hip, gait.knee, gait.ankle))
    drift = np.maximum(1 + gait.variation * pink_sequence(rng, int(phase[-1]) + 3), 0.5)
    growth = size * np.interp(phase, np.arange(len(drift)) - 0.5, drift)
    thigh = np.mean(hip_curve) + growth * _play(tuple(hip_curve - np.mean(hip_curve)), phase)
    knee = np.min(knee_curve) + growth * _play(tuple(knee_curve - np.min(knee_curve)), phase)
    ankle = _play(tuple(ankle_curve), phase)
    angles[:, ANGLE_INDEX[f"{side}_hip_flexion"]] = thigh + angles[:, ANGLE_INDEX["pitch"]]
    angles[:, ANGLE_INDEX[f"{side}_knee_flexion"]] = np.logaddexp(0, knee - 3) + 3  # smooth stop before full extension
    angles[:, ANGLE_INDEX[f"{side}_foot_pitch"]] = thigh - knee + ankle
    outward = 1 if side == "right" else -1
    stride_width = rng.normal(-1.5, 0.7)
    adduction = rng.normal(2.5, 1) * np.sin(2 * np.pi * (phase + 0.02))  # towards the other leg while it carries
    level = outward * angles[:, ANGLE_INDEX["roll"]]
    angles[:, ANGLE_INDEX[f"{side}_hip_abduction"]] = stride_width + level - adduction
    turning = rng.normal(5, 2) * np.cos(2 * np.pi * (phase - 0.15))  # inwards as the leg takes the load
    angles[:, ANGLE_INDEX[f"{side}_hip_rotation"]] = rng.normal(5, 3) - turning


def _heel_strike(phase: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The shock of initial contact: a damped oscillation at 9 to 16 Hz, another size at every step.

    Tibial shocks of walking and running lie at 10 to 20 Hz (Shorten & Winslow, Int. J. Sport Biomech. 8, 1992).
    """
    rate = np.gradient(phase) * SAMPLING_RATE
    since = (phase % 1.0) / rate
    steps = rng.lognormal(0, 0.25, int(phase[-1]) + 3)
    frequency, decay = rng.uniform(9, 16), rng.uniform(0.025, 0.05)
    onset = -np.expm1(-((since / 0.012) ** 2))
    return steps[phase.astype(int)] * onset * np.exp(-since / decay) * np.sin(2 * np.pi * frequency * since)


def _swing_arm(
    angles: np.ndarray, gait: Gait, side: str, phase: np.ndarray, size: float, rng: np.random.Generator
) -> None:
    """Arms swing against the leg of their side, a little late, the forearm more than the upper arm."""
    swing = min(gait.arm_swing * size * rng.lognormal(0, 0.35), 42.0)
    backward = np.cos(2 * np.pi * (phase - rng.normal(0.03, 0.02)))
    bend = np.cos(2 * np.pi * (phase - 0.08))
    angles[:, ANGLE_INDEX[f"{side}_shoulder_flexion"]] = gait.arms_forward + rng.normal(3, 4) - swing * backward
    angles[:, ANGLE_INDEX[f"{side}_shoulder_abduction"]] = rng.normal(9, 3)
    angles[:, ANGLE_INDEX[f"{side}_shoulder_rotation"]] = rng.normal(-15, 8)
    elbow = np.clip(gait.elbow * rng.normal(1, 0.2), 12 + 0.6 * swing, 136 - 0.6 * swing)
    angles[:, ANGLE_INDEX[f"{side}_elbow_flexion"]] = elbow - 0.6 * swing * bend


def _swing_trunk(angles: np.ndarray, gait: Gait, phase: np.ndarray, lean: float, rng: np.random.Generator) -> None:
    """Pelvis turns with the leading leg and drops on the swinging side; shoulders turn against it."""
    turn = gait.pelvis_rotation * rng.lognormal(0, 0.25)
    drop = gait.pelvis_drop * rng.lognormal(0, 0.25)
    angles[:, ANGLE_INDEX["pitch"]] = 0.5 * lean + 0.8 * np.cos(4 * np.pi * (phase - 0.05))
    angles[:, ANGLE_INDEX["trunk_flexion"]] = 0.5 * lean
    angles[:, ANGLE_INDEX["yaw"]] = -turn * np.cos(2 * np.pi * phase)
    angles[:, ANGLE_INDEX["trunk_rotation"]] = 1.8 * turn * np.cos(2 * np.pi * (phase - 0.02))
    angles[:, ANGLE_INDEX["roll"]] = drop * np.sin(2 * np.pi * (phase + 0.03))
    angles[:, ANGLE_INDEX["trunk_bend"]] = -1.2 * drop * np.sin(2 * np.pi * (phase + 0.03))
