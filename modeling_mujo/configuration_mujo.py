# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Names and configurations of MuJo: joints, sensor placements and the five model configs."""

# Human3.6M order. Every pose in this project is `(..., 17, 3)` in this order, metres, z up.
JOINTS = (
    "pelvis",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "spine",
    "thorax",
    "neck",
    "head",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
)

# `placement_ids` index this tuple; 0 is for a sensor whose place on the body is not known.
PLACEMENTS = (
    "unknown",
    "head",
    "chest",
    "pelvis",
    "left_upper_arm",
    "right_upper_arm",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
    "left_thigh",
    "right_thigh",
    "left_shank",
    "right_shank",
    "left_ankle",
    "right_ankle",
    "left_foot",
    "right_foot",
)
