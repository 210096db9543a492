"""Readers of motion-capture text files: ASF/AMC skeleton motion and BVH, both to joint positions in metres, z up.

Both formats describe a tree of rigid bones and, per frame, one root position and the joint angles. Positions follow by
forward kinematics: walking the tree from the root, each joint adds its rotation and its bone to those of its parent.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

METRES_PER_INCH = 0.0254
BVH_METRES_PER_UNIT = 0.01  # BVH names no unit; avatar rigs are exported in centimetres

# Both formats are y up. A quarter turn about x is a proper rotation, so left stays left.
Z_UP_FROM_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True)
class BoneTracks:
    """Where the bones of a rig are over time.

    Attributes:
        positions: name of a joint (BVH) or bone (ASF: the far end of that bone) to its `(time, 3)` metres, z up.
        rotations: the same names to `(time, 3, 3)`: turns a vector of the bone's frame into the world's.
        rate: frames per second; 0 where the format does not say (AMC).
    """

    positions: dict[str, np.ndarray]
    rotations: dict[str, np.ndarray]
    rate: float


# ASF/AMC: format of Acclaim; http://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/ASF-AMC.html


@dataclass(frozen=True)
class AsfBone:
    """One bone: `direction` (unit, world axes at rest) times `length` is the bone; `axis` turns its own frame."""

    direction: np.ndarray
    length: float
    axis: Rotation
    rotation_order: str
    degrees_of_freedom: tuple[str, ...]


@dataclass(frozen=True)
class AsfSkeleton:
    """A skeleton file: `bones` by name, `parents` in an order in which every parent comes before its children."""

    metres_per_unit: float
    root_order: tuple[str, ...]
    root_rotation_order: str
    root_position: np.ndarray
    root_orientation: Rotation
    bones: dict[str, AsfBone]
    parents: dict[str, str] = field(default_factory=dict)


def parse_asf(text: str) -> AsfSkeleton:
    """Read an ASF skeleton.

    The `length` of its units block scales every length: a file value of 1 is `1 / length` inches
    (0.45 in the CMU and HDM05 files, that is 5.6 cm).

    Raises:
        ValueError: a block is missing, angles are not in degrees, or a bone of the hierarchy is not defined.
    """
    sections = _asf_sections(text)
    units = {line[0]: line[1] for line in sections["units"]}
    if units.get("angle", "deg") != "deg":
        raise ValueError(f"ASF angles are in {units['angle']!r}, expected 'deg'")
    root = {line[0]: line[1:] for line in sections["root"]}
    root_order = root["axis"][0].lower()
    bones = dict(_asf_bone(block) for block in _asf_blocks(sections["bonedata"]))
    parents = _asf_parents(sections["hierarchy"], bones)
    return AsfSkeleton(
        metres_per_unit=METRES_PER_INCH / float(units["length"]),
        root_order=tuple(token.lower() for token in root["order"]),
        root_rotation_order=root_order,
        root_position=np.array(root["position"], dtype=float),
        root_orientation=_rotation(root_order, np.array(root["orientation"], dtype=float)),
        bones=bones,
        parents=parents,
    )


def _rotation(order: str, angles: np.ndarray) -> Rotation:
    """Fixed-axis rotation: `angles` are those about x, y and z in degrees; the first axis of `order` turns first."""
    return Rotation.from_euler(order, angles[..., ["xyz".index(letter) for letter in order]], degrees=True)


def _asf_sections(text: str) -> dict[str, list[list[str]]]:
    sections: dict[str, list[list[str]]] = {}
    lines: list[list[str]] = []
    for raw in text.splitlines():
        tokens = raw.split("#")[0].split()
        if tokens and tokens[0].startswith(":"):
            lines = sections.setdefault(tokens[0][1:].lower(), [])
        elif tokens:
            lines.append(tokens)
    missing = {"units", "root", "bonedata", "hierarchy"} - sections.keys()
    if missing:
        raise ValueError(f"not a complete ASF skeleton: no section {', '.join(sorted(missing))}")
    return sections


def _asf_blocks(lines: list[list[str]]) -> list[dict[str, list[str]]]:
    blocks: list[dict[str, list[str]]] = []
    for tokens in lines:
        if tokens[0] == "begin":
            blocks.append({})
        elif tokens[0] != "end":
            blocks[-1].setdefault(tokens[0], tokens[1:])
    return blocks


def _asf_bone(block: dict[str, list[str]]) -> tuple[str, AsfBone]:
    order = block["axis"][3].lower()
    bone = AsfBone(
        direction=np.array(block["direction"], dtype=float),
        length=float(block["length"][0]),
        axis=_rotation(order, np.array(block["axis"][:3], dtype=float)),
        rotation_order=order,
        degrees_of_freedom=tuple(token.lower() for token in block.get("dof", [])),
    )
    return block["name"][0], bone


def _asf_parents(lines: list[list[str]], bones: dict[str, AsfBone]) -> dict[str, str]:
    children = {tokens[0]: tokens[1:] for tokens in lines if tokens[0] not in ("begin", "end")}
    parents: dict[str, str] = {}
    pending = ["root"]
    while pending:
        parent = pending.pop(0)
        for child in children.get(parent, []):
            if child not in bones or child in parents:
                raise ValueError(f"bone {child!r} of the ASF hierarchy is undefined or has two parents")
            parents[child] = parent
            pending.append(child)
    return parents


def parse_amc(text: str, skeleton: AsfSkeleton) -> BoneTracks:
    """Read an AMC motion and place every bone of `skeleton`.

    The world rotation of a bone is `R_parent C M C^-1`, `C` being its axis frame and `M` the rotation by its angles.

    Raises:
        ValueError: angles are not in degrees, frames differ in their bones, or a bone has another number of
            values than the skeleton gives it.
    """
    if ":DEGREES" not in text.upper():
        raise ValueError("an AMC file must declare :DEGREES")
    values = _amc_values(text)
    root_values = _named_columns(values, "root", skeleton.root_order)
    count = len(next(iter(root_values.values())))
    position = np.stack([root_values.get(axis, np.zeros(count)) for axis in ("tx", "ty", "tz")], axis=-1)
    orientation = skeleton.root_orientation * _bone_rotation(root_values, skeleton.root_rotation_order, count)
    positions = {"root": (position + skeleton.root_position) * skeleton.metres_per_unit}
    rotations = {"root": orientation}
    for name, parent in skeleton.parents.items():
        bone = skeleton.bones[name]
        angles = _named_columns(values, name, bone.degrees_of_freedom) if bone.degrees_of_freedom else {}
        rotations[name] = rotations[parent]
        if angles:
            motion = _bone_rotation(angles, bone.rotation_order, count)
            rotations[name] = rotations[parent] * bone.axis * motion * bone.axis.inv()
        step = rotations[name].apply(bone.direction * bone.length * skeleton.metres_per_unit)
        positions[name] = positions[parent] + step
    return _z_up(positions, {name: rotation.as_matrix() for name, rotation in rotations.items()}, rate=0.0)


def _amc_values(text: str) -> dict[str, np.ndarray]:
    """Bone name to `(time, values)`; every frame of the file must list the same bones in the same order."""
    tokens = "\n".join(line for line in text.splitlines() if line and line[0] not in "#:").split()
    try:
        # a frame is its number and then its bones: it ends before the number ahead of the first bone's next line
        frame_length = tokens.index(tokens[1], 2) - 1 if tokens[1] in tokens[2:] else len(tokens)
        table = np.array(tokens, dtype=object).reshape(-1, frame_length)
        is_name = np.array([token[0].isalpha() for token in table[0]])
        if (table[:, is_name] != table[0, is_name]).any():
            raise ValueError("frames differ in their bones")
        numbers = table[:, ~is_name].astype(float)
    except (ValueError, IndexError) as error:
        raise ValueError(f"damaged AMC motion (cut off, or a frame that is not like the first): {error}") from error
    # numbers[:, 0] is the frame counter; each later column belongs to the last name before it
    owner = np.cumsum(is_name)[~is_name]
    return {name: numbers[:, owner == index + 1] for index, name in enumerate(table[0, is_name])}


def _named_columns(values: dict[str, np.ndarray], bone: str, columns: tuple[str, ...]) -> dict[str, np.ndarray]:
    if bone not in values or values[bone].shape[1] != len(columns):
        found = values[bone].shape[1] if bone in values else "none"
        raise ValueError(f"bone {bone!r} needs {len(columns)} values ({' '.join(columns)}), the AMC file has {found}")
    return dict(zip(columns, values[bone].T, strict=True))


def _bone_rotation(angles: dict[str, np.ndarray], order: str, count: int) -> Rotation:
    """Rotation by the angles `rx`, `ry`, `rz` (degrees, each `(count,)`, absent ones zero)."""
    stacked = np.stack([angles.get(axis, np.zeros(count)) for axis in ("rx", "ry", "rz")], axis=-1)
    return _rotation(order, stacked)


# BVH: Biovision hierarchy; https://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/BVH.html


@dataclass
class BvhJoint:
    """One joint of the hierarchy; `first_column` is where its channels begin in a motion row."""

    name: str
    parent: str | None
    offset: np.ndarray
    channels: list[str]
    first_column: int


def parse_bvh(text: str, keep: set[str]) -> BoneTracks:
    """Read a BVH motion and place the joints named in `keep`.

    A joint's rotations are applied in the order in which its channels are listed, each about the axes that the
    previous ones have turned; position channels add to the joint's offset.

    Args:
        text: the file.
        keep: joints wanted; those of them that the rig does not have are left out of the result.

    Raises:
        ValueError: no hierarchy or motion block, or the motion block has not the promised number of values.
    """
    header, separator, motion = text.partition("MOTION")
    joints = _bvh_joints(header.split())
    if not separator or not joints:
        raise ValueError("not a BVH file: expected HIERARCHY and MOTION blocks")
    values, rate = _bvh_values(motion, joints)
    needed = _with_ancestors(joints, keep)
    positions: dict[str, np.ndarray] = {}
    rotations: dict[str, np.ndarray] = {}
    for joint in (joint for joint in joints if joint.name in needed):
        translation, rotation = _bvh_local(joint, values)
        if joint.parent is None:
            positions[joint.name], rotations[joint.name] = translation, rotation
        else:
            above = rotations[joint.parent]
            positions[joint.name] = positions[joint.parent] + np.einsum("tij,tj->ti", above, translation)
            rotations[joint.name] = above @ rotation
    kept = [name for name in positions if name in keep]
    metres = {name: positions[name] * BVH_METRES_PER_UNIT for name in kept}
    return _z_up(metres, {name: rotations[name] for name in kept}, rate)


def _bvh_joints(tokens: list[str]) -> list[BvhJoint]:
    joints: list[BvhJoint] = []
    open_joints: list[str | None] = []  # None stands for an end site, which moves nothing
    column = 0
    for index, token in enumerate(tokens):
        if token in ("ROOT", "JOINT"):
            parent = open_joints[-1] if open_joints else None
            joints.append(BvhJoint(tokens[index + 1], parent, np.zeros(3), [], column))
            open_joints.append(tokens[index + 1])
        elif token == "End":
            open_joints.append(None)
        elif token == "}":
            open_joints.pop()
        elif token == "OFFSET" and open_joints[-1] is not None:
            joints[-1].offset = np.array(tokens[index + 1 : index + 4], dtype=float)
        elif token == "CHANNELS":
            joints[-1].channels = tokens[index + 2 : index + 2 + int(tokens[index + 1])]
            column += len(joints[-1].channels)
    return joints


def _bvh_values(motion: str, joints: list[BvhJoint]) -> tuple[np.ndarray, float]:
    try:
        frames_line, rate_line, rows = motion.strip().split("\n", 2)
        frames, interval = int(frames_line.split(":")[1]), float(rate_line.split(":")[1])
        values = np.array(rows.split(), dtype=float)
    except (ValueError, IndexError) as error:
        raise ValueError(f"damaged BVH motion block: {error}") from error
    columns = sum(len(joint.channels) for joint in joints)
    if values.size != frames * columns or interval <= 0:
        raise ValueError(f"BVH motion has {values.size} values, expected {frames} frames of {columns} channels")
    return values.reshape(frames, columns), 1.0 / interval


def _with_ancestors(joints: list[BvhJoint], names: set[str]) -> set[str]:
    needed = set(names)
    for joint in reversed(joints):
        if joint.name in needed and joint.parent is not None:
            needed.add(joint.parent)
    return needed


def _bvh_local(joint: BvhJoint, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Translation `(time, 3)` and rotation `(time, 3, 3)` of a joint against its parent."""
    columns = {channel: joint.first_column + index for index, channel in enumerate(joint.channels)}
    translation = np.tile(joint.offset, (len(values), 1))
    for axis, letter in enumerate("XYZ"):
        if f"{letter}position" in columns:
            translation[:, axis] += values[:, columns[f"{letter}position"]]
    turns = [channel for channel in joint.channels if channel.endswith("rotation")]
    if not turns:
        return translation, np.broadcast_to(np.eye(3), (len(values), 3, 3))
    order = "".join(channel[0] for channel in turns)  # capitals: about the axes as already turned
    angles = values[:, [columns[channel] for channel in turns]]
    return translation, Rotation.from_euler(order, angles, degrees=True).as_matrix()


def _z_up(positions: dict[str, np.ndarray], rotations: dict[str, np.ndarray], rate: float) -> BoneTracks:
    return BoneTracks(
        positions={name: track @ Z_UP_FROM_Y_UP.T for name, track in positions.items()},
        rotations={name: Z_UP_FROM_Y_UP @ track for name, track in rotations.items()},
        rate=rate,
    )
