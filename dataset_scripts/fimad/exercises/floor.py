"""Exercises on the floor: prone, supine, on all fours."""

from dataset_scripts.fimad.exercises.everyday import BEHIND_HEAD, PRONE, SIT, SUPINE
from dataset_scripts.fimad.exercises.format import (
    ALL_FOURS,
    BACK,
    FEET,
    HANDS,
    SEAT,
    Exercise,
    Fault,
    Keyframe,
    Variant,
    pose,
)

PLANK = pose(
    pitch=70, hip_flexion=2, knee_flexion=6, foot_pitch=-72, shoulder_flexion=72, elbow_flexion=8, neck_flexion=-10
)
PUSH_UP_LOW = pose(
    pitch=84,
    hip_flexion=2,
    knee_flexion=6,
    foot_pitch=-66,
    shoulder_flexion=42,
    shoulder_abduction=58,
    elbow_flexion=98,
    neck_flexion=-14,
)
QUADRUPED = pose(
    pitch=76, hip_flexion=76, knee_flexion=88, shoulder_flexion=76, elbow_flexion=8, foot_pitch=-150, neck_flexion=-10
)
HOOK_LYING = pose(SUPINE, hip_flexion=50, knee_flexion=105, hip_abduction=4)
_KNEES_AND_HANDS = ("left_knee", "right_knee", *HANDS)
_SAGGING = Fault("with a sagging back", pose(trunk_flexion=-14, hip_flexion=-8))
_HIPS_UP = Fault("with the hips too high", pose(hip_flexion=14, pitch=8))
_SHALLOW = Fault("with a small range of movement", amplitude=0.6)

FLOOR_EXERCISES = (
    Exercise(
        "push-up",
        ("Push-ups", "Pushups", "Press-ups", "Standard push ups"),
        "prone on hands and toes",
        "lowers the chest to the floor and pushes up again",
        (Keyframe(PLANK, 0.8, 0.15), Keyframe(PUSH_UP_LOW, 0.9, 0.1)),
        contacts=ALL_FOURS,
        tempo=(0.6, 1.6),
        faults=(_SHALLOW, _SAGGING),
    ),
    Exercise(
        "knee push-up",
        ("Knee push-ups", "Modified push-ups", "Push-ups on the knees"),
        "prone on hands and knees",
        "lowers the chest to the floor and pushes up again",
        (
            Keyframe(
                pose(PLANK, pitch=62, hip_flexion=2, knee_flexion=70, foot_pitch=-150, shoulder_flexion=62), 0.8, 0.15
            ),
            Keyframe(pose(PUSH_UP_LOW, pitch=82, hip_flexion=2, knee_flexion=60, foot_pitch=-150), 0.9, 0.1),
        ),
        contacts=_KNEES_AND_HANDS,
        faults=(_SHALLOW,),
    ),
    Exercise(
        "plank",
        ("Plank hold", "High plank", "Straight arm plank", "Planks"),
        "prone on hands and toes",
        "holds the body straight without moving",
        (Keyframe(PLANK, 1.0),),
        contacts=ALL_FOURS,
        faults=(_SAGGING,),
    ),
    Exercise(
        "forearm plank",
        ("Elbow plank", "Low plank", "Forearm plank hold"),
        "prone on forearms and toes",
        "holds the body straight without moving",
        (Keyframe(pose(PLANK, pitch=82, shoulder_flexion=80, elbow_flexion=88), 1.0),),
        contacts=(*ALL_FOURS, "left_elbow", "right_elbow"),
    ),
    Exercise(
        "shoulder taps",
        ("Plank shoulder taps", "Shoulder tap"),
        "prone on hands and toes",
        "lifts one hand after the other to touch the opposite shoulder",
        (
            Keyframe(pose(PLANK, hip_abduction=12), 0.45, 0.1),
            Keyframe(
                pose(
                    PLANK,
                    hip_abduction=12,
                    left_shoulder_flexion=58,
                    left_shoulder_rotation=-62,
                    left_elbow_flexion=118,
                ),
                0.45,
                0.1,
                (*FEET, "right_hand"),
            ),
        ),
        contacts=ALL_FOURS,
        sides="alternate",
    ),
    Exercise(
        "mountain climber",
        ("Mountain climbers", "Running plank", "Climbers"),
        "prone on hands and toes",
        "drives one knee after the other towards the chest",
        (
            Keyframe(pose(PLANK, pitch=74, hip_flexion=8, foot_pitch=-62), 0.28),
            Keyframe(
                pose(PLANK, pitch=76, hip_flexion=12, left_hip_flexion=104, left_knee_flexion=112),
                0.28,
                0,
                ("right_foot", *HANDS),
            ),
        ),
        contacts=ALL_FOURS,
        sides="alternate",
        rest=0.0,
        bounce=0.6,
        tempo=(0.75, 1.8),
    ),
    Exercise(
        "downward dog",
        ("Downward facing dog", "Down dog", "Yoga down dog"),
        "on hands and feet with the hips high",
        "holds the hips high with straight arms and legs",
        (
            Keyframe(
                pose(
                    pitch=122, hip_flexion=88, knee_flexion=14, shoulder_flexion=158, elbow_flexion=8, foot_pitch=-18
                ),
                1.0,
            ),
        ),
        contacts=ALL_FOURS,
    ),
    Exercise(
        "cobra stretch",
        ("Cobra", "Upward dog", "Press-up back extension"),
        "prone",
        "lifts the chest with the hands under the shoulders and lowers it",
        (
            Keyframe(
                pose(PRONE, shoulder_abduction=20, shoulder_flexion=5, elbow_flexion=125, shoulder_rotation=0),
                1.4,
                0.4,
            ),
            Keyframe(
                pose(
                    PRONE,
                    trunk_flexion=-28,
                    pitch=78,
                    hip_flexion=-12,
                    shoulder_abduction=20,
                    shoulder_flexion=25,
                    elbow_flexion=95,
                ),
                1.4,
                1.2,
            ),
        ),
        contacts=SEAT,
    ),
    Exercise(
        "superman",
        ("Supermans", "Superman hold", "Back extension on the floor"),
        "prone",
        "lifts arms, chest and legs off the floor and lowers them",
        (
            Keyframe(pose(PRONE, shoulder_abduction=0, shoulder_flexion=168, elbow_flexion=10), 0.9, 0.3),
            Keyframe(
                pose(
                    PRONE,
                    shoulder_abduction=0,
                    shoulder_flexion=172,
                    elbow_flexion=8,
                    trunk_flexion=-24,
                    hip_flexion=-10,
                ),
                0.9,
                0.8,
            ),
        ),
        contacts=SEAT,
        faults=(_SHALLOW,),
    ),
    Exercise(
        "bird dog",
        ("Bird dogs", "Bird-dog", "Opposite arm and leg raise"),
        "on all fours",
        "stretches one arm and the opposite leg and returns",
        (
            Keyframe(QUADRUPED, 1.0, 0.3),
            Keyframe(
                pose(QUADRUPED, left_shoulder_flexion=162, right_hip_flexion=-8, right_knee_flexion=10),
                1.0,
                0.7,
                ("left_knee", "right_hand"),
            ),
        ),
        contacts=_KNEES_AND_HANDS,
        sides="alternate",
        faults=(_SHALLOW,),
    ),
    Exercise(
        "donkey kick",
        ("Donkey kicks", "Quadruped hip extension", "Glute kickbacks on all fours"),
        "on all fours",
        "lifts one bent leg backward towards the ceiling",
        (
            Keyframe(QUADRUPED, 0.7, 0.15),
            Keyframe(pose(QUADRUPED, left_hip_flexion=-12, left_knee_flexion=88), 0.7, 0.2, ("right_knee", *HANDS)),
        ),
        contacts=_KNEES_AND_HANDS,
        sides="one",
    ),
    Exercise(
        "fire hydrant",
        ("Fire hydrants", "Quadruped hip abduction"),
        "on all fours",
        "lifts one bent leg to the side",
        (
            Keyframe(QUADRUPED, 0.7, 0.15),
            Keyframe(pose(QUADRUPED, left_hip_abduction=46), 0.7, 0.2, ("right_knee", *HANDS)),
        ),
        contacts=_KNEES_AND_HANDS,
        sides="one",
    ),
    Exercise(
        "cat cow",
        ("Cat-cow", "Cat camel stretch", "Cat cow stretch"),
        "on all fours",
        "rounds and hollows the back in turn",
        (
            Keyframe(pose(QUADRUPED, trunk_flexion=38, pitch=64, hip_flexion=64, neck_flexion=25), 1.6, 0.5),
            Keyframe(pose(QUADRUPED, trunk_flexion=-24, pitch=86, hip_flexion=86, neck_flexion=-30), 1.6, 0.5),
        ),
        contacts=_KNEES_AND_HANDS,
    ),
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
        faults=(_SHALLOW,),
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
        faults=(_SHALLOW,),
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
        faults=(_SHALLOW, Fault("with bent knees", pose(knee_flexion=34))),
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
        faults=(_SHALLOW,),
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
        "bench press",
        ("Bench presses", "Dumbbell bench press", "Chest press", "Barbell bench press"),
        "supine with bent knees",
        "pushes the weights up from the chest and lowers them",
        (
            Keyframe(pose(HOOK_LYING, shoulder_flexion=86, shoulder_abduction=8, elbow_flexion=10), 0.9, 0.2),
            Keyframe(pose(HOOK_LYING, shoulder_flexion=4, shoulder_abduction=58, elbow_flexion=98), 1.1, 0.15),
        ),
        contacts=(*FEET, *BACK),
        faults=(_SHALLOW,),
    ),
    Exercise(
        "dumbbell fly",
        ("Dumbbell flyes", "Chest fly", "Lying flyes"),
        "supine with bent knees",
        "opens both arms to the side and closes them above the chest",
        (
            Keyframe(pose(HOOK_LYING, shoulder_flexion=86, shoulder_abduction=4, elbow_flexion=20), 1.0, 0.2),
            Keyframe(pose(HOOK_LYING, shoulder_flexion=84, shoulder_abduction=82, elbow_flexion=26), 1.2, 0.15),
        ),
        contacts=(*FEET, *BACK),
        faults=(_SHALLOW,),
    ),
    Exercise(
        "skullcrusher",
        ("Skull crushers", "Lying triceps extension", "Lying tricep extension"),
        "supine with bent knees",
        "bends and straightens the elbows above the head",
        (
            Keyframe(pose(HOOK_LYING, shoulder_flexion=88, shoulder_abduction=4, elbow_flexion=10), 0.9, 0.2),
            Keyframe(pose(HOOK_LYING, shoulder_flexion=98, shoulder_abduction=4, elbow_flexion=108), 1.0, 0.15),
        ),
        contacts=(*FEET, *BACK),
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
    Exercise(
        "bench dip",
        ("Bench dips", "Tricep dips", "Chair dips"),
        "before a bench with the hands on it",
        "bends the elbows to lower the body and pushes up again",
        (
            Keyframe(
                pose(
                    SIT, hip_flexion=78, knee_flexion=72, shoulder_flexion=-16, elbow_flexion=10, shoulder_rotation=0
                ),
                0.8,
                0.2,
            ),
            Keyframe(
                pose(
                    SIT,
                    hip_flexion=104,
                    knee_flexion=84,
                    pitch=4,
                    shoulder_flexion=-48,
                    elbow_flexion=86,
                    shoulder_rotation=0,
                ),
                1.0,
                0.1,
            ),
        ),
        contacts=(*FEET, "left_bench", "right_bench"),
        faults=(_SHALLOW,),
    ),
)
