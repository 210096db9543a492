"""Motion files: known rotations of known bones, the words of the sources, people who stand and walk as people do."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dataset_scripts.fimad.motion_cleaning import clean_pose, resample
from dataset_scripts.fimad.motion_files import ASF_RIG, read_motion_folder
from dataset_scripts.fimad.motion_formats import parse_amc, parse_asf, parse_bvh
from dataset_scripts.fimad.motion_words import hdm05_words, ui_prmd_words
from dataset_scripts.fimad.plug_in_gait import REQUIRED_MARKERS
from dataset_scripts.fimad.skeleton import JOINT_INDEX, MotionClip, bone_length_variation

UNIT = 0.0254 / 0.45  # metres in one unit of an ASF file of `length 0.45`


def asf_text(bones: dict[str, tuple[str, str]], hierarchy: list[str]) -> str:
    """A skeleton whose bones are `name: (direction and length, axis)`, each free to turn about x, y and z."""
    blocks = []
    for name, (bone, axis) in bones.items():
        *direction, length = bone.split()
        blocks.append(
            f"begin\n name {name}\n direction {' '.join(direction)}\n length {length}\n axis {axis} XYZ\n"
            " dof rx ry rz\n limits (-1 1)\n (-1 1)\n (-1 1)\nend"
        )
    return (
        ":version 1.10\n:name VICON\n:units\n mass 1.0\n length 0.45\n angle deg\n:documentation\n a line of text\n"
        ":root\n order TX TY TZ RX RY RZ\n axis XYZ\n position 0 0 0\n orientation 0 0 0\n:bonedata\n"
        + "\n".join(blocks)
        + "\n:hierarchy\nbegin\n"
        + "\n".join(hierarchy)
        + "\nend\n"
    )


def amc_text(frames: list[dict[str, str]]) -> str:
    lines = ["#!OML:ASF file of a person ü", ":FULLY-SPECIFIED", ":DEGREES"]
    for number, frame in enumerate(frames, start=1):
        lines += [str(number), *(f"{name} {values}" for name, values in frame.items())]
    return "\n".join(lines) + "\n"


@pytest.fixture
def arm():
    """Two bones of 2 and 1 units along x; the frame of the second is turned by 90° about z."""
    return parse_asf(
        asf_text({"upper": ("1 0 0 2", "0 0 0"), "lower": ("1 0 0 1", "0 0 90")}, ["root upper", "upper lower"])
    )


@pytest.mark.parametrize(
    ("root", "upper", "lower", "expected"),
    [
        # file axes are x, y up, z; expected is x, -z, y of the end of `lower`
        ("0 0 0 0 0 0", "0 0 0", "0 0 0", (3, 0, 0)),
        ("1 2 3 0 0 0", "0 0 0", "0 0 0", (4, -3, 2)),
        ("0 0 0 0 0 0", "0 0 90", "0 0 0", (0, 0, 3)),
        # x first, then y, then z, about fixed axes: x turns nothing of a bone along x, y takes it to -z, z leaves it
        ("0 0 0 0 0 0", "90 90 90", "0 0 0", (0, 3, 0)),
        # the frame of `lower` is turned by 90° about z, so its x axis is the world's y: x goes to -z
        ("0 0 0 0 0 0", "0 0 0", "90 0 0", (2, 1, 0)),
        # children follow: upper bends up, lower then turns about the upper's turned axis
        ("0 0 0 0 0 0", "0 0 90", "0 0 90", (-1, 0, 2)),
        ("0 0 0 0 90 0", "0 0 90", "0 0 90", (0, -1, 2)),
    ],
)
def test_amc_places_the_end_of_a_known_bone(arm, root, upper, lower, expected):
    tracks = parse_amc(amc_text([{"root": root, "upper": upper, "lower": lower}]), arm)
    np.testing.assert_allclose(tracks.positions["lower"][0], np.array(expected) * UNIT, atol=1e-12)


def test_amc_frame_numbers_and_values_are_told_apart(arm):
    # a value of "2" looks like the number of the second frame
    frames = [{"root": "2 0 2 0 0 2", "upper": "0 2 0", "lower": f"0 0 {angle}"} for angle in (2, 3, 4)]
    tracks = parse_amc(amc_text(frames), arm)
    assert tracks.positions["lower"].shape == (3, 3)
    assert not np.allclose(tracks.positions["lower"][0], tracks.positions["lower"][1])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (amc_text([{"root": "0 0 0 0 0 0", "upper": "0 0", "lower": "0 0 0"}]), "upper.*needs 3 values"),
        (amc_text([{"root": "0 0 0 0 0 0", "upper": "0 0 0"}]), "lower.*needs 3 values"),
        (amc_text([{"root": "0 0 0 0 0 0", "upper": "0 0 0", "lower": "0 0 0"}] * 2)[:-20], "damaged AMC"),
        ("1\nroot 0 0 0 0 0 0\n", ":DEGREES"),
    ],
)
def test_amc_that_does_not_fit_is_refused(arm, text, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_amc(text, arm)


def bvh_text(channels: str, rows: list[str]) -> str:
    return (
        "HIERARCHY\nROOT Hips\n{\n OFFSET 0 100 0\n CHANNELS 6 Xposition Yposition Zposition " + channels + "\n"
        " JOINT Knee\n {\n  OFFSET 10 0 0\n  CHANNELS 3 " + channels + "\n"
        "  JOINT Foot\n  {\n   OFFSET 0 0 20\n   CHANNELS 3 " + channels + "\n"
        "   End Site\n   {\n    OFFSET 0 0 99\n   }\n  }\n }\n}\n"
        f"MOTION\nFrames: {len(rows)}\nFrame Time: 0.02\n" + "\n".join(rows) + "\n"
    )


@pytest.mark.parametrize(
    ("channels", "expected_foot"),
    [
        # the foot is at (10, 0, 20) of the root's frame, which is turned by 90° about z and about x
        ("Zrotation Yrotation Xrotation", (0.2, 0.0, 1.1)),  # Rz Rx: (10, -20, 0), (20, 10, 0)
        (
            "Xrotation Yrotation Zrotation",
            (0.0, -0.1, 0.8),
        ),  # Rx Rz: (0, 10, 20), (0, -20, 10)
    ],
)
def test_bvh_turns_in_the_order_of_its_channels(channels, expected_foot):
    turn = " ".join("0" if channel == "Yrotation" else "90" for channel in channels.split())
    tracks = parse_bvh(bvh_text(channels, [f"0 0 0 {turn} 0 0 0 0 0 0"]), {"Knee", "Foot"})
    assert tracks.rate == pytest.approx(50)
    assert set(tracks.positions) == {"Knee", "Foot"}
    np.testing.assert_allclose(tracks.positions["Foot"][0], expected_foot, atol=1e-12)


def test_bvh_cut_off_is_refused():
    text = bvh_text("Zrotation Yrotation Xrotation", ["0 0 0 0 0 0 0 0 0 0 0 0"] * 3)
    with pytest.raises(ValueError, match="expected 3 frames of 12 channels"):
        parse_bvh(text[:-8], {"Foot"})


def standing_asf() -> str:
    """The bones that the 17 joints need, of an upright person, in units of 5.6 cm; x is the person's left."""
    bones = {"lowerback": ("0 1 0 3", "0 0 0"), "upperback": ("0 1 0 2", "0 0 0"), "thorax": ("0 1 0 2", "0 0 0")}
    bones |= {"lowerneck": ("0 1 0 2", "0 0 0"), "upperneck": ("0 1 0 1", "0 0 0"), "head": ("0 1 0 2", "0 0 0")}
    chains = ["root lhipjoint rhipjoint lowerback", "lowerback upperback", "upperback thorax"]
    chains += ["thorax lowerneck lclavicle rclavicle", "lowerneck upperneck", "upperneck head"]
    for side, x in (("l", 1), ("r", -1)):
        bones[f"{side}hipjoint"] = (f"{x} 0 0 2", "0 0 0")
        bones[f"{side}clavicle"] = (f"{x} 0 0 3", "0 0 0")
        for bone, length in (("femur", 7), ("tibia", 7), ("humerus", 5), ("radius", 4)):
            bones[side + bone] = (f"0 -1 0 {length}", "0 0 0")
        bones[f"{side}foot"], bones[f"{side}toes"] = ("0 -0.6 0.8 2", "0 0 0"), ("0 0 1 1", "0 0 0")
        chains += [f"{side}hipjoint {side}femur", f"{side}femur {side}tibia", f"{side}tibia {side}foot"]
        chains += [f"{side}foot {side}toes", f"{side}clavicle {side}humerus", f"{side}humerus {side}radius"]
    return asf_text(bones, chains)


def standing_amc(frames: int) -> str:
    """The person drifts one unit a second (at 120 Hz) in the direction of its left hand."""
    names = list(parse_asf(standing_asf()).bones)
    return amc_text([{"root": f"{i / 120} 16 0 0 0 0", **dict.fromkeys(names, "0 0 0")} for i in range(frames)])


def test_zip_of_asf_and_amc_becomes_a_clip(tmp_path):
    with zipfile.ZipFile(tmp_path / "hdm.zip", "w") as archive:
        archive.writestr("train/10/HDM_bd.asf", standing_asf())
        archive.writestr("train/10/HDM_bd_squat3Reps_007_120.amc", standing_amc(241))
    (clip,) = read_motion_folder(tmp_path)
    assert clip.pose.shape == (101, 17, 3)
    assert clip.pose.dtype == np.float32
    assert (clip.recording_id, clip.subject, clip.source) == ("HDM_bd_squat3Reps_007_120", "hdm05/bd", "HDM05")
    assert (clip.title, clip.normalized_title) == ("squat 3 Reps", "squat")
    assert (clip.start, clip.end, clip.detected_share) == (0, 2.02, 1)
    left_shoulder, right_shoulder = (clip.pose[0, JOINT_INDEX[f"{side}_shoulder"]] for side in ("left", "right"))
    np.testing.assert_allclose(left_shoulder, np.array([3, 0, 23]) * UNIT, atol=1e-6)
    np.testing.assert_allclose(right_shoulder, np.array([-3, 0, 23]) * UNIT, atol=1e-6)
    np.testing.assert_allclose(clip.pose[0, JOINT_INDEX["right_ankle"]], np.array([-2, 0, 2]) * UNIT, atol=1e-6)
    np.testing.assert_allclose(clip.pose[-1, 0] - clip.pose[0, 0], [2 * UNIT, 0, 0], atol=1e-5)


def test_labels_cut_a_recording_and_a_stand_in_skeleton_serves(tmp_path):
    (tmp_path / "02.asf").write_text(standing_asf())
    (tmp_path / "13_29.amc").write_text(standing_amc(360))
    (tmp_path / "13_29.txt").write_text("3 " * 12 + "10 " * 18)
    squat, touch = read_motion_folder(tmp_path)
    assert (squat.title, squat.start, squat.clip_index) == ("squats", 0, 0)
    assert (touch.title, touch.start, touch.clip_index) == ("toe touches", 1.2, 1)
    assert (len(squat.pose), len(touch.pose)) == (60, 90)
    assert squat.recording_id == touch.recording_id == "cmu_13_29"
    # the stand-in skeleton is put on the floor: its lowest sole point is the toes, 1.2 units under the ankles
    assert squat.pose[0, JOINT_INDEX["left_ankle"], 2] == pytest.approx(1.2 * UNIT + ASF_RIG.sole_height, abs=1e-5)


def test_missing_and_damaged_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        next(read_motion_folder(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"no \.amc, \.bvh or \.npz"):
        next(read_motion_folder(tmp_path))
    amc = tmp_path / "HDM_bd_squat1Reps_007_120.amc"
    amc.write_text(standing_amc(100))
    with pytest.raises(FileNotFoundError, match=r"squat1Reps_007_120\.amc.*HDM_bd\.asf"):
        next(read_motion_folder(tmp_path))
    (tmp_path / "HDM_bd.asf").write_text(standing_asf())
    amc.write_text(standing_amc(100)[:-30])
    with pytest.raises(ValueError, match=r"squat1Reps_007_120\.amc: damaged AMC"):
        next(read_motion_folder(tmp_path))
    (tmp_path / "broken.zip").write_bytes(b"PK no archive")
    with pytest.raises(ValueError, match=r"broken\.zip is damaged"):
        next(read_motion_folder(tmp_path))


@pytest.mark.parametrize("member", ["../../escape_01.bvh", "/etc/escape_01.bvh", "..\\escape_01.bvh"])
def test_archive_members_outside_the_archive_are_refused(tmp_path, member):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(member, "HIERARCHY")
    with pytest.raises(ValueError, match=r"bad\.zip: member .*escape.* points outside"):
        next(read_motion_folder(tmp_path))


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "walk.npz", markers=np.array([{"a": 1}], dtype=object), labels=["a"], rate=50.0, unit="m")
    with pytest.raises(ValueError, match=r"walk\.npz.*allow_pickle"):
        next(read_motion_folder(tmp_path))


def standing_markers(frames: int) -> np.ndarray:
    """Plug-in Gait markers `(frames, markers, 3)` in metres of a person who faces +x and stands still; left is +y."""
    midline = {"C7": (-0.1, 0, 1.5), "T10": (-0.1, 0, 1.2), "CLAV": (0.1, 0, 1.5), "STRN": (0.1, 0, 1.2)}
    left = {"FHD": (0.1, 0.1, 1.7), "BHD": (-0.1, 0.1, 1.7), "SHO": (0, 0.2, 1.5), "ELB": (0, 0.25, 1.2)}
    left |= {"WRA": (0.03, 0.25, 0.95), "WRB": (-0.03, 0.25, 0.95), "ASI": (0.1, 0.125, 1.0), "PSI": (-0.1, 0.05, 1.0)}
    left |= {"KNE": (0, 0.145, 0.5), "ANK": (0, 0.135, 0.1), "HEE": (-0.05, 0.1, 0.05), "TOE": (0.15, 0.1, 0.05)}
    points = midline | {"L" + name: place for name, place in left.items()}
    points |= {"R" + name: (x, -y, z) for name, (x, y, z) in left.items()}
    return np.tile([points[name] for name in REQUIRED_MARKERS], (frames, 1, 1))


# Bell et al. with 25 cm between the iliac spines; half a knee width of 5.5 cm, an ankle of 4.5 cm
STANDING_JOINTS = {
    "left_hip": (0.0525, 0.09, 0.925),
    "right_hip": (0.0525, -0.09, 0.925),
    "pelvis": (0.0525, 0, 0.925),
    "left_shoulder": (0, 0.2, 1.45),
    "right_wrist": (0, -0.25, 0.95),
    "thorax": (0, 0, 1.5),
    "head": (0, 0, 1.7),
    "neck": (0, 0, 1.61),
}


def ui_prmd_archive(clips: dict[str, np.ndarray]) -> bytes:
    """The archive's own coding: steps of 0.02 mm between frames, split in a high and a low byte."""
    steps = [
        np.diff(np.rint(clip / 2e-5).astype(np.int64).reshape(len(clip), -1), axis=0, prepend=0)
        for clip in clips.values()
    ]
    deltas = np.concatenate(steps)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        delta_lo=(deltas & 255).astype(np.uint8),
        delta_hi=(deltas >> 8).astype(np.int16),
        length=np.array([len(clip) for clip in clips.values()], dtype=np.int32),
        key=np.array(list(clips)),
        marker=np.array(REQUIRED_MARKERS),
        scale_mm=np.float32(0.02),
        fps=np.float32(50),
    )
    return buffer.getvalue()


def test_ui_prmd_archive_decodes_to_joint_centres(tmp_path):
    still = standing_markers(60)
    swaying = still + 0.05 * np.sin(np.arange(60) / 10)[:, None, None]
    half_hidden = still.copy()
    half_hidden[30:, REQUIRED_MARKERS.index("LASI")] = 0
    clips = {"m01_s02_e03_correct": still, "m05_s04_e01_incorrect": swaying, "m05_s04_e02_correct": half_hidden}
    (tmp_path / "vicon.npz").write_bytes(ui_prmd_archive(clips))
    squat, sit = read_motion_folder(tmp_path)  # half of the third clip is not seen, too little for its title
    for joint, place in STANDING_JOINTS.items():
        np.testing.assert_allclose(squat.pose[7, JOINT_INDEX[joint]], place, atol=1e-4, err_msg=joint)
    np.testing.assert_allclose(np.abs(squat.pose[0, JOINT_INDEX["left_knee"], 1]), 0.09, atol=0.003)
    assert (squat.title, squat.subject) == ("deep squat", "ui_prmd/s02")
    assert (sit.title, sit.subject) == ("sit to stand", "ui_prmd/s04")
    assert "incorrect" in sit.description
    assert "incorrect" not in squat.description
    np.testing.assert_allclose(
        sit.pose[:, 0] - squat.pose[:, 0], 0.05 * np.sin(np.arange(60) / 10)[:, None].repeat(3, 1), atol=1e-4
    )


def test_marker_arrays_in_millimetres_are_resampled_and_named_by_the_file(tmp_path):
    (tmp_path / "anna").mkdir()
    markers = standing_markers(201) * 1000
    markers[50:55, REQUIRED_MARKERS.index("C7")] = np.nan
    path = tmp_path / "anna" / "side_lunge_03.npz"
    np.savez(path, markers=markers, labels=np.array(REQUIRED_MARKERS), rate=100.0, unit="mm")
    (clip,) = read_motion_folder(tmp_path)
    assert (clip.title, clip.normalized_title, clip.subject) == ("side lunge 03", "side lunge", "anna")
    assert clip.pose.shape == (101, 17, 3)
    assert 0.99 < clip.detected_share < 1
    np.testing.assert_allclose(clip.pose[:, JOINT_INDEX["thorax"]], np.tile([0, 0, 1.5], (101, 1)), atol=1e-5)
    np.savez(path, markers=markers, labels=np.array(REQUIRED_MARKERS), rate=100.0, unit="inch")
    with pytest.raises(ValueError, match=r"side_lunge_03\.npz.*'inch'"):
        next(read_motion_folder(tmp_path))
    np.savez(path, markers=markers[:, 1:], labels=np.array(REQUIRED_MARKERS[1:]), rate=100.0, unit="mm")
    with pytest.raises(ValueError, match=r"side_lunge_03\.npz: markers C7 .* absent"):
        next(read_motion_folder(tmp_path))


@pytest.mark.parametrize("rate", [30.0, 59.9988, 60.0, 100.0, 120.0])
def test_resampling_keeps_time_and_does_not_bend_the_ends(rate):
    seconds = np.arange(round(4 * rate) + 1) / rate
    expected_seconds = np.arange(201) / 50
    walk = resample(np.stack([seconds, np.sin(2 * np.pi * seconds)], axis=-1), rate)[:200]
    np.testing.assert_allclose(walk[:, 0], expected_seconds[:200], atol=2e-3)
    np.testing.assert_allclose(walk[:, 1], np.sin(2 * np.pi * expected_seconds[:200]), atol=5e-3)
    velocity = np.diff(walk[:, 0]) * 50
    np.testing.assert_allclose(velocity, 1, atol=0.01)


def test_resampling_does_not_fold_vibration_into_the_motion():
    seconds = np.arange(481) / 120
    assert np.abs(resample(np.sin(2 * np.pi * 45 * seconds)[:, None], 120)[20:-20]).max() < 0.01


def moving_pose(frames: int) -> np.ndarray:
    return np.tile(np.linspace(0, 1, 17)[:, None], (frames, 1, 3)) + np.sin(np.arange(frames) / 30)[:, None, None]


def test_short_gaps_and_jumps_are_repaired():
    pose = moving_pose(200)
    damaged = pose.copy()
    damaged[40:44, 3] = np.nan
    damaged[90, 5] += 0.8
    cleaned, first, share = clean_pose(damaged, 50.0)
    assert first == 0
    assert share == pytest.approx(1 - (4 + 3) / (200 * 17))
    np.testing.assert_allclose(cleaned, pose, atol=2e-3)


def test_clips_are_cut_at_long_gaps_and_dropped_when_little_is_left():
    pose = moving_pose(200)
    pose[20:40, 3] = np.nan
    cleaned, first, share = clean_pose(pose, 50.0)
    assert (first, len(cleaned), share) == (40, 160, 1)
    pose[110:130, 3] = np.nan
    assert clean_pose(pose, 50.0) is None


def test_two_levels_of_a_marker_are_not_joined():
    pose = moving_pose(200)
    pose[170:, 6] += 0.6  # from here on, another marker was taken for it
    cleaned, first, _ = clean_pose(pose, 50.0)
    assert first == 0
    assert len(cleaned) < 172


def test_words_of_the_sources():
    assert hdm05_words("squat1Reps").normalized_title == hdm05_words("squat3Reps").normalized_title == "squat"
    assert hdm05_words("kickLFront1Reps").title == "front kick with the left leg"
    assert ui_prmd_words("m07", True).normalized_title == ui_prmd_words("m07", False).normalized_title
    with pytest.raises(ValueError, match="m01 to m10"):
        ui_prmd_words("m11", True)


# Real recordings


def read(shared_data: Path, folder: str) -> list[MotionClip]:
    return list(read_motion_folder(shared_data / "motion" / folder))


@pytest.fixture(scope="module")
def cmu_exercise(shared_data) -> list[MotionClip]:
    return read(shared_data, "cmu_exercise")


@pytest.fixture(scope="module")
def cmu_avatar(shared_data) -> list[MotionClip]:
    return read(shared_data, "cmu_avatar")


def facing(pose: np.ndarray) -> np.ndarray:
    """Horizontal unit vector `(time, 2)` in front of the hips."""
    left = pose[:, JOINT_INDEX["left_hip"], :2] - pose[:, JOINT_INDEX["right_hip"], :2]
    forward = np.stack([left[:, 1], -left[:, 0]], axis=-1)
    return forward / np.linalg.norm(forward, axis=-1, keepdims=True)


def assert_human(clips: list[MotionClip], variation: float) -> None:
    """Standing heights, feet on the floor, constant limbs and unique ids."""
    assert len({(clip.recording_id, clip.clip_index) for clip in clips}) == len(clips)
    head = np.array([np.percentile(clip.pose[:, JOINT_INDEX["head"], 2], 95) for clip in clips])
    ankles = [clip.pose[:, [JOINT_INDEX["left_ankle"], JOINT_INDEX["right_ankle"]], 2].min() for clip in clips]
    assert 1.4 < np.median(head) < 1.9
    assert ((head > 1.35) & (head < 2.5)).all()
    assert -0.06 < min(ankles) < np.median(ankles) < 0.13
    assert np.median([bone_length_variation(clip.pose) for clip in clips]) < variation
    for clip in clips:
        assert np.isfinite(clip.pose).all()
        assert clip.title
        assert clip.normalized_title
        assert clip.end - clip.start == pytest.approx(len(clip.pose) / 50)


def test_cmu_exercises(cmu_exercise):
    assert len(cmu_exercise) == 30
    assert {clip.subject for clip in cmu_exercise} == {"cmu/13", "cmu/14"}
    assert_human(cmu_exercise, variation=0.01)
    sunk = {
        title: np.median([np.ptp(clip.pose[:, 0, 2]) for clip in cmu_exercise if clip.normalized_title == title])
        for title in ("squat", "torso twists")
    }
    assert sunk["squat"] > 0.3 > sunk["torso twists"]


def test_cmu_avatar_people_walk_forwards(cmu_avatar):
    assert len(cmu_avatar) == 50
    assert_human(cmu_avatar, variation=0.01)
    walks = [clip for clip in cmu_avatar if clip.normalized_title in ("walk", "slow walk", "brisk walk")]
    assert len(walks) == 13
    for clip in walks:
        step = np.diff(clip.pose[:, 0, :2], axis=0) * 50
        assert 0.5 < (step * facing(clip.pose)[1:]).sum(axis=-1).mean() < 2.2
        # knees bend forwards, so they are in front of the line from hip to ankle
        knee = (
            clip.pose[:, JOINT_INDEX["left_knee"]]
            - (clip.pose[:, JOINT_INDEX["left_hip"]] + clip.pose[:, JOINT_INDEX["left_ankle"]]) / 2
        )
        assert (knee[:, :2] * facing(clip.pose)).sum(axis=-1).mean() > 0.01


@pytest.mark.slow
def test_hdm05(shared_data):
    clips = read(shared_data, "hdm05")
    assert len(clips) == 283
    assert_human(clips, variation=0.01)
    assert {clip.subject for clip in clips} == {f"hdm05/{actor}" for actor in ("bd", "bk", "dg", "mm", "tr")}
    assert len({clip.normalized_title for clip in clips}) == 11

    def highest(joint: str, title: str) -> float:
        return np.median(
            [clip.pose[:, JOINT_INDEX[joint], 2].max() for clip in clips if clip.normalized_title == title]
        )

    # sides as the class names say: the left foot kicks, the right hand grabs
    assert highest("left_ankle", "front kick") > highest("right_ankle", "front kick") + 0.3
    shelf = "grab an object from a high shelf"
    assert highest("right_wrist", shelf) > highest("left_wrist", shelf) + 0.3


@pytest.mark.slow
def test_ui_prmd(shared_data):
    clips = read(shared_data, "ui_prmd")
    assert len(clips) == 1932
    assert_human(clips, variation=0.02)
    assert {clip.subject for clip in clips} == {f"ui_prmd/s{number:02d}" for number in range(1, 11)}
    assert sum("incorrect" in clip.description for clip in clips) == 967
