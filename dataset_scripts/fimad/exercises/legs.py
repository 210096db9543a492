"""Standing exercises of the legs: squats, lunges, raises, steps."""

from dataset_scripts.fimad.exercises.everyday import ARMS_FORWARD, BEHIND_HEAD, CROSSED, ON_HIPS, STAND
from dataset_scripts.fimad.exercises.format import Exercise, Fault, Keyframe, Pose, Variant, pose

_ARMS = (
    Variant("with the hands on the hips", ON_HIPS),
    Variant("with the arms stretched forward", ARMS_FORWARD),
    Variant("with the hands behind the head", BEHIND_HEAD),
    Variant("with the arms crossed on the chest", CROSSED),
)
_SQUAT_FAULTS = (
    Fault("with the knees falling inwards", pose(hip_abduction=-10, hip_rotation=-14)),
    Fault("not going down far enough", amplitude=0.6),
    Fault("with the trunk leaning far forward", pose(pitch=12, hip_flexion=12, trunk_flexion=14)),
    Fault("with the weight on one leg", pose(roll=5, left_knee_flexion=-4)),
)
SQUAT = pose(pitch=32, trunk_flexion=8, hip_flexion=120, knee_flexion=116, hip_abduction=12, hip_rotation=14)
_RIGHT = ("right_foot",)


def _squat(name: str, titles: tuple[str, ...], moves: str, start: Pose, bottom: Pose, **options) -> Exercise:
    keyframes = (Keyframe(start, 1.0, 0.2), Keyframe(bottom, 1.2, 0.25))
    return Exercise(name, titles, "standing", moves, keyframes, faults=_SQUAT_FAULTS, **options)


def _lunge(name: str, titles: tuple[str, ...], moves: str, lifted: Pose, down: Pose, **options) -> Exercise:
    keyframes = (
        Keyframe(STAND, 0.55, 0.3),
        Keyframe(lifted, 0.5, 0, _RIGHT),
        Keyframe(down, 0.8, 0.25),
        Keyframe(lifted, 0.7, 0, _RIGHT),
    )
    faults = (
        Fault("with the trunk leaning to the side", pose(trunk_bend=10, roll=4)),
        Fault("not going down far enough", amplitude=0.7),
        Fault("with the trunk leaning forward", pose(trunk_flexion=18, pitch=6)),
    )
    return Exercise(
        name,
        titles,
        "standing",
        moves,
        keyframes,
        tempo=(0.55, 1.15),
        sides="alternate",
        faults=faults,
        variants=_ARMS[:1],
        **options,
    )


def _raise(name: str, titles: tuple[str, ...], moves: str, top: Pose, seconds: float = 0.9, **options) -> Exercise:
    """One leg lifted and lowered while the other stands."""
    keyframes = (Keyframe(STAND, seconds, 0.2), Keyframe(top, seconds, 0.2, _RIGHT))
    faults = (
        Fault("swaying with the trunk", pose(trunk_bend=10, roll=5)),
        Fault("with a small range of movement", amplitude=0.6),
    )
    variants = (Variant("with the hands on the hips", ON_HIPS), Variant("with free arms", {}))
    return Exercise(name, titles, "standing", moves, keyframes, faults=faults, variants=variants, **options)


_ON_STEP = pose(
    STAND,
    pitch=12,
    left_hip_flexion=66,
    left_knee_flexion=64,
    right_hip_flexion=6,
    right_knee_flexion=14,
    right_foot_pitch=-12,
)
_TOES = {"foot_pitch": -35.0}

LEG_EXERCISES = (
    _squat(
        "squat",
        ("Squats", "Bodyweight squats", "Air squats", "Basic squat", "Deep squat"),
        "bends hips and knees until the thighs are level and stands up again",
        STAND,
        pose(SQUAT, shoulder_flexion=55, elbow_flexion=30, shoulder_rotation=-20),
        variants=_ARMS,
        tempo=(0.6, 1.7),
    ),
    _squat(
        "sumo squat",
        ("Sumo squats", "Wide squats", "Plié squat"),
        "squats with a wide stance and the toes turned out",
        pose(STAND, hip_abduction=26, hip_rotation=30),
        pose(pitch=16, hip_flexion=86, knee_flexion=98, hip_abduction=34, hip_rotation=34, shoulder_flexion=25),
        variants=_ARMS,
    ),
    _squat(
        "half squat",
        ("Mini squats", "Half squats", "Squat pulses", "Knee bends"),
        "bends the knees halfway and straightens them",
        STAND,
        pose(pitch=18, trunk_flexion=5, hip_flexion=58, knee_flexion=58, hip_abduction=8, hip_rotation=8),
        variants=_ARMS,
        tempo=(0.5, 1.2),
    ),
    _squat(
        "barbell squat",
        ("Back squat", "Squats with barbell", "Barbell back squats"),
        "squats with a barbell across the shoulders",
        pose(STAND, shoulder_abduction=52, shoulder_flexion=-25, shoulder_rotation=70, elbow_flexion=132),
        pose(SQUAT, shoulder_abduction=52, shoulder_flexion=-25, shoulder_rotation=70, elbow_flexion=132),
        tempo=(0.9, 1.8),
    ),
    _squat(
        "goblet squat",
        ("Goblet squats", "Squat with dumbbell", "Kettlebell goblet squat"),
        "squats holding a weight before the chest",
        pose(STAND, shoulder_flexion=28, shoulder_rotation=-18, elbow_flexion=128),
        pose(SQUAT, pitch=24, hip_flexion=106, shoulder_flexion=28, shoulder_rotation=-18, elbow_flexion=128),
        tempo=(0.9, 1.7),
    ),
    Exercise(
        "wall sit",
        ("Wall sits", "Wall squat hold", "Isometric squat"),
        "leaning against a wall",
        "holds the thighs level without moving",
        (Keyframe(pose(hip_flexion=84, knee_flexion=86, shoulder_flexion=12, elbow_flexion=20), 1.0),),
        variants=(Variant("with the arms forward", ARMS_FORWARD), Variant("with crossed arms", CROSSED)),
    ),
    Exercise(
        "deadlift",
        ("Deadlifts", "Barbell deadlift", "Lifting the bar"),
        "standing",
        "lifts a barbell from the floor by straightening hips and knees and lowers it",
        (
            Keyframe(pose(STAND, shoulder_flexion=6, elbow_flexion=7), 1.2, 0.3),
            Keyframe(
                pose(
                    pitch=46, trunk_flexion=14, hip_flexion=98, knee_flexion=62, shoulder_flexion=58, elbow_flexion=7
                ),
                1.3,
                0.25,
            ),
        ),
        faults=(Fault("with a rounded back", pose(trunk_flexion=24)), Fault("with jerky movement", amplitude=1.0)),
        tempo=(0.8, 1.6),
    ),
    Exercise(
        "romanian deadlift",
        ("Romanian deadlifts", "Stiff-leg deadlift", "Good mornings", "Hip hinge"),
        "standing",
        "bends forward at the hips with nearly straight legs and rises again",
        (
            Keyframe(pose(STAND, shoulder_flexion=6, elbow_flexion=7), 1.2, 0.2),
            Keyframe(
                pose(
                    pitch=58, trunk_flexion=10, hip_flexion=68, knee_flexion=22, shoulder_flexion=66, elbow_flexion=7
                ),
                1.3,
                0.2,
            ),
        ),
        faults=(Fault("with a rounded back", pose(trunk_flexion=26)),),
    ),
    _lunge(
        "forward lunge",
        ("Lunges", "Forward lunges", "Alternating lunges", "Front lunge"),
        "steps forward, bends both knees and steps back",
        pose(STAND, left_hip_flexion=48, left_knee_flexion=62, right_hip_flexion=-4, right_knee_flexion=8),
        pose(
            STAND,
            left_hip_flexion=80,
            left_knee_flexion=86,
            right_hip_flexion=-8,
            right_knee_flexion=78,
            right_foot_pitch=-60,
        ),
    ),
    _lunge(
        "reverse lunge",
        ("Reverse lunges", "Backward lunges", "Back lunge", "Step-back lunge"),
        "steps backward, bends both knees and steps forward again",
        pose(STAND, left_hip_flexion=8, left_knee_flexion=62, right_hip_flexion=14, right_knee_flexion=16),
        pose(
            STAND,
            right_hip_flexion=80,
            right_knee_flexion=86,
            left_hip_flexion=-8,
            left_knee_flexion=78,
            left_foot_pitch=-60,
        ),
    ),
    _lunge(
        "side lunge",
        ("Side lunges", "Lateral lunges", "Cossack lunge"),
        "steps to the side and bends that knee while the other leg stays straight",
        pose(STAND, left_hip_flexion=18, left_knee_flexion=28, left_hip_abduction=26, roll=3, right_hip_abduction=3),
        pose(
            pitch=30,
            trunk_flexion=6,
            left_hip_flexion=96,
            left_knee_flexion=84,
            left_hip_abduction=24,
            right_hip_flexion=32,
            right_knee_flexion=8,
            right_hip_abduction=38,
            shoulder_flexion=45,
            elbow_flexion=60,
        ),
    ),
    Exercise(
        "split squat",
        ("Split squats", "Static lunge", "Inline lunge", "Lunge pulses"),
        "standing with one foot forward",
        "lowers the rear knee to the floor and rises on both legs",
        (
            Keyframe(
                pose(
                    STAND,
                    left_hip_flexion=32,
                    left_knee_flexion=12,
                    right_hip_flexion=-13,
                    right_knee_flexion=14,
                    right_foot_pitch=-38,
                ),
                0.9,
                0.15,
            ),
            Keyframe(
                pose(
                    STAND,
                    left_hip_flexion=86,
                    left_knee_flexion=96,
                    right_hip_flexion=-6,
                    right_knee_flexion=80,
                    right_foot_pitch=-60,
                ),
                1.0,
                0.15,
            ),
        ),
        sides="one",
        faults=(Fault("with the trunk leaning forward", pose(trunk_flexion=18)),),
        variants=_ARMS[:1],
    ),
    _raise(
        "hurdle step",
        ("Hurdle steps", "Step over the hurdle", "High step-over"),
        "lifts one leg over a hurdle, touches down and brings it back",
        pose(STAND, left_hip_flexion=98, left_knee_flexion=104, left_hip_abduction=6, right_hip_flexion=1),
        0.9,
        sides="one",
    ),
    _raise(
        "standing knee raise",
        ("Knee raises", "Standing knee lifts", "Marching in place", "March on the spot"),
        "lifts one knee to hip height after the other",
        pose(
            STAND,
            left_hip_flexion=98,
            left_knee_flexion=102,
            left_shoulder_flexion=-14,
            left_elbow_flexion=50,
            right_shoulder_flexion=48,
            right_elbow_flexion=92,
        ),
        0.5,
        sides="alternate",
    ),
    _raise(
        "standing leg raise",
        ("Straight leg raise", "Standing leg raises", "Front leg raise"),
        "lifts one straight leg forward and lowers it",
        pose(STAND, left_hip_flexion=82, left_knee_flexion=22, pitch=-4),
        0.75,
        sides="one",
    ),
    _raise(
        "side leg raise",
        ("Side leg raises", "Hip abduction", "Lateral leg lifts"),
        "lifts one straight leg to the side and lowers it",
        pose(STAND, left_hip_abduction=38, roll=5, right_hip_abduction=5, trunk_bend=3),
        sides="one",
    ),
    _raise(
        "hip extension",
        ("Standing kickbacks", "Glute kickback", "Rear leg raise"),
        "lifts one straight leg backward and lowers it",
        pose(STAND, left_hip_flexion=-20, pitch=12, right_hip_flexion=16, left_knee_flexion=10),
        sides="one",
    ),
    _raise(
        "butt kicks",
        ("Butt kickers", "Heel kicks", "Hamstring curls standing"),
        "kicks one heel after the other towards the seat",
        pose(STAND, left_hip_flexion=2, left_knee_flexion=112),
        0.3,
        sides="alternate",
        bounce=0.9,
        rest=0.0,
    ),
    Exercise(
        "standing quad stretch",
        ("Quad stretch", "Quadriceps stretch", "Thigh stretch"),
        "standing on one leg",
        "holds one foot behind the seat",
        (
            Keyframe(
                pose(
                    STAND,
                    left_hip_flexion=-6,
                    left_knee_flexion=128,
                    left_shoulder_flexion=-30,
                    left_elbow_flexion=25,
                ),
                1.0,
                0,
                _RIGHT,
            ),
        ),
        sides="one",
    ),
    Exercise(
        "calf raise",
        ("Calf raises", "Heel raises", "Standing calf raises", "Toe raises"),
        "standing",
        "rises on the balls of both feet and lowers the heels",
        (Keyframe(STAND, 0.8, 0.2), Keyframe(pose(STAND, **_TOES), 0.7, 0.3)),
        variants=_ARMS[:1],
    ),
    Exercise(
        "step up",
        ("Step-ups", "Box step up", "Bench step-ups"),
        "standing before a step",
        "places one foot on a step, rises on it lifting the other knee and comes down again",
        (
            Keyframe(STAND, 0.7, 0.2),
            Keyframe(pose(STAND, left_hip_flexion=72, left_knee_flexion=82), 0.35, 0, _RIGHT),
            Keyframe(_ON_STEP, 0.35, 0.05, ("right_foot", "left_step")),
            Keyframe(pose(STAND, right_hip_flexion=82, right_knee_flexion=88, pitch=4), 0.8, 0.1, ("left_step",)),
            Keyframe(_ON_STEP, 0.8, 0.05, ("right_foot", "left_step")),
            Keyframe(pose(STAND, left_hip_flexion=72, left_knee_flexion=82), 0.35, 0, _RIGHT),
        ),
        sides="alternate",
    ),
    Exercise(
        "elbow to knee",
        ("Standing elbow to knee", "Standing cross crunch", "Standing bicycle crunch"),
        "standing",
        "lifts one knee and brings the opposite elbow to it, side after side",
        (
            Keyframe(pose(STAND, **BEHIND_HEAD, knee_flexion=12), 0.42, 0.1),
            Keyframe(
                pose(
                    STAND,
                    **{
                        **BEHIND_HEAD,
                        "right_shoulder_flexion": 62.0,
                        "right_shoulder_abduction": 60.0,
                        "right_elbow_flexion": 104.0,
                    },
                    left_hip_flexion=98,
                    left_knee_flexion=104,
                    trunk_flexion=34,
                    trunk_rotation=34,
                ),
                0.42,
                0.1,
                _RIGHT,
            ),
        ),
        sides="alternate",
        faults=(Fault("with a small range of movement", amplitude=0.7),),
    ),
    Exercise(
        "step touch",
        ("Side steps", "Side to side steps", "Step touches", "Side shuffle"),
        "standing",
        "steps to one side, brings the other foot beside it and steps back",
        (
            Keyframe(pose(STAND, elbow_flexion=70), 0.3, 0.05),
            Keyframe(
                pose(STAND, left_hip_abduction=20, left_hip_flexion=16, left_knee_flexion=28, elbow_flexion=80),
                0.25,
                0,
                _RIGHT,
            ),
            Keyframe(pose(STAND, hip_abduction=16, knee_flexion=14, hip_flexion=10, elbow_flexion=70), 0.25),
            Keyframe(
                pose(STAND, right_hip_flexion=22, right_knee_flexion=36, elbow_flexion=80), 0.25, 0, ("left_foot",)
            ),
        ),
        sides="alternate",
        rest=0.0,
        bounce=0.3,
        tempo=(0.8, 1.6),
    ),
)
