"""Publish released models, data sets and the page on the Hub.

    python push_to_hub.py --namespace mujo --what models datasets space --dry-run
    python push_to_hub.py --namespace mujo --what models datasets space

Each folder goes to NAMESPACE/NAME-OF-THE-FOLDER. Before anything of a folder is sent, its files are checked, a model's
card is written, and the model is loaded in a process without this package and compared with its reference. Where
nothing changed there is no commit; after a failure, run it again. docs/publishing.md tells more.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi

from publishing.cards import check_tables, pretrained_steps
from publishing.folders import KINDS, check_files, find_folders, published_files
from publishing.prepare import prepare_model
from publishing.upload import Upload, login, upload, upload_script

# Where each kind is after `make release`, `python -m dataset_scripts.publish fimad --output fimad/` and `make space`.
DEFAULT_FOLDERS = {
    "models": [Path("mujo"), Path("outputs/release")],
    "datasets": [Path("fimad")],
    "space": [Path("outputs/space")],
}
LOADING_SCRIPTS = {"fimad": Path(__file__).parent / "dataset_scripts" / "fimad" / "fimad.py"}


def main(command_line: Sequence[str] | None = None) -> int:
    """Publish every folder that passes its checks; the number of those that did not."""
    arguments = _parse(command_line)
    api = HfApi()
    try:
        folders = find_folders(
            arguments.folder or [root for what in arguments.what for root in DEFAULT_FOLDERS[what]], arguments.what
        )
        if not arguments.dry_run:
            login(api, arguments.namespace)
    except (ValueError, PermissionError) as error:
        print(f"push_to_hub: {error}", file=sys.stderr)
        return 1
    failures = 0
    for kind, folder in folders:
        repository = f"{arguments.namespace}/{folder.resolve().name}"
        try:
            if kind == "model" and not pretrained_steps(folder):
                print(f"{repository}: left out, its weights are random")
                continue
            _prepare(kind, folder, repository)
            if arguments.dry_run:
                _print_files(folder, repository)
            else:
                _publish(api, kind, folder, repository, arguments)
        except Exception as error:  # the other folders can still be published
            failures += 1
            print(f"{repository}: not published, {error}", file=sys.stderr)
    return min(failures, 1)


def _parse(command_line: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--namespace", required=True, help="your name on the Hub, or your organization's")
    parser.add_argument("--what", nargs="+", choices=list(KINDS), required=True)
    told = "; ".join(f"{what}: {' and '.join(map(str, folders))}" for what, folders in DEFAULT_FOLDERS.items())
    parser.add_argument("--folder", nargs="+", type=Path, help=f"folders that are, or hold, some of these ({told})")
    parser.add_argument("--revision", default="main", help="branch; made from main if it does not exist")
    parser.add_argument("--private", action="store_true", help="make new repositories private")
    parser.add_argument("--dry-run", action="store_true", help="write the cards and check; send nothing")
    return parser.parse_args(command_line)


def _prepare(kind: str, folder: Path, repository: str) -> None:
    """Complete a model's folder; refuse any folder that fails a check."""
    if kind == "model":
        prepare_model(folder, repository)
    else:
        check_files(folder)
        check_tables((folder / "README.md").read_text(encoding="utf-8"), folder)


def _publish(api: HfApi, kind: str, folder: Path, repository: str, arguments: argparse.Namespace) -> None:
    _print(repository, upload(api, folder, repository, kind, arguments.revision, arguments.private))
    script = LOADING_SCRIPTS.get(folder.resolve().name)
    if kind == "dataset" and script is not None:
        _print(f"{repository} (loading script)", upload_script(api, script, repository))


def _print(name: str, done: Upload) -> None:
    print(f"{name}: {f'committed {done.commit}' if done.commit else 'nothing changed'}, see {done.address}")


def _print_files(folder: Path, repository: str) -> None:
    files = published_files(folder)
    print(f"{repository}: would send {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")
    for file in files:
        print(f"  {file.relative_to(folder)}")


if __name__ == "__main__":
    sys.exit(main())
