"""Exercises on the back and sitting on the floor."""

from dataset_scripts.fimad.exercises.everyday import BEHIND_HEAD, SUPINE
from dataset_scripts.fimad.exercises.format import BACK, FEET, SEAT, Exercise, Fault, Keyframe, Variant, pose
from dataset_scripts.fimad.exercises.patterns import SHALLOW

HOOK_LYING = pose(SUPINE, hip_flexion=50, knee_flexion=105, hip_abduction=4)

SUPINE_EXERCISES = (
    Exercise(
        "sit-up",
        ("Sit-ups", "Situps", "Full sit-ups", "Abdominal sit-ups"),
        "supine with bent knees",
        "lifts the trunk to the thighs and lowers it to the floor",
        (
            Keyframe(pose(HOOK_LYING, **BEHIND_HEAD), 1.1, 0.15, (*FEET, *BACK)),
            Keyframe(
                pose(
                    HOOK_LYING,
                    pitch=-32,
                    trunk_flexion=44,
                    hip_flexion=106,
                    neck_flexion=18,
                    **{name: value for name, value in BEHIND_HEAD.items()},
                ),
                1.0,
                0.15,
            ),
        ),
        contacts=(*FEET, *SEAT),
        faults=(SHALLOW,),
        variants=(
            Variant(
                "with the arms crossed on the chest",
                pose(shoulder_flexion=38, shoulder_abduction=6, shoulder_rotation=-62, elbow_flexion=110),
            ),
        ),
    ),
    Exercise(
        "crunch",
        ("Crunches", "Ab crunches", "Abdominal crunch"),
        "supine with bent knees",
        "lifts head and shoulders off the floor and lowers them",
        (
            Keyframe(pose(HOOK_LYING, **BEHIND_HEAD), 0.8, 0.1),
            Keyframe(pose(HOOK_LYING, trunk_flexion=38, neck_flexion=16, **BEHIND_HEAD), 0.7, 0.15),
        ),
        contacts=(*FEET, *SEAT),
        faults=(SHALLOW,),
    ),
    Exercise(
        "bicycle crunch",
        ("Bicycle crunches", "Bicycles", "Elbow to knee crunch"),
        "supine",
        "brings one elbow to the opposite knee in turn while the other leg stretches",
        (
            Keyframe(
                pose(
                    SUPINE,
                    trunk_flexion=34,
                    neck_flexion=14,
                    trunk_rotation=-26,
                    left_hip_flexion=24,
                    left_knee_flexion=14,
                    right_hip_flexion=98,
                    right_knee_flexion=108,
                    **BEHIND_HEAD,
                ),
                0.6,
            ),
            Keyframe(
                pose(
                    SUPINE,
                    trunk_flexion=34,
                    neck_flexion=14,
                    trunk_rotation=26,
                    right_hip_flexion=24,
                    right_knee_flexion=14,
                    left_hip_flexion=98,
                    left_knee_flexion=108,
                    **BEHIND_HEAD,
                ),
                0.6,
            ),
        ),
        contacts=SEAT,
        rest=0.0,
    ),
    Exercise(
        "lying leg raise",
        ("Leg raises", "Lying leg raises", "Supine leg lifts", "Double leg lift"),
        "supine",
        "lifts both straight legs to the vertical and lowers them",
        (Keyframe(SUPINE, 1.2, 0.1), Keyframe(pose(SUPINE, hip_flexion=86, knee_flexion=12), 1.1, 0.1)),
        contacts=BACK,
        faults=(SHALLOW, Fault("with bent knees", pose(knee_flexion=34))),
    ),
    Exercise(
        "flutter kicks",
        ("Flutter kick", "Scissor kicks", "Scissors"),
        "supine",
        "kicks straight legs up and down in turn just above the floor",
        (
            Keyframe(pose(SUPINE, left_hip_flexion=32, right_hip_flexion=9), 0.3),
            Keyframe(pose(SUPINE, left_hip_flexion=9, right_hip_flexion=32), 0.3),
        ),
        contacts=BACK,
        rest=0.0,
        bounce=0.8,
    ),
    Exercise(
        "glute bridge",
        ("Bridges", "Glute bridges", "Hip bridge", "Hip thrusts", "Pelvic lift"),
        "supine with bent knees",
        "lifts the hips until thighs and trunk are in line and lowers them",
        (
            Keyframe(HOOK_LYING, 0.9, 0.2, (*FEET, *BACK)),
            Keyframe(pose(HOOK_LYING, pitch=-118, hip_flexion=4, knee_flexion=92, trunk_flexion=18), 0.9, 0.4),
        ),
        contacts=(*FEET, "thorax"),
        faults=(SHALLOW,),
    ),
    Exercise(
        "dead bug",
        ("Dead bugs", "Deadbug"),
        "supine",
        "lowers one arm and the opposite leg and returns",
        (
            Keyframe(
                pose(SUPINE, hip_flexion=88, knee_flexion=88, shoulder_flexion=88, shoulder_abduction=4), 0.9, 0.2
            ),
            Keyframe(
                pose(
                    SUPINE,
                    hip_flexion=88,
                    knee_flexion=88,
                    shoulder_flexion=88,
                    shoulder_abduction=4,
                    left_shoulder_flexion=160,
                    right_hip_flexion=16,
                    right_knee_flexion=12,
                ),
                1.0,
                0.3,
            ),
        ),
        contacts=BACK,
        sides="alternate",
    ),
    Exercise(
        "russian twist",
        ("Russian twists", "Seated twists", "Seated trunk rotation"),
        "seated on the floor, leaning back",
        "turns the trunk and both hands from side to side",
        tuple(
            Keyframe(
                pose(
                    pitch=-38,
                    trunk_flexion=14,
                    hip_flexion=88,
                    knee_flexion=88,
                    trunk_rotation=turn,
                    shoulder_flexion=48,
                    shoulder_rotation=-18,
                    elbow_flexion=72,
                ),
                0.6,
            )
            for turn in (42, -42)
        ),
        contacts=SEAT,
        rest=0.0,
        bounce=0.7,
    ),
    Exercise(
        "seated forward fold",
        ("Seated toe touch", "Hamstring stretch", "Sit and reach"),
        "seated on the floor with straight legs",
        "reaches for the feet and comes back up",
        (
            Keyframe(pose(pitch=-6, hip_flexion=84, knee_flexion=8, shoulder_flexion=38, elbow_flexion=20), 1.5, 0.6),
            Keyframe(
                pose(
                    pitch=26, trunk_flexion=42, hip_flexion=116, knee_flexion=10, shoulder_flexion=92, elbow_flexion=12
                ),
                1.6,
                1.5,
            ),
        ),
        contacts=SEAT,
    ),
)
