"""Motion recordings of a folder as `MotionClip`s: ASF/AMC, BVH and marker arrays, in plain folders or zip archives."""

import io
import logging
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from dataset_scripts.fimad.motion_cleaning import clean_pose, mask_jumps
from dataset_scripts.fimad.motion_formats import AsfSkeleton, BoneTracks, parse_amc, parse_asf, parse_bvh
from dataset_scripts.fimad.motion_words import (
    Words,
    cmu_exercise_words,
    hdm05_words,
    plain_words,
    read_cmu_index,
    ui_prmd_words,
)
from dataset_scripts.fimad.plug_in_gait import REQUIRED_MARKERS, joint_centres
from dataset_scripts.fimad.skeleton import SAMPLING_RATE, MotionClip
from modeling_mujo.configuration_mujo import JOINTS

logger = logging.getLogger(__name__)


class Rig(NamedTuple):
    """Which points of a rig make the 17 joints: a joint is the mean of its points; the soles find the floor."""

    joints: dict[str, tuple[str, ...]]
    soles: tuple[str, ...]
    sole_height: float  # metres from the floor to the lowest sole point of a standing person


def _sided(joints: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """`hip: {}hip` for both sides, `{}` being l/r or L/R as the rig spells it."""
    return {
        f"{side}_{joint}": (point.replace("{s}", side[0]).replace("{S}", side[0].upper()),)
        for joint, point in joints.items()
        for side in ("left", "right")
    }


# Bones of ASF are named by where they begin and placed by where they end: the femur ends at the knee.
ASF_RIG = Rig(
    joints={
        "pelvis": ("lhipjoint", "rhipjoint"),
        "spine": ("lowerback",),
        "thorax": ("thorax",),
        "neck": ("lowerneck",),
        "head": ("head",),
        **_sided(
            {
                "hip": "{s}hipjoint",
                "knee": "{s}femur",
                "ankle": "{s}tibia",
                "shoulder": "{s}clavicle",
                "elbow": "{s}humerus",
                "wrist": "{s}radius",
            }
        ),
    },
    soles=("ltoes", "rtoes", "lfoot", "rfoot"),
    sole_height=0.02,
)
AVATAR_RIG = Rig(
    joints={
        "pelvis": ("CC_Base_L_Thigh", "CC_Base_R_Thigh"),
        "spine": ("CC_Base_Spine02",),
        "thorax": ("CC_Base_NeckTwist01",),
        "neck": ("CC_Base_Head",),
        "head": ("head_centre",),
        **_sided(
            {
                "hip": "CC_Base_{S}_Thigh",
                "knee": "CC_Base_{S}_Calf",
                "ankle": "CC_Base_{S}_Foot",
                "shoulder": "CC_Base_{S}_Upperarm",
                "elbow": "CC_Base_{S}_Forearm",
                "wrist": "CC_Base_{S}_Hand",
            }
        ),
    },
    soles=("CC_Base_L_ToeBase", "CC_Base_R_ToeBase"),
    sole_height=0.02,
)
AVATAR_JOINTS = {name for names in AVATAR_RIG.joints.values() for name in names} | set(AVATAR_RIG.soles)
# the rig's eyes are this far up its head bone's y axis; the bone itself begins at the skull's base
AVATAR_HEAD_CENTRE = np.array([0.0, 0.082, 0.0])

AMC_RATE = 120.0  # Hz; AMC files do not say, and both data sets below were recorded at this rate
LABELS_PER_SECOND = 10
# CMU publishes no skeleton of its own for these subjects with the labelled exercises; that of subject 2 serves.
STAND_IN_SKELETONS = {13: 2, 14: 2}

HDM05_NAME = re.compile(r"HDM_(?P<actor>[a-z]+)_(?P<movement>\w+)_\d+_120")
CMU_NAME = re.compile(r"(?P<subject>\d+)_(?P<trial>\d+)")

HDM05_LICENSE = "CC BY-SA 3.0; cite Müller et al., Documentation Mocap Database HDM05, CG-2007-2"
CMU_LICENSE = "free use with acknowledgement of mocap.cs.cmu.edu (NSF EIA-0196217)"
UI_PRMD_LICENSE = "ODC PDDL; cite Vakanski et al., Data 3(1):2, 2018"


class Recording(NamedTuple):
    """One recording before it is cleaned and resampled: `pose` is `(time, 17, 3)` with NaN for gaps, on the floor."""

    recording_id: str
    subject: str
    pose: np.ndarray
    rate: float
    source: str
    license: str


class MotionFolder:
    """The files of a folder and of the zip archives in it, by their path below the folder, read where they are."""

    def __init__(self, folder: Path, stack: ExitStack):
        self.readers: dict[str, Callable[[], bytes]] = {}
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            if path.suffix.lower() == ".zip":
                self._add_archive(name, path, stack)
            else:
                self.readers[name] = path.read_bytes
        index_files = [name for name in self.readers if PurePosixPath(name).name == "cmu_index.csv"]
        self.cmu_index = {
            key: text for name in index_files for key, text in read_cmu_index(self.text(name, "utf-8")).items()
        }
        self._skeletons: dict[str, AsfSkeleton] = {}

    def _add_archive(self, name: str, path: Path, stack: ExitStack) -> None:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
        except zipfile.BadZipFile as error:
            raise ValueError(f"{path} is damaged or no zip archive ({error}): download it again") from error
        for member in archive.infolist():
            parts = PurePosixPath(member.filename.replace("\\", "/")).parts
            if ".." in parts or member.filename.startswith(("/", "\\")):
                raise ValueError(f"{path}: member {member.filename!r} points outside the archive; refused")
            if not member.is_dir():
                self.readers[f"{name}/{member.filename}"] = partial(archive.read, member)

    def text(self, name: str, encoding: str = "latin-1") -> str:
        return self.readers[name]().decode(encoding)

    def nearest(self, file_name: str, to: str) -> str | None:
        """The file of that name which shares the longest path with the file `to`."""

        def shared(name: str) -> int:
            pairs = zip(PurePosixPath(name).parts, PurePosixPath(to).parts, strict=False)
            return sum(left == right for left, right in pairs)

        found = [name for name in self.readers if PurePosixPath(name).name.lower() == file_name.lower()]
        return max(found, key=shared, default=None)

    def skeleton(self, amc: str, *file_names: str) -> AsfSkeleton:
        """The skeleton of an AMC file: the first of `file_names` that exists."""
        for file_name in file_names:
            name = self.nearest(file_name, amc)
            if name is not None:
                if name not in self._skeletons:
                    self._skeletons[name] = parse_asf(self.text(name))
                return self._skeletons[name]
        raise FileNotFoundError(f"no skeleton for {amc}: expected {' or '.join(file_names)} in the folder")


def read_motion_folder(folder: Path) -> Iterator[MotionClip]:
    """Read every motion recording below a folder.

    Understood are ASF/AMC with the file names of HDM05 and CMU (with 10 labels a second in a file `<name>.txt`
    where there is one: the recording is then cut into one clip per run of a label), BVH on the `CC_Base` avatar rig
    (CMU's, with their texts from `cmu_index.csv`), the UI-PRMD archive (`delta_lo`, `delta_hi`, `length`, `key`,
    `marker`, `scale_mm`, `fps`) and marker arrays (npz with `markers (time, markers, 3)`, `labels` of the Plug-in
    Gait set, `rate`, `unit`; z up, named by the movement, in a folder named by the subject). Clips come in the
    order of the file names. Clips that gaps and jumps leave too little of are left out, with a
    line in the log.

    Args:
        folder: place of the files; zip archives in it are read in place.

    Yields:
        Clips with poses in metres, z up, standing on z = 0, heading as recorded, at 50 Hz.

    Raises:
        FileNotFoundError: the folder, a skeleton or any motion at all is missing.
        ValueError: a file is damaged or not understood; the message names it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}: give the folder that holds the motion recordings")
    with ExitStack() as stack:
        files = MotionFolder(folder, stack)
        names = sorted(name for name in files.readers if PurePosixPath(name).suffix.lower() in _READERS)
        if not names:
            raise FileNotFoundError(f"{folder} holds no .amc, .bvh or .npz motion, neither plain nor in a .zip")
        for name in names:
            try:
                clips = list(_READERS[PurePosixPath(name).suffix.lower()](name, files))
            except (ValueError, KeyError, IndexError, zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise ValueError(f"{folder / name}: {error}") from error
            yield from clips


def _read_amc(name: str, files: MotionFolder) -> Iterator[MotionClip]:
    stem = PurePosixPath(name).stem
    if match := HDM05_NAME.fullmatch(stem):
        skeleton = files.skeleton(name, f"HDM_{match['actor']}.asf")
        pose = _pose(parse_amc(files.text(name), skeleton), ASF_RIG)  # z = 0 is the floor of the laboratory
        recording = Recording(stem, f"hdm05/{match['actor']}", pose, AMC_RATE, "HDM05", HDM05_LICENSE)
        yield from _clip(recording, 0, hdm05_words(match["movement"]))
        return
    if not (match := CMU_NAME.fullmatch(stem)):
        raise ValueError("an AMC file must be named as in HDM05 (HDM_mm_squat1Reps_001_120) or CMU (13_29)")
    subject, trial = int(match["subject"]), int(match["trial"])
    owners = dict.fromkeys([subject, STAND_IN_SKELETONS.get(subject, subject)])
    skeleton = files.skeleton(name, *(f"{owner:02d}.asf" for owner in owners))
    pose = _on_floor(parse_amc(files.text(name), skeleton), ASF_RIG)
    recording = Recording(f"cmu_{subject:02d}_{trial:02d}", f"cmu/{subject}", pose, AMC_RATE, "CMU", CMU_LICENSE)
    labels = files.nearest(f"{stem}.txt", name)
    if labels is None:
        yield from _clip(recording, 0, _cmu_words(subject, trial, files))
    else:
        yield from _labelled_clips(recording, np.array(files.text(labels).split(), dtype=int))


def _labelled_clips(recording: Recording, labels: np.ndarray) -> Iterator[MotionClip]:
    starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
    for index, (start, stop) in enumerate(zip(starts, [*starts[1:], len(labels)], strict=True)):
        span = (start / LABELS_PER_SECOND, stop / LABELS_PER_SECOND)
        yield from _clip(recording, index, cmu_exercise_words(int(labels[start])), span)


def _cmu_words(subject: int, trial: int, files: MotionFolder) -> Words:
    if (subject, trial) not in files.cmu_index:
        raise ValueError(f"no text for subject {subject}, trial {trial}: add cmu_index.csv, CMU's list, to the folder")
    return plain_words(files.cmu_index[subject, trial])


def _read_bvh(name: str, files: MotionFolder) -> Iterator[MotionClip]:
    stem, text = PurePosixPath(name).stem, files.text(name)
    tracks = parse_bvh(text, AVATAR_JOINTS)
    missing = AVATAR_JOINTS - tracks.positions.keys() - {"head_centre"}
    if missing:
        raise ValueError(f"not the CC_Base avatar rig: no joint {', '.join(sorted(missing))}")
    if "RL_BoneRoot" in text:
        # these exports nail the hips to one height: the body neither sinks nor rises, which no accelerometer believes
        logger.warning("left out %s: its hips do not move up and down", name)
        return
    neck = tracks.positions["CC_Base_Head"]
    tracks.positions["head_centre"] = neck + tracks.rotations["CC_Base_Head"] @ AVATAR_HEAD_CENTRE
    pose = _on_floor(tracks, AVATAR_RIG)[1:]  # frame 0 is the rig's T-pose
    if match := CMU_NAME.fullmatch(stem):
        subject, trial = int(match["subject"]), int(match["trial"])
        recording_id, words = f"cmu_{subject:02d}_{trial:02d}", _cmu_words(subject, trial, files)
        recording = Recording(recording_id, f"cmu/{subject}", pose, tracks.rate, "CMU avatar", CMU_LICENSE)
    else:
        recording = Recording(name, str(PurePosixPath(name).parent), pose, tracks.rate, "BVH", "unknown")
        words = plain_words(stem)
    yield from _clip(recording, 0, words)


def _read_npz(name: str, files: MotionFolder) -> Iterator[MotionClip]:
    with np.load(io.BytesIO(files.readers[name]()), allow_pickle=False) as archive:
        keys = set(archive.files)
        if "delta_hi" in keys:
            yield from _ui_prmd_clips({key: archive[key] for key in archive.files})
        elif keys >= {"markers", "labels", "rate", "unit"}:
            yield from _marker_clip(name, {key: archive[key] for key in archive.files})
        else:
            raise ValueError(f"expected arrays markers, labels, rate and unit, found {', '.join(sorted(keys))}")


def _ui_prmd_clips(archive: dict[str, np.ndarray]) -> Iterator[MotionClip]:
    deltas = (archive["delta_hi"].astype(np.int64) << 8) | archive["delta_lo"]
    ends = np.cumsum(archive["length"])
    rate, metres = float(archive["fps"]), float(archive["scale_mm"]) / 1000
    names = [str(name) for name in archive["marker"]]
    if ends[-1] != len(deltas) or deltas.shape[1] != 3 * len(names):
        raise ValueError(f"{deltas.shape} coordinates do not fit {ends[-1]} frames of {len(names)} markers")
    for key, length, end in zip(archive["key"], archive["length"], ends, strict=True):
        movement, subject, _, execution = str(key).split("_")
        positions = np.cumsum(deltas[end - length : end], axis=0).reshape(-1, len(names), 3) * metres
        pose = _marker_pose(positions, names, rate)
        recording = Recording(f"ui_prmd_{key}", f"ui_prmd/{subject}", pose, rate, "UI-PRMD", UI_PRMD_LICENSE)
        yield from _clip(recording, 0, ui_prmd_words(movement, execution == "correct"))


def _marker_clip(name: str, archive: dict[str, np.ndarray]) -> Iterator[MotionClip]:
    unit, rate, path = str(archive["unit"]), float(archive["rate"]), PurePosixPath(name)
    if unit not in ("m", "mm"):
        raise ValueError(f"marker unit is {unit!r}, expected 'm' or 'mm'")
    positions = archive["markers"].astype(float) * (0.001 if unit == "mm" else 1.0)
    pose = _marker_pose(positions, [str(label) for label in archive["labels"]], rate)
    subject = str(path.parent) if path.parent.name else str(path)
    recording = Recording(str(path), subject, pose, rate, "markers", "unknown")
    yield from _clip(recording, 0, plain_words(path.stem))


def _marker_pose(positions: np.ndarray, labels: list[str], rate: float) -> np.ndarray:
    """Joint centres `(time, 17, 3)`; markers that are not seen are recorded as NaN or at the origin."""
    if positions.ndim != 3 or positions.shape[1:] != (len(labels), 3):
        raise ValueError(f"markers have shape {positions.shape}, expected (time, {len(labels)}, 3)")
    positions = np.where((np.abs(positions) < 1e-3).all(axis=-1, keepdims=True), np.nan, positions)
    positions = mask_jumps(positions, rate)
    return joint_centres({label: positions[:, i] for i, label in enumerate(labels) if label in REQUIRED_MARKERS})


def _pose(tracks: BoneTracks, rig: Rig) -> np.ndarray:
    """The 17 joints, `(time, 17, 3)`."""
    return np.stack([np.mean([tracks.positions[point] for point in rig.joints[joint]], axis=0) for joint in JOINTS], 1)


def _on_floor(tracks: BoneTracks, rig: Rig) -> np.ndarray:
    """The 17 joints, lowered or raised so that the soles' usual lowest place is on the floor.

    For bodies of other proportions than the recorded person's, which would otherwise float or sink in.
    """
    lowest = np.min([tracks.positions[point][:, 2] for point in rig.soles], axis=0)
    pose = _pose(tracks, rig)
    pose[..., 2] -= np.percentile(lowest, 5) - rig.sole_height
    return pose


def _clip(
    recording: Recording, index: int, words: Words, span: tuple[float, float] = (0.0, float("inf"))
) -> Iterator[MotionClip]:
    """The clip between two times of a recording, in seconds; nothing where gaps leave too little of it."""
    first = round(span[0] * recording.rate)
    stop = round(min(span[1] * recording.rate, len(recording.pose)))
    cleaned = clean_pose(recording.pose[first:stop], recording.rate)
    if cleaned is None:
        logger.warning("left out clip %d of %s: too many gaps or jumps", index, recording.recording_id)
        return
    pose, skipped, detected_share = cleaned
    start = (first + skipped) / recording.rate
    yield MotionClip(
        recording_id=recording.recording_id,
        clip_index=index,
        subject=recording.subject,
        title=words.title,
        normalized_title=words.normalized_title,
        description=words.description,
        pose=pose,
        source=recording.source,
        license=recording.license,
        source_rate=recording.rate,
        start=start,
        end=start + len(pose) / SAMPLING_RATE,
        detected_share=detected_share,
    )


_READERS = {".amc": _read_amc, ".bvh": _read_bvh, ".npz": _read_npz}
