"""The words of pretraining: which titles name one movement."""

import pytest

from dataset_scripts.fimad.exercises import EXERCISES
from training.words import KINDS, Words, movement_of


@pytest.mark.parametrize(
    ("title", "movement"),
    [
        ("walk", "walking"),
        ("slow walk", "walking"),
        ("walk on uneven terrain", "walking"),
        ("running", "jogging"),
        ("deep squat", "squat"),
        ("walking upstairs", "walking upstairs"),
        ("jogging in place", "jogging in place"),
        ("a title of nobody's", "a title of nobody's"),
    ],
)
def test_titles_name_movements(title, movement):
    assert movement_of(title) == movement


def test_a_movement_names_itself_and_kinds_have_one_movement():
    names = {exercise.name for exercise in EXERCISES}
    assert names >= KINDS.keys()
    for name in names:
        assert movement_of(movement_of(name)) == movement_of(name)
        assert movement_of(name) in names


def test_kinds_share_a_number_and_keep_their_words():
    words = Words()
    assert words.title_id("walking") == words.title_id("brisk walking") != words.title_id("walking downstairs")
    assert words.text_index("walking") != words.text_index("brisk walking")
