"""The geometry of the benchmark of pose from video: cameras read, points triangulated, poses aligned."""

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.pose_agreement import aligned, compare, read_qualisys, triangulate
from dataset_scripts.fimad.videos.clips import Landmarks

CALIBRATION = """<calibration><cameras>{cameras}</cameras></calibration>"""
CAMERA = """<camera serial="{name}"><fov_video bottom="1919" left="0" right="1079" top="0"/>
<transform {rotation} x="{x}" y="{y}" z="{z}"/>
<intrinsic centerPointU="34560" centerPointV="61440" focalLengthU="107520" focalLengthV="107520"/></camera>"""


def camera_element(name: str, place: np.ndarray) -> str:
    """A camera at `place` (metres) that looks at the height of one metre above the origin."""
    back = place - [0, 0, 1]
    back = back / np.linalg.norm(back)
    right = np.cross([0, 0, 1], back)
    right = right / np.linalg.norm(right)
    axes = np.stack([right, np.cross(back, right), back])
    rotation = " ".join(f'r{row + 1}{column + 1}="{axes[row, column]}"' for row in range(3) for column in range(3))
    x, y, z = place * 1000
    return CAMERA.format(name=name, rotation=rotation, x=x, y=y, z=z)


def test_points_are_triangulated_from_a_qualisys_calibration(tmp_path):
    places = {"cam01": np.array([4.0, 0, 2]), "cam02": np.array([0.0, 4, 1.5]), "cam03": np.array([-3.0, -2, 2])}
    file = tmp_path / "calibration.qca.txt"
    file.write_text(CALIBRATION.format(cameras="".join(camera_element(*item) for item in places.items())))
    cameras = read_qualisys(file)
    points = np.random.default_rng(0).normal((0, 0, 1), 0.3, (33, 3)) + 0.02 * np.arange(5)[:, None, None]
    seen = []
    for name in places:
        camera = cameras[name]
        np.testing.assert_allclose(camera.place, places[name])
        local = (points - camera.place) @ camera.rotation.T
        assert (local[..., 2] > 0).all()
        pixels = local[..., :2] / local[..., 2:] * 1680 + (540, 960)
        seen.append(Landmarks(np.arange(5) / 30, local, pixels / (1080, 1920), np.ones((5, 33)), (360, 640)))
    np.testing.assert_allclose(triangulate(list(cameras.values()), seen), points, atol=1e-6)


def test_a_rigid_motion_is_no_difference_and_a_scale_is_one():
    pose = np.random.default_rng(1).normal(size=(20, 17, 3))
    moved = pose @ Rotation.from_euler("z", 40, degrees=True).as_matrix().T + np.array([1, 2, 0])
    assert compare(pose, moved)["motion_cm"] < 1e-6
    larger = compare(pose, 1.1 * moved)
    assert larger["posture_cm"] > 5
    assert larger["posture_scaled_cm"] < 1e-6
    _, rotation, scale = aligned(pose, 1.1 * moved, scaled=True)
    np.testing.assert_allclose(scale, 1.1)
    np.testing.assert_allclose(rotation.as_euler("zyx", degrees=True), (40, 0, 0), atol=1e-6)
