"""Titles of chapters as people write them, and what is left of them."""

import pytest

from dataset_scripts.fimad.titles import normalize_title, side_of

# title, normalised title, side
TITLES = [
    # numbering
    ("1. Squats", "squats", None),
    ("01 - Jumping Jacks", "jumping jacks", None),
    ("#1 Burpees", "burpees", None),
    ("Exercise 3: Push Ups", "push ups", None),
    ("Ex. 5 Bicycle Crunches", "bicycle crunches", None),
    ("Move 4: Reverse Lunge", "reverse lunge", None),
    ("A1. Goblet Squat", "goblet squat", None),
    ("B2) Romanian Deadlift", "romanian deadlift", None),
    ("Round 2 - Mountain Climbers", "mountain climbers", None),
    ("ROUND 1/3: SKATERS", "skaters", None),
    ("Set 2 of 3 - Tricep Dips", "tricep dips", None),
    ("Round two: V-ups", "v ups", None),
    ("Final Round: Burpees", "burpees", None),
    ("Tabata 3: Squat Jacks", "squat jacks", None),
    ("Station 2 - Box Jumps", "box jumps", None),
    ("Day 5 Push Up Hold", "push up hold", None),
    # durations
    ("30 sec Plank", "plank", None),
    ("Plank 1:30 min", "plank", None),
    ("00:45 High Knees", "high knees", None),
    ("High Knees (30s)", "high knees", None),
    ("One minute plank", "plank", None),
    ("30 Second Plank to Push-Up", "plank to push up", None),
    ("Wall sit 45''", "wall sit", None),
    ("45/15 Skaters", "skaters", None),
    ("10 seconds left – sprint", "sprint", None),
    ("12. Side Lunges (left) - 30 seconds", "side lunges", "left"),
    # counts and weights
    ("Push-ups x 15", "push ups", None),
    ("x10 Burpees", "burpees", None),
    ("15x Squat Jumps", "squat jumps", None),
    ("Squat Pulses - 20 reps", "squat pulses", None),
    ("12-15 reps Goblet Squat", "goblet squat", None),
    ("3 x 12 Bent Over Rows", "bent over rows", None),
    ("3 sets of 12 Bicep Curls", "bicep curls", None),
    ("Hip Thrusts 4x10", "hip thrusts", None),
    ("Two sets of push ups", "push ups", None),
    ("Farmer's Walk 20kg", "farmer's walk", None),
    ("10 lb Dumbbell Deadlift", "dumbbell deadlift", None),
    ("Push-ups to failure", "push ups", None),
    # sides
    ("Side Lunge (Left)", "side lunge", "left"),
    ("Side Plank - Right Side", "side plank", "right"),
    ("Side Plank L", "side plank", "left"),
    ("Reverse Lunge (Rt)", "reverse lunge", "right"),
    ("R: Curtsy Lunge", "curtsy lunge", "right"),
    ("SIDE PLANK HIP DIPS RIGHT", "side plank hip dips", "right"),
    ("Left Side Plank", "side plank", "left"),
    ("Left leg raise", "leg raise", "left"),
    ("Right Arm Circles", "arm circles", "right"),
    ("Split Squat - Left Leg Forward", "split squat", "left"),
    ("Split Squat | Right Leg", "split squat", "right"),
    ("Bicep curl with the right arm", "bicep curl", "right"),
    ("Curtsy Lunge on the left", "curtsy lunge", "left"),
    ("Standing Crunch, right side, 30 sec", "standing crunch", "right"),
    ("Knee Drive Right 🦵", "knee drive", "right"),
    ("Donkey Kicks L/R", "donkey kicks", None),
    ("Lunge 10 Left 10 Right", "lunge", None),
    ("Step left and right", "step", None),
    ("Donkey Kicks (10 each side)", "donkey kicks", None),
    ("Clamshells (other side)", "clamshells", None),
    # words that look like sides
    ("bright light walk", "bright light walk", None),
    ("Upright Row", "upright row", None),
    ("Right angle hold", "right angle hold", None),
    ("Side to side hops", "side to side hops", None),
    ("L sit", "l sit", None),
    # channels, trainers, the video
    ("Squats | FitnessBlender", "squats", None),
    ("Squats | Some Channel Nobody Knows", "squats", None),
    ("Russian Twist - Pamela Reif", "russian twist", None),
    ("Crunches with Pamela", "crunches", None),
    ("Glute Bridge (no equipment)", "glute bridge", None),
    ("No equipment Jump Squats at home", "jump squats", None),
    ("Jump Squats #shorts #fitness", "jump squats", None),
    ("How to do a Burpee", "burpee", None),
    ("Kettlebell Swing Exercise", "kettlebell swing", None),
    # headings
    ("Warm Up: Jumping Jacks", "jumping jacks", None),
    ("Warm Up | Arm Circles", "arm circles", None),
    ("Warm Up", "warm up", None),
    # emoji, signs, cases, scripts
    ("✅ Leg Lifts ✅ 🏋️‍♀️", "leg lifts", None),
    ("Toe Taps → 20 sec", "toe taps", None),
    ("BUTT KICKERS!!!", "butt kickers", None),
    ("Child’s Pose", "child's pose", None),
    ("Squat & Press", "squat and press", None),
    ("Clean + Jerk", "clean and jerk", None),
    ("side_lunge_03", "side lunge", None),
    ("Élévations latérales 3x12", "élévations latérales", None),
    ("スクワット 20", "スクワット", None),
    # what tells movements apart stays
    ("Squat with Dumbbells", "squat with dumbbells", None),
    ("One Arm Row", "one arm row", None),
    ("Alternating Lunges", "alternating lunges", None),
    ("Low Impact Jumping Jacks", "low impact jumping jacks", None),
    ("Bird Dog (modified)", "bird dog modified", None),
    ("Exercise Ball Crunch", "exercise ball crunch", None),
    ("T Push Up", "t push up", None),
    ("Balance on one leg", "balance on one leg", None),
    ("Swing both arms", "swing both arms", None),
]


@pytest.mark.parametrize(("title", "normalized", "side"), TITLES)
def test_a_title_is_brought_to_its_movement_and_side(title, normalized, side):
    assert normalize_title(title) == normalized
    assert side_of(title) == side


@pytest.mark.parametrize("title", [title for title, _, _ in TITLES])
def test_normalising_twice_changes_nothing(title):
    once = normalize_title(title)
    assert normalize_title(once) == once


@pytest.mark.parametrize("title", ["Exercise 4", "0:30", "", "🔥", "Left side", "x10", "#shorts", "| FitnessBlender"])
def test_titles_that_name_no_movement_are_refused(title):
    with pytest.raises(ValueError, match="names no movement"):
        normalize_title(title)
