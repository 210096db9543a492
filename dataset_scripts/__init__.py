"""Builders of data sets, one folder each; `register()` lets `load_dataset` know them by name."""

from dataset_scripts.registration import BUILDERS, register

__all__ = ["BUILDERS", "register"]
