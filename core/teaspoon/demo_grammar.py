"""The demo task: a home assistant. Its sentences and labels never enter the base model's pretraining."""

from __future__ import annotations

from random import Random

from core.teaspoon.grammar import Domain
from core.teaspoon.spoken import clock_time, day, duration, number_words, percent


def _degrees(rng: Random) -> str:
    return f"{number_words(rng.randint(15, 27))} degrees"


_ROOMS = (
    "kitchen", "bedroom", "living room", "bathroom", "hallway", "office", "garage", "dining room", "attic",
    "basement", "nursery", "guest room",
)  # fmt: skip
_COLOURS = (
    "red", "green", "blue", "yellow", "purple", "orange", "pink", "warm white", "turquoise",
)  # fmt: skip
_DEVICES = (
    "fan", "heater", "television", "coffee machine", "dishwasher", "washing machine", "oven", "radio",
    "kettle", "air conditioner", "humidifier", "dryer",
)  # fmt: skip
_ITEMS = (
    "milk", "bread", "butter", "eggs", "coffee", "apples", "bananas", "cheese", "rice", "pasta", "tomatoes",
    "onions", "orange juice", "toilet paper", "dish soap", "batteries", "olive oil", "chocolate", "potatoes",
    "cat food",
)  # fmt: skip
_GENRES = (
    "jazz", "rock", "classical music", "hip hop", "country", "blues", "folk music", "electronic music",
    "reggae", "soul", "opera", "piano music",
)  # fmt: skip
_TASKS = (
    "call my mother", "water the plants", "take out the trash", "feed the cat", "pay the rent",
    "take my medicine", "pick up the kids", "buy a present", "charge the car", "walk the dog",
    "clean the windows", "defrost the chicken", "send the letter", "book the dentist", "return the books",
)  # fmt: skip
_PLACES = (
    "london", "paris", "berlin", "madrid", "chicago", "boston", "tokyo", "sydney", "dublin", "vienna",
    "toronto", "oslo", "lisbon", "seattle", "denver",
)  # fmt: skip
_DOORS = ("front door", "back door", "garage door", "garden gate", "side door", "cellar door")

_ASK = "(|||please|could you|can you|would you please|hey|i want you to)"
_END = "(||||now|right now|for me|this time)"


def _polite(*templates: str) -> tuple[str, ...]:
    return tuple(f"{_ASK} {template} {_END}" for template in templates)


DEMO = Domain(
    name="home",
    intents={
        "light_on": _polite(
            "(turn|switch) on the (light|lights|lamp) in the {room}",
            "(turn|switch) the {room} (light|lights) on",
            "(light up|brighten) the {room}", "make it bright in the {room}",
        ),
        "light_off": _polite(
            "(turn|switch) off the (light|lights|lamp) in the {room}",
            "(turn|switch) the {room} (light|lights) off", "make the {room} dark",
            "kill the lights in the {room}",
        ),
        "light_dim": _polite(
            "dim the {room} (light|lights) to {percent}", "set the {room} (light|lights) to {percent}",
            "set the brightness in the {room} to {percent}",
        ),
        "light_color": _polite(
            "(make|turn) the {room} (light|lights) {color}",
            "set the (light|lights) in the {room} to {color}",
            "change the {room} lamp to {color}",
        ),
        "heating_set": _polite(
            "set the (temperature|heating) in the {room} to {degrees}", "heat the {room} to {degrees}",
            "make the {room} {degrees} [warm]",
        ),
        "heating_query": (
            "how (warm|cold|hot) is (it in|) the {room} (|now|right now|at the moment)",
            "what is the temperature in the {room} (|now|right now|at the moment)",
            f"{_ASK} tell me the temperature (of|in) the {{room}}",
            "is it (warm|cool|cold) enough in the {room} [now]",
        ),
        "alarm_set": (
            *_polite("set an alarm for {time} [{day}]", "wake me [up] at {time} [{day}]"),
            "i need to get up at {time} [{day}]", "i have to be up by {time} [{day}]",
        ),
        "alarm_cancel": _polite(
            "(cancel|delete|remove) the alarm (for|at) {time}", "don't wake me at {time}",
            "(cancel|delete|remove) my {time} alarm",
        ),
        "timer_start": _polite(
            "(set|start) a timer for {duration}", "(set|start) a {duration} timer", "count down {duration}",
            "tell me when {duration} have passed",
        ),
        "reminder_add": (
            *_polite("remind me to {task} [at {time}|{day}]", "set a reminder to {task} ({day}|at {time})"),
            "don't let me forget to {task} [{day}]",
        ),
        "shopping_add": (
            *_polite(
                "(add|put) {item} (to|on) (the|my) shopping list",
                "(add|put) {item} and {item} (to|on) (the|my) shopping list",
            ),
            "we (need|are out of) {item} [and {item}]", "i have to buy {item}",
        ),
        "shopping_remove": (
            *_polite("(remove|take|delete) {item} (from|off) (the|my) shopping list"),
            "we don't need {item} any more", "i already bought {item}",
        ),
        "music_play": (
            *_polite("play [some] {genre} [in the {room}]", "put on [some] {genre} [in the {room}]"),
            "i want to (hear|listen to) {genre}", "i am in the mood for {genre}",
        ),
        "music_stop": _polite(
            "stop the (music|song) [in the {room}]", "(turn off|pause) the (music|song) [in the {room}]",
            "no more music [in the {room}]",
        ),
        "volume_set": _polite(
            "set the volume [in the {room}] to {percent}", "(turn|change) the volume to {percent}",
            "make the sound {percent} [loud]",
        ),
        "weather_query": (
            "what is the weather (like|) in {place} [{day}]", "will it (rain|snow) in {place} [{day}]",
            "do i need an umbrella in {place} [{day}]", "how is the weather {day}",
        ),
        "door_lock": (
            *_polite("lock the {door}", "make sure the {door} is locked", "bolt the {door}"),
        ),
        "door_unlock": _polite("(unlock|open) the {door}", "let them in (at|through) the {door}"),
        "blinds_open": _polite(
            "(open|raise|pull up) the (blinds|curtains|shades) [in the {room}]",
            "let some light into the {room}",
        ),
        "blinds_close": _polite(
            "(close|lower|pull down) the (blinds|curtains|shades) [in the {room}]",
            "(shade|cover) the windows in the {room}",
        ),
        "device_on": _polite(
            "(turn|switch) on the {device} [in the {room}]", "start the {device} [(in {duration}|at {time})]",
            "(turn|switch) the {device} on",
        ),
        "device_off": _polite(
            "(turn|switch) off the {device} [in the {room}]", "stop the {device} [(in {duration}|at {time})]",
            "(turn|switch) the {device} off",
        ),
        "vacuum_start": (
            *_polite("(vacuum|hoover|sweep) the {room} [at {time}|{day}]",
            "send the robot [in]to the {room}"),
            "the {room} (is dirty|needs cleaning)",
        ),
    },
    values={
        "room": _ROOMS, "color": _COLOURS, "device": _DEVICES, "item": _ITEMS, "genre": _GENRES,
        "task": _TASKS, "place": _PLACES, "door": _DOORS, "time": clock_time, "day": day,
        "duration": duration, "percent": percent, "degrees": _degrees,
    },
)  # fmt: skip
