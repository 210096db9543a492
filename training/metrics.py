"""Figures of merit: macro-F1 and its company for classification, R@k for retrieval."""

import datasets
import evaluate
import numpy as np
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from torch import Tensor


class RecognitionMetrics(evaluate.Metric):
    """Macro-F1 (primary), accuracy, F1 per class and confusion matrix (rows: truth) of activity recognition."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self.__doc__,
            citation="",
            features=datasets.Features(
                {"predictions": datasets.Value("int64"), "references": datasets.Value("int64")}
            ),
        )

    def _compute(self, predictions, references, num_labels: int) -> dict:
        labels = np.arange(num_labels)
        per_class = f1_score(references, predictions, labels=labels, average=None, zero_division=0.0)
        return {
            "macro_f1": float(np.mean(per_class)),
            "accuracy": float(accuracy_score(references, predictions)),
            "f1_per_class": per_class.tolist(),
            "confusion_matrix": confusion_matrix(references, predictions, labels=labels).tolist(),
        }


def retrieval_recall(query: Tensor, gallery: Tensor, relevant: Tensor, k: int) -> float:
    """
    R@k: share of queries with a relevant item among their `k` nearest.

    Args:
        query: `(queries, dim)` and gallery: `(items, dim)`, L2-normalised.
        relevant: `(queries, items)` bool.
    """
    nearest = (query @ gallery.T).topk(min(k, gallery.shape[0]), dim=-1).indices
    return torch.gather(relevant, 1, nearest).any(dim=-1).float().mean().item()
