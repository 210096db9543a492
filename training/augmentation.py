"""Augmentation in batch on the device: poses → varied poses and what varied sensors on them would read."""

import itertools
import math
from collections.abc import Collection
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from dataset_scripts.fimad.imu_simulation import DEFAULT_ALONG, SensorModel, apply_sensor_model, simulate_imu
from dataset_scripts.fimad.skeleton import MIRROR, SAMPLING_RATE
from modeling_mujo import MODALITIES, PLACEMENTS


@dataclass(frozen=True)
class AugmentationSettings:
    """How far augmentation goes. Angles in degrees, lengths in metres, frequencies in Hz."""

    any_mounting_share: float = 0.3
    pocket_share: float = 0.8
    pocket_twist: float = 40.0
    mounting_noise: float = 15.0
    along_noise: float = 0.1
    skin_distance: float = 0.08
    body_scale: float = 0.1
    cutoffs: tuple[float, ...] = (9.0, 13.0, 18.0)
    unknown_placement_share: float = 0.4
    missing_gyroscope_share: float = 0.5
    sensor_counts: tuple[float, ...] = (0.8, 0.15, 0.05)  # chance of one, two, three sensors
    usual_placement_share: float = 0.9
    movement_gain: tuple[float, float] = (0.7, 1.4)
    calm_below: float = 1.5  # m/s², standard deviation of the specific force
    calm_gain: tuple[float, float] = (0.1, 1.0)
    real_movement_gain: tuple[float, float] = (0.7, 1.5)
    real_turn: float = 15.0
    real_pace: tuple[float, float] = (0.8, 1.25)
    loose_share: float = 0.7
    loose_frequency: tuple[float, float] = (8.0, 14.0)
    loose_damping: tuple[float, float] = (0.15, 0.5)
    loose_coupling: float = 1.0
    pocket_along: float = 0.2  # of the thigh from the hip
    pocket_in_front: float = 2.0  # standard deviations of the direction around the thigh
    pocket_lag: tuple[float, float] = (0.01, 0.05)  # seconds
    pocket_compliance: float = 0.012  # rad per m/s²
    fidget_share: float = 0.7
    fidget_rate: tuple[float, float] = (0.005, 0.15)  # rad/s, standard deviation


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


def pocket_rotations() -> Tensor:
    """The 4 ways a phone lies in a trouser pocket `(4, 3, 3)`: top up or down, screen towards or away from the leg.

    Axes of the phone (x right, y to its top, z out of the screen: Android's and iOS's) in those of the thigh (x
    forward, y up along it).
    """
    ways = []
    for top, screen in itertools.product((1.0, -1.0), repeat=2):
        along, outwards = torch.tensor([0.0, top, 0.0]), torch.tensor([screen, 0.0, 0.0])
        ways.append(torch.stack([torch.linalg.cross(along, outwards), along, outwards]))
    return torch.stack(ways)


THIGHS = tuple(PLACEMENTS.index(name) for name in ("left_thigh", "right_thigh"))


def at_thigh(placement_ids: Tensor) -> Tensor:
    """Whether a device is worn at a thigh, bool."""
    return torch.isin(placement_ids, torch.tensor(THIGHS, device=placement_ids.device))


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

    def log_uniform(self, bounds: tuple[float, float], *shape: int) -> Tensor:
        low, high = (math.log(bound) for bound in bounds)
        return torch.exp(low + (high - low) * self.uniform(*shape))

    def mountings(self, placement_ids: Tensor) -> Tensor:
        """
        Rotations segment → sensor `(*placement_ids.shape, 3, 3)`.

        Most devices lie along a limb in one of the 24 ways a box can, give or take some degrees: an encoder that must
        tell postures apart may not learn to ignore gravity. On the thigh that is mostly a phone in a pocket, which
        lies in one of 4 ways, turned somewhat around the leg: only this tells sitting from standing when neither
        moves. The rest are turned in any way.
        """
        shape = placement_ids.shape
        boxes = axis_aligned_rotations().to(self.device)[self.choice(24, *shape)]
        twist = torch.zeros(*shape, 3, device=self.device)
        twist[..., 1] = math.radians(self.settings.pocket_twist) * self.normal(*shape)
        pocket = pocket_rotations().to(self.device)[self.choice(4, *shape)] @ rotation_vectors_to_matrices(twist)
        in_pocket = at_thigh(placement_ids) & self.chance(self.settings.pocket_share, *shape)
        noise = math.radians(self.settings.mounting_noise) * self.normal(*shape, 3)
        likely = rotation_vectors_to_matrices(noise) @ torch.where(in_pocket[..., None, None], pocket, boxes)
        anyhow = torch.linalg.qr(self.normal(*shape, 3, 3)).Q
        anyhow = anyhow * torch.linalg.det(anyhow).sign()[..., None, None]
        turned = self.chance(self.settings.any_mounting_share, *shape) & ~in_pocket
        return torch.where(turned[..., None, None], anyhow, likely)

    def offsets(self, placement_ids: Tensor) -> Tensor:
        """
        Where devices lie beside the bone `(*placement_ids.shape, 3)`, metres, in axes of the segment.

        Anywhere around it, at `skin_distance`; in front of the thigh, mostly, where trousers have their pockets.
        """
        direction = self.normal(*placement_ids.shape, 3)
        direction[..., 0] += self.settings.pocket_in_front * at_thigh(placement_ids)
        return F.normalize(direction, dim=-1) * self.settings.skin_distance

    def sensor_model(self, *shape: int) -> SensorModel:
        """Imperfections as consumer devices have them; ranges from data sheets of phone and watch IMUs."""
        return SensorModel(
            accelerometer_noise_density=10 ** (-3.0 + 1.5 * self.uniform(*shape, 1)),
            gyroscope_noise_density=10 ** (-4.0 + 1.5 * self.uniform(*shape, 1)),
            accelerometer_bias=0.15 * self.normal(*shape, 3),
            gyroscope_bias=0.005 * self.normal(*shape, 3),
            accelerometer_scale_error=0.01 * self.normal(*shape, 3),
            gyroscope_scale_error=0.01 * self.normal(*shape, 3),
            accelerometer_range=torch.tensor([2.0, 4.0, 8.0, 16.0], device=self.device)[self.choice(4, *shape, 1)]
            * 9.80665,
        )

    def movement(self, imu: Tensor, gain: tuple[float, float]) -> Tensor:
        """
        Strengthen or weaken what changes in `(batch, sensors, time, 6)`, leaving the mean, hence gravity, alone.

        Bodies that are smoothed and rigid move less sharply than people with loose devices, and people differ.
        """
        mean = imu.mean(dim=2, keepdim=True)
        return mean + self.log_uniform(gain, *imu.shape[:2])[..., None, None] * (imu - mean)

    def calm(self, imu: Tensor) -> Tensor:
        """
        Quieten who hardly moves, the more the stiller: nobody generated stands as still as people do.

        At the thigh the specific force of standing people varies by 0.26 m/s² (median; sitting 0.09) and that of
        generated ones by 0.85 (0.31) without this.
        """
        mean = imu.mean(dim=2, keepdim=True)
        liveliness = (imu - mean)[..., :3].square().sum(-1).mean(2).sqrt()
        stillness = (1 - liveliness / self.settings.calm_below).clamp(min=0)
        factor = self.log_uniform(self.settings.calm_gain, *imu.shape[:2]) ** stillness
        return mean + factor[..., None, None] * (imu - mean)

    def loose(self, imu: Tensor, sampling_rate: float) -> Tensor:
        """
        Let some devices rattle: the body drives them through a damped spring, `(batch, sensors, time, 6)`.

        Transmissibility of base excitation, `(1 + 2iζr) / (1 - r² + 2iζr)` at `r = f / f₀` (Rao, Mechanical
        Vibrations, section 3.6); it is 1 at 0 Hz, so gravity stays. What the spring adds of specific force goes in
        other directions as well: no mounting gives way along one line.
        """
        shape = (*imu.shape[:2], 1, 1)
        resonance = self.log_uniform(self.settings.loose_frequency, *shape)
        damping = self.log_uniform(self.settings.loose_damping, *shape)
        frequencies = torch.fft.rfftfreq(imu.shape[2], 1 / sampling_rate, device=self.device)[:, None]
        ratio = frequencies / resonance
        spring = torch.complex(torch.ones_like(ratio), 2 * damping * ratio)
        added = torch.fft.rfft(imu, dim=2) * (spring / (spring - ratio.square()) - 1)
        force, angular_velocity = torch.fft.irfft(added, n=imu.shape[2], dim=2).split(3, dim=-1)
        aside = self.settings.loose_coupling * self.normal(*imu.shape[:2], 3, 3)
        rattling = torch.cat([force + force @ aside, angular_velocity], dim=-1)
        return imu + rattling * self.chance(self.settings.loose_share, *shape)

    def pocket(self, imu: Tensor, placement_ids: Tensor, sampling_rate: float) -> Tensor:
        """
        Let what is worn at the thigh turn in its pocket, `(batch, sensors, time, 6)`: it lags behind the leg, and is
        pushed round by what it is shaken with.

        Its angle against the leg, `θ`, is that of an overdamped pendulum, `τ dθ/dt + θ = c × f - τ ω`, with the body's
        angular velocity `ω` and the changing part of the specific force `f`: cloth gives way by `c`, and evens out all
        turning above `1 / (2πτ)`. For small `θ` the device feels `f - θ × f` and turns with `ω + dθ/dt`.
        """
        force, angular_velocity = imu.split(3, dim=-1)
        shape = (*imu.shape[:2], 1, 1)
        lag = self.log_uniform(self.settings.pocket_lag, *shape)
        compliance = self.settings.pocket_compliance * self.normal(*imu.shape[:2], 1, 3)
        push = torch.linalg.cross(compliance.expand_as(force), force - force.mean(dim=2, keepdim=True))
        turning = 2j * math.pi * torch.fft.rfftfreq(imu.shape[2], 1 / sampling_rate, device=self.device)[:, None]
        driven = torch.fft.rfft(push, dim=2) - lag * torch.fft.rfft(angular_velocity, dim=2)
        angle = driven / (1 + turning * lag) * (turning != 0)
        rate = torch.fft.irfft(turning * angle, n=imu.shape[2], dim=2)
        angle = torch.fft.irfft(angle, n=imu.shape[2], dim=2)
        pocketed = torch.cat([force - torch.linalg.cross(angle, force), angular_velocity + rate], dim=-1)
        return torch.where(at_thigh(placement_ids)[..., None, None], pocketed, imu)

    def fidget(self, imu: Tensor, sampling_rate: float) -> Tensor:
        """
        Turn most sensors a little to and fro, slower than 3 Hz, as people who sit and stand still do not quite.

        For a small rotation `θ(t)` of the sensor, the specific force `f` becomes `f - θ × f`, and `dθ/dt` is added to
        the angular velocity.
        """
        shape = (*imu.shape[:2], 1, 1)
        time = imu.shape[2]
        frequencies = torch.fft.rfftfreq(time, 1 / sampling_rate, device=self.device)[:, None]
        band = (frequencies > 0) & (frequencies < 3.0)
        rate = torch.fft.irfft(torch.fft.rfft(self.normal(*imu.shape[:3], 3), dim=2) * band, n=time, dim=2)
        strength = self.log_uniform(self.settings.fidget_rate, *shape)
        strength = strength * self.chance(self.settings.fidget_share, *shape)
        rate = strength * rate / rate.std(dim=2, keepdim=True).clamp(min=1e-6)
        angle = rate.cumsum(dim=2) / sampling_rate
        angle = angle - angle.mean(dim=2, keepdim=True)
        force, angular_velocity = imu.split(3, dim=-1)
        return torch.cat([force - torch.linalg.cross(angle, force), angular_velocity + rate], dim=-1)

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
        along = torch.where(at_thigh(placement_ids), self.settings.pocket_along, along)
        cutoff = self.settings.cutoffs[int(self.choice(len(self.settings.cutoffs), 1))]
        imu = simulate_imu(
            pose,
            placement_ids,
            sampling_rate=sampling_rate,
            along=along + self.settings.along_noise * self.normal(*shape),
            offset=self.offsets(placement_ids),
            mounting=self.mountings(placement_ids),
            cutoff=cutoff,
        )
        imu = self.loose(self.pocket(imu, placement_ids, sampling_rate), sampling_rate)
        imu = self.calm(self.movement(imu, self.settings.movement_gain))
        imu = apply_sensor_model(
            self.fidget(imu, sampling_rate),
            self.sensor_model(*shape),
            sampling_rate=sampling_rate,
            generator=self.generator,
        )
        channels = torch.ones(*shape, 2, dtype=torch.bool, device=self.device)
        return self.described(imu, channels, placement_ids)

    def worn(self, imu: Tensor, channels: Tensor, placement_ids: Tensor) -> dict[str, Tensor]:
        """
        One view of real recordings `(batch, 1, time, 6)`, in axes of the body segment where those are known: the
        device is put on another way. `channels` `(batch, 1, 2)` tells what it measured.
        """
        turn = self.mountings(placement_ids).transpose(-1, -2)
        imu = torch.cat([part @ turn for part in imu.split(3, dim=-1)], dim=-1)
        return self.described(self.movement(imu, self.settings.real_movement_gain), channels, placement_ids)

    def described(self, imu: Tensor, channels: Tensor, placement_ids: Tensor) -> dict[str, Tensor]:
        """Model inputs in which some gyroscopes are missing and some placements unknown."""
        gyroscope = channels[..., 1] & ~self.chance(self.settings.missing_gyroscope_share, *placement_ids.shape)
        known = ~self.chance(self.settings.unknown_placement_share, *placement_ids.shape)
        return {
            "imu_values": imu,
            "imu_channel_mask": torch.stack([channels[..., 0], gyroscope], dim=-1),
            "placement_ids": placement_ids * known,
        }

    def others(self, imu: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """
        Recordings `(batch, sensors, time, 6)` and their mask `(batch, sensors, time)` as others would have given them:
        the sensor is turned a little, they move harder or gentler, and all faster or slower, at one pace.

        Whoever moves faster fills less of the window; whoever moves slower is cut off.
        """
        turn = rotation_vectors_to_matrices(
            math.radians(self.settings.real_turn) * self.normal(*imu.shape[:2], 3)
        ).transpose(-1, -2)
        imu = torch.cat([part @ turn for part in imu.split(3, dim=-1)], dim=-1)
        real = mask[..., None].to(imu.dtype)
        mean = (imu * real).sum(dim=2, keepdim=True) / real.sum(dim=2, keepdim=True).clamp(min=1)
        gain = self.log_uniform(self.settings.real_movement_gain, *imu.shape[:2])[..., None, None]
        imu = (mean + gain * (imu - mean)) * real
        pace = float(self.log_uniform(self.settings.real_pace, 1))
        time, played = imu.shape[2], round(imu.shape[2] / pace)
        imu = resample(imu.transpose(1, 2), played).transpose(1, 2)
        imu = torch.cat([imu[..., :3], pace * imu[..., 3:]], dim=-1)
        mask = resample(mask.transpose(1, 2).float(), played).transpose(1, 2) > 0.99
        missing = max(time - played, 0)
        return F.pad(imu, (0, 0, 0, missing))[:, :, :time], F.pad(mask, (0, missing))[:, :, :time]

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
    modalities: Collection[str] = MODALITIES,
) -> dict[str, Tensor | int]:
    """
    Model inputs of one training step from a batch of `PretrainingBatches`.

    Every clip is played `speed` times as fast, and worn twice: two IMU views with sensors drawn apart. Real
    recordings, where the batch has some, follow the clips of each view, worn twice as well; they have neither pose nor
    video. Views that are not among `modalities` are given as absent.
    """
    pose = augmentation.pose(batch["pose_values"])
    sensors = augmentation.number_of_sensors()
    length = round(pose.shape[1] / speed)
    mask = resample(batch["pose_attention_mask"].float(), length) > 0.99
    views = []
    for _ in range(2):
        view = augmentation.imu(pose, SAMPLING_RATE * speed, sensors)
        view["imu_values"] = resample(view["imu_values"].transpose(1, 2), length).transpose(1, 2)
        view["imu_attention_mask"] = mask[:, None].expand(-1, sensors, -1)
        if "real_imu_values" in batch:
            view = append_rows(view, real_view(batch, speed, length, augmentation, sensors))
        views.append(view)
    imu = {name: torch.cat([view[name] for view in views]) for name in views[0]}

    rows = len(batch["text_ids"])
    without_pose = rows - pose.shape[0]
    present = torch.ones(rows, 4, dtype=torch.bool, device=pose.device)
    present[:, 1:] = ~augmentation.chance(modality_dropout, rows, 3)
    present[pose.shape[0] :, 1:3] = False
    present &= torch.tensor([name in modalities for name in MODALITIES], device=pose.device)
    return {
        **imu,
        "masked_patches": augmentation.masked_patches(masked_share, 2 * rows, sensors, -(-length // patch_size)),
        "pose_values": F.pad(resample(pose, length), (0, 0) * 3 + (0, without_pose)),
        "pose_attention_mask": F.pad(mask, (0, 0, 0, without_pose)),
        "modality_mask": present,
        "text_ids": batch["text_ids"],
        "imu_views": 2,
    }


def real_view(
    batch: dict[str, Tensor], speed: float, length: int, augmentation: Augmentation, sensors: int
) -> dict[str, Tensor]:
    """
    One view of the real recordings of a batch, played `speed` times as fast in `length` samples, with absent sensors
    beside the one they have. Who moves faster turns faster; how much harder is left to the gain of the movement.
    """
    imu = resample(batch["real_imu_values"], length)
    imu = torch.cat([imu[..., :3], speed * imu[..., 3:]], dim=-1)
    view = augmentation.worn(imu[:, None], batch["real_channel_mask"][:, None], batch["real_placement_ids"][:, None])
    view["imu_attention_mask"] = resample(batch["real_attention_mask"].float(), length)[:, None] > 0.99
    absent = sensors - 1
    return {
        name: torch.cat([value, value.new_zeros(len(value), absent, *value.shape[2:])], dim=1)
        for name, value in view.items()
    }


def append_rows(view: dict[str, Tensor], more: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: torch.cat([value, more[name]]) for name, value in view.items()}
