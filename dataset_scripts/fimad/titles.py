"""Titles as people give them to chapters and files: the movement they name, and the side it is done on.

A chapter of a fitness video reads "3. SIDE LUNGES (left) - 30 sec | FitnessBlender". Two clips of one exercise should
share a text, so `normalize_title` takes out, in this order:

1. what is no word: addresses, mentions, hashtags, emoji, punctuation;
2. figures with their units and the numbering around them: durations, counts, weights, "Round 2 of 3", "A1.", "x15";
3. sides, with the body part where nothing of the name follows it: "Lunge - left leg" becomes "lunge", but
   "Left leg raise" becomes "leg raise" and "Left side plank" "side plank";
4. names of channels and trainers, words about the video instead of the movement ("no equipment", "follow along"), and
   headings beside a name ("Warm Up: Jumping Jacks"); what follows a "|" is the channel's by custom.

Words that tell movements apart stay: "alternating", "one-arm", "low impact", "modified", singular and plural, letters
that are shapes ("T push up", "L sit"). Number words stay unless a unit follows or a numbering word goes before.
"""

import re
import unicodedata

_NUMBER_WORD = "one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|forty|fifty|sixty|ninety"
_TIME_UNIT = r"seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?"
_UNIT = (
    rf"{_TIME_UNIT}|m|meters?|metres?|km|miles?|kgs?|kilos?|lbs?|pounds?|cals?|calories|bpm|%|degrees?|in|inch|"
    r"reps?|repetitions?|times?|x|rounds?|sets?|counts?|breaths?"
)
_RANGE = r"\d+(?:[.,:]\d+)*(?:\s*(?:-|–|to)\s*\d+(?:[.,:]\d+)*)?"
_NUMBERING = (
    r"exercises?|ex|moves?|movements?|no|nr|number|rounds?|rds?|sets?|circuits?|blocks?|parts?|pt|days?|weeks?|levels?|"
    r"phases?|stations?|laps?|intervals?|supersets?|trisets?|poses?|drills?|steps?|chapters?|workouts?|tabatas?|"
    r"complex|variations?|options?|sides?"
)

_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|(?<!\w)@\w+|#(?=[^\W\d])\w+")
# Figures go from the most specific form to any figure that is left. "Two sets", "one minute" need the unit.
_FIGURES = tuple(
    re.compile(pattern)
    for pattern in (
        # "10 seconds left", "2 rounds to go": what is left, not a side
        rf"\b(?:{_RANGE}|{_NUMBER_WORD})\s*-?\s*(?:{_TIME_UNIT}|rounds?|sets?|reps?|exercises?|more)"
        r"\s+(?:left|to go)\b",
        rf"\b(?:{_NUMBERING})\s*[.#:]*\s*\d+(?:\s*(?:/|of|out of)\s*\d+)?\b",
        rf"\b(?:rounds?|sets?|parts?|circuits?|blocks?|days?|weeks?|levels?)\s+(?:{_NUMBER_WORD}|i{{1,3}}|iv|v)\b",
        r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|last|final)\s+(?:rounds?|sets?|circuits?|blocks?|exercises?|moves?)\b",
        rf"\b\d+\s*x\s*{_RANGE}(?:\s*-?\s*(?:{_UNIT})\b)?",
        rf"\bx\s*{_RANGE}(?:\s*(?:each|per)\b)?",
        rf"\b{_RANGE}\s*-?\s*(?:{_UNIT})(?!\w)(?:\s+of\b)?",
        rf"\b(?:{_NUMBER_WORD}|half)[\s-]+(?:{_TIME_UNIT}|reps?|repetitions?|rounds?|sets?)\b(?:\s+of\b)?",
        r"\b\d+(?:st|nd|rd|th)\b",
        r"(?<!\w)[a-h]\s?\d(?=\s*[.):\-–])",  # supersets: "A1.", "B2)"
        r"(?<![^\W\d])\d+(?:[.,:/]\d+)*['\"]*",
    )
)

_SIDE = r"(?:left|right(?!\s+(?:angled?|now|away|after|into)\b))"
_BODY_PART = r"(?:sides?|hands?|arms?|foot|feet|legs?|knees?|elbows?|shoulders?|hips?)"
_LIMB_WORK = "forward|front|in front|back|behind|first|lead|leads|leading|up|down|only"
_BESIDE = r"(?:with|by|to|on|onto|from|over|for|your|the|then|and|or|lead(?:ing)?|start(?:ing)?)"
_SIDE_REMOVALS = tuple(
    re.compile(pattern)
    for pattern in (
        # "side" that belongs to the name behind it: "left side plank"
        rf"\b{_SIDE}\s+(?=side\s+(?!{_LIMB_WORK})[^\W\d_])",
        # to the end of the segment: "with the left leg", "right foot forward", "other side", "left then right"
        rf"(?:\b{_BESIDE}\s+)*\b(?:(?:{_SIDE}|each|per|other|opposite|second|switch)\s+{_BODY_PART}|both\s+sides)"
        rf"(?:\s+(?:{_LIMB_WORK}))*\s*$",
        rf"(?:\b{_BESIDE}\s+)*\b{_SIDE}\b(?=\s*$)",
        rf"\b(?:with|by|to|on|onto|from)\s+(?:the\s+|your\s+)?{_SIDE}(?:\s+{_BODY_PART})?\b",
        rf"\b{_SIDE}\b",
        r"^\s*(?:switch|change)(?:\s+(?:sides?|legs?|arms?))?\s*$",
    )
)
# "(L)", "Lunge R", "L: Lunge", "L/R"; "L sit" is a shape. Before lower-casing: a small trailing r is no side.
_SIDE_LETTERS = (
    (re.compile(r"\b(?:[LR])\s*(?:/|&|\+|-|to|and|then)\s*(?:[LR])\b"), "left right"),
    (re.compile(r"[(\[]\s*(?:[Ll][Tt]?)\.?\s*[)\]]|(?<=\s)(?:L|LT|Lt)(?=\s*(?:$|[|)\]]|[-–—:]\s))"), " (left) "),
    (re.compile(r"[(\[]\s*(?:[Rr][Tt]?)\.?\s*[)\]]|(?<=\s)(?:R|RT|Rt)(?=\s*(?:$|[|)\]]|[-–—:]\s))"), " (right) "),
    (re.compile(r"^\s*L(?=\s*(?::|\)|\s[-–—]\s))"), "left"),
    (re.compile(r"^\s*R(?=\s*(?::|\)|\s[-–—]\s))"), "right"),
)

# Channels and trainers that fitness videos on YouTube name most; not complete, and need not be.
_BRANDS = re.compile(
    r"\b(?:(?:with|by|from|ft|feat)\.?\s+)?(?:fitness\s?blender|pamela(?:\s+(?:reif|rf))?|chloe\s+ting|mad\s?fit|"
    r"blogilates|grow\s?with\s?jo|pop\s?sugar(?:\s+fitness)?|athlean[\s-]?x|heather\s+robertson|sydney\s+cummings|"
    r"caroline\s+girvan|yoga\s+with\s+adriene|adriene|the\s+fitness\s+marshall|emi\s+wong|lilly\s+sabri|joe\s+wicks|"
    r"(?:the\s+)?body\s+coach|team\s+body\s?project|les\s+mills|nike\s+training(?:\s+club)?|peloton|"
    r"calisthenic\s?movement|jeff\s+nippard|jeremy\s+ethier|thenx|buff\s+dudes|natacha\s+océane|bodyfit\s+by\s+amy|hasfit|jessica\s+smith\s?tv|"
    r"move\s+with\s+nicole|juice\s+(?:and|&)\s+toya|daisy\s+keech|april\s+han|mizi|eylem\s+abaci|rebecca[\s-]louise|"
    r"scott\s+herman(?:\s+fitness)?)\b"
)
_ABOUT_THE_VIDEO = re.compile(
    r"\b(?:no\s+equipment(?:\s+needed)?|(?:without|zero)\s+equipment|(?:at|from)\s+home|home\s+workouts?|"
    r"for\s+(?:beginners?|women|men|seniors|everyone|kids|all\s+levels)|(?:beginner|apartment|knee|wrist)[\s-]friendly|"
    r"beginners|all\s+levels|follow\s+along|(?:do\s+(?:it|this)\s+)?with\s+me|how\s+to(?:\s+do)?(?:\s+an?)?|"
    r"full\s+(?:video|tutorial)|tutorial|demo(?:nstration)?\s+of|real\s*time|let'?s\s+go|next\s+up|up\s+next|"
    r"to\s+failure|until\s+failure|as\s+many\s+as\s+possible|amrap|emom|no\s+rest|new|like\s+and\s+subscribe|"
    r"subscribe)\b"
)
_HEADING = re.compile(
    r"(?:(?:the|main|quick|dynamic|full\s+body|upper\s+body|lower\s+body|strength|training|section|part|phase|final|set|"
    r"bonus|round|circuit|block|superset|finisher|tabata|hiit|cardio|warm\s*ups?|warming\s+up|cool\s*downs?|"
    r"workouts?|exercises?|moves?|drills?|stretches|time|start|work|interval|activation|mobility|burnout|routine)"
    r"(?:\s+|$))+"
)
_TRAILING_NOUN = re.compile(r"(?<=\w)\s+(?:exercises?|workouts?)$")
_LOOSE_ENDS = re.compile(
    r"^(?:(?:and|of|then|x|for|by|per|each)\s+)+|(?:\s+(?:and|of|then|x|for|with|by|per|each|at|the|or))+$"
)
_BREAKS = re.compile(r"[()\[\]{}:;,\n•·~→>]|\s[-–—/]+\s|\s[-–—]|[–—]\s|\.\s")


def normalize_title(title: str) -> str:
    """The movement that a title names: lower case, without numbers, durations, sides and words about the video.

    See the module for what is taken out. Letters of every script stay. Normalising twice changes nothing.

    >>> normalize_title("12. Side Lunges (left) - 30 seconds | FitnessBlender")
    'side lunges'

    Raises:
        ValueError: nothing is left: the title ("Exercise 4", "0:30") names no movement.
    """
    text = _NO_WORDS.sub(" ", _spell_out_sides(_plain_signs(title)))
    text = re.sub(r"\s[&+]\s|(?<=\w)[&+](?=\w)", " and ", text.lower().replace("w/ ", "with "))
    for figures in _FIGURES:
        text = figures.sub(" ", text)
    before_the_bar, *after_the_bar = (_names(part) for part in re.split(r"[|¦]|//", text))
    # a heading may stand before the bar, a channel after it
    name = next((part for part in (before_the_bar, *after_the_bar) if part and not _HEADING.fullmatch(part)), None)
    name = name or next((part for part in (before_the_bar, *after_the_bar) if part), None)
    if not name:
        raise ValueError(f"title {title!r} names no movement once numbers, sides and words about the video are out")
    return name


def side_of(title: str) -> str | None:
    """The side that a title names: "left", "right", or None where it names neither or both.

    >>> side_of("Side Plank (L)"), side_of("Step left and right")
    ('left', None)
    """
    text = _FIGURES[0].sub(" ", _spell_out_sides(_plain_signs(title)).lower())
    sides = set(re.findall(rf"\b{_SIDE}\b", text))
    return sides.pop() if len(sides) == 1 else None


_TYPEWRITER = {ord("’"): "'", ord("‘"): "'", ord("_"): " "}
_SYMBOLS = ("So", "Sk", "Cf", "Cs", "Co", "Cn")  # categories of Unicode: emoji, their modifiers and joiners


def _plain_signs(title: str) -> str:
    """Compatibility forms of letters, typewriter apostrophes, and spaces for underscores and symbols."""
    text = unicodedata.normalize("NFKC", title).translate(_TYPEWRITER)
    return "".join(" " if unicodedata.category(letter) in _SYMBOLS else letter for letter in text)


def _spell_out_sides(title: str) -> str:
    for letters, side in _SIDE_LETTERS:
        title = letters.sub(side, title)
    return title


def _names(part: str) -> str:
    """What names a movement in a part of a title: its segments without sides, brands and headings, as plain words."""
    segments = [_name(segment) for segment in _BREAKS.split(part)]
    segments = [segment for segment in segments if segment]
    names = [segment for segment in segments if not _HEADING.fullmatch(segment)]
    return " ".join(names or segments)


def _name(segment: str) -> str:
    text = _ABOUT_THE_VIDEO.sub(" ", _BRANDS.sub(" ", segment))
    text = re.sub(r"[^\w']|[\d_]|(?<!\w)'|'(?!\w)", " ", text)
    text = _squeeze(text)
    for sides in _SIDE_REMOVALS:
        text = _squeeze(sides.sub(" ", text))
    text = _TRAILING_NOUN.sub("", text) if not _HEADING.fullmatch(text) else text
    return _squeeze(_LOOSE_ENDS.sub(" ", text))


def _squeeze(text: str) -> str:
    return " ".join(text.split())
