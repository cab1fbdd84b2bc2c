"""Templates whose constant calls are made as they are compiled."""

from markupsafe import Markup

from services.gateway.web.folding import FoldingEnvironment


def environment(**calls: object) -> FoldingEnvironment:
    made = FoldingEnvironment(calls, autoescape=True)  # type: ignore[arg-type]
    made.globals["direct"] = lambda text: text
    return made


def test_a_call_with_constant_arguments_is_made_once_and_stays_markup() -> None:
    made: list[str] = []

    def icon(name: str, small: bool = False) -> Markup:
        made.append(name)
        return Markup("<svg {} {}>").format(name, small)

    source = '{% for _ in "ab" %}{{ icon("x", small=True) }}{{ icon("y") if yes }}{% endfor %}'
    template = environment(icon=icon).from_string(source)
    assert template.render(yes=True) == "<svg x True><svg y False>" * 2
    assert template.render(yes=False) == "<svg x True>" * 2
    assert made == ["x", "y"]


def test_what_is_known_only_when_shown_is_called_then_and_escaped() -> None:
    template = environment(_=lambda text: text).from_string('{{ _(typed) }}{{ direct("<b>") }}')
    assert template.render(typed="<script>") == "&lt;script&gt;&lt;b&gt;"


def test_a_name_that_a_template_gives_anew_is_its_own() -> None:
    source = "{% for icon in icons %}{{ icon('x') }}{% endfor %}"
    template = environment(icon=lambda name: "folded").from_string(source)
    assert template.render(icons=[lambda name: f"own {name}"]) == "own x"


def test_a_dictionary_gives_its_items_and_keeps_its_methods() -> None:
    template = environment().from_string(
        '{{ a.b }} {{ a.get("c", 1) }} {{ a.items()|list|length }}'
    )
    assert template.render(a={"b": "<", "items": 0}) == "&lt; 1 2"
