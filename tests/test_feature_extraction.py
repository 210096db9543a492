"""MujoImuFeatureExtractor: what comes out is in SI units at 50 Hz, and what cannot be known is refused."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoFeatureExtractor

from modeling_mujo import PLACEMENTS
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor

G = 9.80665
SI = {"sampling_rate": 50, "acceleration_unit": "m/s2", "gyroscope_unit": "rad/s", "gravity": "included"}


@pytest.fixture(scope="module")
def extractor():
    return MujoImuFeatureExtractor()


def recording(seconds=4.0, rate=50.0, channels=6, seed=0):
    """A sensor that is held roughly upright and moved about, in SI units."""
    values = np.random.default_rng(seed).normal(size=(int(seconds * rate), channels))
    values[:, 2] += G
    return values


def tone(frequency, rate, seconds=8.0):
    values = np.zeros((int(seconds * rate), 3))
    values[:, 0] = np.sin(2 * np.pi * frequency * np.arange(len(values)) / rate)
    values[:, 2] = G
    return values


def said(**changes):
    return {**SI, **changes}


def without(*names):
    return {name: value for name, value in SI.items() if name not in names}


# What comes out


def test_shapes_and_types(extractor):
    batch = extractor({"left_wrist": recording(), "right_thigh": recording(channels=3)}, **SI, return_tensors="pt")
    assert set(batch) == set(extractor.model_input_names)
    assert batch["imu_values"].shape == (1, 2, 200, 6)
    assert batch["imu_values"].dtype == torch.float32
    assert batch["imu_attention_mask"].shape == (1, 2, 200)
    assert batch["imu_channel_mask"].tolist() == [[[1, 1], [1, 0]]]
    assert batch["placement_ids"].tolist() == [[PLACEMENTS.index("left_wrist"), PLACEMENTS.index("right_thigh")]]
    assert {batch[name].dtype for name in extractor.model_input_names[1:]} == {torch.int64}
    assert batch["imu_values"][0, 1, :, 3:].abs().max() == 0


def test_recordings_of_different_length_and_sensors_are_padded_under_the_mask(extractor):
    batch = extractor(
        [recording(2.0), {"chest": recording(3.0), "head": recording(3.0)}], **said(placement=["pelvis", None])
    )
    assert batch["imu_values"].shape == (2, 2, 150, 6)
    assert batch["imu_attention_mask"].sum(-1).tolist() == [[100, 0], [150, 150]]
    assert batch["imu_channel_mask"][0].tolist() == [[1, 1], [0, 0]]
    assert batch["placement_ids"][0].tolist() == [PLACEMENTS.index("pelvis"), 0]
    assert not batch["imu_values"][batch["imu_attention_mask"] == 0].any()


def test_containers_agree_and_are_not_modified(extractor):
    values = recording().astype(np.float32)
    values.flags.writeable = False
    frame = pd.DataFrame(values, columns=["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"])
    containers = {
        "read-only": values,
        "not contiguous": np.asfortranarray(np.repeat(values, 2, axis=0))[::2],
        "tensor": torch.tensor(values, requires_grad=True),
        "frame": frame,
        "frame with other names": frame.rename(columns=lambda name: name.replace("acc_", "Accelerometer ").upper()),
        "with sensor axis": values[:, None],
        "nested list": [values.tolist()],
    }
    for name, container in containers.items():
        placement = ["unknown"] if name == "with sensor axis" else None
        output = extractor(container, **said(placement=placement))["imu_values"]
        np.testing.assert_array_equal(output[0, 0], values, err_msg=name)
    assert frame.equals(pd.DataFrame(values, columns=frame.columns))


def test_integers_and_bfloat16(extractor):
    counts = np.tile(np.array([[0, 0, 10, 1, 2, 3]], dtype=np.int16), (100, 1))
    for container in (counts, torch.tensor(counts, dtype=torch.bfloat16)):
        np.testing.assert_array_equal(extractor(container, **SI)["imu_values"][0, 0], counts)


def test_masked_arrays_keep_their_mask(extractor):
    values = np.ma.array(recording(), mask=False)
    values[50:100] = np.ma.masked
    mask = extractor(values, **SI)["imu_attention_mask"][0, 0]
    assert np.flatnonzero(mask == 0).tolist() == list(range(50, 100))


# Units and gravity


def test_units_are_converted(extractor):
    values = recording()
    logged = np.hstack([values[:, :3] / G, np.rad2deg(values[:, 3:])])
    output = extractor(logged, **said(acceleration_unit="g", gyroscope_unit="deg/s"))["imu_values"][0, 0]
    np.testing.assert_allclose(output, values, atol=1e-5)


def test_a_sensor_at_rest_reads_one_g_upwards(extractor):
    upright = np.tile([0.0, 0.0, 1.0], (100, 1))
    output = extractor(upright, **said(acceleration_unit="g"))["imu_values"][0, 0]
    np.testing.assert_allclose(output[:, 2], G, rtol=1e-6)


def test_removed_gravity_is_added_back_from_the_logged_vector(extractor):
    values, gravity = recording(), np.tile([0.0, 0.6, 0.8], (200, 1)) * G
    linear = values - np.hstack([gravity, np.zeros_like(gravity)])
    output = extractor(linear, **said(gravity="removed", gravity_vector=gravity))["imu_values"][0, 0]
    np.testing.assert_allclose(output, values, atol=1e-5)


def test_core_motion_columns_are_turned_into_specific_force(extractor):
    columns = {f"gravity.{axis}": np.full(100, value) for axis, value in zip("xyz", (0.0, 0.0, -1.0), strict=True)}
    columns |= {f"userAcceleration.{axis}": np.zeros(100) for axis in "xyz"}  # on its back, at rest
    columns |= {f"rotationRate.{axis}": np.full(100, 0.5) for axis in "xyz"}
    output = extractor(pd.DataFrame(columns), **said(gravity="removed", acceleration_unit="g"))["imu_values"][0, 0]
    np.testing.assert_allclose(output, np.tile([0, 0, G, 0.5, 0.5, 0.5], (100, 1)), rtol=1e-6)


@pytest.mark.parametrize(("scale", "unit", "figures"), [(1.0, "m/s2", ("1.00", "9.81")), (G, "g", ("9.81", "1.00"))])
def test_a_unit_that_does_not_fit_is_warned_of_with_both_figures(extractor, scale, unit, figures):
    with pytest.warns(UserWarning, match=rf"{figures[0]} {unit}.*{figures[1]} {unit}") as caught:
        extractor(np.tile([0, 0, scale], (100, 1)), **said(acceleration_unit=unit))
    assert caught[0].filename == __file__  # where the extractor was called


def test_hard_exercise_is_not_mistaken_for_another_unit(extractor):
    values = recording(channels=3) * [8, 8, 2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        extractor(values, **SI)
        extractor(values / G, **said(acceleration_unit="g"))


# Sampling rate


@pytest.mark.parametrize(("rate", "samples"), [(100, 401), (31.25, 251), (12.5, 99), (128, 1000), (20, 77), (50, 123)])
def test_length_formula(extractor, rate, samples):
    values = recording(1, samples, channels=3)
    assert extractor(values, **said(sampling_rate=rate))["imu_values"].shape[2] == int(np.ceil(samples * 50 / rate))


def test_equal_rate_is_the_identity(extractor):
    values = recording().astype(np.float32)
    np.testing.assert_array_equal(extractor(values, **SI)["imu_values"][0, 0], values)


@pytest.mark.parametrize("rate", [100, 128, 104.17, 200])
@pytest.mark.parametrize("frequency", [26, 30, 45])
def test_tones_above_the_new_nyquist_frequency_are_gone(extractor, rate, frequency):
    output = extractor(tone(frequency, rate), **said(sampling_rate=rate))["imu_values"][0, 0, 75:-75, 0]
    assert 20 * np.log10(np.abs(output).max()) < -55


@pytest.mark.parametrize("rate", [100, 31.25, 12.5, 128, 20])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_tones_in_the_passband_keep_amplitude_and_phase(extractor, rate, share):
    frequency = share * min(rate, 50) / 2
    output = extractor(tone(frequency, rate), **said(sampling_rate=rate))["imu_values"][0, 0, :, 0]
    expected = np.sin(2 * np.pi * frequency * np.arange(len(output)) / 50)
    np.testing.assert_allclose(output[75:-75], expected[75:-75], atol=1e-3)


@pytest.mark.parametrize("rate", [100, 31.25, 12.5, 128])
def test_gravity_stays_constant_to_the_edge(extractor, rate):
    upright = np.tile([0.0, 0.0, G], (int(3 * rate), 1))
    np.testing.assert_allclose(extractor(upright, **said(sampling_rate=rate))["imu_values"][0, 0, :, 2], G, rtol=1e-6)


@pytest.mark.parametrize("rate", [100, 31.25, 12.5, 128])
def test_the_ends_are_not_drawn_to_zero_or_to_the_mean(extractor, rate):
    turned = np.zeros((int(4 * rate), 3))
    half = len(turned) // 2
    turned[:half, 2], turned[half:, 0] = G, G  # rests, is turned over, rests
    output = extractor(turned, **said(sampling_rate=rate))["imu_values"][0, 0]
    np.testing.assert_allclose(output[:25], np.tile([0, 0, G, 0, 0, 0], (25, 1)), atol=0.02)
    np.testing.assert_allclose(output[-25:], np.tile([G, 0, 0, 0, 0, 0], (25, 1)), atol=0.02)


# Timestamps


def test_even_timestamps_are_a_rate(extractor):
    values = recording(4, 100)
    by_rate = extractor(values, **said(sampling_rate=100))["imu_values"]
    for start in (0.0, 1.7e9):
        times = start + np.arange(len(values)) / 100
        by_time = extractor(values, timestamps=times, **without("sampling_rate"))["imu_values"]
        np.testing.assert_allclose(by_time, by_rate, atol=1e-5)


def uneven_times(rate, seconds=8.0):
    ticks = np.arange(int(seconds * rate))
    return (ticks + np.random.default_rng(0).uniform(-0.1, 0.1, len(ticks))) / rate


def test_uneven_timestamps_are_put_on_the_grid_without_aliasing(extractor):
    times = uneven_times(200)
    values = np.zeros((len(times), 3))
    values[:, 0] = np.sin(2 * np.pi * 5 * times)
    values[:, 1] = np.sin(2 * np.pi * 40 * times)
    values[:, 2] = G
    output = extractor(values, timestamps=times, **without("sampling_rate"))["imu_values"][0, 0]
    assert len(output) == int((times[-1] - times[0]) * 50) + 1
    grid = times[0] + np.arange(len(output)) / 50
    np.testing.assert_allclose(output[75:-75, 0], np.sin(2 * np.pi * 5 * grid)[75:-75], atol=0.01)
    assert np.abs(output[75:-75, 1]).max() < 0.01  # 40 dB


def test_sensors_with_timestamps_share_one_grid(extractor):
    early, late = uneven_times(100, 4), uneven_times(100, 2) + 1.0
    ramp = {"left_wrist": early, "chest": late}
    recordings = {name: np.stack([times, 0 * times, G + 0 * times], 1) for name, times in ramp.items()}
    batch = extractor(recordings, timestamps=ramp, **without("sampling_rate"))
    both = batch["imu_attention_mask"][0].all(0)
    assert 95 <= both.sum() <= 100
    interior = np.flatnonzero(both)[25:-25]
    np.testing.assert_allclose(
        batch["imu_values"][0, 0, interior, 0], batch["imu_values"][0, 1, interior, 0], atol=0.01
    )


def test_time_column_and_datetimes(extractor):
    values = recording(4, 100, channels=3)
    expected = extractor(values, **said(sampling_rate=100))["imu_values"]
    seconds = np.arange(400) / 100
    for times in (seconds, pd.to_datetime(seconds, unit="s")):
        frame = pd.DataFrame(values, columns=["acc_x", "acc_y", "acc_z"]).assign(time=times)
        output = extractor(frame, **without("sampling_rate"))["imu_values"]
        np.testing.assert_allclose(output, expected, atol=1e-5)


def test_a_rate_for_every_placement(extractor):
    recordings = {"chest": recording(4, 25), "left_wrist": recording(4, 100)}
    batch = extractor(recordings, **said(sampling_rate={"chest": 25, "left_wrist": 100}))
    assert batch["imu_attention_mask"].sum(-1).tolist() == [[200, 200]]
    with pytest.raises(ValueError, match="differ in length"):
        extractor(recordings, **SI)


# Gaps


@pytest.mark.parametrize("rate", [50, 100])
def test_short_gaps_are_interpolated_and_long_ones_masked(extractor, rate):
    values = recording(4, rate)
    values[:, 0] = np.arange(len(values)) / rate
    values[rate : rate + rate // 10, 0] = np.nan  # 0.1 s, one channel
    values[2 * rate : 3 * rate] = np.nan  # 1 s
    batch = extractor(values, **said(sampling_rate=rate))
    mask = batch["imu_attention_mask"][0, 0]
    assert np.flatnonzero(mask == 0)[[0, -1]].tolist() == [100, 149]
    assert (mask == 0).sum() == 50
    assert np.isfinite(batch["imu_values"]).all()
    assert not batch["imu_values"][0, 0, mask == 0].any()
    np.testing.assert_allclose(batch["imu_values"][0, 0, 25:80, 0], np.arange(25, 80) / 50, atol=0.01)


def test_missing_ends_are_masked_not_extrapolated(extractor):
    values = recording()
    values[:5] = values[-3:] = np.nan
    mask = extractor(values, **SI)["imu_attention_mask"][0, 0]
    assert np.flatnonzero(mask)[[0, -1]].tolist() == [5, 196]


def test_holes_between_timestamps_are_gaps(extractor):
    times = uneven_times(100, 4)
    kept = (times < 1) | (times > 2)
    values = np.tile([0.0, 0.0, G], (kept.sum(), 1))
    mask = extractor(values, timestamps=times[kept], **without("sampling_rate"))["imu_attention_mask"][0, 0]
    grid = times[0] + np.arange(len(mask)) / 50
    in_hole = (grid > times[times < 1][-1]) & (grid < times[times > 2][0])
    np.testing.assert_array_equal(mask == 0, in_hole)


# Windows


def test_windows_say_where_they_came_from(extractor):
    long, short = recording(6.0), recording(1.0)
    batch = extractor([long, short], **SI, window_seconds=2.0, hop_seconds=1.5, return_tensors="pt")
    assert batch["imu_values"].shape == (4, 1, 100, 6)
    assert batch["window_recording"].tolist() == [0, 0, 0, 1]
    assert batch["window_start"].tolist() == [0.0, 1.5, 3.0, 0.0]
    np.testing.assert_array_equal(batch["imu_values"][1, 0], long[75:175].astype(np.float32))
    assert batch["imu_attention_mask"].sum(-1).flatten().tolist() == [100, 100, 100, 50]


def test_windows_without_data_are_left_out(extractor):
    values = recording(6.0)
    values[90:210] = np.nan
    batch = extractor(values, **SI, window_seconds=2.0)
    assert batch["window_start"].tolist() == [0.0, 4.0]


# Refusals

NAN, INF = np.full((100, 3), np.nan), np.where(np.arange(300).reshape(100, 3) == 7, np.inf, 1.0)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (np.zeros(100), r"got \(100,\)"),
        (np.zeros((100, 4)), r"got \(100, 4\)"),
        (np.zeros((6, 100)), r"got \(6, 100\)"),
        (np.zeros((2, 2, 100, 6)), "got"),
        (np.zeros((2, 100, 6)), "list of"),
        (np.zeros((0, 3)), "empty"),
        ([], "empty"),
        ({}, "empty"),
        (NAN, "NaN"),
        (INF, "infinite"),
        (np.full((100, 3), 1e300), "infinite"),
        (np.full((100, 3), None), "dtype object"),
        (np.full((100, 3), "1.0"), "must hold numbers"),
        (np.ones((100, 3), dtype=complex), "must hold numbers"),
        (np.full((10, 3), G), "at least 0.5 s"),
        (np.full((600, 3), G), "pass window_seconds"),
        ({"left_pocket": np.full((100, 3), G)}, "left_pocket"),
        (pd.DataFrame({"x": [1.0], "y": [1.0], "z": [1.0]}), r"\['x', 'y', 'z'\].*acc_x"),
        (pd.DataFrame({"acc_x": [1.0], "acc_y": [1.0]}), "accz"),
    ],
)
def test_recordings_that_are_refused(extractor, data, match):
    with pytest.raises(ValueError, match=match):
        extractor(data, **SI)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (without("acceleration_unit"), "acceleration_unit"),
        (without("gravity"), "gravity must be"),
        (without("sampling_rate"), "the clock must be given"),
        (without("gyroscope_unit"), "gyroscope_unit"),
        (said(acceleration_unit="mg"), "'mg'"),
        (said(gyroscope_unit="rpm"), "'rpm'"),
        (said(gravity="compensated"), "'compensated'"),
        (said(gravity="removed"), "cannot be restored"),
        (said(gravity_vector=np.ones((200, 3))), "contradicts"),
        (said(gravity="removed", gravity_vector=np.ones((100, 3))), r"\(100, 3\)"),
        (said(placement="pocket"), "'pocket'"),
        (said(sampling_rate=0), "got 0"),
        (said(sampling_rate=-50), "got -50"),
        (said(sampling_rate=np.nan), "got nan"),
        (said(sampling_rate=0.02), "got 0.02"),
        (said(timestamps=np.arange(200) / 50), "given once"),
        (said(sampling_rate=None, timestamps=np.arange(199) / 50), r"\(199,\)"),
        (said(sampling_rate=None, timestamps=np.arange(200)[::-1] / 50), "increase strictly"),
        (said(sampling_rate=None, timestamps=np.repeat(np.arange(100), 2) / 50), "sample 0 is at 0.0 s"),
        (said(sampling_rate=None, timestamps=np.arange(200) * 20), "in seconds"),
        (said(sampling_rate=None, timestamps=np.full(200, np.nan)), "finite"),
        (said(window_seconds=0.1), "window_seconds"),
        (said(window_seconds=20), "window_seconds"),
        (said(window_seconds=2, hop_seconds=0), "hop_seconds"),
        (said(hop_seconds=1), "needs window_seconds"),
    ],
)
def test_descriptions_that_are_refused(extractor, call, match):
    with pytest.raises(ValueError, match=match):
        extractor(recording(), **call)


def test_errors_name_the_recording(extractor):
    with pytest.raises(ValueError, match=r"recording 1: .*NaN"):
        extractor([recording(), NAN], **SI)
    with pytest.raises(ValueError, match="3 items for 2 recordings"):
        extractor([recording(), recording()], **said(sampling_rate=[50, 50, 50]))


# Saving


def test_settings_survive_saving(tmp_path):
    saved = MujoImuFeatureExtractor(max_gap_seconds=0.1, max_seconds=8.0, window_seconds=2.0, hop_seconds=1.0)
    saved.save_pretrained(tmp_path)
    settings = json.loads((tmp_path / "preprocessor_config.json").read_text())
    assert settings["sampling_rate"] == 50
    assert settings["max_gap_seconds"] == 0.1
    for loaded in (MujoImuFeatureExtractor.from_pretrained(tmp_path), AutoFeatureExtractor.from_pretrained(tmp_path)):
        assert type(loaded).__name__ == "MujoImuFeatureExtractor"
        assert loaded.to_dict() == saved.to_dict()
        assert loaded(recording(6.0), **SI)["imu_values"].shape == (5, 1, 100, 6)


@pytest.mark.parametrize("settings", [{"feature_size": 3}, {"sampling_rate": 0}, {"min_seconds": 11}])
def test_settings_the_model_cannot_use_are_refused(settings):
    with pytest.raises(ValueError, match="got"):
        MujoImuFeatureExtractor(**settings)
