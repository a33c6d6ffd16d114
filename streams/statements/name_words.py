"""Words by which names are told: links within them, titles before them, words that are never one."""

LINKS = frozenset(
    """of for für de du des la le les der des und и у з van von al el ul ad bin ben ibn da dos di del аль ад эль
    ибн ібн ан ас аш ар ат бен бин бін ван фон дер ден де да ді ду дю ла ле тер ель ел еш ес ет""".split()
)

PARTICLES = frozenset("de du des la le van von al el bin ben ibn da dos di del der ter ten den".split())

NEVER = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december the a an in on at but and or for from with if when while as this that
    these those it its he she they we i you no not yes there here then after before by to of his her their our
    my your under any some all last next both such what who why how where one two three mr mrs ms four five six
    seven eight nine ten eleven twelve twenty thirty forty fifty hundred dozens several many most few according
    montag dienstag mittwoch donnerstag freitag samstag sonntag das die der ein eine im am zum lundi mardi
    mercredi jeudi vendredi samedi dimanche les une un il elle ils dans par sur pour für chez
    angaben darstellung auskunft worten
    januar februar märz mai juni juli oktober dezember anfang mitte ende stand seit nach auch aus bei mit von
    janvier février mars avril juin juillet août septembre octobre novembre décembre selon après
    по в на и а но как это риа тасс интерфакс рбк новости ведомости известия
    коммерсантъ правда новини укринформ укрінформ унн уніан униан суспільне канал свобода би-би-си""".split()
)

TITLES = frozenset(
    """prime deputy vice acting state foreign defence defense interior transport finance economy trade first lady
    general major lieutenant colonel captain admiral brigadier senior chief president minister premier
    chancellor secretary king queen prince princess senator mayor governor ambassador commissioner spokesman
    spokeswoman spokesperson director dr mr mrs ms sir lord sheikh emir crown sultan pope leader commander
    speaker chairman us u s eu un nato official envoy mediator negotiator press council bundeskanzler
    regierungssprecherin regierungssprecher außenminister herr frau mme mlle président ministre colonel général
    undersecretary brig gen lt col maj capt adm cdr cmdr commodore air vice-admiral father monsignor archbishop bishop
    cardinal reverend imam rabbi pastor baroness baron dame
    political section mullah sheik sultan marshal rear aide adviser advisor representative professor justice
    министр президент премьер канцлер посол генерал полковник представитель глава помощник советник мид ес оон
    нато міністр президент прем'єр канцлер посол генерал полковник речник речниця глава радник мзс єс
    африки европы азии америки востока європи азії сходу
    красного креста червоного хреста""".split()
)

GROUPED = frozenset(
    """the a an of for 's senior top named called new former de du des la le les l' au der die das des im parole
    ein eine einer eines dem den ranghoher ranghohe hochrangiger hoher hohe leitender stellvertretender
    stellvertretende zuständige zuständiger amtierende amtierender haut haute hauts adjoint adjointe
    délégué déléguée porte
    government's ministry's president's minister's office leader's служби служб""".split()
)

BEFORE_BODY = frozenset(
    """foreign defence defense interior transport transportation economy finance trade commerce justice health
    security presidential prime minister's national civil aviation general coast border state affairs
    communications armed regulatory telecoms military naval air revolutionary transitional ruling sovereign
    joint auswärtige auswärtigen""".split()
)

OF = frozenset("of for the für de du des der la".split())
