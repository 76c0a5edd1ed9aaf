"""Free sentences over the whole lexicon: they widen what the model can hear beyond any task's wording."""

from __future__ import annotations

from random import Random

from core.teaspoon import lexicon as words
from core.teaspoon import lexicon_forms as forms
from core.teaspoon import spoken
from core.teaspoon.grammar import Domain, Values

_HOME = set(
    "light lights lamp lamps fan heater television dishwasher oven radio kettle dryer machine alarm timer "
    "blinds curtain curtains music song volume temperature brightness vacuum robot list door gate "
    "shade shades".split()
)
"""What the demo's home assistant is asked about: never what a free sentence asks for, so that none becomes
one of the demo's. They are still heard in statements and word lists."""

_THINGS = (
    *words.THINGS, *words.THINGS, *words.ABSTRACT, *words.ANIMALS, *words.FOODS, *words.PEOPLE,
    *words.COMPOUNDS,
)  # fmt: skip
_ASKED = tuple(noun for noun in _THINGS if not _HOME & set(noun.split()))
_UNCOUNTED = set(
    "gold silver iron wood plastic leather cotton wool sand internet glue ink soap shampoo toothpaste "
    "sunscreen perfume medicine laundry glass grass".split()
)
_MANY = tuple(
    dict.fromkeys(
        forms.plural(noun)
        for noun in (*words.THINGS, *words.ANIMALS, *words.PEOPLE, *words.PLACES)
        if noun not in _UNCOUNTED
    )
)
_MANY_ASKED = tuple(noun for noun in _MANY if noun not in _HOME and forms.plural(noun) not in _HOME)
_OTHERS_LIKE = tuple(f"{name}'s" for name in words.NAMES[:90])

_WORDS = tuple(
    dict.fromkeys(
        word
        for kind in (
            words.NAMES, words.CITIES, words.COUNTRIES, words.FOODS, words.DRINKS, words.ANIMALS,
            words.THINGS, words.PLACES, words.PEOPLE, words.ADJECTIVES, words.COLOURS, words.ADVERBS,
            words.PREPOSITIONS, words.ABSTRACT, words.SURNAMES, words.BODY, words.HOBBIES, words.LANGUAGES,
            words.COFFEES, words.GENRES, words.SIZES, words.MILKS, words.TOPPINGS, words.ROOMS,
            words.COMPOUNDS, forms.TRANSITIVE, forms.INTRANSITIVE, forms.PAST, forms.PAST_INTRANSITIVE,
            forms.DOES, forms.DOES_INTRANSITIVE, forms.DOING, forms.DOING_INTRANSITIVE, forms.UNITS,
            forms.INTERJECTIONS, forms.FUNCTION, _MANY,
        )
        for phrase in kind
        for word in phrase.split()
    )
)  # fmt: skip
_COMPARATIVES = (
    "better worse bigger smaller larger cheaper faster slower louder quieter warmer colder hotter cooler "
    "brighter darker longer shorter earlier later higher lower newer older younger stronger lighter heavier "
    "softer harder easier"
).split()
_SMALL = (*words.DETERMINERS, *words.SUBJECTS, *words.QUESTIONS, *words.PREPOSITIONS, *forms.FUNCTION)


def _soup(rng: Random) -> str:
    """Words in no order, half of the time with the small words that join them in speech."""
    share = rng.choice((0.0, 0.4))
    return " ".join(rng.choice(_SMALL if rng.random() < share else _WORDS) for _ in range(rng.randint(1, 9)))


def _letter_case(rng: Random) -> str:
    """A word and its spelling, as people give names over the phone."""
    word = rng.choice((*words.NAMES, *words.SURNAMES, *words.CITIES))
    return f"{word} {' '.join(word[:6])}" if len(word) < 7 else f"{word} with {word[0]}"


_VERBS = "turn|switch|put|take|get|keep|leave|bring|set"
_MORE_VERBS = (
    "pull|push|pick|hang|lay|fold|roll|tie|wrap|throw|send|give|hand|carry|cut|break|hold|move|knock|wind"
    "|clean|shut|lock|write|read|call|look|fill|use|eat|drink|try|sort|figure|check|point|sell|pay|tear|swing"
)
_PAST = "turned|picked|put|pulled|took|hung|looked|called|gave|threw|switched|set|brought|cleaned"
_PARTICLES = "on|off|up|down|back|out|away|over|in|aside"
_ASK = "(|||please|could you|can you|would you|will you|hey|okay|now|just|i want you to|i would like you to)"
_END = "(||||please|thanks|thank you|now|right now|for me|again|as soon as you can|if you don't mind)"

_BASIC: dict[str, Values] = {
    "det": words.DETERMINERS, "adj": (*words.ADJECTIVES, *words.ADJECTIVES, *words.COLOURS), "noun": _THINGS,
    "asked": _ASKED, "many": _MANY, "manyasked": _MANY_ASKED,
    "possessor": ("my", "your", "our", "the", *_OTHERS_LIKE),
    "some": "some many few all most several both these those two three ten no more enough".split(),
    "verb": words.TRANSITIVE, "go": words.INTRANSITIVE, "past": words.PAST, "pastgo": forms.PAST_INTRANSITIVE,
    "does": forms.DOES, "doing": (*forms.DOING, *forms.DOING_INTRANSITIVE), "prep": words.PREPOSITIONS,
    "adv": words.ADVERBS, "place": (*words.PLACES, *words.ROOMS), "person": words.PEOPLE, "name": words.NAMES,
    "surname": words.SURNAMES, "city": (*words.CITIES, *words.COUNTRIES), "abstract": words.ABSTRACT,
    "subject": (*words.SUBJECTS, *words.SUBJECTS, "the children", "my parents", "most people", "you and i"),
    "question": words.QUESTIONS, "number": spoken.any_number, "small": spoken.small_number,
    "digits": spoken.digits, "spelling": spoken.spelling, "time": spoken.clock_time, "day": spoken.day,
    "date": spoken.date, "duration": spoken.duration, "percent": spoken.percent, "ordinal": spoken.ordinal,
    "weekday": spoken.weekday, "price": spoken.price, "amount": spoken.amount, "year": spoken.year,
    "fraction": spoken.fraction, "decimal": spoken.decimal, "phone": spoken.phone_number, "code": spoken.code,
    "codewords": spoken.code_words, "longdate": spoken.long_date, "span": spoken.time_span,
    "unit": forms.UNITS, "food": words.FOODS, "drink": words.DRINKS, "size": words.SIZES,
    "topping": words.TOPPINGS, "milk": words.MILKS, "interjection": forms.INTERJECTIONS, "word": _WORDS,
    "comparative": _COMPARATIVES, "named": _letter_case, "dish": spoken.COMMON["dish"],
    "street": spoken.COMMON["street"], "when": spoken.COMMON["when"], "soup": _soup,
    "end": "please|thanks|thank you|if you can|for now".split("|"),
}  # fmt: skip
_PHRASES: dict[str, Values] = {
    "np": spoken.phrase(
        "{det} [{adj}] {noun}", "{det} [{adj}] {noun}", "{possessor} [{adj}] {noun}", "{some} [{adj}] {many}",
        "{name}", "{det} {noun} {prep} {det} {place}", "{det} {adj} {adj} {noun}",
        "the {noun} of {det} {noun}", **_BASIC,
    ),
    "thing": spoken.phrase(
        "{det} [{adj}] {asked}", "{det} {asked}", "{possessor} {asked}", "{some} {manyasked}",
        "the {adj} one", **_BASIC,
    ),
    "things": spoken.phrase(
        "{manyasked}", "{adj} {manyasked}", "{some} {manyasked}", "the {manyasked}", **_BASIC,
    ),
    "where": spoken.phrase(
        "(in|near|behind|outside) {det} {place}", "(in|from|to) {city}",
        "(under|on|next to|in front of) {det} {asked}", "at {name}'s [place]",
        "(here|there|at home|at work|at school)", **_BASIC,
    ),
    "clause": spoken.phrase(
        "{subject} {past} {det} [{adj}] {noun}", "{det} {noun} (is|was|gets) {adj}",
        "{name} {does} {det} {noun}", "{subject} {pastgo} [{adv}]",
        "(you|we|they) (can|will|should|must) {verb} {det} {noun}",
        "{det} {person} {pastgo} {prep} {det} {place}", "(it's|i'm|you're|he's|they're) [not] [too] {adj}",
        "(i|you|we|they) (don't|didn't|can't|won't) {verb} {det} {noun}", "there (is|was) (no|a) {noun}",
        "(i|we|they) {go} (every day|on {weekday}|at {time}|{day})", **_BASIC,
    ),
    "bid": spoken.phrase(
        "[please] {verb} {det} [{adj}] {asked}", "{verb} {possessor} {asked} {adv}",
        "{go} {prep} {det} {place}", "(don't|never) {verb} {det} {asked}", "{verb} {some} {manyasked}",
        **_BASIC,
    ),
    "served": spoken.phrase(
        "(a|one|two|three) {size} {food} with {topping}", "{amount} of {dish}",
        "a {size} {drink} [with {topping}]", "{small} {dish}", "a glass of {milk}", "some {adj} {food}",
        "the {dish} and a {drink}", "a slice of {food}", "{food} {food} and {food}", "{amount} of {drink}",
        **_BASIC,
    ),
}  # fmt: skip

FREE = Domain(
    name="free",
    intents={
        "statement": (
            "{~np} {~past} {~np} [{~prep} {~np}] [{~adv}]",
            "{~subject} {~past} {~np} [{~prep} {~det} {~place}] [{~day}]",
            "{~name} [and {~name}] {~past} {~np} [{~prep} {~city}]", "{~many} are {~adj} [and {~adj}]",
            "{~np} (is|was|looks|seems|became|stays) [(very|too|not|so|quite|rather|really)] {~adj} [{~adv}]",
            "{~subject} (can|will|must|should|would|could|might) [not] {~verb} {~np}",
            "(there is|there was|here is|that is|this was) {~np} {~prep} {~np}", "{~adv} {~clause}",
            "{~subject} (want|need|have|like|hope|try|decided|learned|agreed|promised) to {~verb} {~thing}",
            "{~np} (came|went|walked|moved|{~pastgo}) {~prep} {~det} {~place} at {~time}",
            "{~name} {~does} {~thing} (every day|on {~weekday}|twice a week|all the time|{~adv})",
            "(i am|he is|she is|they are|we are|{~name} is) {~doing} {~thing} [{~prep} {~det} {~place}]",
            "{~doing} {~things} is {~adj}",
            "(i have|she has|they have|we had) (already|never|just|not) {~past} {~thing}",
            "{~possessor} {~noun} is {~comparative} than {~possessor} {~noun}",
            "(nobody|everybody|{~name}) (used to|wants to|has to|began to|forgot to) {~go} {~prep} {~np}",
        ),
        "clauses": (
            "{~np} (that|which) {~subject} {~past} (is|was) {~adj}",
            "{~det} {~person} who {~past} {~np} {~pastgo} {~adv}", "if {~clause} {~bid}",
            "when {~clause} {~clause}", "{~bid} (before|after|when|because|unless|until|if) {~clause}",
            "{~clause} (and|but|or|so|because|although|while) {~clause}",
            "{~clause} and {~clause} but {~clause}",
            "(i think|i hope|i know|they say|she said|he told me|it seems|i heard) [that] {~clause}",
            "(because|since|although|while) {~clause} {~clause}", "not only {~clause} but {~clause} too",
            "the {~place} where {~subject} {~past} {~np} (is|was) {~adj}",
            "(as soon as|whenever|once) {~clause} {~bid}",
            "{~np} whose {~noun} {~subject} {~past} {~pastgo} {~prep} {~np}", "either {~bid} or {~bid}",
            "i (wonder|don't know|asked|forgot) (why|how|where|when|whether) {~clause}",
        ),
        "order": (
            f"{_ASK} {{~verb}} {{~thing}} [{{~prep}} {{~thing}}] {_END}",
            "(don't|never|always|just|stop|please don't) {~verb} {~thing} [{~adv}]",
            f"{_ASK} (put|get|give|let|tell|show|take|bring) {{~thing}} {{~prep}} {{~thing}} {_END}",
            f"{_ASK} {{~verb}} {{~things}} and {{~verb}} {{~thing}} [{{~adv}}]",
            "(let us|let's|we should|you have to|why don't we) {~go} {~prep} {~det} {~place} [{~day}]",
            f"{_ASK} {{~verb}} {{~thing}} and then {{~verb}} {{~thing}} {_END}", "{~bid}",
            f"{_ASK} (show|give|bring|send|tell|read) (me|us|him|her|{{~name}}) {{~thing}} {_END}",
            f"{_ASK} (help|let|make) (me|us|{{~name}}) {{~verb}} {{~thing}} [{{~day}}]",
        ),
        "particle": (
            f"{_ASK} ({_VERBS}|{_MORE_VERBS}) ({_PARTICLES}) {{~thing}} [{{~where}}] {_END}",
            f"{_ASK} ({_VERBS}|{_MORE_VERBS}) {{~thing}} ({_PARTICLES}) [{{~where}}] {_END}",
            f"{_ASK} ({_VERBS}) (it|them|that|this|everything) ({_PARTICLES}) [{{~when}}]",
            f"({_VERBS}) ({_PARTICLES})", f"don't ({_MORE_VERBS}) ({_PARTICLES}) {{~things}} [{{~adv}}]",
            f"{{~subject}} ({_PAST}) ({_PARTICLES}) {{~thing}} [{{~where}}]",
            "(get|come|go|sit|stand|lie|wake|hurry|calm|stay|look) (up|down|in|out|over|away|back|on|off)",
        ),
        "setting": (
            f"{_ASK} (set|change|move|turn|bring) {{~thing}} (to|from {{~small}} to) {{~small}} {_END}",
            f"{_ASK} (raise|lower|increase|reduce|cut) {{~thing}} (by|to) ({{~percent}}|{{~small}}) {_END}",
            f"{_ASK} (make|paint|keep|leave|get) {{~thing}} [more|a bit|much] {{~adj}} [{{~where}}] {_END}",
            "{~thing} (up|down|higher|lower|more|less|off|on) [a (bit|little)|by {~small}]",
            "(more|less|no|some|enough|too much|a little) {~food} [and (more|less|no) {~food}]",
            "how {~adj} (is|was|are|will be) {~thing} [in {~det} {~place}|{~day}]",
            "what is the {~asked} in the {~asked}", "(is|was) {~thing} {~adj} enough [for {~thing}]",
            "set {~thing} to {~adj}",
            "(choose|pick|use|take|select) (number|option|level) {~small} [for {~thing}]",
        ),
        "question": (
            "{~question} (is|was|are|were) {~np}",
            "(do|did|can|would) {~subject} {~verb} {~np} {~prep} {~name}",
            "{~question} (did|does|will|can|should|would) {~subject} {~verb} {~thing} [{~day}]",
            "(is|was|will|does|did|has) {~np} {~go} {~prep} {~det} {~place} [{~day}]",
            "how (many|few) {~manyasked} (are|were) [there] {~prep} {~thing}",
            "how (much|old|far|long|big|heavy) is {~thing}",
            "(may|can|shall|should|must) (i|we) {~verb} {~thing} [{~when}]",
            "what (kind|sort) of {~noun} (is|was) {~np}", "who {~past} {~np} [{~where}]",
            "(have|has|had) (you|she|anyone|{~name}) ever {~past} {~thing}",
            "(which|whose) {~noun} (is|was) {~adj} (and|but) {~adj}",
            "why (don't|can't|won't|didn't) {~subject} {~verb} {~thing}",
            "what (happens|happened) (if|when|after) {~clause}", "(isn't|wasn't|aren't|doesn't) {~np} {~adj}",
        ),
        "figures": (
            "{~number} {~many}", "{~digits}", "{~spelling}", "{~name} has {~small} {~adj} {~many}",
            "{~named}", "the {~noun} (costs|weighs|takes) {~number} {~unit}", "it is {~time} [{~day}]",
            "on {~date}", "{~phone}", "{~noun} number {~number}", "{~duration} {~prep} {~np}",
            "{~number} times {~small} is {~number}", "{~percent} of the {~noun}",
            "the {~ordinal} {~noun} [{~prep} the {~place}]", "it costs {~price}", "{~code}",
            "my {~abstract} is {~digits}", "spell {~spelling}", "at {~time} {~prep} {~weekday}",
            "{~longdate}", "{~price}", "{~amount} of {~food} [and {~amount} of {~food}]",
            "{~decimal} [{~unit}]", "{~fraction} of {~np}", "{~amount}",
            "{~name} was born on {~date} {~year}", "(in|since|until|before) {~year}", "{~codewords}",
            "open {~span}", "the number (of {~name}|) is {~phone}",
            "{~small} [and a half] {~unit} of {~food}", "{~name} lives at {~street}",
        ),
        "wish": (
            "(i would like|i'd like|can i get|could i have|may i have|i want|we need|i'll have) {~served}",
            "(i would like|can we get|could we have) {~served} and {~served} but (no|without) {~food}",
            "{~served} [please|for {~name}]", "{~size} {~dish} with {~topping} [and {~topping}] [on {~food}]",
            "{~amount} of {~topping} [and {~amount} of {~topping}] (on|with|in) the {~dish}",
            "(make|have) it {~size} [with (extra|more|less|no) {~topping}] [{~end}]",
            "(one|two|three) {~size} and {~small} {~size}",
            "(hey|okay|hello|um|hi there) (i would like|can i get|we want) {~served} [to go|{~when}]",
            "(i am|we are) (looking for|waiting for|out of|done with|tired of|afraid of|happy with) {~np}",
        ),
        "short": (
            "{~interjection}", "{~interjection} {~interjection}", "{~word}", "{~word} {~word}",
            "{~go} {~adv}", "{~many}", "{~interjection} {~clause}", "{~det} {~adj} {~noun}",
            "{~verb} {~asked}", "{~name}", "{~city}", "{~adv}", "{~where}",
            "(not {~adv}|not yet|of course|no problem|never mind|you're welcome)",
            "(excuse me|i'm sorry|that's {~adj}|no thanks|what a {~noun})",
            "(good (morning|evening|afternoon|night)|how are you|see you {~day}) [{~name}]",
            "(nice to meet you|thank you very much|take care|good luck) [{~name}]",
            "(yes|no|okay|sure|maybe|well) {~clause}", "{~name} {~surname} [from {~city}]",
            "{~doing} {~things}", "{~adj}",
        ),
        "soup": (
            "{~soup}", "{~soup}", "{~soup} {~soup}",
        ),
    },
    values=_BASIC | _PHRASES,
)  # fmt: skip
