"""Walking, running, stairs and pedalling.

Curves are read at every 5 % of the cycle from normative figures: walking from Winter, "Biomechanics and Motor Control
of Human Movement" and Perry & Burnfield, "Gait Analysis" (thigh against the vertical); running from Novacheck, Gait &
Posture 7 (1998); stairs from Riener, Rabuffetti & Frigo, Gait & Posture 15 (2002) and Protopapadaki et al., Clin.
Biomech. 22 (2007); cycling from Ericson, Nisell & Németh, J. Orthop. Sports Phys. Ther. 9 (1988). Cadences of daily
life from Tudor-Locke et al., Int. J. Behav. Nutr. Phys. Act. 15 (2018).

Curves averaged over different people do not quite fit one body, and a differentiated trajectory shows every misfit.
Those of walking and stairs were therefore moved, by one to five degrees (root mean square, the ankle most), so that
the standing foot keeps its place while the pelvis goes the way it is measured to go (`Gait.surge`, `Gait.sway`). The
thigh swings less than in the figures, by 3 % in walking, 15 % upstairs and 10 % downstairs, the knee by 10 % and 5 %
on stairs.
In jogging, stance has the vertical motion of a spring-mass runner.
"""

from dataclasses import replace

from dataset_scripts.fimad.exercises.format import Exercise, Gait

# fmt: off
_WALK = Gait(
    hip=(19.8, 20, 18.9, 14.8, 10.5, 5.4, -1.9, -7.5, -11.6, -16, -17.1, -14.8, -10.3, -1.5, 8.7, 16.2, 22, 25.5, 24.7,
        21.7),
    knee=(5.3, 13, 20.1, 20.9, 19.9, 17.1, 10.1, 6.1, 5.1, 4, 9.7, 20.8, 32.1, 48.2, 63, 63.9, 51.9, 33.4, 15, 4.9),
    ankle=(1.4, -4.7, 1.2, 5.8, 5.4, 5.2, 4.5, 5, 7.2, 8.5, 9.1, 3, -14.1, -26.2, -17.9, -3.1, -1.5, -4.5, 3.4, 9.6),
    cadence=(98, 124),
    amplitude=(0.95, 1.12),
    arm_swing=24,
    heel_strike=7.0,
    inertia=0.35,
    cushion=0.06,
    bounce=3.0,
    surge=0.16,
    sway=0.022,
)
_JOG = Gait(
    hip=(18.5, 19.5, 20.9, 17.8, 11.9, 3.7, -4.7, -11.1, -14.2, -11.8, -5, 3.5, 13.1, 21.5, 28.7, 34, 36, 34.7,
        29.9, 22.2),
    knee=(14.5, 26.9, 40.2, 47.1, 46.8, 41.5, 32.6, 24.9, 23.1, 34.5, 53.2, 72.2, 86.9, 93.9, 89.7, 75, 51.9,
        29.7, 16.1, 10.6),
    ankle=(9.6, 10.7, 18.7, 26.4, 28.8, 25, 13.1, -5.3, -18.8, -18.4, -12.1, -5.4, -0.4, 2.6, 4.7, 5.8, 6, 5.6,
        6.5, 8.1),
    cadence=(150, 180),
    amplitude=(0.95, 1.18),
    stance=0.37,
    lean=7,
    arm_swing=26,
    elbow=85,
    pelvis_rotation=6,
    heel_strike=11.0,
    inertia=0.0,
    cushion=0.045,
    bounce=1.35,
)
_UPSTAIRS = Gait(
    hip=(52.4, 49.8, 46.5, 43.3, 39.7, 35.1, 29.3, 23.5, 18.2, 13.1, 8.8, 6.4, 7.2, 15, 28.9, 41.7, 51.4, 58.3, 59.4,
        55.7),
    knee=(60.6, 60.3, 58.5, 55.9, 52.7, 47.6, 40.3, 32.6, 25.6, 18.8, 13.4, 11.1, 14, 28.9, 54.3, 75.1, 83.3, 82, 73.3,
        63.9),
    ankle=(6.5, 10.1, 11, 9.2, 8.1, 8, 8.6, 7.9, 6, 3.3, -0.7, -5.4, -11.9, -17.9, -13.3, -0.1, 7.7, 8.4, 7.5, 5.7),
    cadence=(84, 118),
    stance=0.64,
    lean=10,
    arm_swing=13,
    elbow=25,
    pelvis_drop=5,
    heel_strike=9.0,
    climbs=True,
    turn=5,
    inertia=0.35,
    cushion=0.03,
    bounce=2.0,
    surge=0.2,
    sway=0.022,
    variation=0.08,
)
_DOWNSTAIRS = Gait(
    hip=(11.2, 13.3, 15.5, 13.5, 10.5, 10.1, 10.6, 11.7, 13.1, 14.3, 16.5, 20.1, 24.6, 30.4, 35.4, 36.3, 32, 25.1,
        18.4, 13.3),
    knee=(10.2, 17, 25.8, 26.8, 24.8, 27, 31.5, 37.2, 44, 50.9, 59.5, 69.5, 78.3, 84.8, 86.1, 80.2, 65.6, 43.9,
        23.9, 12.6),
    ankle=(-11, -14.1, -2.6, 9.3, 12.8, 15.4, 19.8, 25.6, 32.8, 38.8, 40.8, 35.9, 24.3, 7.8, -5.5, -6.7, -7.7,
        -17.5, -18, -9),
    cadence=(92, 140),
    stance=0.60,
    lean=2,
    arm_swing=12,
    elbow=25,
    heel_strike=6.0,
    climbs=True,
    turn=5,
    inertia=0.35,
    cushion=0.03,
    bounce=0.8,
    surge=0.12,
    sway=0.022,
    variation=0.12,
)
# On the spot: the stance foot stays under the hip. Drawn after film of the exercise, not from a published curve.
_HIGH_KNEES = Gait(
    hip=(12, 13, 15, 15, 13, 10, 7, 5, 8, 20, 38, 58, 76, 88, 92, 86, 72, 52, 33, 19),
    knee=(22, 27, 31, 31, 27, 20, 13, 10, 19, 42, 68, 90, 104, 110, 106, 92, 72, 48, 30, 22),
    ankle=(0, 8, 13, 14, 10, 3, -12, -26, -22, -12, -6, -2, 0, 0, 0, 0, 0, 0, -2, -4),
    cadence=(126, 172),
    amplitude=(0.68, 0.95),
    stance=0.40,
    lean=2,
    arm_swing=30,
    elbow=85,
    pelvis_rotation=3,
    heel_strike=1.2,
    turn=10,
)
_JOG_IN_PLACE = replace(
    _HIGH_KNEES,
    hip=(10, 11, 13, 13, 11, 8, 6, 5, 6, 9, 14, 20, 27, 32, 34, 32, 27, 21, 15, 11),
    knee=(20, 25, 29, 29, 25, 18, 12, 10, 17, 34, 54, 70, 78, 78, 72, 60, 47, 36, 27, 21),
    cadence=(145, 180),
    arm_swing=26,
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
    arms_forward=82,
    pelvis_rotation=0.8,
    pelvis_drop=2.5,
    heel_strike=0.0,
    turn=0,
)
# fmt: on


def _gait(name: str, titles: tuple[str, ...], moves: str, motion: Gait, posture: str = "upright") -> Exercise:
    return Exercise(name, titles, posture, moves, motion)


LOCOMOTION = (
    _gait("walking", ("Walk", "Walking at normal speed", "Going for a walk"), "walks forward", _WALK),
    _gait(
        "slow walking",
        ("Slow walk", "Walking slowly", "Strolling"),
        "strolls forward with short steps",
        replace(_WALK, cadence=(72, 98), amplitude=(0.8, 1.02), arm_swing=12, heel_strike=4.0, stance=0.66),
    ),
    _gait(
        "brisk walking",
        ("Fast walk", "Walking fast", "Power walk", "Brisk walk"),
        "walks forward with long quick steps and swinging arms",
        replace(
            _WALK, cadence=(122, 142), amplitude=(0.98, 1.1), arm_swing=32, elbow=45, heel_strike=8.0, stance=0.59
        ),
    ),
    _gait(
        "walking with a phone",
        ("Walking and looking at the phone", "Texting while walking", "Walk with a cup of coffee"),
        "walks forward with bent arms that hardly swing",
        replace(_WALK, cadence=(84, 114), amplitude=(0.85, 1.1), arm_swing=2, elbow=95, arms_forward=24),
    ),
    _gait(
        "walking with bags",
        ("Farmers walk", "Carrying shopping bags", "Farmer's carry", "Loaded carry"),
        "walks forward with a weight in each hanging hand",
        replace(_WALK, cadence=(92, 120), amplitude=(0.8, 1.05), arm_swing=4, elbow=12, pelvis_rotation=3),
    ),
    _gait(
        "walking in a circle",
        ("Walking in circles", "Walk around", "Walking around a corner"),
        "walks along a curve",
        replace(_WALK, cadence=(88, 112), amplitude=(0.9, 1.1), turn=330),
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
        replace(_JOG, cadence=(165, 190), amplitude=(1.15, 1.35), stance=0.33, arm_swing=38, lean=9, heel_strike=11.0),
    ),
    _gait(
        "jogging in place",
        ("Jog on the spot", "Jog in place", "Light jog in place", "Running in place"),
        "jogs on the spot",
        _JOG_IN_PLACE,
    ),
    _gait(
        "high knees",
        ("High knees", "High knee run", "High knees running", "Knee drives"),
        "runs on the spot with the knees to hip height",
        _HIGH_KNEES,
    ),
    _gait(
        "cycling",
        ("Bike", "Stationary bike", "Indoor cycling", "Spinning", "Riding a bicycle"),
        "turns the pedals, hands on the handlebar",
        _CYCLE,
        "seated on a bicycle",
    ),
)
