"""The page's arithmetic against the library's: resampling, timeline, refusals; and what only the page does."""

import numpy as np
import pytest

from modeling_mujo import MujoImuFeatureExtractor
from modeling_mujo.inputs_mujo import cut_windows
from modeling_mujo.resampling_mujo import resample_even, resample_uneven
from modeling_mujo.timeline_mujo import activity_timeline
from tests.space_page import needs_browser, needs_packages

pytest_plugins = ["tests.space_fixtures"]
pytestmark = [needs_browser, needs_packages]

# JSON has no NaN: missing samples travel as null.
_RESAMPLE = """async ([channels, clock]) => {
    const {resampleEven, resampleUneven} = await import("./modules/resampling.js");
    const signal = channels.map((channel) => Float64Array.from(channel, (value) => value ?? NaN));
    const found = Array.isArray(clock)
        ? resampleUneven(signal, Float64Array.from(clock), 50, 0.2)
        : resampleEven(signal, clock, 50, 0.2);
    return {channels: found.channels.map((channel) => [...channel]), mask: [...found.mask]};
}"""


def signal(times: np.ndarray, seed: int = 0) -> np.ndarray:
    """`(time, 2)`: some sines around a constant, with noise."""
    noise = np.random.default_rng(seed).normal(size=(len(times), 2))
    return 9.81 + np.stack([3 * np.sin(2 * np.pi * 1.3 * times), 2 * np.cos(2 * np.pi * 7 * times)], axis=1) + noise


def in_page(tab, values: np.ndarray, clock) -> tuple[np.ndarray, np.ndarray]:
    channels = [[None if np.isnan(value) else value for value in channel] for channel in values.T.tolist()]
    found = tab.evaluate(_RESAMPLE, [channels, clock if isinstance(clock, float) else clock.tolist()])
    return np.array(found["channels"]).T, np.array(found["mask"], dtype=bool)


@pytest.mark.parametrize("rate", [12.5, 26.0, 31.25, 50.0, 60.0, 99.84, 100.0, 128.0, 1000.0])
def test_even_recordings_are_resampled_as_in_the_library(modules, rate):
    values = signal(np.arange(round(5 * rate)) / rate)
    values[: round(0.1 * rate)] = np.nan  # a missing start, a short gap and a long one
    values[round(1 * rate) : round(1.1 * rate), 0] = np.nan
    values[round(2 * rate) : round(2.7 * rate)] = np.nan
    expected, mask = resample_even(values, rate, 50, 0.2)
    got, got_mask = in_page(modules, values, rate)
    np.testing.assert_allclose(got, expected, atol=1e-9)
    np.testing.assert_array_equal(got_mask, mask)


@pytest.mark.parametrize("rate", [20.0, 60.0, 104.0])
def test_uneven_recordings_are_resampled_as_in_the_library(modules, rate):
    generator = np.random.default_rng(1)
    times = 1000 + (np.arange(round(6 * rate)) + 0.3 * generator.uniform(size=round(6 * rate))) / rate
    times = np.delete(times, slice(round(2 * rate), round(3 * rate)))  # a second without readings
    values = signal(times)
    values[generator.integers(0, len(times), 5)] = np.nan
    _, expected, mask = resample_uneven(values, times, times[0], 50, 0.2)
    got, got_mask = in_page(modules, values, times)
    np.testing.assert_allclose(got[mask], expected[mask], atol=1e-7)
    np.testing.assert_array_equal(got_mask, mask)


@pytest.mark.parametrize(("starts", "length"), [([0], 150), ([0, 100, 200, 300], 530), ([0, 100, 500, 600], 800)])
def test_timeline_is_that_of_the_pipelines(modules, starts, length):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), size=len(starts))
    steps = modules.evaluate(
        """async ([starts, rows, length]) =>
        (await import("./modules/windows.js")).timelineSteps(starts, rows, 200, 100, length)""",
        [starts, probabilities.tolist(), length],
    )
    expected = activity_timeline(probabilities, np.array(starts), 200, 100, length, list("abc"), 50, top_k=3)
    for step, rows in zip(steps, np.array(expected).reshape(-1, 3), strict=True):
        assert (step["start"] / 50, step["end"] / 50) == (rows[0]["start"], rows[0]["end"])
        scores = {row["label"]: row["score"] for row in rows}
        np.testing.assert_allclose(step["probabilities"], [scores[label] for label in "abc"])


WHOLE = {"samplingRate": 50, "accelerationUnit": "m/s2", "gyroscopeUnit": "rad/s", "gravity": "included"}
ROWS = "".join(f"{0.02 * row:.2f},0,0,9.81\n" for row in range(100))
NO_TIME = "acc_x,acc_y,acc_z\n" + "0,0,9.81\n" * 100
REFUSED = {
    "nothing": ("", WHOLE, "no rows"),
    "no acceleration": ("a,b,c\n1,2,3\n", WHOLE, "No acceleration among the columns a, b, c"),
    "an axis missing": ("acc_x,acc_y\n1,2\n", WHOLE, "no column for z"),
    "two accelerations": ("acc_x,acc_y,acc_z,accel_x\n1,2,3,4\n", WHOLE, "Several columns"),
    "words": ("acc_x,acc_y,acc_z\n0,0,9.81\n0,up,9.81\n", WHOLE, "Row 3, column acc_y: “up”"),
    "infinite": ("acc_x,acc_y,acc_z\n" + "0,0,1e39\n" * 50, WHOLE, "no finite number"),
    "all missing": ("acc_x,acc_y,acc_z\n" + "0,,9.81\n" * 50, WHOLE, "0 of 50 rows are complete"),
    "ragged": ("acc_x,acc_y,acc_z\n0,0,9.81,5\n0,0,9.81\n", WHOLE, "Row 2 has 4 cells"),
    "no rate": (NO_TIME, {**WHOLE, "samplingRate": None}, "Say the sampling rate"),
    "two clocks": ("time,acc_x,acc_y,acc_z\n" + ROWS, WHOLE, "leave the rate empty"),
    "milliseconds": (
        "time,acc_x,acc_y,acc_z\n" + "".join(f"{20 * row},0,0,9.81\n" for row in range(99)),
        {**WHOLE, "samplingRate": None},
        "is in seconds",
    ),
    "backwards": ("time,acc_x,acc_y,acc_z\n1,0,0,1\n0,0,0,1\n", {**WHOLE, "samplingRate": None}, "must increase"),
    "a period for a rate": (NO_TIME, {**WHOLE, "samplingRate": 0.02}, "expected 1 to 10000 Hz"),
    "an endless filter": (NO_TIME, {**WHOLE, "samplingRate": 2000.01}, "round it"),
    "no unit": (NO_TIME, {**WHOLE, "accelerationUnit": ""}, "Say the unit of the acceleration"),
    "no gravity": (NO_TIME, {**WHOLE, "gravity": ""}, "Say the place of gravity"),
    "gravity lost": (NO_TIME, {**WHOLE, "gravity": "removed"}, "gravity_x, gravity_y, gravity_z"),
    "Apple's": (
        "userAcceleration.x,userAcceleration.y,userAcceleration.z\n" + "0,0,1\n" * 50,
        WHOLE,
        "without gravity",
    ),
    "no turning unit": (
        "acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z\n" + "0,0,9.81,0,0,0\n" * 50,
        {**WHOLE, "gyroscopeUnit": ""},
        "unit of the gyroscope",
    ),
    "damaged": ("acc_x,acc_y,acc_z\n" + "0,0,1e9\n" * 50, WHOLE, "no wearable sensor"),
    "too short": ("acc_x,acc_y,acc_z\n" + "0,0,9.81\n" * 20, WHOLE, "0.5 seconds"),
}
_READ = """async ([text, described]) => {
    const {readTable, readSensor, toEncoderRate} = await import("./modules/recording.js");
    const {cutWindows} = await import("./modules/windows.js");
    const settings = await (await fetch("settings.json")).json();
    try {
        const sensor = readSensor(readTable(text), described);
        cutWindows(toEncoderRate(sensor, settings.rate, settings.maxGapSeconds), settings);
    } catch (error) {
        return [error.constructor.name, error.message];
    }
}"""


@pytest.mark.parametrize("case", REFUSED)
def test_page_refuses_what_the_library_refuses(modules, case):
    text, described, message = REFUSED[case]
    names = {
        "samplingRate": "sampling_rate",
        "accelerationUnit": "acceleration_unit",
        "gyroscopeUnit": "gyroscope_unit",
    }
    arguments = {names.get(name, name): value or None for name, value in described.items()}
    with pytest.raises(ValueError):  # noqa: PT011  in its own words
        cut_windows(MujoImuFeatureExtractor(), text.encode(), arguments)
    kind, said = modules.evaluate(_READ, [text, {**described, "placement": "left_wrist"}])
    assert kind == "RecordingError"
    assert message in said


_COUNT = """async ([channels, rate]) =>
    (await import("./modules/repetitions.js")).countRepetitions(channels.map((one) => Float32Array.from(one)), rate)"""


@pytest.mark.parametrize("period", [0.45, 0.7, 1.3, 2.0, 3.5])
@pytest.mark.parametrize("shape", ["sine", "two bumps", "short pushes"])
def test_repetitions_are_counted(modules, period, shape):
    times = np.arange(400) / 50
    phase = 2 * np.pi * times / period
    wave = {
        "sine": np.sin(phase),
        "two bumps": np.sin(phase) + 0.8 * np.sin(2 * phase + 1),  # as a squat: down and up
        "short pushes": np.exp(4 * (np.cos(phase) - 1)),
    }[shape]
    noise = np.random.default_rng(0).normal(scale=0.3, size=(3, 400))
    channels = np.array([[0.3], [-0.5], [0.8]]) * 6 * wave + np.array([[2.0], [5.0], [8.0]]) + noise
    found = modules.evaluate(_COUNT, [channels.tolist(), 50])
    assert found["period"] == pytest.approx(period, rel=0.04)
    assert found["count"] == pytest.approx(8 / period, abs=0.75)


@pytest.mark.parametrize("scale", [0.05, 3.0])
def test_rest_and_noise_do_not_repeat(modules, scale):
    channels = np.random.default_rng(0).normal(scale=scale, size=(3, 400)).cumsum(axis=1) * 0.1 + 5
    channels += np.random.default_rng(1).normal(scale=scale, size=(3, 400))
    assert modules.evaluate(_COUNT, [channels.tolist(), 50]) is None


_EVENT = """async (opposite) => {
    const {readEvent} = await import("./modules/device_motion.js");
    const acceleration = {x: 1, y: -2, z: 9.5};
    const rotationRate = {alpha: 180, beta: 90, gamma: -45};
    return readEvent({timeStamp: 1500, accelerationIncludingGravity: acceleration, rotationRate}, opposite);
}"""


def test_event_becomes_si_units_in_device_axes(modules):
    reading = modules.evaluate(_EVENT, False)
    assert reading["time"] == 1.5
    np.testing.assert_allclose(reading["values"], [1, -2, 9.5, np.pi, np.pi / 2, -np.pi / 4])
    # Core Motion's sign: accelerations are turned round, rates of turn are not.
    np.testing.assert_allclose(modules.evaluate(_EVENT, True)["values"], [-1, 2, -9.5, np.pi, np.pi / 2, -np.pi / 4])


def test_sign_is_opposite_in_webkit_on_touch_screens_only(modules):
    asked = """async (browser) => (await import("./modules/device_motion.js")).hasOppositeSign(browser)"""
    assert modules.evaluate(asked, {"vendor": "Apple Computer, Inc.", "maxTouchPoints": 5})
    assert not modules.evaluate(asked, {"vendor": "Google Inc.", "maxTouchPoints": 5})
    assert not modules.evaluate(asked, {"vendor": "Apple Computer, Inc.", "maxTouchPoints": 0})
