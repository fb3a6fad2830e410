"""The colours of the stylesheet have enough contrast, in both schemes.

axe measures the text on a page. It does not see borders, marks, focus rings and the colours under a pointer.
Source: WCAG 2.2, success criteria 1.4.3 and 1.4.11.
"""

import re
from importlib import resources

import pytest

CSS = resources.files("token_refresher.entrypoints.web").joinpath("templates", "style.css").read_text("utf-8")
SCHEMES = dict(
    zip(
        ("light", "dark"),
        (
            dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", block))
            for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
        ),
        strict=True,
    )
)
TEXT = 4.5
CONTROL = 3.0


def luminance(colour: str) -> float:
    """Return the relative luminance, as WCAG defines it."""
    channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_both_schemes_name_the_same_colours() -> None:
    assert SCHEMES["light"].keys() == SCHEMES["dark"].keys()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        pytest.param("--ink", "--card", TEXT, id="text"),
        pytest.param("--ink", "--soft", TEXT, id="text of a note, and of a secondary button under the pointer"),
        pytest.param("--quiet", "--card", TEXT, id="quiet text"),
        pytest.param("--quiet", "--ground", TEXT, id="the product line"),
        pytest.param("--good", "--card", TEXT, id="the mark of what went well"),
        pytest.param("--wait", "--card", TEXT, id="the mark of what passes"),
        pytest.param("--ask", "--card", TEXT, id="the mark of a choice"),
        pytest.param("--bad", "--card", TEXT, id="the mark of what did not go well"),
        pytest.param("--on-accent", "--accent", TEXT, id="the primary button"),
        pytest.param("--on-accent", "--pressed", TEXT, id="the primary button under the pointer"),
        pytest.param("--accent", "--card", CONTROL, id="the edge of the primary button"),
        pytest.param("--edge", "--card", CONTROL, id="the edge of a secondary button"),
        pytest.param("--ink", "--card", CONTROL, id="the focus ring"),
        pytest.param("--wait", "--soft", CONTROL, id="the edge of a note"),
    ],
)
def test_each_pair_of_colours_has_enough_contrast(scheme: str, front: str, back: str, least: float) -> None:
    assert contrast(SCHEMES[scheme][front], SCHEMES[scheme][back]) >= least
