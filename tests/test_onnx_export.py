"""ONNX files of the IMU encoder: as torch in both precisions, refused if not, and nothing of this machine in them."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from modeling_mujo import MujoImuConfig, MujoImuFeatureExtractor, MujoImuModel
from publishing import onnx_export
from publishing.onnx_export import FILES, export_imu_encoder, one_core_session
from tests.small_pipelines import SI, recording


@pytest.fixture(scope="module")
def encoder():
    return MujoImuModel.from_pretrained(Path(__file__).parents[1] / "mujo" / "imu-encoder").eval()


@pytest.fixture(scope="module")
def exported(encoder, tmp_path_factory):
    output = tmp_path_factory.mktemp("onnx")
    return output, export_imu_encoder(encoder, output)


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-5), ("int8", 0.05)])
def test_session_takes_what_the_extractor_gives(encoder, exported, precision, tolerance):
    output, agreements = exported
    features = MujoImuFeatureExtractor()(recording(seconds=3.1), placement="left_wrist", window_seconds=4.0, **SI)
    inputs = {name: features[name] for name in MujoImuFeatureExtractor.model_input_names}
    (embeds,) = one_core_session(output / FILES[precision]).run(["embeds"], inputs)
    with torch.no_grad():
        expected = encoder(**{name: torch.as_tensor(value) for name, value in inputs.items()}).embeds.numpy()
    np.testing.assert_allclose(embeds, expected, atol=tolerance)
    assert agreements[precision].difference < tolerance


def test_eight_bits_make_a_smaller_file(exported):
    _, agreements = exported
    assert agreements["int8"].bytes < 0.8 * agreements["fp32"].bytes
    assert agreements["int8"].cosine < agreements["fp32"].cosine  # these are not the same weights


def test_files_tell_nothing_of_this_machine(exported):
    output, _ = exported
    root = str(Path(onnx_export.__file__).parent).encode()
    for file in FILES.values():
        onnx.checker.check_model(output / file)
        assert root not in (output / file).read_bytes()


def test_weights_that_differ_are_refused_and_removed(encoder, tmp_path, monkeypatch):
    monkeypatch.setitem(onnx_export.LEAST_COSINE, "int8", 1.0)
    with pytest.raises(ValueError, match=r"imu_encoder_int8\.onnx differs from torch"):
        export_imu_encoder(encoder, tmp_path)
    assert not (tmp_path / FILES["int8"]).exists()


def test_encoder_in_training_mode_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"call encoder\.eval"):
        export_imu_encoder(MujoImuModel(MujoImuConfig()).train(), tmp_path)
