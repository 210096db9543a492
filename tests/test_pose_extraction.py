"""MujoPoseFeatureExtractor: poses come out in metres, z up and on the floor, and what cannot be known is refused."""

import json
import warnings

import numpy as np
import pytest
import torch
from transformers import AutoFeatureExtractor

from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip
from modeling_mujo import JOINTS, MujoPoseFeatureExtractor, MujoPoseModel
from tests.helpers import tiny_pose_config

HEIGHTS = {"sampling_rate": 50, "length_unit": "m", "up": "z", "floor": "at_zero"}
UNKNOWN = {**HEIGHTS, "floor": "unknown"}
LOWEST = 0.075  # metres


@pytest.fixture(scope="module")
def extractor():
    return MujoPoseFeatureExtractor()


@pytest.fixture(scope="module")
def pose():
    """Somebody who does squats, 4 s at 50 Hz, in metres, z up, the floor at 0."""
    squat = next(exercise for exercise in EXERCISES if exercise.name == "squat")
    return generate_clip(squat, seed=0).pose[:200]


def test_what_the_model_takes_comes_out(extractor, pose):
    batch = extractor(pose, **HEIGHTS, return_tensors="pt")
    assert list(batch) == extractor.model_input_names
    torch.testing.assert_close(batch["pose_values"][0], torch.from_numpy(pose))
    assert batch["pose_attention_mask"].tolist() == [[1] * 200]
    assert batch["pose_values"].dtype == torch.float32
    model = MujoPoseModel(tiny_pose_config()).eval()
    assert model(**batch).embeds.shape == (1, model.config.projection_dim)


@pytest.mark.parametrize(("unit", "factor"), [("m", 1), ("cm", 100), ("mm", 1000)])
def test_units_are_converted(extractor, pose, unit, factor):
    values = extractor(factor * pose, **{**HEIGHTS, "length_unit": unit})["pose_values"]
    np.testing.assert_allclose(values[0], pose, atol=1e-5)


@pytest.mark.parametrize(
    ("up", "axes"),
    [("z", lambda x, y, z: (x, y, z)), ("y", lambda x, y, z: (x, z, -y)), ("-y", lambda x, y, z: (x, -z, y))],
)
def test_axes_are_turned_and_not_mirrored(extractor, pose, up, axes):
    given = np.stack(axes(*np.moveaxis(pose, -1, 0)), axis=-1)
    np.testing.assert_allclose(extractor(given, **{**HEIGHTS, "up": up})["pose_values"][0], pose, atol=1e-6)


@pytest.mark.parametrize("height", [-1.2, 0.4, 3.0])
def test_a_pose_from_a_camera_is_put_on_the_floor(extractor, pose, height):
    """The deepest squat lowers the hips, not the floor; one frame below it, as a bad estimate, does not either."""
    given = pose + np.array([0.0, 0.0, height])
    given[100] -= [0.0, 0.0, 2.0]
    values = extractor(given, **UNKNOWN)["pose_values"][0]
    lowest = np.percentile(pose[..., 2].min(axis=1), 10)
    np.testing.assert_allclose(
        np.delete(values, 100, axis=0)[..., 2], np.delete(pose, 100, axis=0)[..., 2] + LOWEST - lowest, atol=0.01
    )
    assert np.percentile(values[..., 2].min(axis=1), 10) == pytest.approx(LOWEST, abs=1e-6)


def test_the_floor_is_where_pretraining_has_it(extractor):
    """Generated movements know their floor: found from the pose it lies 1 cm off, but for some who lie or hang."""
    off = []
    for exercise in EXERCISES[::7]:
        pose = generate_clip(exercise, seed=1).pose[: 8 * SAMPLING_RATE]
        known, found = (extractor(pose, **said)["pose_values"][0] for said in (HEIGHTS, UNKNOWN))
        off.append(abs(float((found - known)[0, 0, 2])))
    assert np.median(off) < 0.01
    assert np.quantile(off, 0.8) < 0.05


def test_windows_share_the_floor_of_their_recording(extractor, pose):
    climbing = np.concatenate([pose, pose + np.array([0.0, 0.0, 0.5])])
    batch = extractor(climbing, **UNKNOWN, window_seconds=2.0)
    assert batch["window_start"].tolist() == [0.0, 2.0, 4.0, 6.0]
    low, high = batch["pose_values"][0, :, :, 2].min(), batch["pose_values"][3, :, :, 2].min()
    assert high - low > 0.4


def test_gaps_are_bridged_or_masked(extractor, pose):
    given = pose.copy()
    given[20:28, 3] = np.nan  # 0.16 s of one joint
    given[100:130] = np.nan  # 0.6 s
    batch = extractor(given, **UNKNOWN)
    assert np.isfinite(batch["pose_values"]).all()
    assert np.flatnonzero(batch["pose_attention_mask"][0] == 0).tolist() == list(range(100, 130))
    assert not batch["pose_values"][0, 100:130].any()


def test_rates_and_timestamps(extractor, pose):
    at_25 = extractor(pose[::2], **{**HEIGHTS, "sampling_rate": 25})["pose_values"]
    np.testing.assert_allclose(at_25[0, 20:180], pose[20:180], atol=0.01)
    times = 7.0 + np.arange(100) / 25
    timed = extractor(pose[::2], timestamps=times, **{**HEIGHTS, "sampling_rate": None})["pose_values"]
    np.testing.assert_allclose(timed[0, :198], at_25[0, :198], atol=1e-5)


def test_a_list_is_a_batch(extractor, pose):
    batch = extractor([1000 * pose[:150], torch.from_numpy(pose)], **{**HEIGHTS, "length_unit": ["mm", "m"]})
    assert batch["pose_values"].shape == (2, 200, 17, 3)
    assert batch["pose_attention_mask"].sum(1).tolist() == [150, 200]


@pytest.mark.parametrize(
    ("change", "said", "match"),
    [
        ({}, {"length_unit": None}, "length_unit must be one of"),
        ({}, {"up": None}, "up must be one of"),
        ({}, {"floor": None}, "floor must be one of"),
        ({}, {"floor": "z"}, "floor must be one of .* got 'z'"),
        ({}, {"sampling_rate": None}, "clock must be given once"),
        ({}, {"length_unit": "mm"}, r"legs of 0\.000\d+ m.* Is length_unit \"mm\" right"),
        ({"frames": 0}, {}, "expected a pose of shape"),
        ({"frames": 20}, {}, "hold no example"),
        ({"joints": 16}, {}, r"expected a pose of shape \(time, 17, 3\), got \(200, 16, 3\)"),
        ({"value": np.nan}, {}, "0 of 200 frames are complete"),
        ({"value": np.inf}, {}, "infinite"),
    ],
)
def test_poses_that_are_refused(extractor, pose, change, said, match):
    given = pose[: change.get("frames", 200), : change.get("joints", 17)] + change.get("value", 0.0)
    with pytest.raises(ValueError, match=match):
        extractor(given, **{**HEIGHTS, **said})
    with pytest.raises(ValueError, match="recording 1: "):
        extractor([pose, given], **{name: [value, said.get(name, value)] for name, value in HEIGHTS.items()})


def test_an_axis_that_points_down_is_warned_of(extractor, pose):
    with pytest.warns(UserWarning, match='does up="z" point up') as caught:
        extractor(pose * [1, -1, -1], **HEIGHTS)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        extractor(pose, **HEIGHTS)


def test_settings_survive_saving(tmp_path):
    saved = MujoPoseFeatureExtractor(max_gap_seconds=0.1, window_seconds=2.0)
    saved.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "preprocessor_config.json").read_text())["feature_size"] == 3 * len(JOINTS)
    loaded = AutoFeatureExtractor.from_pretrained(tmp_path)
    assert type(loaded) is MujoPoseFeatureExtractor
    assert loaded.to_dict() == saved.to_dict()
    with pytest.raises(ValueError, match="feature_size is 51"):
        MujoPoseFeatureExtractor(feature_size=6)
