"""Texts that a provider sends along, made fit to be stored and shown."""


def readable(text: str) -> str:
    """Return a text on one line, without what does not print, such as the marks of right-to-left names.

    What comes beside the tokens must never be a reason to lose them, and the document has to be readable again.
    """
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
