"""Embed a recording with a MuJo encoder: `python examples/embed_recording.py outputs/mujo/imu-encoder`."""

import sys

import numpy as np
from transformers import AutoFeatureExtractor, AutoModel

import modeling_mujo  # noqa: F401  registers the Auto classes

folder = sys.argv[1]
extractor = AutoFeatureExtractor.from_pretrained(folder)
model = AutoModel.from_pretrained(folder).eval()

# Ten seconds of a watch at 100 Hz on an arm that swings: accelerometer xyz in g, gyroscope xyz in deg/s.
time = np.arange(1000) / 100
swing = 40 * np.pi / 180 * np.sin(2 * np.pi * time)
rate = np.gradient(swing, time) * 180 / np.pi
recording = np.stack([np.sin(swing), np.cos(swing), 0 * time, 0 * time, 0 * time, rate], axis=1)

inputs = extractor(
    recording,
    sampling_rate=100,
    acceleration_unit="g",
    gyroscope_unit="deg/s",
    gravity="included",
    placement="left_wrist",
    window_seconds=4.0,
    return_tensors="pt",
)
outputs = model(**{name: inputs[name] for name in extractor.model_input_names})
print(f"encoder: {folder}, pretrained for {model.config.pretrained_steps} steps")
print(f"embeddings of {len(outputs.embeds)} windows of 4 s: {tuple(outputs.embeds.shape)}")
print("the first one begins", outputs.embeds[0, :8].detach().numpy().round(3))
