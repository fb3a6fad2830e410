"""Plays each scene once, and keeps the result."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tests.browser.barriers import barriers_of, scrolls_to_the_side
from tests.browser.scene import Scene
from tests.browser.stage import Stage
from tests.browser.visitor import Tab, Visitor
from tests.flows.household import Household


@dataclass(frozen=True)
class Seen:
    """The page at the end of a scene, and what else the tests check.

    Attributes:
        heading: The heading of the page.
        status: Its HTTP status.
        text: Its text.
        buttons: The labels of its buttons.
        primary: The number of its primary buttons.
        headers: Its headers, with lower-case names.
        barriers: The violations that axe-core found.
        is_too_wide: Whether it scrolls sideways on a narrow phone.
        wrote: Whether the secret has changed.
        picture: The path of a screenshot.
        after: The heading after the fresh start.
        went_wrong: The problems that the browser reported in the whole scene.
        prompts: The `prompt` of each request to Microsoft.
    """

    heading: str
    status: int
    text: str
    buttons: tuple[str, ...]
    primary: int
    headers: Mapping[str, str]
    barriers: tuple[str, ...]
    is_too_wide: bool
    wrote: bool
    picture: Path
    after: str = ""
    went_wrong: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()


class Gallery:
    """The results of the scenes.

    Args:
        household: The operator, and the stack.
        new_browser: Opens a browser.
        folder: The folder for screenshots.
    """

    def __init__(self, household: Household, new_browser: Callable[[], Visitor], folder: Path) -> None:
        self._household = household
        self._new_browser = new_browser
        self._folder = folder
        self._seen: dict[Scene, Seen] = {}
        self._broken_off: dict[Scene, Exception] = {}

    def __getitem__(self, scene: Scene) -> Seen:
        """Return the result of a scene; the first time, play it."""
        if scene in self._broken_off:
            raise self._broken_off[scene]  # Its link and its state are used up, so it cannot be played again.
        if scene not in self._seen:
            try:
                with ExitStack() as ending:
                    self._seen[scene] = self._play(scene, ending)
            except Exception as error:
                self._broken_off[scene] = error
                raise
        return self._seen[scene]

    def _play(self, scene: Scene, ending: ExitStack) -> Seen:
        def open_tab() -> Tab:
            visitor = self._new_browser()
            ending.callback(visitor.close)
            return visitor.open_tab()

        held, tab = self._household.put(scene.credential), open_tab()
        if scene.fault:
            kind, details = scene.fault
            self._household.stack.identity_provider.fault(held.client_id, kind, **details)
        before = held.consumer.version_id()
        try:
            scene.clicks(Stage(self._household, held, tab, open_tab))
        finally:
            picture = tab.picture(self._folder / f"{scene.credential}.png")
        seen = Seen(
            heading=tab.heading,
            status=tab.status,
            text=tab.text,
            buttons=tuple(tab.buttons),
            primary=tab.page.locator("button:not(.secondary)").count(),
            headers=tab.headers,
            barriers=tuple(barriers_of(tab.page)),
            is_too_wide=scrolls_to_the_side(tab.page),
            wrote=held.consumer.version_id() != before,
            picture=picture,
        )
        if scene.again and scene.again in seen.buttons:
            tab.press(scene.again)
            tab.choose(scene.again_as)
            seen = replace(seen, after=tab.heading)
        return replace(seen, went_wrong=tuple(tab.visitor.what_went_wrong()), prompts=tuple(tab.visitor.prompts()))
