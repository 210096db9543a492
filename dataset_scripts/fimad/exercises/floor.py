"""Exercises on hands, knees and belly: planks, push-ups, on all fours, prone."""

from dataset_scripts.fimad.exercises.everyday import PRONE
from dataset_scripts.fimad.exercises.format import ALL_FOURS, FEET, HANDS, SEAT, Exercise, Fault, Keyframe, pose
from dataset_scripts.fimad.exercises.patterns import SHALLOW

PLANK = pose(
    pitch=71.5, hip_flexion=2, knee_flexion=6, foot_pitch=-72, shoulder_flexion=73.5, elbow_flexion=8, neck_flexion=-10
)
PUSH_UP_LOW = pose(
    pitch=82,
    hip_flexion=2,
    knee_flexion=6,
    foot_pitch=-66,
    shoulder_flexion=32,
    shoulder_abduction=50,
    elbow_flexion=91,
    neck_flexion=-14,
)
QUADRUPED = pose(
    pitch=76, hip_flexion=76, knee_flexion=88, shoulder_flexion=76, elbow_flexion=8, foot_pitch=-150, neck_flexion=-10
)
_KNEES_AND_HANDS = ("left_knee", "right_knee", *HANDS)
_SAGGING = Fault("with a sagging back", pose(trunk_flexion=-14, hip_flexion=-8))
_HIPS_UP = Fault("with the hips too high", pose(hip_flexion=14, pitch=8))

FLOOR_EXERCISES = (
    Exercise(
        "push-up",
        ("Push-ups", "Pushups", "Press-ups", "Standard push ups"),
        "prone on hands and toes",
        "lowers the chest to the floor and pushes up again",
        (Keyframe(PLANK, 0.8, 0.15), Keyframe(PUSH_UP_LOW, 0.9, 0.1)),
        contacts=ALL_FOURS,
        tempo=(0.6, 1.6),
        faults=(SHALLOW, _SAGGING),
    ),
    Exercise(
        "knee push-up",
        ("Knee push-ups", "Modified push-ups", "Push-ups on the knees"),
        "prone on hands and knees",
        "lowers the chest to the floor and pushes up again",
        (
            Keyframe(
                pose(PLANK, pitch=56.5, hip_flexion=2, knee_flexion=70, foot_pitch=-150, shoulder_flexion=56.5),
                0.8,
                0.15,
            ),
            Keyframe(
                pose(PUSH_UP_LOW, pitch=73.5, hip_flexion=2, knee_flexion=60, foot_pitch=-150, shoulder_flexion=6),
                0.9,
                0.1,
            ),
        ),
        contacts=_KNEES_AND_HANDS,
        faults=(SHALLOW,),
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
            Keyframe(pose(PLANK, pitch=74, hip_flexion=8, foot_pitch=-62), 0.36),
            Keyframe(
                pose(PLANK, pitch=76, hip_flexion=12, left_hip_flexion=104, left_knee_flexion=112),
                0.36,
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
        faults=(SHALLOW,),
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
        faults=(SHALLOW,),
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
)
