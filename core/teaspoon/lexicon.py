"""Everyday words by kind, from which free sentences and slot values are drawn."""

from __future__ import annotations

NAMES = """
alice bob carol david emma frank grace henry isabel jack kate liam maria noah olivia peter quinn rachel
samuel tina ursula victor wendy xavier yvonne zoe anna ben clara daniel eva felix george hannah ivan julia
kevin laura martin nina oscar paula robert sarah thomas vera william sophie lucas mia leo nora hugo ella max
lily adam ruth simon theresa walter edith harold joan keith lucy mark nancy otto patricia ronald susan tony
andrew
""".split()

CITIES = """
london paris berlin madrid rome vienna prague warsaw dublin lisbon oslo stockholm helsinki athens zurich
geneva munich hamburg milan naples venice florence barcelona chicago boston denver seattle dallas houston
atlanta miami phoenix portland detroit orlando toronto montreal vancouver tokyo osaka kyoto beijing shanghai
sydney melbourne auckland delhi mumbai cairo nairobi lagos bristol leeds york oxford cambridge glasgow
edinburgh cardiff brussels amsterdam copenhagen budapest sofia lyon nice
""".split()

COUNTRIES = """
france germany italy spain portugal greece norway sweden finland poland austria hungary ireland scotland
canada mexico brazil chile peru egypt kenya india china japan korea thailand vietnam turkey iceland
australia
""".split()

FOODS = """
pizza soup salad bread cheese butter rice pasta chicken beef pork lamb fish salmon tuna shrimp tofu beans
lentils carrots potatoes tomatoes onions garlic peppers mushrooms spinach broccoli cabbage corn peas lettuce
apples bananas oranges lemons grapes pears peaches cherries berries melons mangoes nuts honey sugar salt
yogurt cream eggs pancakes waffles noodles sushi burgers sausages bacon ham sandwiches tacos curry pie cake
cookies chocolate
""".split()

DRINKS = """
coffee tea water milk juice lemonade soda beer wine cider cocoa espresso smoothie
""".split()

ANIMALS = """
dog cat horse cow pig sheep goat duck goose chicken rabbit mouse rat bear wolf fox deer lion tiger elephant
monkey snake frog turtle eagle owl crow pigeon parrot whale dolphin shark bee ant spider butterfly
""".split()

THINGS = """
table chair desk lamp mirror carpet pillow blanket towel basket bottle bucket candle clock cup fork knife
spoon plate bowl glass pan pot kettle oven fridge freezer stove sink shower bath toilet door window wall
floor roof stairs garden fence gate shed garage car truck bus train plane boat ship bicycle engine wheel
tire road bridge street path field forest river lake beach mountain hill valley island village town city
house hotel school church bank shop store market office factory library museum theater cinema station
airport harbor park farm book paper pencil pen letter page story song picture photo camera phone computer
screen keyboard printer radio television battery cable machine tool hammer nail screw ladder rope box bag
suitcase wallet purse ticket key lock coin ring watch necklace shirt jacket coat dress skirt trousers shoes
boots socks hat scarf gloves belt umbrella glasses medicine bandage brush soap comb flower tree leaf grass
seed stone sand rock gold silver iron wood plastic leather cotton wool fan heater light volume alarm timer
list message blinds curtain vacuum robot dishwasher dryer
""".split()

PLACES = """
kitchen bedroom bathroom hallway office attic basement garage corridor classroom lobby cellar balcony
terrace studio workshop laundry nursery
""".split()

PEOPLE = """
man woman child boy girl baby friend neighbor teacher doctor nurse driver farmer baker cook waiter singer
painter writer lawyer judge soldier sailor pilot student manager worker engineer builder guest visitor
mother father brother sister uncle aunt cousin grandmother grandfather husband wife daughter son king queen
captain
""".split()

ADJECTIVES = """
big small long short old new young good bad hot cold warm cool dry wet clean dirty fast slow early late easy
hard heavy light dark bright loud quiet soft sharp round square flat deep shallow wide narrow rich poor
strong weak happy sad angry tired hungry thirsty sick healthy busy free full empty open closed cheap
expensive simple strange famous lovely ugly beautiful pretty gentle rude polite brave clever silly honest
lazy lucky nervous proud funny serious fresh rotten sweet bitter sour salty spicy golden wooden broken
missing lost perfect careful dangerous safe
""".split()

COLOURS = """
red green blue yellow black white brown grey pink purple orange turquoise violet silver
""".split()

TRANSITIVE = """
see find buy sell bring take carry hold push pull open close lock clean wash paint build break fix repair
cut cook eat drink taste smell hear watch draw write read send receive open move lift drop throw catch keep
lose hide show share borrow lend return count measure choose order deliver check test start stop finish
change use need want like love hate remember forget understand describe cover fill empty warm cool burn
plant water feed
""".split()

PAST = """
saw found bought sold brought took carried held pushed pulled opened closed locked cleaned washed painted
built broke fixed repaired cut cooked ate drank tasted heard watched drew wrote read sent received moved
lifted dropped threw caught kept lost hid showed shared borrowed returned counted measured chose ordered
delivered checked started stopped finished changed used needed wanted liked loved hated remembered forgot
described filled planted ended turned set put made gave told asked called paid
""".split()

INTRANSITIVE = """
walk run swim sleep wait stay leave arrive laugh cry smile sing dance jump fall travel drive fly fight talk
listen work rest play wake dream shout whisper hurry return begin win lose
""".split()

ADVERBS = """
slowly quickly quietly loudly carefully again soon later often never always sometimes together alone outside
inside upstairs downstairs here there yesterday today tomorrow tonight early late already finally almost
really now then twice once maybe perhaps suddenly gladly rarely
""".split()

PREPOSITIONS = """
in on under near behind beside above below with without from to into through across around against between
before after beyond over past by for about toward off up down along inside outside
""".split()

ABSTRACT = """
time day week month year hour minute morning evening night summer winter spring autumn weather rain snow
wind storm cloud sun moon star sky fire ice air earth world country price money job business meeting plan
idea problem answer question reason chance choice rule law game match team score goal prize party wedding
birthday holiday trip journey visit lesson exam course language word number letter name address color shape
size sound voice music movie news report health pain fever dream hope fear love peace war power energy heat
speed distance weight height degree percent half quarter dozen pair piece part side end middle top bottom
left right temperature brightness reminder schedule appointment account balance payment
""".split()

DETERMINERS = """
the the the the a a my your his her our their this that every another some each no any
""".split()

SUBJECTS = """
i you he she we they it nobody somebody everyone
""".split()

QUESTIONS = """
what where when why who how which
""".split()
