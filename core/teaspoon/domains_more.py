"""More task domains, as intents with templates and their own values; domains.py makes them up."""

from __future__ import annotations

from core.teaspoon import lexicon as words
from core.teaspoon.grammar import Values


def _split(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(","))


_LIFTS = _split(
    "squats, lunges, planks, sit ups, push ups, pull ups, burpees, deadlifts, bench presses, jumping "
    "jacks, crunches"
)
_PILLS = _split(
    "aspirin, ibuprofen, antibiotics, vitamins, insulin, painkillers, eye drops, nose spray, cough syrup, "
    "burn cream, zinc tablets"
)
_PARTS = _split(
    "brakes, battery, left mirror, right mirror, clutch, radiator, exhaust, headlight, oil filter, front "
    "tires, rear tires, windshield, bumper, gearbox, steering wheel, spark plugs, air filter, trunk lid"
)
_FILMS = _split(
    "comedy, western, thriller, cartoon, documentary, horror film, love story, musical, space film, crime "
    "film, silent film"
)
_GROUPS = _split(
    "holiday, wedding, family, summer, beach, school, birthday, garden, hiking, baby, concert, winter, "
    "graduation, work"
)
_PASTRIES = _split(
    "croissants, rye bread, rolls, muffins, apple pie, cheese cake, donuts, bagels, plum tart, cinnamon "
    "buns, baguettes, cookies, lemon cake, brownies, pretzels, scones, sourdough bread, carrot cake, cream "
    "puffs, raisin bread"
)
_APPS = _split(
    "calculator, compass, browser, camera, map, notebook, bank app, dictionary, chess app, voice recorder, "
    "video chat, contact list"
)
_TREES = _split(
    "roses, tulips, apple tree, hedge, lawn, cherry tree, herbs, lilies, cactus, oak, ivy, sunflowers, "
    "orchids, palm, strawberries, moss"
)
_PETS = _split(
    "dog, cat, rabbit, parrot, hamster, pony, turtle, goldfish, ferret, puppy, kitten, canary, lizard, goat"
)
_LINES = _split(
    "red line, blue line, green line, night bus, airport bus, river ferry, tram, express, school bus, ring "
    "line, yellow line"
)
_MOODS = _split(
    "happy, sad, tired, lonely, nervous, angry, bored, proud, calm, worried, jealous, relaxed, stressed, "
    "grateful, hopeful, afraid, confused, excited, upset, guilty"
)
_PIECES = _split("king, queen, rook, bishop, knight, pawn")
_CLOTHES = _split(
    "suit, shirt, wool coat, wedding dress, curtains, silk blouse, trousers, blanket, tie, ski jacket, "
    "table cloth, uniform, jeans"
)
_CUTS = _split(
    "haircut, shave, perm, trim, beard trim, blow dry, manicure, color treatment, scalp massage, braids, "
    "facial, eyebrow shaping"
)
_TROUBLES = _split(
    "is slow, keeps freezing, won't start, shows an error, lost my files, makes a noise, is offline, asks "
    "for a password"
)
_CARS = "truck van jeep pickup taxi motorcycle scooter camper convertible tractor".split()
_GEAR = "headset watch keyboard speaker earphones tablet printer mouse projector tracker".split()
_PAPERS = "invoice letter photo report contract receipt document chart certificate".split()
_FRUIT = "apples bananas mangoes berries peaches cherries melons grapes kiwi pineapple oranges papaya".split()
_MACHINES = "laptop printer scanner monitor server router keyboard webcam tablet projector".split()
_FINGERS = ("thumb", "ring finger", "little finger", "left hand", "right hand", "big toe")
_SQUARES = [
    f"{file} {row}" for file in "abcdefgh" for row in "one two three four five six seven eight".split()
]

MORE: dict[str, tuple[dict[str, tuple[str, ...]], dict[str, Values]]] = {
    "fitness": ({
        "class join": ("+(join|book) the {hobby} class [with {name}] [{when}]",
            "=a spot in {hobby} {day} at {time}", "{name} and i want to try {hobby} {when}",
            "sign {fullname} up for {hobby} on {weekday}"),
        "class leave": ("i can't make it to {hobby} {day}", "+drop out of the {hobby} class [on {date}]",
            "!take {name} off the {hobby} list", "no {hobby} for me {day}"),
        "set log": ("i did {count} {lift} [and {count} {lift}]", "!log {count} sets of {count} {lift}",
            "{count} {lift} with {number} kilos done", "that was {count} rounds of {lift} in {duration}"),
        "plan ask": ("what is my workout {day}", "how many {lift} should i do [at level {count}]",
            "which exercise is good for my {body}", "=a plan for my {body} and my {body} {duration} a day"),
        "member change": ("+(pause|freeze|end) my membership [from {date}]",
            "+switch to the {price} plan [{when}]", "how long does my membership run",
            "{fullname} moves to the {size} membership in {month}"),
        "coach ask": ("is coach {name} there {day}", "who teaches {hobby} {when}",
            "+train with {name} [instead of {name}] {day}", "=an hour with coach {name} for {price}"),
    }, {"lift": _LIFTS}),
    "pharmacy": ({
        "refill ask": ("+(refill|renew) my {pill} [for {duration}]", "i am out of {pill} [since {day}]",
            "=another {amount} of {pill}", "my prescription {code} for {pill} has run out"),
        "dose ask": ("how many {pill} may i take [{day}]", "can a {person} have {pill} and {pill}",
            "how often do i use the {pill} for my {body}", "is {amount} of {pill} too much"),
        "pill find": ("do you have {pill} [for my {body}]", "=something for a sore {body}",
            "is there {pill} without {food} in it", "what helps when my {body} hurts"),
        "pickup ask": ("when can {name} pick up the {pill}", "is {pill} for {fullname} ready",
            "+collect {pill} and {pill} {when}", "until when can i fetch order {digits}"),
        "allergy tell": ("i am allergic to {food} [and {food}]", "{name} must not have {pill}",
            "{pill} makes my {body} {adjective}", "note that my {person} reacts badly to {pill}"),
    }, {"pill": _PILLS}),
    "workshop": ({
        "repair book": ("+bring my {color} {car} in for the {part} {when}",
            "the {part} must be (fixed|changed) by {day}", "=new {part} [and {part}] for my {car}",
            "can you look at the {part} of {name}'s {car} {day}"),
        "fault tell": ("the {part} makes a {adjective} noise", "my {part} is broken [since {day}]",
            "there is smoke near the {part}",
            "the {car} shakes at {number} and the {part} feels {adjective}"),
        "estimate ask": ("what do new {part} cost [for a {car}]", "is {price} a fair price for the {part}",
            "how long will the {part} take", "how much for {part} and {part} together"),
        "car ready": ("is my {color} {car} ready", "when can i pick up the {car} with plate {code}",
            "is the {part} done {day}", "!tell me when {name}'s {car} is finished"),
        "check plan": ("the {car} needs its yearly check in {month}", "+plan a service after {number} miles",
            "when was the oil changed", "next check for plate {code} on {date}"),
    }, {"part": _PARTS, "car": _CARS}),
    "cinema": ({
        "show find": ("what is on {day} [at {time}]", "is there a {film} [in {language}] {when}",
            "where can i watch a {adjective} {film} in {city}", "!find a {film} with {fullname}"),
        "seat book": ("+(book|reserve) {count} seats in row {letters} [for the {film}] {day}",
            "=two seats for the {time} {film}", "{count} adults and {count} children for the {film} {when}",
            "{name} {name} and i will watch the {film} at {time}"),
        "film rate": ("i give the {film} {count} stars", "the {film} with {fullname} was {adjective}",
            "that {film} was too {adjective} [for my {person}]",
            "{name} found the {adjective} {film} boring"),
        "actor ask": ("who plays the {person} in the {film}", "was {fullname} in a {film} in {year}",
            "how many films did {fullname} make", "who directed the {adjective} {film} from {year}"),
        "snack order": ("=a {size} popcorn [with {topping}] and {count} {drink}",
            "!bring nachos to row {letters} seat {count}", "{count} {size} {drink} for the {film}",
            "+add {size} popcorn with {topping} for {name}"),
    }, {"film": _FILMS}),
    "phone": ({
        "app open": ("!(open|launch) the {app}", "i need the {app}",
            "!go to the {app} [and then to the {app}]", "where is my {app} gone"),
        "ringtone set": ("!use the {animal} sound for {name}",
            "!let it ring like a {thing} when {name} calls", "i want a {adjective} ringtone [for {name}]",
            "{name} and {name} get the {thing} ringtone"),
        "wallpaper set": ("!put the {thing} on my screen",
            "!make the background {color} [and the letters {color}]", "i am tired of this {color} background",
            "a picture of {city} would look good behind the icons"),
        "pair start": ("!(pair|connect) my {gear} [with the code {digits}]", "!find {name}'s {gear}",
            "the {gear} should talk to the {to:gear}", "{gear} won't connect to my phone"),
        "battery ask": ("how much battery is left", "will the battery last until {time}",
            "is my phone charged to {percent}", "what uses most of the battery the {app} or the {app}"),
        "app remove": ("+(delete|remove|uninstall) the {app} [and the {app}]",
            "the {app} takes too much space", "i never use the {app} get rid of it", "away with the {app}"),
        "type size": ("!make the letters {size}", "the letters are too {adjective} to read in the {app}",
            "!use {size} type in the {app}", "i can't read the {app} the type is too {adjective}"),
    }, {"app": _APPS, "gear": _GEAR}),
    "email": ({
        "mail send": ("+send an email to {fullname} about {about}", "!mail {name} [and {name}] that {said}",
            "!write to {name} with the subject {about} and say {said}",
            "{name} should get a mail saying {said}"),
        "mail find": ("!(find|search) the mail from {fullname} about {about}",
            "which mails came {day} from {name}", "where is the message with the {thing} in it",
            "did {name} ever answer about {about}"),
        "mail file": ("!move the mail from {name} to the {group} folder",
            "!put everything about {about} in {group}", "the {group} folder is where {name}'s mails belong",
            "!sort {name} into {group} and {name} into {group}"),
        "mail trash": ("!(delete|trash) all mails about {about}", "!throw away what {name} sent {day}",
            "i don't want mails from {name} any more", "nothing from before {date} needs to stay in {group}"),
        "file attach": ("!attach the {group} {paper} [to the mail for {name}]",
            "the {paper} from {date} must go with it", "!add {paper} number {number} to {name}'s mail",
            "i forgot the {paper} for {name}"),
    }, {"group": _GROUPS, "paper": _PAPERS}),
    "photos": ({
        "photo find": ("!show [me] the {group} photos [from {year}]",
            "!find pictures of {name} [and {name}] in {city}",
            "where are the pictures we took {day} in {country}",
            "=the {group} pictures with the {color} {thing}"),
        "photo share": ("!(share|send) the {group} photos (with|to) {name}",
            "{name} wants the {group} pictures from {city}", "!let {name} and {name} see the {group} album",
            "!show {name} the picture with the {thing}"),
        "photo edit": ("!(crop|rotate|sharpen) the {rank} picture",
            "!take the {thing} out of the {group} photo", "the {rank} {group} photo is too {adjective}",
            "!make the {thing} in the {rank} picture {color}"),
        "album make": ("+(make|start|create) an album called {about}",
            "+collect the {group} photos from {year} in one album",
            "everything from {city} in {month} goes into {about}", "!put {name}'s pictures under {group}"),
        "print order": ("=the {rank} picture in {size} [{count} times]",
            "+print {count} {group} photos on {size} paper", "what do {count} prints in {size} cost",
            "a {size} print of {name} for {name}"),
    }, {"group": _GROUPS}),
    "translation": ({
        "phrase translate": ("how do you say {thing} in {language}", "!translate {said} into {language}",
            "what is {food} called in {language}", "what would {name} say for {adjective} in {language}"),
        "meaning ask": ("what does this {language} word mean",
            "what is the {language} word for {thing} in {to:language}", "is {topic} a {language} word",
            "i heard {topic} in {city} what is that in {language}"),
        "tongue set": ("!(switch|change) from {from:language} to {to:language}",
            "i speak {language} [and {language}]", "!answer me in {language}",
            "{name} only understands {language}"),
        "say again": ("!say that again [more {adverb}] [in {language}]",
            "how is that pronounced in {language}", "!repeat the {rank} word", "once more {adverb} please"),
        "verb ask": ("what is the past of {verb} [in {language}]", "how do i use {verb} in {language}",
            "is it {verb} or {verb}", "!make a sentence with {verb} and {thing}"),
    }, {"verb": words.TRANSITIVE, "adverb": words.ADVERBS}),
    "hotel desk": ({
        "towel bring": ("!bring {count} {linen} [and {count} {linen}] to suite {number}",
            "we need more {linen} in {number}", "=fresh {linen} for suite {number}",
            "there are no {linen} and only {count} {linen} up here"),
        "guest arrive": ("my name is {fullname} and i booked for {count} nights",
            "+check in [under the name {fullname}]", "we are {count} guests with booking {code}",
            "{fullname} from {city} is here"),
        "guest leave": ("+check out of suite {number} [at {time}]", "we leave {day} at {time}",
            "+stay until {time} instead of {time}", "here is the key of {number} we are off to {city}"),
        "wake ask": ("when is breakfast [on {weekday}]", "until when is the {area} open",
            "where is the {area}", "does breakfast come with {dish} and {dish}"),
        "noise tell": ("suite {number} is too {adjective}", "the guests in {number} are loud [since {time}]",
            "something is wrong with the {thing} in {number}",
            "the {thing} above {number} wakes us at {time}"),
    }, {"linen": "towels pillows blankets sheets robes slippers hangers napkins glasses cushions".split()}),
    "post": ({
        "letter send": ("+send this {mail} to {country} [by {way}]", "=a stamp for a {mail} to {city}",
            "the {mail} for {fullname} at {street} in {city} has to be there by {day}",
            "how fast is a {mail} to {city} by {way}"),
        "weight ask": ("how heavy may a {mail} to {country} be", "is {amount} too heavy for a {mail}",
            "what does a {mail} of {count} pounds to {city} cost", "my {mail} weighs {number} grams"),
        "parcel hold": ("!keep my {mail} until {date}", "i am away {span} so hold the {mail}",
            "please leave the {mail} with {name} at {street}", "nobody is at {street} {day}"),
        "address change": ("we move from {from:street} to {to:street} on {date}",
            "my new address is {street} in {city}", "!send {name}'s letters to {to:street} from {date}",
            "{fullname} now lives at {street}"),
        "mail lost": ("the {mail} from {country} never came",
            "my {mail} number {code} is missing [since {day}]", "where is the {color} {mail} for {fullname}",
            "{name} sent a {mail} on {date} and it is not here"),
    }, {"mail": "letter parcel postcard package envelope box".split(),
        "way": "air ship train truck express courier".split()}),
    "bakery": ({
        "pastry order": ("=[{count}|{amount} of] {pastry} [and {count} {pastry}]",
            "{count} {pastry} {count} {pastry} and that's it",
            "=a {size} {pastry} with {topping} but no {without:food}",
            "+order {count} {pastry} for {name} {when}"),
        "cake order": ("=a {flavor} cake for {count} people {when} with {text:fullname} on it",
            "{name} turns {count} so i need a {flavor} cake by {day}",
            "+order a {size} {flavor} cake with {topping} [for {weekday}]",
            "a {color} cake with {topping} and {topping}"),
        "bread slice": ("!(cut|slice) the {pastry} [into {count}]", "the {pastry} in one piece please",
            "=thin slices of {pastry}", "!wrap the {pastry} and the {pastry} separately"),
        "oven ask": ("when do the {pastry} come out", "are the {pastry} still warm",
            "is there any {pastry} left {day}", "do you bake {pastry} with {food} on {weekday}"),
        "allergen ask": ("are there {food} in the {pastry}", "which cakes are made without {without:food}",
            "can {name} eat the {pastry} with a {food} allergy",
            "is the {flavor} cake free of {without:food}"),
    }, {"pastry": _PASTRIES, "flavor": "chocolate lemon vanilla cherry almond walnut carrot orange".split()}),
    "pizza": ({
        "pizza order": ("=a {size} pizza with {topping} [and {topping}] [but no {without:topping}]",
            "=one {size} and one {size} pizza both with {topping}",
            "+order {count} {size} pizzas with {topping} {when}",
            "{count} pizzas one with {topping} {topping} and {topping} and one with {topping}"),
        "pizza change": ("!put {topping} on the {rank} pizza",
            "leave the {without:topping} off [the {size} one]", "half with {topping} and half with {topping}",
            "make the {rank} one {size} instead of {size}"),
        "crust set": ("!make the crust {crust} [on the {rank} pizza]", "{crust} crust for the {size} one",
            "i like it {crust}", "the {rank} one {crust} and the other {crust}"),
        "drop off": ("!bring it to {street} [by {time}]",
            "the pizza goes to {fullname} {street} {rank} floor",
            "!ring at {name}'s and leave it by the stairs", "i will pick it up at {time}"),
        "deal ask": ("what do {count} {size} pizzas cost", "is there a {drink} with every {size} pizza",
            "do i save {percent} on {weekday}", "how much more is {topping}"),
    }, {"crust": "thin thick crispy stuffed golden soft".split()}),
    "juice bar": ({
        "blend order": ("=a {size} smoothie with {fruit} [{fruit}] and {milk}",
            "=a {fruit} shake with {milk} and {topping}", "!blend {fruit} {fruit} and {fruit} [with {milk}]",
            "+order {count} {size} {fruit} juices one with {topping} and one without ice"),
        "blend change": ("!use {milk} instead of {milk}", "less {fruit} and more {fruit}",
            "no {milk} i am allergic", "make the {fruit} one {size}"),
        "cup set": ("in a {size} cup [with a {color} lid]", "!pour it into my {thing}",
            "=a {color} straw with the {fruit} juice", "put {name} on the {size} cup"),
        "sweet set": ("{amount} of {sweetener} [in the {fruit} juice]",
            "!make it {adjective} with {sweetener}", "no {without:sweetener} in mine",
            "swap the {sweetener} for {sweetener}"),
        "fruit ask": ("which fruit do you have {day}", "are the {fruit} ripe",
            "is there {fruit} in the {size} {color} one", "how many {fruit} go into {size}"),
    }, {"fruit": _FRUIT, "milk": words.MILKS,
        "sweetener": "honey sugar syrup stevia dates caramel".split()}),
    "helpdesk": ({
        "trouble tell": ("my {gear} {trouble} [since {day}]", "the {gear} of {fullname} {trouble}",
            "=help the {gear} in the {area} {trouble}",
            "{name}'s {gear} {trouble} whenever the {gear} is on"),
        "password reset": ("+reset the password for {fullname}", "i forgot my password for the {gear}",
            "{name} is locked out of the {gear}", "the code {code} does not work for {name}"),
        "ticket ask": ("what about ticket {digits}", "is ticket {code} solved",
            "who looks after {name}'s {gear}", "has {name} worked on ticket {digits} {day}"),
        "gear order": ("=a new {gear} for {fullname} [in the {area}]",
            "{name} starts {when} and needs a {gear} and a {gear}",
            "+order {count} {gear} for the {area} by {date}",
            "replace the {gear} of {name} with a {color} one"),
        "access give": ("!give {name} access to the {topic} folder [until {date}]",
            "{name} may not see {topic} any more", "!let {name} and {name} use the {gear}",
            "{fullname} needs to read the {topic} files {span}"),
    }, {"gear": _MACHINES, "trouble": _TROUBLES}),
    "garden": ({
        "plant water": ("+water the {plant} [and the {plant}] [for {duration}]",
            "the {plant} (looks|look) dry", "{amount} of water for the {plant} {day}",
            "give the {plant} a drink at {time}"),
        "plant cut": ("+(trim|cut|prune) the {plant} [in {month}] [by {count} inches]",
            "the {plant} got too {adjective}", "{name} will cut the {plant} and the {plant} {day}",
            "when should i cut the {plant}"),
        "plant buy": ("=[{count}] {color} {plant} for the {area}", "which {plant} grows in the shade",
            "+get {color} and {color} {plant} for {price}", "do {plant} grow well next to {plant}"),
        "pest tell": ("there are {animals} on the {plant}", "something eats my {plant}",
            "the {plant} turned {color}", "{animals} and {animals} ruined the {plant} {day}"),
        "seed plan": ("we sow {food} in {month} [and {food} in {month}]",
            "+plant {count} rows of {food} {when}", "how deep does {food} go",
            "{food} next to {food} and {food} behind it"),
    }, {"plant": _TREES, "animals": words.MANY_ANIMALS}),
    "vet": ({
        "pet visit": ("my {pet} {name} needs a check [{when}]",
            "can doctor {name} see my {color} {pet} {when}", "+bring my {pet} in {day} at {time}",
            "a visit for {name} the {pet} and {name} the {to:pet}"),
        "pet sick": ("my {pet} won't eat {food}", "the {pet} limps on the left {body}",
            "{name} the {pet} has been {adjective} for {duration}",
            "my {color} {pet} ate {amount} of {food}"),
        "shot ask": ("when does the {pet} get its {rank} shot", "which shots does a {pet} need for {country}",
            "was {name} the {pet} vaccinated in {month}", "how much is a shot for a {pet} of {count} pounds"),
        "pet register": ("my {pet} is called {name} and is {count} years old",
            "write down a {color} {pet} named {name} born in {year}", "we got a new {pet} from {city}",
            "the chip of {name} the {pet} is {code}"),
        "pet lost": ("my {color} {pet} is gone [since {day}]", "{name} the {pet} ran away near {street}",
            "i found a {adjective} {pet} at {street}", "have you seen a {color} and {color} {pet}"),
    }, {"pet": _PETS}),
    "transit": ({
        "line ask": ("does the {line} stop at {street}", "where does the {line} go [{day}]",
            "which line goes from {street} to {to:street}", "do i take the {line} or the {line} to {street}"),
        "leave ask": ("when is the next {line} [from {street}]", "how often does the {line} run on {weekday}",
            "does the {line} leave before {time}",
            "can i catch the {line} at {time} if i leave {street} in {duration}"),
        "delay ask": ("is the {line} late", "why is the {line} stuck at {street}",
            "how long is the wait for the {line}", "will the {line} be more than {duration} late {day}"),
        "pass buy": ("=a {pass} pass for the {line}", "+buy {count} {pass} tickets for {name} and {name}",
            "my {pass} ticket ends on {date}", "what does a {pass} pass cost in {city}"),
        "stop ask": ("!tell me when we reach {street}", "where do i get off for {street}",
            "how many stops is it to {street} on the {line}", "is {street} the {rank} stop after {street}"),
    }, {"line": _LINES, "pass": "day week month year student family senior".split()}),
    "diary": ({
        "mood log": ("i feel {mood} [and {mood}] [{day}]", "{day} i was {mood} because of {name}",
            "!write down that i am {mood}", "first i was {mood} then {mood} and now {mood}"),
        "day tell": ("{day} i met {name} in {city}", "we had {dish} with {name} and {name}",
            "!note that {said}", "i spent {duration} on {hobby} and felt {mood}"),
        "entry read": ("!read what i wrote on {date}", "what did i do {day}", "when was i last {mood}",
            "how did i feel in {city} in {year}"),
        "entry drop": ("!forget what i said about {name}", "!tear out the page of {date}",
            "{day} should not be in the book", "!strike the part about {about} and {name}"),
        "thank log": ("i am thankful for {about} [and {about}]", "thank god for {name}",
            "the best thing {day} was {dish}", "three good things {about} {about} and {about}"),
    }, {"mood": _MOODS}),
    "chess": ({
        "piece move": ("{piece} (to|on) {square}", "!move my {piece} from {from:square} to {to:square}",
            "my {piece} goes to {square}", "the {piece} on {from:square} moves to {to:square} check"),
        "piece take": ("{piece} takes {piece}", "!take the {piece} on {square} [with the {by:piece}]",
            "my {by:piece} captures on {square}", "i beat your {piece} on {square}"),
        "hint ask": ("what should i do with my {piece}", "is my {piece} on {square} safe",
            "can the {piece} reach {square} in {count} moves",
            "would {fullname} trade the {piece} for the {piece}"),
        "game begin": ("!play {color} against {name}", "a new game at level {count} [with {duration} each]",
            "=a rematch and i take {color}", "{name} plays {color} and {name} plays {to:color}"),
        "game give": ("i give up", "!take back my {rank} move", "let's call it a draw after {count} moves",
            "{name} wins against {name}"),
    }, {"piece": _PIECES, "square": _SQUARES}),
    "laundry": ({
        "wash drop": ("+drop off {count} {wear} [and {count} {wear}] {when}",
            "my {color} {wear} needs cleaning", "=the {wear} pressed by {day}",
            "this {wear} and that {wear} should be ready by {time} {day}"),
        "stain tell": ("there is {food} on the {wear}", "the {color} {wear} has a {adjective} stain",
            "{name} spilled {drink} on my {wear} {day}", "can you get {drink} out of a {color} {wear}"),
        "wear repair": ("+shorten the {wear} by {count} inches", "the {wear} lost a button",
            "!sew the hole in my {color} {wear}",
            "the {wear} is too {adjective} for my {person} make it {size}"),
        "wear collect": ("is the {wear} for {fullname} done", "+pick up my {color} {wear} {when}",
            "=my {wear} my number is {digits}", "can {name} fetch the {wear} and the {wear} {day}"),
        "starch set": ("!wash the {wear} at {number} degrees", "no starch in the {wear}",
            "!keep the {color} {wear} apart from the {color} {wear}", "the {wear} only by hand please"),
    }, {"wear": _CLOTHES}),
    "salon": ({
        "cut book": ("=a {cut} [with {name}] {when}", "+book a {cut} and a {cut} for {fullname} {when}",
            "is {name} free for a {cut} {day}", "my {person} needs a {cut} before {date}"),
        "cut style": ("!take {count} inches off", "i want my hair {color} [with {color} tips]",
            "{size} on top and {adjective} at the sides", "!make it as {adjective} as in {month}"),
        "cut cancel": ("i won't make it to my {cut} {day}", "+cancel the {cut} with {name} [at {time}]",
            "{fullname} is not coming for the {cut}",
            "can i have {to:time} instead of {from:time} with {name}"),
        "cut price": ("how much is a {cut}", "do students get {percent} off the {cut}",
            "is a {cut} with {name} more than {price}", "what do a {cut} and a {cut} cost together"),
        "polish pick": ("{color} nails [with {color} dots]",
            "the {finger} in {color} and the rest in {color}", "=something {adjective} in {color}",
            "which {color} goes with a {color} dress"),
    }, {"cut": _CUTS, "finger": _FINGERS}),
}  # fmt: skip
