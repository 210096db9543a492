"""Walking, running, stairs and pedalling.

Curves are read at every 5 % of the cycle from normative figures: walking from Winter, "Biomechanics and Motor Control of Human
Movement" and Perry & Burnfield, "Gait Analysis" (thigh against the vertical); running from Novacheck, Gait & Posture 7 (1998);
stairs from Riener, Rabuffetti & Frigo, Gait & Posture 15 (2002) and Protopapadaki et al., Clin. Biomech. 22 (2007); cycling from
Ericson, Nisell & Németh, J. Orthop. Sports Phys. Ther. 9 (1988). Cadences of daily life from Tudor-Locke et al., Int. J. Behav.
Nutr. Phys. Act. 15 (2018).
"""

from dataclasses import replace

from dataset_scripts.fimad.exercises.format import Exercise, Gait

_WALK = Gait(
    hip=(24, 23.5, 21, 17, 12, 7, 1.5, -4, -9, -13, -15.5, -14.5, -9, 1, 11, 19, 24.5, 27, 27, 25.5),
    knee=(4, 10, 17, 20, 18, 14.5, 10.5, 7, 5, 5, 9, 18, 33, 50, 61, 62.5, 53, 36, 17, 5),
    ankle=(0, -4.5, -4, 0, 3, 5, 6.5, 8, 9.5, 10, 8, 0, -12, -18, -13, -6, -1, 1.5, 1.5, 0.5),
    cadence=(100, 122),
    amplitude=(0.9, 1.1),
)
_JOG = Gait(
    hip=(28, 27.5, 26, 21, 15, 8, 1, -5, -9, -8, -3, 4, 13, 21, 28, 34, 37, 37.5, 36, 31),
    knee=(15, 25, 36, 42, 41, 35, 26, 19, 19, 32, 52, 72, 87, 94, 90, 75, 52, 30, 16, 11),
    ankle=(5, 6, 14, 21, 23, 19, 7, -10, -21, -19, -12, -5, 0, 3, 5, 6, 6, 5, 5, 5),
    cadence=(148, 172),
    amplitude=(0.85, 1.05),
    stance=0.37,
    lean=7,
    arm_swing=26,
    elbow=85,
    pelvis_rotation=6,
    heel_strike=2.0,
)
_UPSTAIRS = Gait(
    hip=(57, 56, 52, 47, 41, 35, 29, 23, 17, 11, 6, 3, 4, 12, 27, 42, 55, 62, 63, 60),
    knee=(65, 65, 62, 57, 50, 43, 35, 27, 20, 14, 10, 8, 15, 35, 65, 85, 92, 90, 82, 72),
    ankle=(8, 11, 12, 11, 10, 8, 6, 4.5, 3, 2, 0, -8, -20, -22, -10, 0, 8, 10, 10, 8),
    cadence=(80, 115),
    stance=0.64,
    lean=10,
    arm_swing=13,
    elbow=25,
    pelvis_drop=5,
    heel_strike=0.6,
    climbs=True,
    turn=5,
)
_DOWNSTAIRS = Gait(
    hip=(16, 14.5, 12.5, 10, 8.5, 8, 8, 9, 11, 14.5, 19, 25.5, 33, 39, 42, 41, 36, 29, 22, 17.5),
    knee=(10, 14, 18, 20.5, 22, 24, 26, 30, 36, 44, 55, 67, 80, 90, 92, 85, 68, 45, 24, 12),
    ankle=(-22, -12, 4, 10, 14, 16, 18, 21, 24, 27, 28, 27, 20, 8, 0, -5, -9, -14, -19, -23),
    cadence=(85, 125),
    stance=0.60,
    lean=2,
    arm_swing=12,
    elbow=25,
    heel_strike=1.6,
    climbs=True,
    turn=5,
)
_CYCLE = Gait(
    hip=(86, 85, 81, 76, 70, 63, 56, 50, 45, 42, 41, 42, 45, 50, 56, 63, 70, 76, 81, 85),
    knee=(104, 99, 91, 82, 72, 61, 52, 45, 40, 38, 39, 43, 50, 59, 69, 80, 90, 98, 104, 106),
    ankle=(3, 2, 0, -2, -5, -8, -10, -11, -10, -8, -5, -3, 0, 2, 3, 4, 4, 4, 4, 3),
    cadence=(100, 190),
    amplitude=(1.0, 1.0),
    stance=0.0,
    lean=55,
    arm_swing=0,
    elbow=15,
    pelvis_rotation=0.8,
    pelvis_drop=2.5,
    heel_strike=0.0,
    turn=0,
)


def _gait(name: str, titles: tuple[str, ...], moves: str, motion: Gait, posture: str = "standing") -> Exercise:
    return Exercise(name, titles, posture, moves, motion)


LOCOMOTION = (
    _gait("walking", ("Walk", "Walking at normal speed", "Going for a walk"), "walks forward", _WALK),
    _gait(
        "slow walking",
        ("Slow walk", "Walking slowly", "Strolling"),
        "strolls forward with short steps",
        replace(_WALK, cadence=(72, 98), amplitude=(0.68, 0.9), arm_swing=12, heel_strike=0.6, stance=0.66),
    ),
    _gait(
        "brisk walking",
        ("Fast walk", "Walking fast", "Power walk", "Brisk walk"),
        "walks forward with long quick steps and swinging arms",
        replace(
            _WALK, cadence=(122, 142), amplitude=(1.08, 1.22), arm_swing=32, elbow=45, heel_strike=1.5, stance=0.59
        ),
    ),
    _gait(
        "walking in a circle",
        ("Walking in circles", "Walk around", "Walking around a corner"),
        "walks along a curve",
        replace(_WALK, cadence=(88, 112), turn=330),
    ),
    _gait(
        "walking upstairs",
        ("Going upstairs", "Climbing stairs", "Stairs up", "Stair climb"),
        "climbs a flight of stairs step over step",
        _UPSTAIRS,
    ),
    _gait(
        "walking downstairs",
        ("Going downstairs", "Descending stairs", "Stairs down", "Down the stairs"),
        "goes down a flight of stairs step over step",
        _DOWNSTAIRS,
    ),
    _gait("jogging", ("Jog", "Easy jog", "Slow running", "Light jog"), "jogs forward with bent arms", _JOG),
    _gait(
        "running",
        ("Run", "Fast run", "Running fast", "Tempo run"),
        "runs forward with long strides",
        replace(_JOG, cadence=(165, 185), amplitude=(1.1, 1.3), stance=0.33, arm_swing=38, lean=9, heel_strike=2.6),
    ),
    _gait(
        "cycling",
        ("Bike", "Stationary bike", "Indoor cycling", "Spinning", "Riding a bicycle"),
        "turns the pedals, hands on the handlebar",
        _CYCLE,
        "seated on a bicycle",
    ),
)
