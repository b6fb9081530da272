"""What is said of live sources: problems as (what is wrong, what to do), and the notes that a session carries out."""

from __future__ import annotations

BAD_ADDRESS = "“{address}” is not the address of a site.", "Type it like https://my.site.example."
ADDRESS_WITH_SECRET = (
    "The address holds more than the site: a user, a question mark or a #.",
    "Give the address alone; secrets come from --secret-file, stdin or the keyring.",
)
NOT_ENCRYPTED = (
    "http://{host} would send your secret and your glucose unencrypted.",
    "Use https://{host}; plain http is only for a server on this machine.",
)

NO_ANSWER = "{name} did not answer: {reason}.", "Check the address and the connection, then try again."
TOO_SLOW = "{name} did not answer within {seconds:g} s.", "Try again later."
NOT_TRUSTED = (
    "{name} showed a certificate that can't be trusted: {reason}.",
    "Check the address, and this machine's date.",
)
WRONG_SECRET = "{name} refused the secret or token ({status}).", "Check it, and that it may read (and write)."
BAD_STATUS = "{name} answered with status {status}.", "Try again later, or look at the site itself."
MOVED = "{name} sends on to {host}, which glucolog does not follow.", "If that is your site, give its address."
MOVED_WRITE = "{name} sends what is written to another address.", "Give the address it shows in a browser."
TOO_BIG = "{name} sent more than {megabytes:g} MB at once.", "Ask for less with --since."
NOT_JSON = "{name} answered with something other than its data.", "Check that the address is the site itself."
CUT_OFF = "the answer was cut off"
NOT_A_LIST = "{name} answered {path} without a list.", "Check that the address is a Nightscout site."
NO_PASS = "{name} gave no pass for the token.", "Check the token in the site's admin tools."
NOT_KEPT = "{name} did not keep {count} of what was sent.", "Check that the secret may write, then sync again."
STILL_WAITING = "{name} has not answered the last question yet.", "It is asked again by itself."

SECRET_FILE_OPEN = "Others can read {path}.", "Keep it to yourself with: chmod 600 {path}"
SECRET_FILE_BAD = "{path} can't be read as a secret: {reason}.", "It should hold the secret on its first line."
SECRET_EMPTY = "No secret came from {where}.", "It should be on the first line."
NO_SECRET = (
    "No secret for {name} is known.",
    "Give it with --secret-file FILE (- reads it from stdin); with --keep-secret the keyring keeps it.",
)
NO_KEYRING = "The keyring of this machine can't be used: {reason}.", "Use --secret-file FILE instead."
NO_URL = "The address of your Nightscout is not known.", "Give it with --url https://…; --remember keeps it."
NO_USER = "The user name for {name} is not known.", "Give it with --user; --remember keeps it."
SETTINGS_UNREADABLE = "The saved sources in {path} can't be read: {reason}.", "Move the file away."
NOT_ITS_OWN = "{name} takes no --{option}.", "It takes: {known}."
SOURCE_NOT_SAID = "--{option} belongs to a live source.", "Say which with --source."
REPLAY_IS_NO_FOLLOWING = "A replay runs through a file at once, so {option} means nothing to it.", "Leave one out."
ONLY_NIGHTSCOUT = "Only Nightscout can be written to.", "Leave --write out."

DEXCOM_LOGIN = "Dexcom Share refused the user name or the password.", "Check them, and that Share is on in the app."
DEXCOM_WAIT = "Dexcom Share has locked the account for too many tries.", "Wait ten minutes, then try again."
LIBRE_LOGIN = "LibreLinkUp refused the e-mail address or the password.", "Check them in the LibreLinkUp app."
LIBRE_TERMS = "LibreLinkUp wants something confirmed first: {what}.", "Open its app, confirm it, then try again."
LIBRE_TERMS_OF_USE, LIBRE_PRIVACY, LIBRE_EMAIL = "the terms of use", "the privacy policy", "the e-mail address"
LIBRE_NOBODY = "LibreLinkUp shares nobody's readings with this account.", "Accept the invitation in its app."
LIBRE_WHICH = "LibreLinkUp shares several people: {names}.", "Say which with --patient NAME."
BUSY = "{name} takes no more questions for now.", "Wait a few minutes, then try again."

NO_TIME = "The reading has no time."

EXERCISE_NOTE = "Massage{what}.{readings}{length} glucolog {id}"
LENGTH_ASSUMED = " Length not said, assumed."
READING_NOTE = " {phase} {glucose} ({source})."
BG_CHECK_NOTE = "{phase} massage. glucolog {id}"
PHASES = {"before": "Before", "after": "After", "followup": "Later after"}

SLOT_TAKEN = (
    "Nightscout holds another {event} at {at}, which would be overwritten: not sent. If it is the same, all is well."
)
EXEC_UNKNOWN = "There is no program “{program}” for --exec to run: alarms are shown here alone. Check its name or path."
EXEC_UNREADABLE = "The command of --exec can't be read ({problem}): alarms are shown here alone. Check its quotes."
EXEC_FAILED = "The command of --exec failed: {problem}"
EXEC_ENDED = "The command of --exec ended with {code}."
EXEC_TOO_LONG = "The command of --exec was still running after {seconds} s and was stopped."
SOURCE_DOWN = "{problem} Trying again by itself; meanwhile a low would go unseen here."
SOURCE_BACK = "{name} answers again."
OWN_ENTRIES = "entries written by glucolog"
