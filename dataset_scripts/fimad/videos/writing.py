"""Results of the stages → the data set: rows in Parquet, a picture of a few clips, and the card."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from dataset_scripts.dataset_card import CardConfig, DatasetCardContent, write_card
from dataset_scripts.fimad.columns import COLUMN_MEANINGS, clip_row, fimad_features
from dataset_scripts.fimad.fimad import CITATION, LIMITS, is_validation_subject
from dataset_scripts.fimad.skeleton import MotionClip
from dataset_scripts.fimad.videos import steps
from dataset_scripts.fimad.videos.clips import Clip
from dataset_scripts.fimad.videos.preview import MAX_CLIPS, PreviewClip, draw_preview
from dataset_scripts.shards import write_split

_MAX_SOURCES = 20  # that the card names one by one


class ClipParts(NamedTuple):
    """A clip and the files that the stages made of it."""

    clip: Clip
    text: Path
    landmarks: Path
    pose: Path
    features: Path
    imu: Path


def clip_rows(parts: ClipParts) -> Iterator[dict[str, Any]]:
    """Rows of FiMAD, one for each track of the clip's pose."""
    clip, text, tracks = parts.clip, steps.read_text(parts.text), steps.read_tracks(parts.pose)
    for segment, (track, imu) in enumerate(zip(tracks, steps.read_imu(parts.imu, tracks), strict=True)):
        motion = MotionClip(
            recording_id=clip.video_id,
            clip_index=clip.chapter_id,
            segment_index=segment,
            subject=clip.video_id,  # who moves is not known, save that a video shows few people
            title=text.title,
            normalized_title=text.normalized_title,
            side=text.side,
            description=text.description,
            pose=track.pose,
            source=clip.source,
            license=clip.license,
            source_rate=clip.fps,
            start=track.start,
            end=track.end,
            detected_share=track.detected_share,
            visibility=track.visibility,
            quality=track.quality,
        )
        features = steps.read_image_features(parts.features, track.start, track.end)
        # the row tells how rigid the estimate was, before its bones were made so
        yield clip_row(motion, imu, features, text.subtitles) | {
            "pose_bone_length_variation": track.bone_length_variation
        }


def write_dataset(
    clips: Sequence[ClipParts],
    output: Path,
    official_split: Mapping[str, str] | None,
    dropped: Mapping[str, int],
    how_made: str,
    max_shard_bytes: int,
) -> Path:
    """Write `data/`, `preview.png` and, when all else is there, `README.md`; the same input gives the same bytes.

    Args:
        clips: at least one, in the order of their ids.
        output: folder of the data set.
        official_split: clip id → split; None splits by the videos' names.
        dropped: what was left out by reason, for the card.
        how_made: paragraph of the card.
        max_shard_bytes: of a Parquet file.

    Returns:
        The card.
    """
    output.mkdir(parents=True, exist_ok=True)
    features = fimad_features(steps.image_feature_size(clips[0].features))
    for split in ("train", "validation"):
        members = [parts for parts in clips if _split_of(parts.clip, official_split) == split]
        write_split((row for parts in members for row in clip_rows(parts)), features, output, split, max_shard_bytes)
    draw_preview([_preview(parts) for parts in _showpieces(clips)], output / "preview.png")
    return write_card(output, _card(clips, dropped, how_made))


def _split_of(clip: Clip, official_split: Mapping[str, str] | None) -> str:
    if official_split is not None:
        return official_split[clip.clip_id]
    return "validation" if is_validation_subject(clip.video_id) else "train"


def _showpieces(clips: Sequence[ClipParts]) -> list[ClipParts]:
    """Clips with the best pose, each of another video."""
    quality = {parts.clip.clip_id: max(track.quality for track in steps.read_tracks(parts.pose)) for parts in clips}
    best: dict[str, ClipParts] = {}
    for parts in sorted(clips, key=lambda parts: (-quality[parts.clip.clip_id], parts.clip.clip_id)):
        best.setdefault(parts.clip.video_id, parts)
    return list(best.values())[:MAX_CLIPS]


def _preview(parts: ClipParts) -> PreviewClip:
    """The longest track of a clip."""
    text, tracks = steps.read_text(parts.text), steps.read_tracks(parts.pose)
    number = max(range(len(tracks)), key=lambda number: len(tracks[number].pose))
    track, imu = tracks[number], steps.read_imu(parts.imu, tracks)[number]
    landmarks, keyframes = steps.read_landmarks(parts.landmarks)
    shown = (keyframes.times >= track.start) & (keyframes.times <= track.end)
    return PreviewClip(
        title=text.title,
        normalized_title=text.normalized_title,
        description=text.description,
        keyframes=[_decode(keyframes.pictures[index]) for index in np.flatnonzero(shown)],
        keyframe_times=keyframes.times[shown] - track.start,
        landmarks=landmarks.image[np.searchsorted(landmarks.times, keyframes.times[shown])],
        pose=track.pose,
        imu=imu,
    )


def _decode(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)))


def _card(clips: Sequence[ClipParts], dropped: Mapping[str, int], how_made: str) -> DatasetCardContent:
    sources = {parts.clip.source: parts.clip.license for parts in clips}
    licenses = Counter(sources.values())
    told = (Counter(steps.read_text(parts.text).description_source for parts in clips)).most_common()
    descriptions = ", ".join(f"{count:,} from {source}" for source, count in told)
    if len(sources) > _MAX_SOURCES:
        sources = {f"{count:,} videos, named in `source`": license for license, count in sorted(licenses.items())}
    return DatasetCardContent(
        title="FiMAD from videos",
        summary="Human movement in four views: 3D pose and image features from videos, simulated IMU, and words.",
        how_made=f"{how_made} Descriptions: {descriptions}.",
        citation=CITATION,
        license=next(iter(licenses)).lower() if len(licenses) == 1 and "unknown" not in licenses else "other",
        sources=sources,
        configs=(CardConfig(column_meanings=COLUMN_MEANINGS),),
        dropped=dropped,
        limits=LIMITS,
    )
