# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""MuJo: one feature space for wearable IMU, 3D pose, video and words. Importing it registers the Auto classes."""

from transformers import AutoConfig, AutoFeatureExtractor, AutoModel, AutoModelForAudioClassification

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
AutoFeatureExtractor.register(MujoImuConfig, MujoImuFeatureExtractor)
MujoImuFeatureExtractor.register_for_auto_class("AutoFeatureExtractor")

__all__ = [
    "JOINTS",
    "MODALITIES",
    "PLACEMENTS",
    "MujoConfig",
    "MujoForImuClassification",
    "MujoImuConfig",
    "MujoImuFeatureExtractor",
    "MujoImuModel",
    "MujoModel",
    "MujoOutput",
    "MujoPoseConfig",
    "MujoPoseModel",
    "MujoTextConfig",
    "MujoTextModel",
    "MujoVideoConfig",
    "MujoVideoModel",
]
