"""Everyday words by kind, from which free sentences and slot values are drawn."""

from __future__ import annotations

from core.teaspoon import lexicon_forms as forms

NAMES = """
alice bob carol david emma frank grace henry isabel jack kate liam maria noah olivia peter quinn rachel samuel
tina ursula victor wendy xavier yvonne zoe anna ben clara daniel eva felix george hannah ivan julia kevin
laura martin nina oscar paula robert sarah thomas vera william sophie lucas mia leo nora hugo ella max lily
adam ruth simon theresa walter edith harold joan keith lucy mark nancy otto patricia ronald susan tony andrew
aaron abigail amelia amir amy angela arthur audrey barbara beatrice betty brian bruce caleb cameron carlos
caroline catherine charlie charlotte chris claire connor cynthia deborah dennis diana dominic doris dylan
edward eleanor elliot emily eric ethan evelyn fatima fiona florence gabriel gavin gloria gordon greta heather
helen holly howard ian ingrid isaac jacob james janet jason jennifer jeremy jessica joel jonathan joseph
joshua joyce judy julian karen kenneth kim kyle leah leonard linda louis louise madison malcolm marcus
margaret marie marion matthew megan melissa michael miguel miles mohammed monica nathan neil nicole nigel
norman omar owen pamela philip priya rebecca richard rosa rose ryan sandra scott sean sheila stella stephen
stuart sylvia teresa tim tracy tyler valerie vanessa victoria vincent violet virginia wayne yusuf zachary
""".split()

CITIES = """
london paris berlin madrid rome vienna prague warsaw dublin lisbon oslo stockholm helsinki athens zurich
geneva munich hamburg milan naples venice florence barcelona chicago boston denver seattle dallas houston
atlanta miami phoenix portland detroit orlando toronto montreal vancouver tokyo osaka kyoto beijing shanghai
sydney melbourne auckland delhi mumbai cairo nairobi lagos bristol leeds york oxford cambridge glasgow
edinburgh cardiff brussels amsterdam copenhagen budapest sofia lyon nice aberdeen adelaide amman ankara
antwerp baghdad baltimore bangkok basel belfast bergen birmingham bogota brighton brisbane bucharest calgary
canberra casablanca charlotte cleveland cologne dakar dresden dubai durban durham exeter frankfurt genoa ghent
granada hanoi havana indianapolis istanbul jakarta jerusalem johannesburg kansas kingston krakow leipzig lima
liverpool luxembourg malaga manchester manila marseille memphis minneapolis montevideo moscow nashville
newcastle norwich nottingham odessa omaha ottawa palermo perth philadelphia pittsburgh plymouth porto quebec
riga rotterdam sacramento salzburg santiago seoul seville sheffield singapore southampton stuttgart tallinn
tampa tehran tucson tunis turin utrecht valencia vilnius wellington winnipeg zagreb
""".split()

COUNTRIES = """
france germany italy spain portugal greece norway sweden finland poland austria hungary ireland scotland
canada mexico brazil chile peru egypt kenya india china japan korea thailand vietnam turkey iceland australia
albania algeria argentina bangladesh belgium bolivia bulgaria cambodia cameroon colombia croatia cuba cyprus
denmark ecuador england estonia ethiopia ghana guatemala indonesia iran iraq israel jamaica jordan latvia
lebanon libya lithuania malaysia malta mongolia morocco nepal netherlands nigeria pakistan panama paraguay
philippines romania russia senegal serbia slovakia slovenia sudan switzerland syria taiwan tanzania tunisia
uganda ukraine uruguay venezuela wales zambia zimbabwe america
""".split()

FOODS = """
pizza soup salad bread cheese butter rice pasta chicken beef pork lamb fish salmon tuna shrimp tofu beans
lentils carrots potatoes tomatoes onions garlic peppers mushrooms spinach broccoli cabbage corn peas lettuce
apples bananas oranges lemons grapes pears peaches cherries berries melons mangoes nuts honey sugar salt
yogurt cream eggs pancakes waffles noodles sushi burgers sausages bacon ham sandwiches tacos curry pie cake
cookies chocolate almonds anchovies apricots artichokes asparagus avocado baguette bagel barley basil beetroot
biscuits blackberries blueberries brownies buns caramel cashews cauliflower celery cereal cheddar chestnuts
chickpeas chili chips cinnamon coconut couscous crab crackers cranberries croissants cucumber custard dates
donuts dumplings eggplant falafel figs flour fries fudge ginger grapefruit gravy guacamole hazelnuts herbs
hummus jam jelly kale ketchup kiwi lasagna leeks limes lobster macaroni margarine marmalade mayonnaise
meatballs mint mozzarella muffins mussels mustard nachos oatmeal oats olives omelette oregano oysters pancake
papaya paprika parmesan parsley parsnips pastry peanuts pecans pepper pesto pickles pineapple pistachios plums
popcorn porridge pretzels pudding pumpkin quinoa radishes raisins raspberries ravioli rhubarb risotto rosemary
saffron salami salsa sauerkraut scones sesame sorbet spaghetti sprouts squash steak stew strawberries syrup
tarts thyme toast tortillas trout turkey turnips vanilla veal vinegar waffle walnuts watermelon wheat yeast
zucchini vegetables fruit sprinkles marshmallows
""".split()

DRINKS = """
tea water milk juice lemonade soda beer wine cider cocoa smoothie ale brandy champagne cola
cordial eggnog kombucha milkshake punch rum sherry tonic vodka whiskey buttermilk nectar
""".split()

ANIMALS = """
dog cat horse cow pig sheep goat duck goose chicken rabbit mouse rat bear wolf fox deer lion tiger elephant
monkey snake frog turtle eagle owl crow pigeon parrot whale dolphin shark bee ant spider butterfly alligator
badger bat beaver beetle buffalo calf camel canary caterpillar cheetah crab crocodile dinosaur donkey dove
falcon ferret flamingo fly giraffe goldfish gorilla hamster hedgehog heron hippo kangaroo kitten koala lamb
leopard lizard llama lobster mole moose mosquito moth octopus ostrich otter ox panda panther peacock penguin
pony puppy raccoon raven reindeer rhino robin rooster salmon seagull seal skunk sloth snail sparrow squirrel
stork swallow swan toad turkey walrus wasp weasel worm zebra
""".split()

THINGS = """
table chair desk lamp mirror carpet pillow blanket towel basket bottle bucket candle clock cup fork knife
spoon plate bowl glass pan pot kettle oven fridge freezer stove sink shower bath toilet door window wall floor
roof stairs garden fence gate shed garage car truck bus train plane boat ship bicycle engine wheel tire road
bridge street path field forest river lake beach mountain hill valley island village town city house hotel
school church bank shop store market office factory library museum theater cinema station airport harbor park
farm book paper pencil pen letter page story song picture photo camera phone computer screen keyboard printer
radio television battery cable machine tool hammer nail screw ladder rope box bag suitcase wallet purse ticket
key lock coin ring watch necklace shirt jacket coat dress skirt trousers shoes boots socks hat scarf gloves
belt umbrella glasses medicine bandage brush soap comb flower tree leaf grass seed stone sand rock gold silver
iron wood plastic leather cotton wool fan heater light volume alarm timer list message blinds curtain vacuum
robot dishwasher dryer album almanac ambulance anchor antenna apron aquarium arch armchair arrow ashtray axe
backpack badge balloon banner barbecue barrel bathtub beam bell bench bin binder binoculars blackboard blender
blouse bookcase bookmark bracelet bracket brick briefcase broom buckle bulb bumper button cabin cabinet
calculator calendar canoe canvas cape caravan carriage cart carton case castle ceiling cello chain chandelier
charger chessboard chest chimney chisel clarinet clip cloak closet clutch coaster collar compass cone console
container cooker cooler cork corkscrew costume couch counter coupon court cradle crane crate crayon crib crown
cupboard cushion cylinder dashboard diamond diary dictionary diploma dish doorbell doorknob doormat drain
drawer drill drone drum dustpan earphones earring easel elevator emerald envelope eraser escalator faucet
feather ferry file filter fireplace flag flashlight flask flute folder fountain frame fuse gadget garland gear
globe glue grater grill guitar gutter hairbrush hairdryer hamper handbag handle hanger harness harp headlight
headphones headset helicopter helmet hinge hook hose hourglass icon ink jar jeans jet jewel jug kayak keypad
kite label laptop latch lawnmower leash lens lever lid lighter lipstick locker lollipop loop magazine magnet
mailbox manual map marker mask mat mattress medal menu microphone microscope microwave modem monitor mop motor
motorcycle mug napkin needle net newspaper notebook notepad nozzle oar ornament outlet package paddle padlock
paintbrush pajamas palace pamphlet panel parachute parcel passport patio pearl pebble pedal peg pendant
perfume petal piano pillar pin pipe pitcher platter plug pocket pole pond pool postcard poster pouch pram
projector puppet puzzle pyramid quilt racket radiator raft railing raincoat rake ramp razor receipt recorder
remote ribbon rifle robe rocket roller router rug ruler sack saddle sandals satellite saucepan saucer saw
saxophone scale scanner scissors scooter sculpture seat sensor sewer shampoo shelf shell shield shovel shutter
sidewalk sieve sign signal siren sketch skateboard skis slide sling slippers smartphone sofa spade spatula
speaker sponge spotlight spray sprinkler stairway stamp stapler statue stereo stick sticker stool strap straw
string suit sunglasses sunscreen surfboard sweater swimsuit swing switch sword syringe tablet tank tap tape
teapot telescope tent thermometer thermostat thread throne tie tights tile tissue toaster toolbox toothbrush
toothpaste toy tractor trailer tray treadmill tripod trolley trombone trophy trumpet tub tube tunnel turbine
tuxedo tweezers typewriter uniform valve van vase vest video vineyard violin wagon wardrobe washer webcam
wheelbarrow wheelchair whistle wig windmill windshield wire wok wrench xylophone yacht zipper website browser
password network internet server cursor document spreadsheet invoice contract certificate license permit
voucher brochure catalogue screenshot headline chart graph diagram
""".split()

PLACES = """
kitchen bedroom bathroom hallway office attic basement garage corridor classroom lobby cellar balcony terrace
studio workshop laundry nursery aisle apartment arcade auditorium bakery ballroom bar barn cafeteria camp
campus chapel clinic closet conservatory courtyard dormitory driveway entrance gallery greenhouse gym hangar
headquarters hut laboratory lawn library loft lounge mall mansion nightclub orchard pantry patio penthouse
pharmacy playground porch pub reception restaurant restroom sauna shed stable stadium study sunroom
supermarket tower vestibule veranda warehouse yard zoo
""".split()

PEOPLE = """
man woman child boy girl baby friend neighbor teacher doctor nurse driver farmer baker cook waiter singer
painter writer lawyer judge soldier sailor pilot student manager worker engineer builder guest visitor mother
father brother sister uncle aunt cousin grandmother grandfather husband wife daughter son king queen captain
accountant actor actress adult ambassador architect artist assistant astronaut athlete author babysitter
barber boss boyfriend bride broker butcher buyer candidate caretaker carpenter cashier champion chef citizen
cleaner clerk client coach colleague comedian composer conductor consultant criminal customer cyclist dancer
dealer dentist designer detective diplomat director drummer editor electrician employee enemy expert fisherman
florist foreigner gardener gentleman girlfriend goalkeeper grandson groom guard guide hairdresser hero host
hunter inspector instructor janitor journalist juggler jury kid lady landlord librarian lifeguard magician
mayor mechanic messenger miner minister musician nanny nephew niece official operator optician orphan owner
parent partner passenger patient pediatrician pharmacist photographer physician pianist pirate player plumber
poet policeman politician postman president priest prince princess prisoner professor programmer psychologist
receptionist referee relative reporter representative researcher resident roommate scientist secretary senator
servant sheriff shopkeeper skier specialist stranger surgeon swimmer tailor teenager tenant therapist thief
toddler tourist trainer translator traveler tutor twin veterinarian victim volunteer widow winner witness
wizard youngster
""".split()

ADJECTIVES = """
big small long short old new young good bad hot cold warm cool dry wet clean dirty fast slow early late easy
hard heavy light dark bright loud quiet soft sharp round square flat deep shallow wide narrow rich poor strong
weak happy sad angry tired hungry thirsty sick healthy busy free full empty open closed cheap expensive simple
strange famous lovely ugly beautiful pretty gentle rude polite brave clever silly honest lazy lucky nervous
proud funny serious fresh rotten sweet bitter sour salty spicy golden wooden broken missing lost perfect
careful dangerous safe able absent accurate active actual additional afraid aggressive alive allergic amazing
ancient annual annoyed anxious appropriate ashamed asleep automatic available average awake aware awful
awkward bare basic bland bold bored boring brief brilliant calm capable casual cautious cheerful chilly
classic clear cloudy clumsy comfortable common complete complex confident confused constant correct crazy
creamy creepy crispy crowded cruel curious curly current cute damp dead deaf dear decent delicate delicious
delighted dense desperate different difficult digital direct disappointed distant dizzy double dull eager
elegant electric electronic emotional endless enormous entire equal essential evil exact excellent excited
exciting exhausted exotic extra extreme faint fair faithful false familiar fancy fantastic fat favorite final
fine firm fit flexible foggy foolish foreign formal fragile frequent friendly frightened frozen fruity furious
future generous genuine gigantic glad global gloomy gorgeous grand grateful great greedy green grumpy guilty
handsome handy harmless helpful hidden hilarious historic hollow horrible huge humble humid identical ill
illegal immediate impatient important impossible impressive incredible independent innocent intense
interesting internal invisible jealous joint jolly juicy keen large latest legal likely liquid little local
lonely loose low loyal mad magic main major massive mature medium mild minor miserable mobile modern modest
muddy mysterious nasty natural naughty near neat necessary negative nearby noisy normal numb obvious odd
official optional ordinary organic original outdoor outstanding overdue painful pale patient peaceful
permanent personal plain plastic playful pleasant pleased pointed popular portable positive possible powerful
practical precious precise pregnant previous private probable professional prompt proper public punctual pure
quick rapid rare raw ready real reasonable recent regular relaxed relevant reliable relieved remarkable
responsible restless ridiculous ripe rough royal rubber rusty satisfied scared secret secure selfish sensible
sensitive separate severe shiny shocked shy significant silent similar sincere single skinny sleepy slim
slippery sloppy smart smooth sociable solid sore sorry spare special spectacular splendid spotless stable
standard steady steep sticky stiff stormy straight stressed stubborn stupid successful sudden sufficient
suitable sunny super superb superior surprised suspicious swollen talented tall tasty temporary tender tense
terrible thick thin thoughtful tidy tight tiny toasted total tough tragic transparent tropical true typical
unable uncomfortable unexpected unfair unhappy unique united universal unknown unusual upset urgent useful
useless usual vacant vague valid valuable various vast vegan vegetarian vertical vicious violent visible
visual vital vivid wavy wealthy weird whole wicked wild windy wise wonderful worried worse worst worth worthy
wrong better best bigger smaller larger cheaper faster slower louder quieter warmer colder hotter cooler
brighter darker longer shorter earlier higher lower newer older stronger lighter heavier softer harder easier
""".split()

COLOURS = """
red green blue yellow black white brown grey pink purple orange turquoise violet silver beige crimson cyan
gold indigo khaki lavender lilac magenta maroon mauve mustard navy olive scarlet tan teal
""".split()

ADVERBS = """
slowly quickly quietly loudly carefully again soon later often never always sometimes together alone outside
inside upstairs downstairs here there yesterday today tomorrow tonight early late already finally almost
really now then twice once maybe perhaps suddenly gladly rarely abroad absolutely accidentally actually
afterwards ago ahead altogether angrily anyway anywhere apart apparently approximately automatically away
backwards badly barely basically briefly brightly calmly certainly clearly closely commonly completely
constantly correctly currently daily dangerously deeply definitely differently directly eagerly easily
elsewhere enough entirely equally especially eventually everywhere exactly extremely fairly firmly forever
formerly forward frankly freely frequently fully generally gently gradually greatly happily hardly heavily
honestly hopefully hourly immediately incredibly instantly instead kindly lately lazily least lightly
literally luckily mainly meanwhile mildly monthly mostly naturally nearly neatly nervously nicely normally
nowhere obviously occasionally officially originally overnight partly patiently perfectly permanently
personally politely poorly possibly precisely presently previously probably promptly properly proudly quite
randomly rapidly rather readily recently regularly sadly safely secretly seldom separately seriously sharply
shortly silently similarly simply sincerely slightly smoothly softly somehow somewhat somewhere specially
steadily still straight strongly surely surprisingly temporarily terribly thoroughly tightly totally truly
typically unfortunately urgently usually very warmly weekly well wildly wisely yearly yet
""".split()

PREPOSITIONS = """
in on under near behind beside above below with without from to into through across around against between
before after beyond over past by for about toward off up down along inside outside onto within throughout
underneath amid among despite except opposite per since than until unlike via like
""".split()

ABSTRACT = """
time day week month year hour minute morning evening night summer winter spring autumn weather rain snow wind
storm cloud sun moon star sky fire ice air earth world country price money job business meeting plan idea
problem answer question reason chance choice rule law game match team score goal prize party wedding birthday
holiday trip journey visit lesson exam course language word number letter name address shape size sound voice
music movie news report health pain fever dream hope fear love peace war power energy heat speed distance
weight height degree percent half quarter dozen pair piece part side end middle top bottom left right
temperature brightness reminder schedule appointment account balance payment ability absence accent access
accident action activity advantage adventure advice affair agenda agreement aid alphabet ambition amount anger
anniversary apology application area argument arrangement arrival article aspect assembly assignment attack
attempt attention attitude audience autograph awareness background ballet bargain basis battle beauty
beginning behavior belief benefit blame blood breath budget calm campaign capital care career category cause
ceremony challenge championship chapter character charity childhood choir circle circumstance citizenship
civilization climate clue collection college combination comedy comfort command comment community company
comparison competition complaint concept concern concert condition conference confidence conflict connection
conversation copy corner couple courage crime crisis criticism crowd culture curiosity custom damage danger
darkness data deal death debate debt decade decision defeat definition delay delight democracy departure
description desire destination detail development device diet difference difficulty direction disaster
discount discovery discussion disease diversity document doubt drama duty ease economy education effect effort
election emergency emotion employment encouragement entertainment enthusiasm entry environment episode
equality equipment error essay event evidence example excitement excuse exercise exhibition expense experience
experiment explanation expression extent fact failure fairness faith fame fashion fault favor feature feedback
feeling festival fiction finance fitness flavor focus fog forecast fortune freedom friendship frost fun
function funeral gesture gossip government grade graduation gratitude gravity grief group growth guess
guidance habit happiness harmony harvest help heritage history hobby honesty honor humor hunger hygiene
identity illness image imagination impact importance impression improvement incident income increase industry
inflation influence information ingredient injury innovation insight inspiration instance institution
instruction insurance intelligence intention interest interview invention investment invitation issue jealousy
joke judgment justice kindness knowledge label labor laughter leadership leisure level liberty life lifetime
limit literature loan location logic loneliness loss loyalty luck luggage luxury maintenance majority
management manner marathon marriage mathematics matter maximum meaning measurement media membership memory
message method midnight mind minimum minority miracle mission mistake mixture mode moment mood motion
motivation movement mystery nature necessity negotiation neighborhood noise notice novel nutrition objective
occasion offer opera operation opinion opportunity option orchestra order organization origin outcome overview
pace parade parking passion past path patience pattern pause penalty pension performance period permission
personality perspective philosophy phrase physics playlist pleasure poem poetry policy politics pollution
population position possibility poverty practice preference preparation presence present pressure pride
principle priority privacy procedure process product profession profit program progress project promise
promotion proof property proposal protection protest punishment purpose puzzle quality quantity race rainbow
range rate reaction reality recipe recommendation record recovery reduction reference reform refund relation
relationship relief religion rent reply reputation request rescue research reservation resource respect
response responsibility rest result revenge revenue review revolution reward rhythm riddle risk role romance
route routine rumor sadness safety salary sale sample satisfaction scandal scene scheme science season second
secret section security selection sense sentence sequence series service session shadow shame shelter shift
shock sight silence situation skill sleep smell society software solution sorrow source space species spirit
stage standard statement statistics status step stomach strategy strength stress structure struggle style
subject success suggestion sunrise sunset supper supply support surface surprise survey survival suspicion
sympathy symptom system talent target taste tax technique technology tendency tension theory thought threat
thunder title tone topic total touch tour tournament tradition traffic tragedy training transport treatment
trend trial trouble trust truth type understanding union university upgrade vacation value variety version
victory view vision vocabulary voyage warning waste wealth weekend welcome welfare wisdom wish wonder workshop
worry worship yoga youth zone breakfast lunch dinner snack dessert meal century
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

MANY_ANIMALS = tuple(map(forms.plural, ANIMALS))

TRANSITIVE, INTRANSITIVE, PAST = forms.TRANSITIVE, forms.INTRANSITIVE, forms.PAST

SURNAMES = """
adams allen anderson baker barnes bennett brooks brown campbell carter clark collins cooper cox davies diaz
edwards evans fisher foster garcia gibson gray green hall harris hill hughes hunt jackson jenkins johnson
jones kelly khan king lee lewis lopez martinez mason miller mitchell moore morgan morris murphy murray nelson
palmer parker patel perry phillips powell price reed reynolds roberts robinson rogers ross russell sanders
schmidt shaw singh smith stewart taylor thompson turner walker ward watson webb white williams wilson wood
wright young
""".split()

BODY = """
head back arm leg knee foot hand shoulder neck stomach ear tooth finger chest hip eye throat elbow wrist ankle
toe thumb nose lip tongue cheek chin forehead skin heart lung liver kidney muscle bone spine rib heel thigh
jaw gum scalp
""".split()

HOBBIES = """
archery badminton ballet baseball basketball billiards bowling boxing camping canoeing ceramics chess climbing
cricket crochet curling cycling darts diving drawing embroidery fencing fishing football gardening golf
gymnastics handball hiking hockey jogging judo karate knitting lacrosse origami painting photography pilates
pottery reading rowing rugby running sailing sculpting sewing singing skateboarding skating skiing snorkeling
snowboarding soccer softball surfing swimming tennis volleyball weightlifting windsurfing wrestling writing
yoga
""".split()

SUBJECTS_TAUGHT = """
history geography physics chemistry biology french spanish english latin mathematics drawing sports religion
economics algebra geometry astronomy philosophy psychology sociology literature grammar german italian
programming statistics engineering drama civics
""".split()

LANGUAGES = """
french german italian spanish polish greek dutch danish turkish chinese arabic hindi japanese korean
portuguese russian swedish norwegian finnish czech hungarian hebrew latin swahili thai urdu vietnamese welsh
irish ukrainian bengali
""".split()

COFFEES = """
coffee espresso latte cappuccino mocha americano macchiato decaf cortado frappe ristretto roast grounds beans
barista foam froth shot filter
""".split()
"""Heard in word lists only: neither a domain nor a free sentence takes coffee orders."""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


ROOMS = _phrases("""
living room, dining room, guest room, laundry room, waiting room, meeting room, conference room, changing
room, storage room, utility room, play room, sitting room, engine room, control room, server room, master
bedroom, spare bedroom, front yard, back yard, roof terrace, wine cellar, tool shed, parking garage, swimming
pool, reading corner, breakfast nook, mud room, boiler room, coat closet, upper floor, ground floor, top
floor, side entrance, main entrance, loading dock, lunch room, break room, copy room, home office, home gym,
play area, picnic area, tennis court, school yard, first class cabin, emergency exit, bus stop, taxi stand,
town square, shopping mall, gas station, police station, fire station, train station, car park, ice rink,
concert hall, bowling alley, petting zoo, pet shop, book shop
""")

COMPOUNDS = _phrases("""
alarm clock, apple tree, baby carriage, baking tray, ball pen, bath towel, bed sheet, bicycle pump, birthday
card, boarding pass, bread knife, bus ticket, business card, camera bag, can opener, car key, card reader,
cell phone, cheese board, coffee table, computer mouse, credit card, cutting board, deck chair, desk drawer,
dinner plate, dog leash, door handle, driving license, egg timer, extension cord, fire alarm, first aid kit,
fishing rod, flower pot, frying pan, garbage bag, garden hose, gift card, glove box, hand cream, hard drive,
hearing aid, high chair, hot water bottle, ice cream maker, ironing board, ladder truck, laundry basket, life
jacket, light switch, lunch box, mailing list, memory card, mixing bowl, mobile phone, night stand, oil
painting, paper bag, parking meter, pepper mill, phone case, picture frame, pillow case, playing cards, power
strip, pressure cooker, rain barrel, recycling bin, remote control, rocking chair, rolling pin, rubber band,
running shoes, safety pin, salad bowl, seat belt, sewing machine, shopping cart, shower curtain, ski boots,
sleeping bag, smoke detector, snow shovel, soap dish, spare tire, sports bag, step ladder, street lamp, suit
case, tea bag, tea spoon, tennis racket, time table, tool box, towel rack, toy box, trash can, travel guide,
vacuum cleaner, video camera, wall clock, washing machine, watering can, window frame, wine glass, wrist
watch, writing desk
""")

SIZES = _phrases("""
small, medium, large, extra large, regular, tiny, huge, half, double, triple, single, family size, kids size,
big, king size, twelve inch, full size, mini, jumbo
""")

MILKS = _phrases("""
whole milk, skim milk, oat milk, almond milk, soy milk, coconut milk, rice milk, goat milk, low fat milk,
cashew milk, lactose free milk, buttermilk
""")

TOPPINGS = _phrases("""
extra cheese, whipped cream, chocolate sauce, caramel sauce, maple syrup, fresh basil, black olives, red
onions, hot sauce, sour cream, roasted garlic, green peppers, fried onions, sesame seeds, sun dried tomatoes,
blue cheese, goat cheese, chili flakes, lemon juice, olive oil, soy sauce, tomato sauce, garlic butter,
crushed ice, crushed nuts, ginger, honey, cinnamon, nutmeg, mint leaves, pine nuts, poppy seeds, smoked ham,
pickled cabbage, feta, anchovies, pineapple, jalapenos, capers, mayonnaise, ketchup, mustard, hazelnuts,
raisins, sprinkles
""")

GENRES = _phrases("""
jazz, blues, techno, opera, gospel, swing, disco, punk, folk, heavy metal, chamber music, film music, choir
music, hip hop, marching band, swing band, country, reggae, salsa, tango, waltz, indie rock, lullabies,
electronic, string quartet
""")
