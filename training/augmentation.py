"""Augmentation in batch on the device: poses → varied poses and what varied sensors on them would read."""

import itertools
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from dataset_scripts.fimad.imu_simulation import DEFAULT_ALONG, SensorModel, apply_sensor_model, simulate_imu
from dataset_scripts.fimad.skeleton import MIRROR, SAMPLING_RATE
from modeling_mujo import PLACEMENTS


@dataclass(frozen=True)
class AugmentationSettings:
    """How far augmentation goes. Angles in degrees, lengths in metres, frequencies in Hz."""

    any_mounting_share: float = 0.3
    mounting_noise: float = 15.0
    along_noise: float = 0.1
    skin_distance: float = 0.06
    body_scale: float = 0.1
    cutoffs: tuple[float, ...] = (6.0, 9.0, 13.0, 18.0)
    unknown_placement_share: float = 0.4
    missing_gyroscope_share: float = 0.2
    sensor_counts: tuple[float, ...] = (0.8, 0.15, 0.05)  # chance of one, two, three sensors
    usual_placement_share: float = 0.6
    movement_gain: tuple[float, float] = (0.8, 1.6)


# Where people wear sensors: watches, phones in pockets, chest straps, belts and shoe or ankle pods.
USUAL_PLACEMENTS = (
    "left_wrist",
    "right_wrist",
    "left_thigh",
    "right_thigh",
    "chest",
    "pelvis",
    "left_ankle",
    "right_ankle",
)


def rotation_vectors_to_matrices(vectors: Tensor) -> Tensor:
    """Rotation vectors `(..., 3)` in rad → rotation matrices `(..., 3, 3)`."""
    skew = vectors.new_zeros(*vectors.shape, 3)
    skew[..., 0, 1], skew[..., 0, 2], skew[..., 1, 2] = -vectors[..., 2], vectors[..., 1], -vectors[..., 0]
    return torch.linalg.matrix_exp(skew - skew.transpose(-1, -2))


def axis_aligned_rotations() -> Tensor:
    """The 24 rotations that carry axes to axes `(24, 3, 3)`: the ways a box can lie along a limb."""
    rotations = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            matrix = torch.diag(torch.tensor(signs))[list(order)]
            if torch.linalg.det(matrix) > 0:
                rotations.append(matrix)
    return torch.stack(rotations)


class Augmentation:
    """
    Everything random about a batch, drawn from one `torch.Generator`, on the device of the poses.

    Args:
        settings: how far it goes.
        generator: source of randomness, on the same device as the tensors; equal seeds give equal batches.
    """

    def __init__(self, settings: AugmentationSettings, generator: torch.Generator):
        self.settings, self.generator, self.device = settings, generator, generator.device

    def uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator, device=self.device)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def chance(self, share: float, *shape: int) -> Tensor:
        """Bool tensor, True with probability `share`."""
        return self.uniform(*shape) < share

    def choice(self, count: int, *shape: int) -> Tensor:
        return torch.randint(count, shape, generator=self.generator, device=self.device)

    def pose(self, pose: Tensor) -> Tensor:
        """Turn, mirror and scale `(batch, time, 17, 3)` poses; floor and gravity stay where they are."""
        batch = pose.shape[0]
        mirrored = pose[:, :, list(MIRROR)] * pose.new_tensor([-1.0, 1.0, 1.0])
        pose = torch.where(self.chance(0.5, batch)[:, None, None, None], mirrored, pose)
        heading = self.normal(batch, 3) * 0
        heading[:, 2] = 2 * math.pi * self.uniform(batch)
        pose = pose @ rotation_vectors_to_matrices(heading).transpose(1, 2)[:, None]
        size = 1 + self.settings.body_scale * (2 * self.uniform(batch) - 1)
        return pose * size[:, None, None, None]

    def mountings(self, *shape: int) -> Tensor:
        """
        Rotations segment → sensor `(*shape, 3, 3)`.

        Most devices lie along a limb in one of the 24 ways a box can, give or take some degrees: an encoder that must
        tell postures apart may not learn to ignore gravity. The rest are turned in any way.
        """
        boxes = axis_aligned_rotations().to(self.device)[self.choice(24, *shape)]
        noise = math.radians(self.settings.mounting_noise) * self.normal(*shape, 3)
        likely = rotation_vectors_to_matrices(noise) @ boxes
        anyhow = torch.linalg.qr(self.normal(*shape, 3, 3)).Q
        anyhow = anyhow * torch.linalg.det(anyhow).sign()[..., None, None]
        return torch.where(self.chance(self.settings.any_mounting_share, *shape)[..., None, None], anyhow, likely)

    def sensor_model(self, *shape: int) -> SensorModel:
        """Imperfections as consumer devices have them; ranges from data sheets of phone and watch IMUs."""
        return SensorModel(
            accelerometer_noise_density=10 ** (-3.0 + 1.5 * self.uniform(*shape, 1)),
            gyroscope_noise_density=10 ** (-4.0 + 1.5 * self.uniform(*shape, 1)),
            accelerometer_bias=0.15 * self.normal(*shape, 3),
            gyroscope_bias=0.02 * self.normal(*shape, 3),
            accelerometer_scale_error=0.01 * self.normal(*shape, 3),
            gyroscope_scale_error=0.01 * self.normal(*shape, 3),
            accelerometer_range=torch.tensor([2.0, 4.0, 8.0, 16.0], device=self.device)[self.choice(4, *shape, 1)]
            * 9.80665,
        )

    def movement(self, imu: Tensor) -> Tensor:
        """
        Strengthen or weaken what changes in `(batch, sensors, time, 6)`, leaving the mean, hence gravity, alone.

        Smoothed, rigid bodies move less sharply than people with loose devices: the specific force at the thigh varies
        by 0.47 g in simulated and 0.59 g in real walking, by 0.76 g and 1.08 g in jogging.
        """
        low, high = (math.log(gain) for gain in self.settings.movement_gain)
        gain = torch.exp(low + (high - low) * self.uniform(*imu.shape[:2]))[..., None, None]
        mean = imu.mean(dim=2, keepdim=True)
        return mean + gain * (imu - mean)

    def number_of_sensors(self) -> int:
        weights = torch.tensor(self.settings.sensor_counts, device=self.device)
        return 1 + int(torch.multinomial(weights, 1, generator=self.generator))

    def placements(self, *shape: int) -> Tensor:
        """Placement ids `(*shape,)`, none unknown; the usual ones come up more often."""
        usual = torch.tensor([PLACEMENTS.index(name) for name in USUAL_PLACEMENTS], device=self.device)
        anywhere = 1 + self.choice(len(PLACEMENTS) - 1, *shape)
        is_usual = self.chance(self.settings.usual_placement_share, *shape)
        return torch.where(is_usual, usual[self.choice(len(usual), *shape)], anywhere)

    def imu(self, pose: Tensor, sampling_rate: float, sensors: int) -> dict[str, Tensor]:
        """
        One IMU view of `(batch, time, 17, 3)` poses given at `sampling_rate`: the model inputs `imu_values`
        `(batch, sensors, time, 6)` at that rate, `imu_channel_mask` and `placement_ids`.
        """
        shape = (pose.shape[0], sensors)
        placement_ids = self.placements(*shape)
        along = torch.tensor([0.0, *DEFAULT_ALONG.values()], device=self.device)[placement_ids]
        cutoff = self.settings.cutoffs[int(self.choice(len(self.settings.cutoffs), 1))]
        imu = simulate_imu(
            pose,
            placement_ids,
            sampling_rate=sampling_rate,
            along=along + self.settings.along_noise * self.normal(*shape),
            offset=F.normalize(self.normal(*shape, 3), dim=-1) * self.settings.skin_distance,
            mounting=self.mountings(*shape),
            cutoff=cutoff,
        )
        imu = apply_sensor_model(
            self.movement(imu), self.sensor_model(*shape), sampling_rate=sampling_rate, generator=self.generator
        )
        channels = torch.ones(*shape, 2, dtype=torch.bool, device=self.device)
        channels[..., 1] = ~self.chance(self.settings.missing_gyroscope_share, *shape)
        known = ~self.chance(self.settings.unknown_placement_share, *shape)
        return {"imu_values": imu, "imu_channel_mask": channels, "placement_ids": placement_ids * known}

    def masked_patches(self, share: float, *shape: int) -> Tensor:
        """Patches to hide `(*shape,)`, in runs of about three so that they cannot be guessed from their neighbours."""
        starts = self.chance(share / 3, *shape)
        return starts | F.pad(starts[..., :-1], (1, 0)) | F.pad(starts[..., :-2], (2, 0))


def resample(signal: Tensor, length: int) -> Tensor:
    """Play `(batch, time, ...)` in `length` samples, linearly interpolated."""
    flat = signal.flatten(2) if signal.dim() > 2 else signal[..., None]
    stretched = F.interpolate(flat.transpose(1, 2), size=length, mode="linear", align_corners=True).transpose(1, 2)
    return stretched.reshape(signal.shape[0], length, *signal.shape[2:])


def two_view_inputs(
    batch: dict[str, Tensor],
    speed: float,
    augmentation: Augmentation,
    patch_size: int,
    masked_share: float,
    modality_dropout: float,
) -> dict[str, Tensor | int]:
    """
    Model inputs of one training step from a batch of `PretrainingBatches`.

    Every clip is played `speed` times as fast, and worn twice: two IMU views with sensors drawn apart.
    """
    pose = augmentation.pose(batch["pose_values"])
    mask = batch["pose_attention_mask"]
    sensors = augmentation.number_of_sensors()
    views = [augmentation.imu(pose, SAMPLING_RATE * speed, sensors) for _ in range(2)]
    imu = {name: torch.cat([view[name] for view in views]) for name in views[0]}

    length = round(pose.shape[1] / speed)
    imu_values = resample(imu["imu_values"].transpose(1, 2), length).transpose(1, 2)
    mask = resample(mask.float(), length) > 0.99
    rows = 2 * pose.shape[0]
    present = torch.ones(pose.shape[0], 4, dtype=torch.bool, device=pose.device)
    present[:, 1:] = ~augmentation.chance(modality_dropout, pose.shape[0], 3)
    return {
        "imu_values": imu_values,
        "imu_attention_mask": mask.repeat(2, 1)[:, None].expand(rows, sensors, length),
        "imu_channel_mask": imu["imu_channel_mask"],
        "placement_ids": imu["placement_ids"],
        "masked_patches": augmentation.masked_patches(masked_share, rows, sensors, -(-length // patch_size)),
        "pose_values": resample(pose, length),
        "pose_attention_mask": mask,
        "modality_mask": present,
        "text_ids": batch["text_ids"],
        "imu_views": 2,
    }
