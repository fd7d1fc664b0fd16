"""Officialese and what people say instead, in English and Spanish; and the words that tell an action or a date."""

from __future__ import annotations

OFFICIALESE: dict[str, dict[str, str]] = {
    "en": {
        "accompany": "go with", "accomplish": "do", "accordingly": "so", "accrue": "add up", "additional": "more",
        "adjacent to": "next to", "advise": "tell", "afford an opportunity": "let", "aforementioned": "this",
        "allocate": "give", "ameliorate": "improve", "anticipate": "expect", "apparent": "clear", "as per": "by",
        "ascertain": "find out", "assist": "help", "assistance": "help", "at your earliest convenience": "by a date",
        "attain": "reach", "cease": "stop", "commence": "start", "comply with": "follow", "concerning": "about",
        "consequently": "so", "delinquent": "late", "determine": "decide", "disburse": "pay", "discontinue": "stop",
        "disseminate": "send", "due to the fact that": "because", "effectuate": "do", "eligible": "can get",
        "enclosed herewith": "with this letter", "endeavor": "try", "ensure": "make sure", "expedite": "speed up",
        "facilitate": "help", "failure to": "if you don't", "finalize": "finish", "forthwith": "now",
        "furnish": "give", "hereby": "(leave it out)", "herein": "here", "heretofore": "until now",
        "implement": "carry out", "in accordance with": "by", "in lieu of": "instead of", "in order to": "to",
        "in the event that": "if", "in the event of": "if", "indicate": "show", "initiate": "start",
        "inquire": "ask", "is applicable to": "applies to", "kindly": "please", "modify": "change",
        "notification": "notice", "notwithstanding": "even if", "numerous": "many", "obligated": "must",
        "obtain": "get", "on behalf of": "for", "pertaining to": "about", "prior to": "before",
        "procure": "get", "promptly": "by a date", "provided that": "if", "pursuant to": "under",
        "purchase": "buy", "receipt of": "getting", "regarding": "about", "relocate": "move", "remit": "pay",
        "remittance": "payment", "remuneration": "pay", "render": "give", "request": "ask", "require": "need",
        "residence": "home", "retain": "keep", "said": "this", "set forth in": "in", "shall": "must",
        "solely": "only", "submit": "send", "subsequent to": "after", "subsequently": "later", "sufficient": "enough",
        "terminate": "end", "thereafter": "then", "therein": "there", "timely": "on time", "transmit": "send",
        "undersigned": "I", "utilize": "use", "utilization": "use", "vacate": "leave", "verify": "check",
        "whereas": "(leave it out)", "with reference to": "about", "with regard to": "about", "witnessed": "saw",
    },
    "es": {
        "a efectos de": "para", "a la brevedad": "con una fecha", "a la mayor brevedad": "con una fecha",
        "adjunto sírvase encontrar": "con esta carta va", "asimismo": "también", "cabe señalar que": "(quítelo)",
        "cumplimentar": "llenar", "de conformidad con": "según", "debido al hecho de que": "porque",
        "dicho": "este", "efectuar": "hacer", "el mismo": "él", "en aras de": "para", "en caso de que": "si",
        "en virtud de": "por", "finalizar": "terminar", "habida cuenta de": "porque", "iniciar": "empezar",
        "mediante": "con", "no obstante": "pero", "notificar": "avisar", "obtener": "recibir",
        "por medio de la presente": "(quítelo)", "posteriormente": "después", "previo a": "antes de",
        "proceder a": "(quítelo)", "realizar": "hacer", "referente a": "sobre", "remitir": "enviar",
        "requerir": "necesitar", "se le informa que": "(quítelo)", "sírvase": "por favor", "solicitar": "pedir",
        "suscrito": "yo", "tramitar": "hacer", "utilizar": "usar", "vencido": "atrasado",
    },
}  # fmt: skip

ACTIONS: dict[str, tuple[str, ...]] = {
    "en": tuple(
        "add apply ask bring call check choose click come complete fill go keep mail make open pay pick register renew "
        "reply return ring schedule scan send sign start stop take tell text use visit vote write".split()
    ),
    "es": tuple(
        "agregue conserve complete elija envíe escriba firme guarde haga hable llame llámenos llene mande mándelo marque "
        "mande pague pida pídala pregunte presente renueve responda solicite traiga use vaya venga visite vote".split()
    ),
}
PLEASE = {"en": "please", "es": "por favor"}

# A day itself; and a number of days, which leaves the day to be counted.
DAYS: dict[str, str] = {
    "en": r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b\s*\d"
    r"|\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b(?:today|tomorrow)\b"
    r"|\b(?:by|on|before|until) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    "es": r"\b\d{1,2} de (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b"
    r"|\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b(?:hoy|mañana)\b"
    r"|\b(?:el|antes del?) (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)\b",
}
DATES: dict[str, str] = {
    "en": DAYS["en"] + r"|\bwithin \w+ (?:days?|weeks?|hours?)\b",
    "es": DAYS["es"] + r"|\ben \w+ (?:días?|semanas?|horas?)\b",
}
CONTACTS: dict[str, str] = {
    "en": r"\b(?:call|phone|text|e-?mail|visit|city hall|web ?(?:site|page)|online|in person)\b",
    "es": r"\b(?:llame|llámenos|teléfono|correo|visite|página web|en persona|en línea|mensaje)\b",
}
REACHED = r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w+|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b|\b\w+\.(?:gov|org|com|us|example)\b"

PASSIVE: dict[str, str] = {
    "en": r"\b(?:am|is|are|was|were|be|been|being|gets?|got)\b(?:\s+(?:not|also|now|only|already|being|\w+ly))*\s+"
    r"(?:\w{2,}ed|written|given|taken|done|made|sent|paid|held|kept|found|known|shown|seen|told|drawn|chosen|"
    r"brought|bought|built|caught|cut|felt|left|lost|met|put|read|said|set|sold|spent|stopped|withdrawn|forgotten)\b",
    "es": r"\b(?:es|son|fue|fueron|será|serán|sea|sean|ser|sido|siendo|era|eran)\b(?:\s+\w+mente)?\s+"
    r"\w+(?:ad[oa]s?|id[oa]s?|ich[oa]s?|ech[oa]s?|uest[oa]s?|rit[oa]s?)\b",
}
NOT_PASSIVE = {
    "en": {"overdue", "need", "indeed", "tired", "interested", "married", "allowed"},
    "es": {"ido", "nada"},
}
