"""Joint centres from the 39 markers of the Vicon Plug-in Gait full-body set.

Reflective markers sit on the skin; the joints lie centimetres beneath. Hip centres follow Bell, Pedersen and Brand,
"A comparison of the accuracy of several hip center location prediction methods", J. Biomechanics 23(6), 1990: from the
middle between the anterior iliac spines, 36 % of their distance to the side, 19 % back and 30 % down. Knees and ankles
lie half a joint width medial of their markers (Davis et al., "A gait analysis data collection and reduction
technique", Human Movement Science 10, 1991); the source has no measured widths, so those of a median adult stand in.
"""

from collections.abc import Mapping

import numpy as np

from modeling_mujo.configuration_mujo import JOINTS

# Marker names without their side; heels and toes find the floor.
SIDED_MARKERS = ("FHD", "BHD", "SHO", "ELB", "WRA", "WRB", "ASI", "PSI", "KNE", "ANK", "HEE", "TOE")
MIDLINE_MARKERS = ("C7", "T10", "CLAV", "STRN")
REQUIRED_MARKERS = MIDLINE_MARKERS + tuple(side + name for side in "LR" for name in SIDED_MARKERS)
FLOOR_MARKERS = ("LHEE", "LTOE", "RHEE", "RTOE")

# metres, skin-marker radius included
HALF_KNEE_WIDTH = 0.055
HALF_ANKLE_WIDTH = 0.045
ACROMION_TO_SHOULDER = 0.05
HEAD_BAND_TO_SKULL_BASE = 0.09


def joint_centres(markers: Mapping[str, np.ndarray]) -> np.ndarray:
    """Place the 17 joints among the markers.

    The medial direction at knee and ankle is the pelvis axis made perpendicular to the limb: of this, the
    foot's axis and the wand (chord) construction, it keeps thighs and shanks of UI-PRMD the most constant.
    Elbows are the markers of the outer epicondyle: no other marker tells where the joint's axis points.

    Args:
        markers: every name of `REQUIRED_MARKERS` to `(time, 3)`, metres, z up; NaN where not seen.

    Returns:
        `(time, 17, 3)`, joints in `JOINTS` order, NaN where a marker that the joint needs was not seen.

    Raises:
        ValueError: a required marker is absent.
    """
    missing = [name for name in REQUIRED_MARKERS if name not in markers]
    if missing:
        raise ValueError(
            f"markers {', '.join(missing)} of the Plug-in Gait set are absent; found {', '.join(markers)}"
        )
    joints: dict[str, np.ndarray] = {}
    pelvis_left, hips = _hip_centres(markers)
    upper = (markers["C7"] + markers["CLAV"]) / 2
    lower = (markers["T10"] + markers["STRN"]) / 2
    trunk_up = _unit(upper - lower)
    for side, prefix, sign in (("left", "L", 1.0), ("right", "R", -1.0)):
        hip = hips[side]
        knee = _moved_inwards(markers[prefix + "KNE"], hip, -sign * pelvis_left, HALF_KNEE_WIDTH)
        joints[f"{side}_hip"] = hip
        joints[f"{side}_knee"] = knee
        joints[f"{side}_ankle"] = _moved_inwards(markers[prefix + "ANK"], knee, -sign * pelvis_left, HALF_ANKLE_WIDTH)
        joints[f"{side}_shoulder"] = markers[prefix + "SHO"] - ACROMION_TO_SHOULDER * trunk_up
        joints[f"{side}_elbow"] = markers[prefix + "ELB"]
        joints[f"{side}_wrist"] = (markers[prefix + "WRA"] + markers[prefix + "WRB"]) / 2
    joints["pelvis"] = (hips["left"] + hips["right"]) / 2
    joints["spine"] = lower
    joints["thorax"] = upper
    joints["head"], joints["neck"] = _head(markers)
    return np.stack([joints[name] for name in JOINTS], axis=1)


def _hip_centres(markers: Mapping[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The pelvis axis that points left, `(time, 3)`, and both hip centres."""
    front = (markers["LASI"] + markers["RASI"]) / 2
    back = (markers["LPSI"] + markers["RPSI"]) / 2
    across = markers["LASI"] - markers["RASI"]
    left = _unit(across)
    forward = _unit(_perpendicular(front - back, left))
    up = np.cross(forward, left)
    seen = np.isfinite(across).all(axis=-1)
    # bones do not stretch: one width for the whole recording keeps soft-tissue motion out of the hips
    width = float(np.median(np.linalg.norm(across[seen], axis=-1))) if seen.any() else np.nan
    base = front - 0.19 * width * forward - 0.30 * width * up
    return left, {"left": base + 0.36 * width * left, "right": base - 0.36 * width * left}


def _head(markers: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Centre of the head band, and the skull's base under its rear half."""
    left = (markers["LFHD"] + markers["LBHD"]) / 2
    right = (markers["RFHD"] + markers["RBHD"]) / 2
    front = (markers["LFHD"] + markers["RFHD"]) / 2
    centre = (left + right) / 2
    across = _unit(left - right)
    up = np.cross(_unit(_perpendicular(front - centre, across)), across)
    return centre, centre - HEAD_BAND_TO_SKULL_BASE * up


def _moved_inwards(marker: np.ndarray, proximal: np.ndarray, inwards: np.ndarray, distance: float) -> np.ndarray:
    return marker + distance * _unit(_perpendicular(inwards, _unit(marker - proximal)))


def _perpendicular(vector: np.ndarray, axis: np.ndarray) -> np.ndarray:
    return vector - (vector * axis).sum(axis=-1, keepdims=True) * axis


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)
