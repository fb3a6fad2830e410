"""An object that is built at its first use."""

from token_refresher.entrypoints.later import on_first_use


def test_it_is_built_once_and_not_before_it_is_used() -> None:
    built = []

    def build() -> list[str]:
        built.append("built")
        return ["a"]

    later = on_first_use(build)
    assert built == []
    assert (later.count("a"), later.index("a")) == (1, 0)
    assert built == ["built"]
