"""Label budgets: what is drawn, from whom, and that equal seeds draw equal labels."""

import numpy as np
import pytest

from benchmarks.label_budgets import BUDGETS, LabelBudget, budgets_for, draw

LABELS = np.tile(np.repeat([0, 1, 2], [10, 20, 3]), 4)
SUBJECTS = np.repeat([3, 5, 8, 9], 33)


def test_k_shot_takes_k_windows_of_every_class_and_all_of_a_rarer_one():
    drawn = draw(LABELS[:33], SUBJECTS[:33], LabelBudget("k_shot", 5), seed=0)
    assert np.bincount(LABELS[drawn]).tolist() == [5, 5, 3]
    assert len(set(drawn.tolist())) == len(drawn)


def test_people_label_all_of_their_windows():
    drawn = draw(LABELS, SUBJECTS, LabelBudget("people", 2), seed=1)
    people = np.unique(SUBJECTS[drawn])
    assert len(people) == 2
    assert len(drawn) == np.isin(SUBJECTS, people).sum()


def test_more_people_than_there_are_is_refused():
    with pytest.raises(ValueError, match="Labels of 5 people were asked for, but there are 4"):
        draw(LABELS, SUBJECTS, LabelBudget("people", 5), seed=0)
    assert LabelBudget("people", 5) not in budgets_for(4)
    assert budgets_for(5) == list(BUDGETS)


def test_a_share_leaves_everybody_a_window():
    drawn = draw(LABELS, SUBJECTS, LabelBudget("fraction", 0.01), seed=0)
    assert set(SUBJECTS[drawn]) == {3, 5, 8, 9}
    tenth = [draw(LABELS, SUBJECTS, LabelBudget("fraction", 0.1), seed=seed) for seed in range(50)]
    assert np.mean([len(one) for one in tenth]) == pytest.approx(0.1 * len(LABELS), rel=0.05)
    for one in tenth:
        counts = np.array([[((p == SUBJECTS) & (c == LABELS))[one].sum() for c in (0, 1)] for p in (3, 5, 8, 9)])
        assert (counts == [1, 2]).all(), "a share is drawn within every class of every person"


@pytest.mark.parametrize("budget", BUDGETS[:-1], ids=str)
def test_the_seed_decides_the_labels(budget):
    first, again, other = (draw(LABELS, SUBJECTS, budget, seed) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert budget == LabelBudget("fraction", 1.0) or not np.array_equal(first, other)


@pytest.mark.parametrize(("kind", "amount"), [("fraction", 0), ("fraction", 1.2), ("k_shot", 2.5), ("guess", 1)])
def test_budgets_that_mean_nothing_are_refused(kind, amount):
    with pytest.raises(ValueError, match="Expected a fraction"):
        LabelBudget(kind, amount)


def test_budgets_are_named_as_in_tables():
    names = ["2 %", "5 per class", "1 person", "2 people", "no labels"]
    assert [str(LabelBudget(*budget)) for budget in
            (("fraction", 0.02), ("k_shot", 5), ("people", 1), ("people", 2), ("none", 0))] == names  # fmt: skip
