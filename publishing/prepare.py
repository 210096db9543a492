"""A saved model → a folder that may be published: endpoint and card are written, files and loading are checked."""

from pathlib import Path

from publishing.cards import write_model_card
from publishing.endpoint import write_endpoint
from publishing.folders import check_files
from publishing.reference import check_in_clean_process


def prepare_model(folder: Path, repository: str) -> None:
    """
    Complete a model's folder and check it.

    Args:
        folder: weights, config, preprocessor, code and reference; its `training_report.json` lies beside it.
        repository: id on the Hub, for the card.

    Raises:
        ValueError: a file must not be published, nothing was measured of the weights, or they do not load elsewhere.
    """
    write_endpoint(folder)
    write_model_card(folder, repository)
    check_files(folder)
    check_in_clean_process(folder)
