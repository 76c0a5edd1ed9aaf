"""Task domains of the pretraining: everyday services other than the demo's home assistant."""

from __future__ import annotations

from core.teaspoon import lexicon as words
from core.teaspoon import spoken
from core.teaspoon.grammar import Domain, Values

_ASK = "(|||please|could you|can you|i would like you to|hey|now)"
_SHARED: dict[str, Values] = {
    "name": words.NAMES, "city": words.CITIES, "country": words.COUNTRIES, "food": words.FOODS,
    "drink": words.DRINKS, "animal": words.ANIMALS, "thing": words.THINGS, "color": words.COLOURS,
    "adjective": words.ADJECTIVES, "time": spoken.clock_time, "day": spoken.day, "date": spoken.date,
    "duration": spoken.duration, "count": spoken.small_number, "number": spoken.any_number,
    "digits": spoken.digits, "letters": spoken.spelling, "month": spoken.month, "person": words.PEOPLE,
    "topic": words.ABSTRACT, "percent": spoken.percent, "place": words.PLACES, "weekday": spoken.weekday,
    "rank": spoken.ordinal,
}  # fmt: skip


def _domain(name: str, intents: dict[str, tuple[str, ...]], **values: Values) -> Domain:
    asked = {
        intent: tuple(f"{_ASK} {t[1:]}" if t.startswith("!") else t for t in templates)
        for intent, templates in intents.items()
    }
    return Domain(name, asked, _SHARED | values)


DOMAINS = (
    _domain("travel", {
        "flight book": ("!book a flight from {from:city} to {to:city} [{day}]",
                        "i want to fly to {to:city} on {date}",
                        "!get me [{count}] (seats|tickets) to {to:city}"),
        "flight status": ("is the flight from {from:city} on time",
                          "when does the plane to {to:city} (leave|arrive)",
                          "!check flight {digits}"),
        "hotel reserve": ("!(reserve|find) a (hotel|room) in {city} for {count} nights",
                          "i need a room in {city} from {date}"),
        "trip cancel": ("!cancel my trip to {to:city}", "i can't travel to {to:city} [{day}]"),
        "train ask": ("what time is the next train to {to:city}",
                      "how long is the ride from {from:city} to {to:city}"),
        "car rent": ("!rent a [{color}] car in {city} for {duration}", "i need a car {day}"),
    }),
    _domain("restaurant", {
        "order food": ("!order {count} {food} [and {food}]", "i'll have the {food} with {food}",
                       "one {food} and {count} {drink} please", "!bring me a {drink} and some {food}"),
        "order change": ("!take the {food} off my order", "no {food} on that", "!swap the {food} for {food}"),
        "table book": ("!book a table for {count} [at {time}] [{day}]",
                       "we are {count} people coming at {time}"),
        "menu ask": ("do you have {food}", "what comes with the {food}", "is there {food} in the {food}"),
        "bill pay": ("!bring the bill", "can we pay separately", "i will pay for {name}"),
    }),
    _domain("bank", {
        "money send": ("!(send|transfer) {number} dollars to {name}", "!pay {name} {number} euros [{day}]",
                       "i owe {name} {number} dollars"),
        "balance ask": ("how much money do i have", "what is my balance [in account {digits}]",
                        "!show account {digits}"),
        "card block": ("!(block|freeze) my [{color}] card", "i lost my card in {city}",
                       "someone stole my {color} card"),
        "bill remind": ("my bill is due on {date}", "!pay the (rent|bill) on {date}"),
        "loan ask": ("i need a loan of {number} dollars for {duration}",
                     "what is the rate for {number} euros"),
    }),
    _domain("calendar", {
        "meeting add": ("!(schedule|add|plan) a meeting with {name} [and {name}] [{day}] at {time}",
                        "i am meeting {name} at {time}", "!put lunch with {name} in my calendar [{day}]"),
        "meeting move": ("!move the meeting with {name} to {time}",
                         "!(push|delay) my {time} meeting by {duration}"),
        "meeting drop": ("!(cancel|drop) the meeting with {name} [{day}]", "i can't see {name} {day}"),
        "agenda ask": ("what do i have {day}", "am i free at {time} [{day}]", "what is on {date}",
                       "when am i seeing {name}"),
        "birthday ask": ("when is {name}'s birthday", "whose birthday is on {date}"),
    }),
    _domain("messages", {
        "call start": ("!(call|phone|ring) {name}", "!dial {digits}", "i want to talk to {name}"),
        "text send": ("!(text|write|message) {name} that i am {adjective}",
                      "!tell {name} i will be there at {time}"),
        "mail read": ("!read my [last] (mails|messages) from {name}", "did {name} write [{day}]"),
        "contact add": ("!(save|add) {name} with number {digits}", "{name}'s number is {digits}"),
        "call end": ("!hang up", "!end the call with {name}", "goodbye {name}"),
    }),
    _domain("shop", {
        "product find": ("!(find|show) me a {color} {thing}", "do you sell {adjective} {thing}",
                         "i am looking for a {adjective} {thing}"),
        "cart add": ("!(put|add) {count} {thing} in my (cart|basket)", "i'll take the {color} {thing}"),
        "cart clear": ("!(empty|clear) my (cart|basket)", "!take the {thing} out of my basket"),
        "price ask": ("how much is the {color} {thing}", "what does the {thing} cost",
                      "is the {thing} under {number} dollars"),
        "parcel track": ("where is my {thing}", "!track order {digits}", "when will the {thing} arrive"),
        "item return": ("i want to return the {thing}",
                        "the {thing} is {adjective} and i want my money back"),
    }),
    _domain("health", {
        "doctor book": ("i need to see a doctor [{day}]",
                        "!make an appointment with doctor {name} at {time}"),
        "symptom tell": ("my {body} hurts [since {day}]", "i have had a pain in my {body} for {duration}",
                         "my {body} feels {adjective}"),
        "pill log": ("i took {count} pills at {time}", "!note that i took my medicine {day}"),
        "sport log": ("i ran for {duration}", "i walked {count} miles {day}", "!log {duration} of swimming"),
        "sleep ask": ("how long did i sleep", "when did i go to bed {day}"),
    }, body=("head", "back", "arm", "leg", "knee", "foot", "hand", "shoulder", "neck", "stomach", "ear",
    "tooth",
             "finger", "chest", "hip", "eye", "throat", "elbow")),
    _domain("cooking", {
        "recipe find": ("how do i (cook|make) {food}", "!find a recipe with {food} and {food}",
                        "what can i make from {food}"),
        "step next": ("what comes after the {food}", "!go to step {count}", "next step please"),
        "amount ask": ("how much {food} do i need for {count} people", "how many grams of {food} go in"),
        "bake time": ("how long does the {food} need", "!bake the {food} for {duration}",
                      "is the {food} done"),
        "taste tell": ("the {food} is too {adjective}", "the {food} tastes {adjective}"),
    }),
    _domain("library", {
        "book lend": ("!(lend|reserve) me the book about {topic}",
                      "i want to borrow {count} books about {topic}"),
        "book return": ("i bring back the book about {topic}", "!extend my book by {duration}"),
        "author ask": ("who wrote the story of the {animal}", "what did {name} write about {topic}"),
        "shelf ask": ("on which floor are the books about {topic}", "is shelf {letters} in the {place}"),
        "page read": ("!read page {number}", "!start at chapter {count}", "!read the {rank} chapter"),
    }),
    _domain("school", {
        "lesson ask": ("when is the {subject} lesson [{day}]", "who teaches {subject}",
                       "where is {subject} {day}"),
        "grade ask": ("what did i get in {subject}", "did {name} pass the {subject} exam"),
        "homework add": ("we have to learn {subject} until {weekday}",
                         "!note homework for {subject} page {number}"),
        "pupil absent": ("{name} is sick {day}", "{name} can't come to {subject}"),
        "sum do": ("what is {number} plus {number}", "how much is {count} times {count}",
                   "!divide {number} by {count}"),
    }, subject=("history", "geography", "physics", "chemistry", "biology", "french", "spanish", "english",
    "latin",
                "mathematics", "drawing", "sports", "religion", "economics")),
    _domain("taxi", {
        "ride order": ("!(send|get|call) a (taxi|cab) to the {spot} [at {time}]",
                       "i need a ride from the {spot} to the {to:spot}"),
        "ride route": ("!drive (past|over) the {spot}", "!take the {rank} (left|right)",
                       "!stop at the {spot}"),
        "ride price": ("what is the fare to the {spot}", "how much to {city}"),
        "ride late": ("where is my (cab|taxi|driver)", "the driver is {duration} late"),
        "route ask": ("which bus goes to the {spot}", "how far is it to {city}",
                      "is there traffic near the {spot}"),
    }, spot=("station", "airport", "harbor", "museum", "market", "hospital", "cinema", "theater",
    "stadium", "castle",
             "church", "old town", "main square", "university", "zoo", "bridge", "post office", "city hall")),
    _domain("sports", {
        "score ask": ("who won the game between {city} and {city}", "what was the score in {city}",
                      "did {city} beat {city} {day}"),
        "match when": ("when does {city} play [{day}]", "who plays on {date}"),
        "player ask": ("how many goals did {name} score", "is {name} playing {day}", "how old is {name}"),
        "ticket buy": ("!buy {count} tickets for {city} against {city}", "i want to see the match {day}"),
        "team follow": ("!follow the team from {city}", "i am a fan of {city}"),
    }),
    _domain("farm", {
        "animal feed": ("!feed the {animal} at {time}", "the {animal} needs {food}",
                        "give the {animal} some {food}"),
        "field work": ("!(plant|water) the {food} [{day}]", "the {food} is ready to harvest {day}"),
        "animal count": ("how many {animal} do we have", "we have {count} {animal} and {count} {animal}"),
        "animal sick": ("the {color} {animal} is sick", "one {animal} does not eat since {day}"),
        "market sell": ("!sell {count} {animal} in {month}", "what is the price of {food} in {month}"),
    }),
    _domain("museum", {
        "tour join": ("!book a tour at {time} for {count}", "is there a tour {day}"),
        "picture ask": ("who painted the {color} {animal}", "when was the {thing} made",
                        "what does room {count} show"),
        "way ask": ("where is the {thing} hall", "how do i get to the {place}",
                    "which floor is the {place} on"),
        "opening ask": ("is the museum open {day}", "until when are you open on {weekday}"),
        "coat leave": ("where can i leave my {thing}", "i lost my {color} {thing} in the {place}"),
    }),
    _domain("news", {
        "news read": ("!(read|give) me the news (about|from) {country}", "what happened in {country} {day}",
                      "anything new about {topic}"),
        "news mute": ("no more news about {topic}", "!skip the stories from {country}"),
        "fact ask": ("what is the capital of {country}", "how many people live in {city}",
                     "how big is a {animal}"),
        "word ask": ("what does {topic} mean", "how do you spell {thing}", "what is {thing} in {language}"),
        "joke tell": ("!tell me a joke about a {animal}", "make me laugh", "do you know a {animal} joke"),
    }, language=("french", "german", "italian", "spanish", "polish", "greek", "dutch", "danish",
    "turkish", "chinese")),
    _domain("car", {
        "navigate to": ("!(navigate|take me|drive) to {city}", "!find the way to the {thing}",
                        "how do i get to {city} without traffic"),
        "fuel ask": ("how much fuel is left", "where is the next gas station near {city}"),
        "window move": ("!(roll|move) the {rank} window down", "!close the car windows"),
        "seat set": ("!move my seat (up|down|back)", "!heat the {rank} seat to level {count}"),
        "speed ask": ("how fast may i drive in {country}", "am i faster than {number}"),
        "wiper run": ("!start the wipers", "the glass is {adjective}"),
    }),
)  # fmt: skip
