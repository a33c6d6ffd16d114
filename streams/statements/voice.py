"""Text that is not the article's own report: opinion, fiction, captions, links to other articles, biographies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from streams.statements.passage import Passage
from wire.records import Article

_OPINION_TITLE = re.compile(
    r"^\s*(?:opinion|column|(?:\w+ )?reviews?|comment|analysis|editorial|letters?|op-ed|guest essay|tribune|"
    r"éditorial|édito|chronique|"
    r"billet|point de vue|carte blanche|analyse|lettres?|courrier des lecteurs|kommentar|leitartikel|kolumne|"
    r"gastbeitrag|gastkommentar|meinung|standpunkt|glosse|essay|leserbriefe?|мнение|колонка|комментарий|анализ|"
    r"взгляд|письма?|редакционная|думка|коментар|аналіз|погляд|листи?|редакційна)\b\s*[:|–—-]"
    r"|^\s*(?:courrier des lecteurs|lettres? à la rédaction|leserbriefe|leserforum|leserpost)\s*$",
    re.I,
)
_CORRECTION = re.compile(
    r"^\s*(?:corrections?|clarifications?|errat(?:um|a)|editor'?s note|for the record|quiz|rectificatif|"
    r"mise au point|berichtigung|korrektur|richtigstellung|поправка|уточнение|викторина|виправлення|уточнення|"
    r"вікторина)\b",
    re.I,
)
_FICTION = re.compile(
    r"\b(?:novel|thriller|paperback|bookshelf|short story|screenplay|video game|box office|film's|the heroine|"
    r"the hero|board game|satire|fiction(?:al)?|roman|romancière|romancier|polar|téléfilm|l'héroïne|bande dessinée|"
    r"jeu vidéo|jeu de société|kriminalroman|kurzgeschichte|drehbuch|verfilmung|hauptfigur|videospiel|brettspiel)\b",
    re.I,
)
_MADE_UP = re.compile(
    r"\b(?:fictitious|fictional|imaginary|make-believe|thriller|novel|novelist|war ?games?|wargam\w+|table-?top|"
    r"role-play\w*|screenplay|satirical|satire|umpire|heroine|protagonist|sequel|paperback|box office|april fool\w*|"
    r"does not exist|roman|romancière|romancier|fiction|fictif|fictive|imaginaire|uchronie|polar|téléfilm|héroïne|"
    r"poisson d'avril|jeu de rôles?|satirique|fiktiv\w*|erfunden\w*|heldin|hauptfigur|verfilmung|planspiel|drehbuch|"
    r"kriminalroman|fortsetzung|aprilscherz|вымышленн\w+|вигадан\w+|роман[ае]?|романіст\w*|писательниц\w+|"
    r"письменниц\w+|сатирическ\w+|сатиричн\w+|сценарист\w*|повесть|повість|героин\w+|героїн\w+)\b",
    re.I,
)
_STAGED = re.compile(
    r"\b(?:episodes?|season|plots?|actors?|actress(?:es)?|cast|film|films|movie|theatre|theater|playwright|villain|"
    r"premiere|scriptwriter|screenwriter|comedy|drama|melodrama|reviewer|soundtrack|on screen|the screen|"
    r"television series|tv series|miniseries|series in|dialogue coach|first act|second act|last act|last scene|"
    r"opening scene|opening night|the stage|stage play|chapters?|narrator|readers|publisher|librettist|libretto|"
    r"opera|audiences?|the director|directed by|written by|showrunner|box set|streaming service|cinemas?|starring|"
    r"played by|best scene|in every frame|biopic|subplots?|subtitles?|sitcom|spin-off|screenplay|battle scenes?|"
    r"(?:two|three|four|five|six|seven|eight|ten|twelve)-part|the credits|the writers have|magnificent as|"
    r"series|dialogue|the score)\b",
    re.I,
)
"""Words of reviews; any one of them may stand in other news."""

_SIGNED = re.compile(
    r"(?:[Tt]he (?:writer|author|columnist)|[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}) (?:is|was|has been|teaches|"
    r"writes|lectures|edits|served|runs)\b.{0,160}\b(?:writer|author|columnist|professor|retired|teacher|teaches|fellow|"
    r"novelist|editor|historian|lecturer|former|writes|essayist|researcher|book|books)\b[^.]{0,120}\.?",
)
"""A last paragraph that says who wrote the piece."""

_FIRST_PERSON = re.compile(
    r"\b(?:I|my|mine|me|[Jj]e|[Jj]['’]\w+|mon|mes|moi|[Ii]ch|mir|mich|meine?[rnms]?|[Яя]|меня|мне|мной|мой|моя|"
    r"мене|мені|мною|мій)\b"
)
_SECOND_PERSON = re.compile(r"\b(?:your?|yours|votre|vos|euer|eure\w*|ваш\w*)\b", re.I)
_OFTEN = re.compile(
    r"\b(?:for (?:years|decades|months)|always|often|depuis des années|seit jahren|годами|роками)\b", re.I
)
_QUOTED = re.compile(r'[“"«][^”"»]*[”"»]')
_FURNITURE = re.compile(
    r"^\s*(?:photo|image|picture|file photo|related|read more|read also|see also|more on this|watch|listen|"
    r"advertisement|subscribe|sign up for|most read|recommended|about the author|the author|the writer|comments?|"
    r"topics|tags|claim|the claim|myth|rumou?r|q|question|à? ?lire aussi|lire également|à voir aussi|voir aussi|"
    r"sur le même sujet|publicité|abonnez-vous|l'auteure?|commentaires|légende|vrai ou faux|foto|bild|lesen sie auch|"
    r"mehr zum thema|siehe auch|anzeige|werbung|über den autor|über die autorin|kommentare|schlagworte|frage|"
    r"фото|читайте также|смотрите также|реклама|подпишитесь|теги|темы|миф|вопрос|об авторе|читайте також|"
    r"дивіться також|підпишіться|теми|міф|запитання|про автора)"
    r"\b\s*(?:[:|–—-]|is\b|writes\b|$)",
    re.I,
)
_ERROR = re.compile(
    r"\b(?:please disregard|disregard (?:the|our)|(?:issued|sent|published) in error|mandatory kill|"
    r"story is withdrawn)\b",
    re.I,
)
_ENOUGH = 3


def not_the_articles_voice(article: Article, whole: Sequence[Passage], at: int) -> str | None:
    """`opinion`, `fiction` or `furniture` where sentence `at` is no report; None where it is."""
    if _FURNITURE.match(whole[at].text):
        return "furniture"
    if _ERROR.search(whole[at].text):
        return "correction"
    return _genre(article.title, article.text)


def recalls(passage: Passage) -> bool:
    """Whether a sentence of an opinion piece tells what others did once, and not what its writer holds.

    It has no `I` and no `your`, and it is of one time: not `has for years called`.
    """
    own = _QUOTED.sub(" ", passage.text)
    return not (_FIRST_PERSON.search(own) or _SECOND_PERSON.search(own) or _OFTEN.search(own))


@lru_cache(maxsize=8)
def _genre(title: str, text: str) -> str | None:
    own = _QUOTED.sub(" ", text)
    if len(_FICTION.findall(own)) >= _ENOUGH:
        return "fiction"
    if len({word.casefold() for word in _MADE_UP.findall(f"{title} {own}")}) >= _ENOUGH - 1:
        return "fiction"
    if len({word.casefold() for word in _STAGED.findall(f"{title} {own}")}) > _ENOUGH:
        return "fiction"
    if _CORRECTION.match(title):
        return "correction"
    persons = len(_FIRST_PERSON.findall(own))
    if persons >= _ENOUGH - 1 and _SIGNED.fullmatch(text.rstrip().rpartition("\n")[2].strip()):
        return "opinion"
    if _OPINION_TITLE.match(title) or persons >= 2 * _ENOUGH:
        return "opinion"
    return None
