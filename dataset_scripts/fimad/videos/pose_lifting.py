"""Landmarks of a video → motion in the room: the 17 joints in metres, z up, gapless at 50 Hz.

    landmarks ─ people ─ left/right ─ place in the room ─ 50 Hz, low-pass ─ upright ─ 17 joints ─ rigid bones ─ floor

One uncalibrated camera tells neither its focal length nor where down is, and BlazePose only guesses how tall somebody
is. What is assumed instead, what that costs and how well cameras agree: `docs/pose_from_video.md`.
"""

from dataclasses import replace

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.signal import butter, sosfiltfilt
from scipy.spatial.transform import Rotation

from dataset_scripts.fimad.skeleton import JOINT_INDEX, PARENTS, SAMPLING_RATE, bone_length_variation
from dataset_scripts.fimad.videos.clips import Landmarks, PoseTrack, Unusable
from modeling_mujo.configuration_mujo import JOINTS

LONGEST_GAP = 0.5  # seconds
SHORTEST_TRACK = 1.5  # seconds; a cycle of walking and a half
MIN_QUALITY = 0.35
FASTEST_BONE = 25.0  # rad/s; arms that throw a ball are faster, arms in a clip of exercises are not
FOCAL_LENGTH = 1.0  # in lengths of the picture's longer side; 53° wide
# Hz. Chosen by the simulated IMU against four cameras; one camera sees what moves away from it several times worse.
CUTOFF = 4.0  # across the picture
DEPTH_CUTOFF = 1.5  # along the camera's axis

# BlazePose landmarks by number.
_NOSE, _EARS = 0, (7, 8)
_SIDED = {"shoulder": (11, 12), "elbow": (13, 14), "wrist": (15, 16), "hip": (23, 24), "knee": (25, 26)}
_SIDED["ankle"] = (27, 28)
_BODY = [landmark for pair in _SIDED.values() for landmark in pair]
_HIPS, _SHOULDERS, _ANKLES = _SIDED["hip"], _SIDED["shoulder"], _SIDED["ankle"]
_OTHER_SIDE = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, *(n + 1 if n % 2 else n - 1 for n in range(11, 33))]

_MIN_VISIBILITY = 0.3  # mean over the body; below, BlazePose guesses
_JUMP = 0.3  # metres that a person seems to move from one frame to the next when nobody moves
_MAX_SPEED = 6.0  # m/s across the picture; sprinters reach 10, but not in a clip of exercises
_RESIZE = 0.3  # natural logarithm of the ratio of apparent sizes from one frame to the next
_RESIZE_RATE = 1.0  # a second, on top
_SETTLING = 0.15  # seconds in which BlazePose is often crooked after it has found somebody
_SWAP_GAIN = 0.75  # left and right are exchanged where that shortens the way since the frame before to this share
_STRAIGHT = np.radians(20)  # between trunk and legs of somebody who stands upright
_MAX_TILT = np.radians(35)  # of a camera; who seems to lean further may be in a plank
_MIN_UPRIGHT = 0.3  # seconds
_LEGS_WEIGHT = 0.8  # of the direction of the legs against that of a level camera
_LOOKS_A_SECOND = 2.0  # heights of the floor under the feet that are independent of each other
_FLOOR_ERROR = 0.1  # metres, standard deviation of such a height
_SLOPE_ERROR = 0.1  # standard deviation of the slope that the tilt of `_room_axes` leaves
_MAX_SLOPE = 0.2
_BESIDE_FASTEST = 0.1  # seconds that the filter spreads such an error to
_HALF_HEAD = 0.045  # metres from the line between the ears to the skull's base, and to the middle of a head band
_NOSE_DROP = np.radians(10)  # of the nose below the ears' level in somebody who looks straight ahead


def lift(
    landmarks: Landmarks,
    *,
    longest_gap: float = LONGEST_GAP,
    shortest: float = SHORTEST_TRACK,
    min_quality: float = MIN_QUALITY,
    cutoff: float = CUTOFF,
    depth_cutoff: float = DEPTH_CUTOFF,
    fastest_bone: float = FASTEST_BONE,
) -> list[PoseTrack]:
    """People's motion in the room from the landmarks of one clip.

    Args:
        landmarks: of one clip; frames at any times, in order.
        longest_gap: seconds between two frames with the person that are interpolated; longer ones, jumps to
            another place or size (a cut, another person) divide the clip.
        shortest: seconds of a track worth keeping.
        min_quality: of a track worth keeping, see `PoseTrack.quality`: the product of the detected share, the
            visibility and one minus four times the variation of bone lengths.
        cutoff, depth_cutoff: Hz of the low-pass filters across the picture and along the camera's axis; another
            estimator than BlazePose may deserve others.
        fastest_bone: rad/s; where a bone but the head turns faster, left and right or two people were mixed up, and
            the track is divided.

    Returns:
        Tracks in the order of their beginnings, at least one.

    Raises:
        Unusable: "no person", "too short", "too fast" or "poor pose", where no track is left for that reason.
    """
    stretches = _stretches_of_one_person(landmarks, longest_gap)
    if not stretches:
        raise Unusable("no person", f"nobody was found in {len(landmarks.times)} frames")
    durations = [np.ptp(landmarks.times[frames]) for frames in stretches]
    long = [frames for frames, seconds in zip(stretches, durations, strict=True) if seconds >= shortest]
    if not long:
        raise Unusable("too short", f"somebody is seen for at most {max(durations):.1f} s without a gap")
    whole = [_track(landmarks, frames, cutoff, depth_cutoff) for frames in long]
    tracks = [part for track in whole for part in _credible_parts(track, shortest, fastest_bone)]
    if not tracks:
        raise Unusable("too fast", f"bones turn by over {fastest_bone:g} rad/s: left and right, or people, mixed up")
    good = [track for track in tracks if track.quality >= min_quality]
    if not good:
        best = max(track.quality for track in tracks)
        raise Unusable("poor pose", f"the best quality is {best:.2f}, at least {min_quality} is needed")
    return sorted(good, key=lambda track: track.start)


def _track(landmarks: Landmarks, frames: np.ndarray, cutoff: float, depth_cutoff: float) -> PoseTrack:
    """One person's motion from the frames (indices) that show them."""
    times = landmarks.times[frames]
    visibility = landmarks.visibility[frames].astype(np.float64)
    world, image = same_sides(landmarks.world[frames].astype(np.float64), landmarks.image[frames].astype(np.float64))
    world -= world[:, _HIPS].mean(axis=1, keepdims=True)
    rays = _rays(image, landmarks.image_size)

    grid = times[0] + np.arange(int(np.ptp(times) * SAMPLING_RATE + 1e-6) + 1) / SAMPLING_RATE
    depth = smooth(times, _depth(world, rays, visibility), grid, depth_cutoff)
    across = _across(world, rays, visibility, np.interp(times, grid, depth))
    root = np.concatenate([smooth(times, across, grid, cutoff), depth[:, None]], axis=1)
    aside, away = smooth(times, world[..., :2], grid, cutoff), smooth(times, world[..., 2:], grid, depth_cutoff)
    body = np.concatenate([aside, away], axis=-1)

    to_room = _room_axes(body)
    to_room = _level_floor((body + root[:, None]) @ to_room.T) @ to_room
    body, root = body @ to_room.T, root @ to_room.T
    joints = skeleton_joints(body)
    variation = bone_length_variation(joints)
    pose = _rigid(joints) + (root - root.mean(axis=0) * (1, 1, 0))[:, None]
    pose[..., 2] -= _floor(body + root[:, None])
    first, last = frames[0], frames[-1]
    detected = len(frames) / (last - first + 1)
    seen = float(visibility[:, _BODY].mean())
    return PoseTrack(
        start=float(grid[0]),
        end=float(grid[-1]),
        pose=pose.astype(np.float32),
        detected_share=float(detected),
        visibility=seen,
        bone_length_variation=variation,
        quality=float(detected * seen * max(0.0, 1 - 4 * variation)),
    )


def _credible_parts(track: PoseTrack, shortest: float, fastest_bone: float) -> list[PoseTrack]:
    """The parts of a track in which no bone turns faster than people's, those that are long enough."""
    joints = [joint for joint, name in enumerate(JOINTS) if name not in ("pelvis", "head")]  # the head is often unsure
    directions = _unit(track.pose[:, joints] - track.pose[:, [PARENTS[joint] for joint in joints]])
    turned = np.linalg.norm(np.diff(directions, axis=0), axis=-1).max(axis=1) * SAMPLING_RATE
    wrong = np.flatnonzero(turned > fastest_bone)
    beside = round(_BESIDE_FASTEST * SAMPLING_RATE)
    credible = np.ones(len(track.pose), bool)
    for frame in wrong:
        credible[max(0, frame - beside) : frame + 2 + beside] = False
    edges = np.flatnonzero(np.diff(credible, prepend=False, append=False)).reshape(-1, 2)
    return [
        replace(
            track,
            start=track.start + first / SAMPLING_RATE,
            end=track.start + (end - 1) / SAMPLING_RATE,
            pose=track.pose[first:end],
        )
        for first, end in edges.tolist()
        if end - first >= round(shortest * SAMPLING_RATE) or credible.all()
    ]


# --- who is who ------------------------------------------------------------------------------------------------------


def _stretches_of_one_person(landmarks: Landmarks, longest_gap: float) -> list[np.ndarray]:
    """Indices of the frames of each person, divided at long gaps.

    BlazePose follows one person and may jump to another, or to something else for a moment. A frame belongs to the
    stretch that it continues in place and size, and begins a new one where it continues none.
    """
    visible = landmarks.visibility[:, _BODY].mean(axis=1) >= _MIN_VISIBILITY
    later = np.diff(landmarks.times, prepend=-np.inf) > 0  # a frame may be shown twice at one time
    found = np.flatnonzero(visible & later & np.isfinite(landmarks.world).all(axis=(1, 2)))
    times = landmarks.times[found]
    pixels = landmarks.image[found] * np.asarray(landmarks.image_size)
    places = pixels[:, _HIPS].mean(axis=1)
    # pixels to a metre; the root mean square is the same whichever way the body turns in the picture
    scales = _spread(pixels[:, _BODY]) / _spread(landmarks.world[found][:, _BODY, :2])

    def continues(last: int, current: int) -> bool:
        seconds = times[current] - times[last]
        if seconds > longest_gap:
            return False
        moved = np.linalg.norm(places[current] - places[last]) / scales[last]
        resized = abs(np.log(scales[current] / scales[last]))
        return bool(moved <= _JUMP + _MAX_SPEED * seconds and resized <= _RESIZE + _RESIZE_RATE * seconds)

    stretches: list[list[int]] = []
    for current in range(len(found)):
        candidates = [stretch for stretch in stretches if continues(stretch[-1], current)]
        if candidates:
            max(candidates, key=lambda stretch: stretch[-1]).append(current)
        else:
            stretches.append([current])
    settled = [[frame for frame in stretch if times[frame] >= times[stretch[0]] + _SETTLING] for stretch in stretches]
    return [found[stretch] for stretch in settled if stretch]


def _spread(points: np.ndarray) -> np.ndarray:
    return np.sqrt(points.var(axis=1).sum(axis=-1))


def same_sides(world: np.ndarray, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Undo exchanges of left and right between frames: what most frames say is taken as right."""
    body, mirrored = world[:, _BODY], world[:, _OTHER_SIDE][:, _BODY]
    same = np.linalg.norm(body[1:] - body[:-1], axis=-1).mean(axis=1)
    other = np.linalg.norm(mirrored[1:] - body[:-1], axis=-1).mean(axis=1)
    exchanged = np.concatenate([[0], np.cumsum(other < _SWAP_GAIN * same) % 2]).astype(bool)
    if exchanged.mean() > 0.5:
        exchanged = ~exchanged
    order = np.where(exchanged[:, None], _OTHER_SIDE, np.arange(33))[..., None]
    return np.take_along_axis(world, order, axis=1), np.take_along_axis(image, order, axis=1)


# --- the place in the room -------------------------------------------------------------------------------------------


def _rays(image: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
    """Slopes `(frames, 33, 2)` of the lines of sight: metres aside for each metre away from the camera."""
    size = np.asarray(image_size)
    return (image - 0.5) * size / (FOCAL_LENGTH * size.max())


def _depth(world: np.ndarray, rays: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Distance of the hips along the camera's axis, `(frames,)`: where the body fills its lines of sight best.

    Least squares of `X + tx = u (Z + tz)`, `Y + ty = v (Z + tz)` over the landmarks; tx and ty drop out when
    weighted means are taken away.
    """
    weights = weights[..., None]
    slopes = rays - _mean(rays, weights)
    offsets = world[..., :2] - rays * world[..., 2:]
    offsets -= _mean(offsets, weights)
    return (weights * slopes * offsets).sum(axis=(1, 2)) / (weights * slopes**2).sum(axis=(1, 2))


def _across(world: np.ndarray, rays: np.ndarray, weights: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Place of the hips `(frames, 2)` to the right and down, at a known depth."""
    return _mean(rays * (world[..., 2:] + depth[:, None, None]) - world[..., :2], weights[..., None])[:, 0]


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (weights * values).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)


def smooth(times: np.ndarray, values: np.ndarray, grid: np.ndarray, cutoff: float) -> np.ndarray:
    """Values on the even grid, gaps closed, low-passed by a Butterworth filter of 4th order and zero phase."""
    even = PchipInterpolator(times, values)(grid)
    sections = butter(2, cutoff, fs=SAMPLING_RATE, output="sos")
    return sosfiltfilt(sections, even, axis=0, padlen=min(len(grid) - 1, round(2 * SAMPLING_RATE / cutoff)))


def _room_axes(body: np.ndarray) -> np.ndarray:
    """Rotation `(3, 3)` from camera axes to the room's: z up, y away from the camera, x to the right.

    Up is the mean direction of the legs while the person stands upright, drawn towards that of a level camera; that
    alone where nobody stands upright.
    """
    up = np.array([0.0, -1.0, 0.0])
    ankles, hips, shoulders = (body[:, pair].mean(axis=1) for pair in (_ANKLES, _HIPS, _SHOULDERS))
    legs, trunk = _unit(hips - ankles), _unit(shoulders - hips)
    straight = (legs * trunk).sum(axis=-1) > np.cos(_STRAIGHT)
    upright = straight & (_unit(shoulders - ankles) @ up > np.cos(_MAX_TILT))
    if upright.sum() >= _MIN_UPRIGHT * SAMPLING_RATE:
        up = _unit((1 - _LEGS_WEIGHT) * up + _LEGS_WEIGHT * _unit(legs[upright].mean(axis=0)))
    right = _unit(np.cross((0.0, 0.0, 1.0), up))
    return np.stack([right, np.cross(up, right), up])


def _level_floor(points: np.ndarray) -> np.ndarray:
    """Rotation `(3, 3)` after which somebody who goes through the room stays on one level.

    Walkers lean, which tilts the room of `_room_axes`: their lowest points then climb along the way. A plane through
    these tells by how much, the better the longer the way; over a short one nothing changes. Whoever climbs more than
    `_MAX_SLOPE` goes up stairs or a hill.
    """
    places = points[:, _HIPS, :2].mean(axis=1)
    places -= places.mean(axis=0)
    heights = points[..., 2].min(axis=1)
    looks = len(points) / SAMPLING_RATE * _LOOKS_A_SECOND
    information = looks * (places.T @ places) / len(places) / _FLOOR_ERROR**2 + np.eye(2) / _SLOPE_ERROR**2
    slope = np.linalg.solve(information, looks * (places.T @ heights) / len(places) / _FLOOR_ERROR**2)
    steepness = np.linalg.norm(slope)
    if steepness > _MAX_SLOPE or steepness == 0:
        return np.eye(3)
    axis = np.array([slope[1], -slope[0], 0.0]) / steepness  # turns the slope's normal to the vertical
    return Rotation.from_rotvec(-np.arctan(steepness) * axis).as_matrix()


def _floor(points: np.ndarray) -> float:
    """Height of the floor: what the lowest point of the body is seldom below."""
    return float(np.percentile(points[..., 2].min(axis=1), 10))


# --- the skeleton ----------------------------------------------------------------------------------------------------


def skeleton_joints(body: np.ndarray) -> np.ndarray:
    """The 17 joints `(time, 17, 3)` of 33 landmarks.

    Pelvis and thorax are the middles of hips and shoulders, the spine is halfway between. The head is the middle of
    a head band, the neck the skull's base under it: both from the ears, along the head's own vertical.
    """
    joints = {}
    for name, (left, right) in _SIDED.items():
        joints[f"left_{name}"], joints[f"right_{name}"] = body[:, left], body[:, right]
    joints["pelvis"] = body[:, _HIPS].mean(axis=1)
    joints["thorax"] = body[:, _SHOULDERS].mean(axis=1)
    joints["spine"] = (joints["pelvis"] + joints["thorax"]) / 2
    ears = body[:, _EARS].mean(axis=1)
    across = _unit(body[:, _EARS[0]] - body[:, _EARS[1]])
    nose = body[:, _NOSE] - ears
    nose = _unit(nose - (nose * across).sum(axis=-1, keepdims=True) * across)
    head_up = np.cos(_NOSE_DROP) * np.cross(nose, across) - np.sin(_NOSE_DROP) * nose
    joints["head"] = ears + _HALF_HEAD * head_up
    joints["neck"] = ears - _HALF_HEAD * head_up
    return np.stack([joints[name] for name in JOINTS], axis=1)


def _rigid(joints: np.ndarray) -> np.ndarray:
    """The same directions of bones from the pelvis outwards, every bone as long as its median, both sides alike."""
    bones = joints - joints[:, PARENTS]
    lengths = np.median(np.linalg.norm(bones, axis=-1), axis=0)
    rigid = joints.copy()
    for joint, name in enumerate(JOINTS):
        if PARENTS[joint] < 0:
            continue
        twin = JOINT_INDEX[name.replace("left", "right") if "left" in name else name.replace("right", "left")]
        length = (lengths[joint] + lengths[twin]) / 2
        rigid[:, joint] = rigid[:, PARENTS[joint]] + length * _unit(bones[:, joint])
    return rigid


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)
