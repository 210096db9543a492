# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""MuJo: one feature space for wearable IMU, 3D pose, video and words. Importing it registers the Auto classes."""

from typing import TYPE_CHECKING, Any

from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioClassification,
    AutoProcessor,
)
from transformers.pipelines import PIPELINE_REGISTRY

from .configuration_mujo import (
    JOINTS,
    MODALITIES,
    PLACEMENTS,
    MujoConfig,
    MujoImuConfig,
    MujoPoseConfig,
    MujoTextConfig,
    MujoVideoConfig,
)
from .encoders_mujo import MujoImuModel, MujoPoseModel, MujoTextModel, MujoVideoModel
from .feature_extraction_mujo import MujoImuFeatureExtractor
from .modeling_mujo import MujoForImuClassification, MujoModel, MujoOutput
from .pipeline_mujo import ImuClassificationPipeline, ZeroShotImuClassificationPipeline
from .pose_extraction_mujo import MujoPoseFeatureExtractor
from .processing_mujo import MujoProcessor

if TYPE_CHECKING:
    from .embedding_mujo import MujoEmbedder

# Installed users: `AutoModel.from_pretrained(folder)` finds the classes by `model_type`.
for _config, _model in (
    (MujoImuConfig, MujoImuModel),
    (MujoPoseConfig, MujoPoseModel),
    (MujoVideoConfig, MujoVideoModel),
    (MujoTextConfig, MujoTextModel),
    (MujoConfig, MujoModel),
):
    AutoConfig.register(_config.model_type, _config)
    AutoModel.register(_config, _model)
    # Everybody else: saved folders carry this code and load it with `trust_remote_code=True`.
    _config.register_for_auto_class("AutoConfig")
    _model.register_for_auto_class("AutoModel")

# transformers has no Auto class for classifying time series; that for audio has the same inputs and outputs.
AutoModelForAudioClassification.register(MujoImuConfig, MujoForImuClassification)
MujoForImuClassification.register_for_auto_class("AutoModelForAudioClassification")
for _config, _extractor in ((MujoImuConfig, MujoImuFeatureExtractor), (MujoPoseConfig, MujoPoseFeatureExtractor)):
    AutoFeatureExtractor.register(_config, _extractor)
    _extractor.register_for_auto_class("AutoFeatureExtractor")
AutoProcessor.register(MujoConfig, MujoProcessor)
MujoProcessor.register_for_auto_class("AutoProcessor")

# `pipeline.save_pretrained(folder)` writes these into the config, for those who have the folder and not the package.
PIPELINE_REGISTRY.register_pipeline(
    "imu-classification", ImuClassificationPipeline, pt_model=AutoModelForAudioClassification
)
PIPELINE_REGISTRY.register_pipeline(
    "zero-shot-imu-classification", ZeroShotImuClassificationPipeline, pt_model=AutoModel
)


def __getattr__(name: str) -> Any:
    # Imported on demand: scikit-learn is not needed for anything else here.
    if name == "MujoEmbedder":
        from .embedding_mujo import MujoEmbedder

        return MujoEmbedder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "JOINTS",
    "MODALITIES",
    "PLACEMENTS",
    "ImuClassificationPipeline",
    "MujoConfig",
    "MujoEmbedder",
    "MujoForImuClassification",
    "MujoImuConfig",
    "MujoImuFeatureExtractor",
    "MujoImuModel",
    "MujoModel",
    "MujoOutput",
    "MujoPoseConfig",
    "MujoPoseFeatureExtractor",
    "MujoPoseModel",
    "MujoProcessor",
    "MujoTextConfig",
    "MujoTextModel",
    "MujoVideoConfig",
    "MujoVideoModel",
    "ZeroShotImuClassificationPipeline",
]
