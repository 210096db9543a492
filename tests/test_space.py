"""The assembled page: a folder that can be published, and in a browser what a person does with it."""

import csv
import json
import zipfile

import numpy as np
import pytest
from huggingface_hub import ModelCard
from transformers import pipeline

from benchmarks.browser import served
from modeling_mujo import MujoModel, ZeroShotImuClassificationPipeline
from publishing import space
from publishing.folders import check_files
from publishing.space import DEFAULT_ACTIVITIES, PACKAGES, assemble, exercise_names
from tests.helpers import tiny_imu_config
from tests.space_page import needs_browser, needs_packages, open_recording, shown_scores, wait_until_ready

pytest_plugins = ["tests.space_fixtures"]
pytestmark = [needs_packages]

AXE = PACKAGES / "axe-core" / "axe.min.js"
MOTIONSENSE = {"rate": "50", "acceleration_unit": "g", "gyroscope_unit": "rad/s", "gravity": "removed"}


def write_csv(file, seconds=12.0, rate=50, columns="time,acc_x,acc_y,acc_z"):
    """A sensor turned up and down every 1.5 s."""
    times = np.arange(round(seconds * rate)) / rate
    tilt = 0.6 * np.sin(2 * np.pi * times / 1.5)
    rows = np.stack([times, 9.81 * np.sin(tilt), 0 * tilt, 9.81 * np.cos(tilt)], axis=1)
    file.write_text("\n".join([columns, *(",".join(f"{value:.4f}" for value in row) for row in rows)]))
    return file


# --- the folder


def test_folder_can_be_published_as_it_is(folder):
    check_files(folder)
    card = ModelCard((folder / "README.md").read_text())
    assert card.data.sdk == "static"
    assert card.data.license == "apache-2.0"
    assert (folder / card.data.app_file).is_file()


def test_service_worker_keeps_every_file(folder):
    listed = json.loads((folder / "precache.js").read_text().removeprefix("self.PRECACHE = ").rstrip(";\n"))["files"]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(listed) - {"./"} == there - {"README.md", "service_worker.js", "precache.js"}


def test_words_lie_where_the_pipeline_puts_them(folder, joint):
    words = json.loads((folder / "words.json").read_text())
    embeds = np.frombuffer(space.base64.b64decode(words["embeddings"]), "<f4").reshape(len(words["names"]), -1)
    asked = pipeline(
        "zero-shot-imu-classification", model=str(joint), pipeline_class=ZeroShotImuClassificationPipeline
    )
    expected = asked.embed_labels(list(DEFAULT_ACTIVITIES), list(asked.hypothesis_template)).numpy()
    rows = [words["names"].index(name) for name in DEFAULT_ACTIVITIES]
    np.testing.assert_allclose(embeds[rows], expected, atol=1e-5)
    assert words["names"] == exercise_names()


def test_folder_of_something_else_is_not_emptied(joint, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match="holds other things"):
        assemble(joint, tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_missing_packages_are_named(joint, tmp_path):
    with pytest.raises(ValueError, match="make space-packages"):
        assemble(joint, tmp_path / "space", packages=tmp_path)


def test_example_without_licence_is_refused(joint, tmp_path):
    recording = write_csv(tmp_path / "walk.csv")
    described = {"acceleration_unit": "m/s2", "gravity": "included", "placement": "pelvis", "source": "me"}
    (tmp_path / "walk.json").write_text(json.dumps(described))
    with pytest.raises(ValueError, match="lacks licence"):
        assemble(joint, tmp_path / "space", recording)


def test_encoder_alone_is_refused(tmp_path):
    from modeling_mujo import MujoImuFeatureExtractor, MujoImuModel

    MujoImuModel(tiny_imu_config()).save_pretrained(tmp_path / "encoder")
    MujoImuFeatureExtractor().save_pretrained(tmp_path / "encoder")
    with pytest.raises((ValueError, OSError)):
        assemble(tmp_path / "encoder", tmp_path / "space")


@pytest.mark.slow
def test_assembling_twice_gives_the_same_bytes(joint, folder, tmp_path):
    again = assemble(joint, tmp_path / "space")
    again = assemble(joint, again)
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert [name for name in files if (again / name).read_bytes() != (folder / name).read_bytes()] == []


# --- the page


@needs_browser
def test_page_asks_no_other_host(browser, address, tmp_path):
    with browser.new_context() as context:
        tab = context.new_page()
        asked = []
        context.on("request", lambda request: asked.append(request.url))
        tab.goto(address)
        wait_until_ready(tab)
        open_recording(tab, write_csv(tmp_path / "up.csv"), acceleration_unit="m/s2", gravity="included")
        tab.wait_for_selector("#scores li")
        assert any(url.endswith(".onnx") for url in asked)
        assert [url for url in asked if not url.startswith((address, "blob:", "data:"))] == []


@pytest.fixture(scope="module")
def walk(shared_data, tmp_path_factory):
    """Half a minute of a person walking, as MotionSense logged it."""
    with zipfile.ZipFile(shared_data / "motionsense" / "A_DeviceMotion_data.zip") as archive:
        lines = archive.read("A_DeviceMotion_data/wlk_7/sub_2.csv").splitlines(keepends=True)
    file = tmp_path_factory.mktemp("recordings") / "walk.csv"
    file.write_bytes(b"".join(lines[:1531]))
    return file


@needs_browser
@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-3), ("int8", 5e-2)])
def test_real_recording_is_classified_as_in_torch(page, address, joint, walk, precision, tolerance):
    page.goto(f"{address}?precision={precision}")
    wait_until_ready(page)
    open_recording(page, walk, **MOTIONSENSE)
    page.wait_for_selector("#timeline:not([hidden])")
    ask = pipeline("zero-shot-imu-classification", model=str(joint), pipeline_class=ZeroShotImuClassificationPipeline)
    timeline = ask(
        walk,
        candidate_labels=list(DEFAULT_ACTIVITIES),
        sampling_rate=50,
        acceleration_unit="g",
        gyroscope_unit="rad/s",
        gravity="removed",
        placement="right_thigh",
        top_k=len(DEFAULT_ACTIVITIES),
    )
    labels = len(DEFAULT_ACTIVITIES)
    steps = [timeline[first : first + labels] for first in range(0, len(timeline), labels)]
    assert len(steps) == 15
    for step in (steps[0], steps[7], steps[-1]):
        page.locator("#position").fill(str(round(50 * (step[0]["end"] - 0.5) / 5) * 5))
        shown = shown_scores(page)
        expected = {row["label"]: row["score"] for row in step}
        assert list(shown.values()) == sorted(shown.values(), reverse=True)
        assert shown == pytest.approx(expected, abs=tolerance)
        if precision == "fp32":
            assert list(shown) == [row["label"] for row in step]


@needs_browser
def test_bad_file_is_explained_and_the_next_one_read(page, tmp_path):
    (tmp_path / "shopping.csv").write_text("item,price\nmilk,1.20\n")
    page.set_input_files("#file", tmp_path / "shopping.csv")
    page.wait_for_selector("#message:not([hidden])")
    assert "No acceleration among the columns item, price" in page.text_content("#message")
    open_recording(page, write_csv(tmp_path / "up.csv"), acceleration_unit="g", gravity="included")
    page.wait_for_selector("#scores li")
    page.wait_for_selector("#message:not([hidden])")
    assert "Are they in m/s²?" in page.text_content("#message")
    assert page.text_content("#repetitions") == "5"
    assert "one every 1.5 s" in page.text_content("#repetitions-unit")


@pytest.mark.slow
@needs_browser
def test_example_is_read_at_a_press_and_its_source_named(browser, joint, tmp_path):
    recording = write_csv(tmp_path / "walk.csv")
    described = {"acceleration_unit": "m/s2", "gravity": "included", "placement": "pelvis"}
    (tmp_path / "walk.json").write_text(json.dumps({**described, "source": "A walk of mine", "licence": "CC0-1.0"}))
    made = assemble(joint, tmp_path / "space", recording)
    assert "A walk of mine (CC0-1.0), worn at: pelvis" in (made / "README.md").read_text()
    with served(made) as address, browser.new_context(service_workers="block") as context:
        tab = context.new_page()
        tab.goto(address)
        wait_until_ready(tab)
        tab.click("#example")
        tab.wait_for_selector("#scores li")
        assert tab.text_content("#file-name") == "A walk of mine (CC0-1.0)"
        assert tab.input_value("#placement") == "pelvis"


@needs_browser
def test_nothing_is_read_before_the_place_is_said(page, tmp_path):
    page.set_input_files("#file", write_csv(tmp_path / "up.csv"))
    page.select_option("#acceleration-unit", "m/s2")
    page.select_option("#gravity", "included")
    page.click("#description button")
    page.wait_for_selector("#message:not([hidden])")
    assert "where the sensor is worn" in page.text_content("#message")
    assert page.evaluate("document.activeElement.id") == "placement"


@needs_browser
def test_dropped_file_is_read(page):
    text = "acc_x,acc_y,acc_z\n" + "0,0,9.81\n" * 50
    page.evaluate(
        """(text) => {
        const files = new DataTransfer();
        files.items.add(new File([text], "dropped.csv"));
        document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true}));
    }""",
        text,
    )
    page.wait_for_selector("#description:not([hidden])")
    assert page.text_content("#file-name") == "dropped.csv"


# Ten seconds of a phone that tilts every 1.25 s, as the browser would report them.
_MOVE = """() => {
    const now = performance.now();
    for (let sample = 600; sample >= 0; sample--) {
        const time = now - sample * 1000 / 60;
        const tilt = 0.5 * Math.sin(2 * Math.PI * time / 1250);
        const event = new DeviceMotionEvent("devicemotion", {
            accelerationIncludingGravity: {x: 9.81 * Math.sin(tilt), y: 0, z: 9.81 * Math.cos(tilt)},
            rotationRate: {alpha: 0, beta: 144 * Math.cos(2 * Math.PI * time / 1250), gamma: 0},
            interval: 1000 / 60,
        });
        Object.defineProperty(event, "timeStamp", {value: time});
        window.dispatchEvent(event);
    }
}"""


@needs_browser
def test_moving_the_phone_gives_answers_and_a_recording(page):
    page.select_option("#placement", "right_hand")
    page.click("#start")
    page.wait_for_selector("#start[aria-pressed=true]")
    page.evaluate(_MOVE)
    page.wait_for_selector("#scores li", timeout=20_000)
    assert sum(shown_scores(page).values()) == pytest.approx(1)
    page.wait_for_function("document.getElementById('repetitions').textContent === '6'")
    assert page.text_content("#measured") == "60 Hz"
    page.click("#start")
    page.wait_for_selector("#timeline:not([hidden])")
    with page.expect_download() as download:
        page.click("#save")
    rows = list(csv.DictReader(download.value.path().open()))
    assert len(rows) == 601
    assert float(rows[-1]["time"]) == pytest.approx(10, abs=1e-3)
    assert max(float(row["gyro_y"]) for row in rows) == pytest.approx(np.deg2rad(144), rel=1e-2)


@needs_browser
def test_iphone_is_asked_and_its_no_is_explained(page):
    page.evaluate("DeviceMotionEvent.requestPermission = () => Promise.resolve('denied')")
    page.select_option("#placement", "right_hand")
    page.click("#start")
    page.wait_for_selector("#message:not([hidden])")
    assert "did not give access" in page.text_content("#message")
    assert page.get_attribute("#start", "aria-pressed") != "true"


@needs_browser
def test_computer_without_sensors_is_told_so(page):
    page.select_option("#placement", "right_hand")
    page.click("#start")
    page.wait_for_selector("#message:not([hidden])", timeout=20_000)
    assert "No readings arrive" in page.text_content("#message")


@needs_browser
def test_activities_can_be_changed(page, tmp_path):
    open_recording(page, write_csv(tmp_path / "up.csv"), acceleration_unit="m/s2", gravity="included")
    page.wait_for_selector("#scores li")
    page.click("button[aria-label='Remove jogging']")
    assert "jogging" not in shown_scores(page)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove walking upstairs"
    page.fill("#activity", "Bicep  Curls")
    page.press("#activity", "Enter")
    assert set(shown_scores(page)) == {*DEFAULT_ACTIVITIES, "bicep curls"} - {"jogging"}
    page.click("#reset")
    assert set(shown_scores(page)) == set(DEFAULT_ACTIVITIES)


@needs_browser
def test_unknown_words_get_suggestions_and_are_only_text(page):
    page.fill("#activity", "sqats")
    page.press("#activity", "Enter")
    assert "not among" in page.text_content("#add-message")
    page.click("#suggestions button:has-text('squat') >> nth=0")
    assert "Added" in page.text_content("#add-message")
    page.fill("#activity", "<img src=x onerror=alert(1)>")
    page.press("#activity", "Enter")
    assert "“<img src=x onerror=alert(1)>”" in page.text_content("#add-message")
    assert page.locator("#add-message img").count() == 0


@needs_browser
def test_page_works_after_the_server_is_gone(browser, folder, tmp_path):
    with browser.new_context() as context:
        tab = context.new_page()
        with served(folder) as address:
            tab.goto(address)
            wait_until_ready(tab)
            tab.wait_for_function("document.getElementById('offline').textContent !== ''", timeout=60_000)
        tab.reload()
        wait_until_ready(tab)
        open_recording(tab, write_csv(tmp_path / "up.csv"), acceleration_unit="m/s2", gravity="included")
        tab.wait_for_selector("#scores li")


@needs_browser
def test_keyboard_reaches_everything_in_order(page, tmp_path):
    open_recording(page, write_csv(tmp_path / "up.csv"), acceleration_unit="m/s2", gravity="included")
    page.wait_for_selector("#timeline:not([hidden])")
    page.focus("#placement")
    reached = ["placement"]
    while reached[-1] != "reset" and len(reached) < 60:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    named = [name for name in reached if name.islower()]
    order = ["placement", "start", "file", "acceleration-unit", "gravity", "position", "activity", "reset"]
    assert named == order
    assert reached.count("BUTTON") == 2 + len(DEFAULT_ACTIVITIES)  # read the recording, add, remove each
    page.focus("#position")
    before = page.get_attribute("#position", "aria-valuetext")
    page.keyboard.press("Home")
    assert page.get_attribute("#position", "aria-valuetext").startswith("0:00, ")
    assert before.startswith("0:12, ")


@needs_browser
@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: `make space-packages`")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(page, tmp_path, scheme):
    page.emulate_media(color_scheme=scheme)
    page.evaluate(AXE.read_text())
    complaints = page.evaluate("axe.run()")["violations"]
    page.evaluate("document.querySelector('details').open = true")
    open_recording(page, write_csv(tmp_path / "up.csv"), acceleration_unit="g", gravity="included")
    page.wait_for_selector("#timeline:not([hidden])")
    page.fill("#activity", "sqats")
    page.press("#activity", "Enter")
    complaints += page.evaluate("axe.run()")["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in complaints] == []


def test_logit_scale_is_the_models(folder, joint):
    settings = json.loads((folder / "settings.json").read_text())
    scale = MujoModel.from_pretrained(joint).clamped_logit_scale().item()
    assert settings["logitScale"] == pytest.approx(scale)
