"""Forms of words (verbs in their forms, plurals), and the small words that have none."""

from __future__ import annotations

_REGULAR = """
accept add adjust admire adopt advertise afford answer apply appreciate approve archive arrange ask assemble
attach attend avoid award bake balance blame block boil book borrow brush burn calculate call cancel carry
cause celebrate change charge check choose clean clear climb close collect combine compare complain complete
connect consider contact continue convert cook copy correct count cover crack create cross damage decorate
defend define delay delete deliver demand deny describe deserve design destroy develop dial direct discover
discuss display dissolve divide donate double download dress dry earn edit email empty enable encourage enjoy
enter examine exchange excuse expand expect explain explore extend face fasten fetch file fill filter finish
fix flash flush fold follow frame frighten fry gather grade greet guard guess hammer handle harvest hate heal
heat help hire hurry identify ignore imagine improve include increase inform insert inspect install introduce
invent invite iron join judge jump kick kiss knock label launch learn lift like load locate lock look love
lower mail manage mark master match measure melt mend mention mix move multiply mute name need notice number
obey observe offer open operate order organize own pack paint park paste pause peel perform phone pick place
plant play polish postpone pour praise prepare present press prevent print produce promise pronounce protect
prove provide publish pull pump punish purchase push quote raise reach realize receive recognize recommend
record recycle reduce refill refresh refuse register reject release remember remind remove rename rent repair
repeat replace reply report request require rescue reserve resolve respect restart restore resume return
reverse review reward rinse roast rotate ruin save schedule scratch seal search season select serve settle
share sharpen shave shelve shorten shower sign slice smell smoke solve sort spill spray spread squeeze stack
stamp start steam sterilize store stretch study subtract suggest supply support surprise surround suspect
swallow switch taste tease test thank tidy tie toast touch track train translate transport trust try tune turn
type underline unfold unload unpack update upload use vaccinate value visit want warm warn wash waste watch
water weigh welcome whisk wish cool unsubscribe bookmark highlight capture confirm
""".split()
_DOUBLING = """
chop clip cut drag drop equip fit grab grip hug jog knit mop nod pat permit pin plan plug put ship shop skip
slip snap spot stop strip swap tap tip trim unwrap wrap zip refer regret admit commit compel prefer reset scan
stir submit unplug crop
""".split()
_IRREGULAR = """
see:saw find:found buy:bought sell:sold bring:brought take:took hold:held break:broke eat:ate drink:drank
hear:heard draw:drew write:wrote read:read send:sent throw:threw catch:caught keep:kept lose:lost hide:hid
show:showed lend:lent choose:chose forget:forgot understand:understood build:built cut:cut put:put make:made
give:gave tell:told pay:paid get:got let:let set:set leave:left meet:met teach:taught think:thought know:knew
feel:felt mean:meant win:won begin:began beat:beat bend:bent bind:bound bite:bit bleed:bled blow:blew
burst:burst cost:cost deal:dealt dig:dug drive:drove feed:fed fight:fought forbid:forbade forgive:forgave
freeze:froze grind:ground grow:grew hang:hung hit:hit hurt:hurt lead:led light:lit overhear:overheard
quit:quit ride:rode ring:rang seek:sought shake:shook shoot:shot shut:shut sing:sang speak:spoke spend:spent
spin:spun split:split spread:spread steal:stole stick:stuck strike:struck sweep:swept swing:swung tear:tore
wake:woke wear:wore weave:wove wind:wound withdraw:withdrew rewrite:rewrote rebuild:rebuilt undo:undid
overtake:overtook reset:reset
""".split()
_MOVING_REGULAR = """
walk wait stay arrive laugh cry smile dance jump travel talk listen work rest play dream shout whisper hurry
return appear argue agree apologize behave belong blink bow breathe camp care cheer chat cough crawl cycle
depend differ disappear disagree dive exist exercise fade fail faint float flow gallop giggle graduate happen
hesitate hike hope hunt joke land last lie live march matter meditate move nap paddle pass pause practice pray
race react relax remain retire roll row sail scream shiver shop sigh ski skate slip snore sneeze stare step
stretch struggle succeed suffer sweat tremble vanish vote wander wave whistle wonder worry yawn yell
""".split()
_MOVING_IRREGULAR = """
run:ran swim:swam sleep:slept leave:left sing:sang fall:fell drive:drove fly:flew fight:fought wake:woke
begin:began win:won lose:lost come:came go:went sit:sat stand:stood lie:lay rise:rose sink:sank speak:spoke
spring:sprang swear:swore weep:wept creep:crept kneel:knelt lean:leaned shine:shone become:became bleed:bled
""".split()

_MOVING_DOUBLING = "swim run sit begin win skip jog nap shop slip chat hug nod step".split()
_VOWELS = "aeiou"
_IRREGULAR_PAST = dict(pair.split(":") for pair in (*_IRREGULAR, *_MOVING_IRREGULAR))
_DOUBLES = {
    *_DOUBLING,
    *_MOVING_DOUBLING,
    *"cut put get let set hit dig shut spin split quit forbid forget".split(),
}

_IRREGULAR_PLURALS = {
    "man": "men", "woman": "women", "child": "children", "foot": "feet", "tooth": "teeth", "mouse": "mice",
    "goose": "geese", "ox": "oxen", "policeman": "policemen", "fisherman": "fishermen", "postman": "postmen",
    "gentleman": "gentlemen", "leaf": "leaves", "knife": "knives", "wolf": "wolves", "calf": "calves",
    "shelf": "shelves", "wife": "wives", "thief": "thieves", "scarf": "scarves", "half": "halves",
    "life": "lives",
}  # fmt: skip
_SAME_IN_PLURAL = set("sheep fish deer salmon tuna shrimp trout moose reindeer goldfish".split())
_ENDS_IN_S = {"bus", "lens", "canvas", "campus", "compass", "octopus", "walrus"}


def third_person(verb: str) -> str:
    """What he or she does: "carries", "washes", "goes"."""
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def gerund(verb: str) -> str:
    """The -ing form: "carrying", "making", "stopping"."""
    if verb in _DOUBLES:
        return f"{verb}{verb[-1]}ing"
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return f"{verb[:-1]}ing"
    return f"{verb}ing"


def past(verb: str) -> str:
    """The past: "carried", "stopped", "went"."""
    if verb in _IRREGULAR_PAST:
        return _IRREGULAR_PAST[verb]
    if verb in _DOUBLES:
        return f"{verb}{verb[-1]}ed"
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


def plural(noun: str) -> str:
    """Several of `noun`; what looks like a plural already stays as it is."""
    if noun in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[noun]
    if noun in _SAME_IN_PLURAL or (noun.endswith("s") and not noun.endswith("ss") and noun not in _ENDS_IN_S):
        return noun
    if noun.endswith(("s", "x", "z", "ch", "sh")) or noun in {"hero", "potato", "tomato", "mosquito"}:
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def _bases(*lists: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(verb.partition(":")[0] for verbs in lists for verb in verbs))


TRANSITIVE = _bases(_REGULAR, _DOUBLING, _IRREGULAR)
INTRANSITIVE = _bases(_MOVING_REGULAR, _MOVING_IRREGULAR)
PAST = tuple(map(past, TRANSITIVE))
PAST_INTRANSITIVE = tuple(map(past, INTRANSITIVE))
DOES = tuple(map(third_person, TRANSITIVE))
DOES_INTRANSITIVE = tuple(map(third_person, INTRANSITIVE))
DOING = tuple(map(gerund, TRANSITIVE))
DOING_INTRANSITIVE = tuple(map(gerund, INTRANSITIVE))

UNITS = """
gram grams kilogram kilograms kilo kilos pound pounds ounce ounces liter liters milliliter milliliters cup
cups teaspoon teaspoons tablespoon tablespoons pint pints gallon gallons inch inches foot feet yard yards mile
miles meter meters centimeter centimeters kilometer kilometers degree degrees watt watts volt volts megabyte
megabytes gigabyte gigabytes calorie calories dollar dollars euro euros cent cents penny pence yen franc
francs rupee rupees acre acres decibel hertz second seconds minute minutes hour hours day days night nights
week weeks month months year years decade decades
""".split()

INTERJECTIONS = """
hey okay um uh oh wow yes no yeah nope sure thanks please sorry hello hi bye goodbye welcome cheers alright
well right great fine exactly absolutely definitely actually anyway congratulations hooray oops ouch hmm bravo
indeed perfect alas farewell hurrah sir madam mister missus darling sweetheart buddy pal folks guys
""".split()

FUNCTION = """
am is are was were be been being have has had having do does did done doing can could will would shall should
may might must ought need dare not also only just even both either neither nor or and but so because although
though unless until since while whereas whether if that which who whom whose what whatever whoever whenever
wherever where when why how as than then there here this these those them him her us me mine yours hers ours
theirs myself yourself himself herself ourselves themselves itself something anything nothing everything
someone anyone everybody anybody none all most many much more few fewer less little lots several enough such
same other others own else too very quite i'm you're he's she's it's we're they're i've you've we've they've
i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll they'll don't doesn't didn't won't can't
couldn't shouldn't wouldn't isn't aren't wasn't weren't haven't hasn't hadn't mustn't let's that's there's
here's what's where's who's how's o'clock color gonna wanna plus minus equals point comma dash slash an
item task dot capital hyphen underscore hashtag
""".split()
