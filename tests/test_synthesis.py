"""The exercise generator: bodies stay whole, stand firm, bend as people do, and every seed is another person's try."""

import re
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.ndimage import gaussian_filter1d
from scipy.signal import welch

from dataset_scripts.fimad.contacts import PARTS, Contacts
from dataset_scripts.fimad.exercises.format import Gait, pose
from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.kinematics import HUMAN_RANGE, measure_angles, two_bone_ik
from dataset_scripts.fimad.skeleton import JOINT_INDEX, PARENTS, SAMPLING_RATE
from dataset_scripts.fimad.synthesis import EXERCISES, Exercise, generate_clip, synthesize_motion
from modeling_mujo.configuration_mujo import PLACEMENTS

SEEDS = (0, 1, 2)  # `test_limits_hold_for_many_bodies` takes more, slowly
BY_NAME = {exercise.name: exercise for exercise in EXERCISES}


@pytest.fixture(scope="module")
def motions() -> dict[tuple[str, int], tuple[np.ndarray, Contacts]]:
    return {(e.name, seed): synthesize_motion(e, seed)[:2] for e in EXERCISES for seed in SEEDS}


def test_catalogue_is_broad_and_unambiguous():
    assert len(EXERCISES) >= 180
    assert len(BY_NAME) == len(EXERCISES)
    postures = " ".join(exercise.posture for exercise in EXERCISES)
    assert all(word in postures for word in ("standing", "seated", "supine", "prone", "on all fours"))


@pytest.mark.parametrize(
    "name",
    [
        *("seated row", "one arm row", "behind the neck pulldown", "reverse grip row", "lat pulldown", "bench press"),
        *("incline dumbbell fly", "incline dumbbell press", "dumbbell fly", "push-up", "machine chest press"),
        *("close-grip bench press", "skullcrusher", "tricep pushdown", "bench dip", "overhead tricep extension"),
        *("tricep kickback", "spider curl", "alternating bicep curl", "incline hammer curl", "concentration curl"),
        *("cable curl", "hammer curl", "upright row", "lateral raise", "front raise", "seated shoulder press"),
        *("car drivers", "lying rear delt raise", "bent over row"),
    ],
)
def test_every_exercise_of_myogym_is_there(name):
    assert name in BY_NAME


def test_a_misspelt_angle_is_refused():
    with pytest.raises(ValueError, match="knee_flexoin"):
        pose(knee_flexoin=10)


def test_bones_keep_their_length(motions):
    for (name, seed), (motion, _) in motions.items():
        bones = np.linalg.norm(motion - motion[:, [max(parent, 0) for parent in PARENTS]], axis=-1)[:, 1:]
        spread = np.ptp(bones, axis=0) / bones.mean(axis=0)
        assert spread.max() < 1e-5, f"{name} seed {seed}"


def test_hands_in_contact_do_not_slip(motions):
    for (name, seed), (motion, contacts) in motions.items():
        assert _hand_slip(BY_NAME[name], motion, contacts) < 0.02, f"{name} seed {seed}"


def test_flat_feet_do_not_slip(motions):
    for (name, seed), (motion, contacts) in motions.items():
        assert _foot_slip(BY_NAME[name], motion, contacts) < 0.02, f"{name} seed {seed}"
    assert sum(_keeps_feet_flat(exercise) for exercise in EXERCISES) > 80


@pytest.mark.parametrize("name", ["walking", "slow walking", "walking upstairs", "walking downstairs"])
def test_the_stance_foot_stands_while_the_body_passes_over_it(name):
    for seed in range(5):
        motion, contacts, *_ = synthesize_motion(BY_NAME[name], seed)
        ankle, mask = motion[:, JOINT_INDEX["left_ankle"]], contacts.masks["left_foot"]
        flat = mask.copy()
        for start, stop in _runs(mask):  # between the heel rocker and the forefoot rocker
            flat[start : start + int(0.3 * (stop - start))] = False
            flat[start + int(0.55 * (stop - start)) : stop] = False
        assert _slip(ankle, flat) < 0.02


def test_joints_stay_within_human_range(motions):
    for (name, seed), (motion, _) in motions.items():
        assert not _joints_out_of_range(motion), f"{name} seed {seed}: {_joints_out_of_range(motion)}"


def test_nothing_sinks_into_the_floor(motions):
    for (name, seed), (motion, contacts) in motions.items():
        assert _depth(motion, contacts) < 0.02, f"{name} seed {seed}"


def test_motion_is_smooth_enough_to_differentiate(motions):
    """The pelvis of a person is not thrown about at more than some 8 g."""
    for (name, seed), (motion, _) in motions.items():
        assert _jolt(motion) < 80, f"{name} seed {seed}"


@pytest.mark.slow
def test_limits_hold_for_many_bodies():
    for exercise in EXERCISES:
        for seed in range(3, 11):
            motion, contacts, *_ = synthesize_motion(exercise, seed)
            where = f"{exercise.name} seed {seed}"
            assert not _joints_out_of_range(motion), f"{where}: {_joints_out_of_range(motion)}"
            assert _depth(motion, contacts) < 0.04, where
            assert _hand_slip(exercise, motion, contacts) < 0.03, where
            assert _foot_slip(exercise, motion, contacts) < 0.03, where
            assert _jolt(motion) < 110, where


def test_one_sided_clips_say_which_side_moved():
    for name in ("wave", "one arm row", "standing leg raise", "brushing teeth"):
        sides = set()
        for seed in range(8):
            clip = generate_clip(BY_NAME[name], seed)
            limb = "wrist" if name != "standing leg raise" else "ankle"
            relative = clip.pose - clip.pose[:, :1]
            speed = {
                side: np.diff(relative[:, JOINT_INDEX[f"{side}_{limb}"]], axis=0).std() for side in ("left", "right")
            }
            assert clip.side == max(speed, key=speed.__getitem__), f"{name} seed {seed}"
            sides.add(clip.side)
        assert sides == {"left", "right"}
    assert generate_clip(BY_NAME["squat"], 0).side is None


@pytest.mark.parametrize("name", ["swipe inwards", "swipe outwards"])
def test_a_swipe_crosses_the_body_in_the_direction_of_its_name(name):
    for seed in range(6):
        outward, height = _hand_before_the_body(name, seed)
        quickest = np.abs(np.where(height > 0.9, np.gradient(outward), 0)).argmax()
        assert (np.gradient(outward)[quickest] > 0) == (name == "swipe outwards"), f"seed {seed}"
        assert np.ptp(outward) > 0.4


@pytest.mark.parametrize("name", ["draw a circle inwards", "draw a circle outwards"])
def test_a_circle_turns_in_the_direction_of_its_name(name):
    for seed in range(6):
        outward, height = _hand_before_the_body(name, seed)
        raised = height > 0.75 * height.max()
        top = raised & (height > np.median(height[raised]))
        drift = np.gradient(outward)[top].sum()
        assert (drift > 0) == (name == "draw a circle outwards"), f"seed {seed}"


@pytest.mark.parametrize("name", ["plank", "push-up", "shoulder taps", "downward dog"])
def test_who_stands_on_hands_and_toes_keeps_the_knees_straight(name):
    for seed in range(4):
        assert np.median(measure_angles(synthesize_motion(BY_NAME[name], seed)[0])["knee_flexion"]) < 30


def test_a_fault_of_posture_shows():
    """A plank with a sagging back is drawn with one."""
    bend = {True: [], False: []}
    for seed in range(30):
        motion, _, performance, _ = synthesize_motion(BY_NAME["plank"], seed)
        hips = measure_angles(motion)["hip_flexion"]
        bend[performance.fault is not None].append(hips.mean())
    assert np.mean(bend[True]) < np.mean(bend[False]) - 4


def test_same_seed_same_clip_other_seed_other_person():
    for exercise in EXERCISES[::7]:
        first, again, other = (generate_clip(exercise, seed) for seed in (3, 3, 4))
        np.testing.assert_array_equal(first.pose, again.pose)
        assert (first.title, first.description) == (again.title, again.description)
        assert _stature(first.pose) != pytest.approx(_stature(other.pose), rel=1e-4)


def test_headings_and_lengths_vary():
    clips = [generate_clip(BY_NAME["squat"], seed).pose for seed in range(40)]
    across = np.array([clip[0, 4, :2] - clip[0, 1, :2] for clip in clips])
    quadrants = set(zip(*(across > 0).T.tolist(), strict=True))
    assert len(quadrants) == 4
    seconds = np.array([len(clip) for clip in clips]) / SAMPLING_RATE
    assert seconds.min() >= 5.9
    assert seconds.max() <= 14
    assert np.ptp(seconds) > 5


def test_clip_has_the_format_and_words_of_fimad():
    for exercise in EXERCISES:
        clip = generate_clip(exercise, 5)
        assert clip.pose.dtype == np.float32
        assert clip.pose.shape == (round(clip.end * SAMPLING_RATE), 17, 3)
        assert np.isfinite(clip.pose).all()
        assert np.abs(clip.pose[:, 0, :2].mean(axis=0)).max() < 1e-3  # near the origin, where float32 is precise
        assert clip.normalized_title == exercise.name
        assert not re.search(r"\d|\b(left|right|seconds)\b", clip.normalized_title)
        assert exercise.moves in clip.description
        postures = [exercise.posture, *(variant.posture for variant in exercise.variants if variant.posture)]
        assert any(posture[1:] in clip.description for posture in postures)  # the first letter may be a capital
        assert (clip.source, clip.license) == ("synthetic", "Apache-2.0")


def test_titles_are_paraphrased():
    titles = {generate_clip(BY_NAME["squat"], seed).title for seed in range(25)}
    assert len(titles) > 10


@pytest.mark.parametrize(
    ("name", "slowest", "fastest"),
    [("slow walking", 0.3, 1.1), ("walking", 0.8, 1.6), ("brisk walking", 1.1, 2.2), ("jogging", 1.4, 3.2)],
)
def test_gait_speeds_are_those_of_people(name, slowest, fastest):
    """Comfortable walking is about 1.3 m/s, brisk 1.7 m/s (Bohannon & Andrews, Physiotherapy 97, 2011)."""
    for seed in range(4):
        pelvis = synthesize_motion(BY_NAME[name], seed)[0][:, 0]
        speed = np.linalg.norm(np.diff(pelvis[:, :2], axis=0), axis=-1).mean() * SAMPLING_RATE
        assert slowest < speed < fastest


@pytest.mark.parametrize(
    ("name", "slowest", "fastest"),
    [
        ("slow walking", 1.1, 1.75),
        ("walking", 1.55, 2.15),
        ("brisk walking", 1.95, 2.45),
        ("walking upstairs", 1.3, 2.05),
        ("walking downstairs", 1.45, 2.4),
        ("jogging", 2.4, 3.1),
        ("running", 2.65, 3.3),
    ],
)
def test_steps_a_second_are_those_of_people(name, slowest, fastest):
    """Ranges about those of Tudor-Locke et al. (2018); on stairs and jogging about the phones of MotionSense."""
    for seed in range(5):
        contacts = synthesize_motion(BY_NAME[name], seed)[1]
        landings = np.flatnonzero(np.diff(contacts.masks["left_foot"].astype(int)) == 1)
        assert slowest < 2 * SAMPLING_RATE / np.diff(landings).mean() < fastest, f"seed {seed}"


@pytest.mark.parametrize(("name", "lowest", "highest"), [("walking", 1.5, 2.3), ("jogging", 2.3, 3.2)])
def test_a_thigh_shakes_at_the_rate_of_the_steps(name, lowest, highest):
    """Phones in trouser pockets have their strongest frequency at 1.95 Hz in walking and 2.7 Hz in jogging."""
    peaks = []
    for seed in range(9):
        pose = torch.from_numpy(generate_clip(BY_NAME[name], seed).pose)[None]
        imu = simulate_imu(pose, torch.tensor([[PLACEMENTS.index("right_thigh")]]), cutoff=18.0)[0, 0]
        force = imu[:, :3].norm(dim=-1).double().numpy()
        frequency, power = welch(force - force.mean(), SAMPLING_RATE, nperseg=256)
        peaks.append(frequency[power.argmax()])
    assert lowest < np.median(peaks) < highest


def test_pelvis_of_a_walker_glides():
    """It rises and falls by 3 to 6 cm and hurries and lags by 2 to 4 cm in each step (Winter, 4th ed.)."""
    for seed in range(6):
        pelvis = synthesize_motion(BY_NAME["walking"], seed)[0][50:-50, 0]
        height = np.ptp(pelvis[:, 2] - gaussian_filter1d(pelvis[:, 2], 25))
        assert 0.02 < height < 0.09
        speed = np.linalg.norm(np.diff(pelvis[:, :2], axis=0), axis=-1)
        assert speed.std() / speed.mean() < 0.3


@pytest.mark.parametrize("name", ["walking", "walking upstairs", "walking downstairs"])
def test_pelvis_hurries_onto_the_leading_leg_and_swings_over_it(name):
    """It is fastest as a leg lands, slowest over the standing leg, and swings to its side, 2 to 7 cm in all.

    (Zijlstra & Hof, Gait & Posture 18, 2003.)
    """
    for seed in range(4):
        motion, contacts, *_ = synthesize_motion(BY_NAME[name], seed)
        pelvis = motion[:, 0, :2]
        way = pelvis[-1] - pelvis[0]
        speed = np.gradient(pelvis @ way)
        aside = pelvis @ [-way[1], way[0]] / np.linalg.norm(way)
        for side, sign in (("left", 1), ("right", -1)):
            landings = np.flatnonzero(np.diff(contacts.masks[f"{side}_foot"].astype(int)) == 1)[1:]
            stride = int(np.diff(landings).mean())
            frames = landings[:-1, None] + np.arange(stride)
            relative = (speed[frames] / speed[frames].mean()).mean(axis=0)
            assert relative[: stride // 8].mean() > 1.03 > 0.99 > relative[stride // 4 : stride // 2].mean()
            course = (aside[frames] - np.linspace(aside[frames[:, 0]], aside[frames[:, -1]], stride).T).mean(axis=0)
            assert 0.02 < sign * (course[stride // 4] - course[3 * stride // 4]) < 0.07


def test_stairs_rise_and_fall_by_a_step_a_step():
    """Risers of 10 to 25 cm, as building codes have them."""
    for name, sign in (("walking upstairs", 1), ("walking downstairs", -1)):
        for seed in range(3):
            motion, contacts, *_ = synthesize_motion(BY_NAME[name], seed)
            ankle = motion[:, JOINT_INDEX["left_ankle"], 2]
            runs = _runs(contacts.masks["left_foot"])[1:-1]
            treads = np.array([ankle[start + (stop - start) // 2] for start, stop in runs])
            risers = sign * np.diff(treads) / 2  # the left foot takes every other step
            assert np.all((risers > 0.08) & (risers < 0.27))


def test_thigh_of_a_walker_shakes_as_real_ones_do(shared_data):
    """Specific force at mid-thigh against phones in trouser pockets: the same order of size."""
    archive = shared_data / "motionsense" / "A_DeviceMotion_data.zip"
    for name, activity in {"walking": "wlk_7", "walking upstairs": "ups_3", "walking downstairs": "dws_1"}.items():
        expected = np.median([_pocket_force(archive, activity, subject).std() for subject in (2, 3, 4, 5, 7, 8)])
        spread = np.median([_thigh_force(BY_NAME[name], seed).std() for seed in range(6)])
        assert expected / 2 < spread < expected * 2


@pytest.mark.slow
def test_fifty_clips_a_second_on_two_cores():
    generate_clip(EXERCISES[0], 0)
    start = time.process_time()
    for seed, exercise in enumerate(EXERCISES):
        generate_clip(exercise, seed)
    assert 2 * len(EXERCISES) / (time.process_time() - start) > 50


def test_inverse_kinematics_reaches_and_keeps_bones():
    rng = np.random.default_rng(0)
    motion = synthesize_motion(BY_NAME["squat"], 0)[0]
    target = motion[:, JOINT_INDEX["left_ankle"]] + rng.normal(0, 0.02, (len(motion), 3)) + [0, 0, 0.1]
    moved = motion.copy()
    two_bone_ik(moved, "left_foot", target)
    bones = [np.linalg.norm(np.diff(p[:, 4:7], axis=1), axis=-1) for p in (motion, moved)]
    np.testing.assert_allclose(bones[0], bones[1], rtol=1e-9)
    assert np.linalg.norm(moved[:, 6] - target, axis=-1).max() < 0.005


def _hand_before_the_body(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the hand that works: metres outwards from its shoulder, and above the floor."""
    clip = generate_clip(BY_NAME[name], seed)
    shoulders = {side: clip.pose[:, JOINT_INDEX[f"{side}_shoulder"]] for side in ("left", "right")}
    other = "right" if clip.side == "left" else "left"
    outwards = shoulders[clip.side].mean(axis=0) - shoulders[other].mean(axis=0)
    hand = clip.pose[:, JOINT_INDEX[f"{clip.side}_wrist"]]
    return (hand - shoulders[clip.side]) @ (outwards / np.linalg.norm(outwards)), hand[:, 2]


def _keeps_feet_flat(exercise: Exercise) -> bool:
    """Whether a foot in contact stands on its whole sole and does not pivot, so that its ankle must stay."""
    if isinstance(exercise.motion, Gait):
        return False
    flat = all(not k.pose.get(f"{side}_foot_pitch") for k in exercise.motion for side in ("left", "right"))
    turns = any(k.pose.get("heading") for k in exercise.motion)
    jumps = any(k.contacts == () for k in exercise.motion)
    return flat and not turns and not jumps


def _hand_slip(exercise: Exercise, motion: np.ndarray, contacts: Contacts) -> float:
    if isinstance(exercise.motion, Gait):
        return 0.0
    hands = [part for part in contacts.masks if part.endswith(("_hand", "_bar", "_bench"))]
    return max((_slip(motion[:, JOINT_INDEX[PARTS[part]]], contacts.masks[part]) for part in hands), default=0.0)


def _foot_slip(exercise: Exercise, motion: np.ndarray, contacts: Contacts) -> float:
    feet = [part for part in contacts.masks if part.endswith("_foot")] if _keeps_feet_flat(exercise) else []
    return max((_slip(motion[:, JOINT_INDEX[PARTS[part]]], contacts.masks[part]) for part in feet), default=0.0)


def _joints_out_of_range(motion: np.ndarray) -> dict[str, tuple[float, float]]:
    extremes = {joint: (angles.min(), angles.max()) for joint, angles in measure_angles(motion).items()}
    allowed = HUMAN_RANGE
    return {j: (a, b) for j, (a, b) in extremes.items() if a < allowed[j][0] or b > allowed[j][1]}


def _depth(motion: np.ndarray, contacts: Contacts) -> float:
    """Of the deepest joint below the floor, in metres; stairs have no one floor."""
    return 0.0 if contacts.climbs else -float(motion[..., 2].min())


def _jolt(motion: np.ndarray) -> float:
    """Greatest acceleration of the pelvis, m/s²."""
    return float(np.linalg.norm(np.diff(motion[:, 0], 2, axis=0), axis=-1).max() * SAMPLING_RATE**2)


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _slip(points: np.ndarray, mask: np.ndarray) -> float:
    """Farthest that a point strays from its median place in any one contact, in metres."""
    strays = [np.linalg.norm(points[a:b] - np.median(points[a:b], axis=0), axis=-1).max() for a, b in _runs(mask)]
    return max(strays, default=0.0)


def _stature(motion: np.ndarray) -> float:
    return float(np.linalg.norm(motion[0, 5] - motion[0, 4]))


def _pocket_force(archive: Path, activity: str, subject: int) -> np.ndarray:
    """Magnitude of specific force a phone in a trouser pocket measured, in g, without 3 seconds at either end."""
    with zipfile.ZipFile(archive) as files, files.open(f"A_DeviceMotion_data/{activity}/sub_{subject}.csv") as file:
        table = pd.read_csv(file)
    force = [table[f"userAcceleration.{axis}"] + table[f"gravity.{axis}"] for axis in "xyz"]
    return np.linalg.norm(force, axis=0)[150:-150]


def _thigh_force(exercise: Exercise, seed: int) -> np.ndarray:
    """Magnitude of specific force at mid-thigh, in g."""
    motion = synthesize_motion(exercise, seed)[0]
    acceleration = np.diff(motion[:, 4:6].mean(axis=1), 2, axis=0) * SAMPLING_RATE**2
    return np.linalg.norm(acceleration / 9.80665 + [0, 0, 1], axis=-1)
