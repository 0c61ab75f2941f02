"""What every lab has: controls, presets, a figure, a sentence, the code behind it; all kept in step."""

import html
import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

import ipywidgets

from rnnlib import validation
from rnnlib.labs.live import LiveFigure, View
from rnnlib.labs.page import handler, look, when_shown
from rnnlib.labs.rerun import Box
from rnnlib.labs.threads import one_thread
from rnnlib.locale import names, speaking, text
from rnnlib.plots.still import picture

Settings = dict[str, Any]
SAVE = (
    '<button class="jupyter-widgets jupyter-button widget-button" style="width: auto; margin: 0" '
    'disabled onclick="{save}">{forbidden}</button>{offer}'
)
SILENCES = (  # live.css shows the one that is true
    '<div class="rnnlib-lost" role="status">{lost}</div><div class="rnnlib-unanswered" role="status">{unanswered}</div>'
)


class Lab(Box):
    """A lab: change a control, and figure, sentence and code follow.

    A lab of its own gives its name, panels, controls and presets, and says in ``_show`` what to draw and write.

    Args:
        settings: what to open with, where that differs from the controls' own values.

    Attributes:
        controls: the widget of each setting; its ``value`` is the setting.
        figure: the live figure.
        summary: the sentence that says what the figure shows.
        remark: more words where there are any, a task for example.
        code: the few lines that reproduce the sentence's number.
        critical: the value of the main control at which what it moves turns round, if there is one.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range; the message names it.
    """

    name: ClassVar[str]  # the table of its words
    panels: ClassVar[tuple[Any, ...]]  # what LiveFigure takes
    presets: ClassVar[Mapping[str, Settings]]
    # JupyterLab may answer controls in another thread than the cells'; matplotlib's settings are for all of them.
    _drawing: ClassVar = one_thread
    main: ClassVar[str]  # the control that its experiment is about: as wide as the figure
    decimals: ClassVar[int] = 12  # of a float setting: a slider that moves by 0.1 may say 0.30000000000000004 or 1e-17
    stepped: ClassVar[bool] = False  # whether previous, next and play move the main control

    def __init__(self, settings: Settings) -> None:
        self._sentence, self._more = ipywidgets.HTML().add_class("rnnlib-sentence"), ipywidgets.HTML()
        self._words = f"rnnlib-{self._sentence.model_id}"  # the id of the element that holds the sentence
        self.figure, self.controls = LiveFigure(*self.panels, told_by=self._words), self._controls()
        self.summary = self.remark = self.code = ""
        self.critical: float | None = None
        silences = SILENCES.format(lost=text("lab.lost"), unanswered=text("lab.unanswered"))
        attended = ipywidgets.HTML(
            look() + silences + when_shown("attend", *map(text, ("lab.closed", "lab.play", "lab.stop")))
        )
        super().__init__([attended, *self._above(), self.figure.box, self._sentence, *self._extras(), self._more])
        self.add_class("rnnlib-lab")
        self._set({name: control.value for name, control in self.controls.items()} | settings)
        self._opened = self.settings
        for control in self.controls.values():
            control.observe(self._on_change, "value")
        self._refresh()

    @property
    def settings(self) -> Settings:
        """What is in use, by the name that ``apply`` takes; floats to the four digits that the code shows."""
        return self._in_digits({name: control.value for name, control in self.controls.items()})

    def apply(self, **settings: Any) -> None:
        """Change several settings at once and draw once; nothing changes if one of them is wrong.

        A number between two stops of its slider goes to the nearer one, as it would in the page: see ``settings``.

        Raises:
            ValueError, TypeError: a setting is unknown or out of range; the message names it.
        """
        with self._drawing:
            self._set(settings)
            self._refresh()

    def reset(self) -> None:
        """Go back to the settings that the lab was opened with."""
        self.apply(**self._opened)

    def close(self) -> None:
        """Take the lab out of the page and free what it holds."""
        with self._drawing:
            super().close()
            self.__dict__.pop("figure", None)  # 17 MB

    def _show(self) -> Mapping[str, View]:
        """Compute; set ``summary``, ``code`` and, where there is one, ``remark``; say what the figure is to show."""
        raise NotImplementedError

    def _controls(self) -> dict[str, Any]:
        """The control of each setting, by its name; every control has the same width and its label in words."""
        raise NotImplementedError

    def _control(self, kind: type[ipywidgets.Widget], name: str, **traits: Any) -> Any:
        layout, style = ipywidgets.Layout(width="302px"), {"description_width": "112px"}
        table = self.name if name in names(self.name) else "settings"
        return kind(description=text(f"{table}.{name}"), layout=layout, style=style, **traits)

    def _slider(self, name: str, value: float, low: float, high: float, step: float = 1, **more: Any) -> Any:
        kind = ipywidgets.IntSlider if isinstance(low, int) else ipywidgets.FloatSlider
        return self._control(kind, name, value=value, min=low, max=high, step=step, **more)

    def _log_slider(self, name: str, value: float, low: int, high: int, step: float = 0.01, digits: int = 3) -> Any:
        """A slider from 10**low to 10**high."""
        look = {"step": step, "readout_format": f".{digits}g"}
        return self._control(ipywidgets.FloatLogSlider, name, value=value, min=low, max=high, **look)

    def _choice(self, name: str, options: Iterable[str], table: str, **more: Any) -> Any:
        """A list of these options, each in the words that the table has for it."""
        words = [(text(f"{table}.{option}"), option) for option in options]
        return self._control(ipywidgets.Dropdown, name, options=words, **more)

    def _seed(self, value: int = 0) -> Any:
        return self._control(ipywidgets.BoundedIntText, "seed", value=value, min=0, max=999)

    def _above(self) -> list[ipywidgets.Widget]:
        """What stands above the figure: the main control, as wide as it is, buttons, and the other controls."""
        self._ticks = ipywidgets.HTML().add_class("rnnlib-ticks")
        main, wrap = self.controls[self.main].add_class("rnnlib-main"), ipywidgets.Layout(flex_flow="row wrap")
        main.layout.width = self._ticks.layout.width = f"{self.figure.size[0]}px"
        others = [control for control in self.controls.values() if control is not main]
        buttons = ipywidgets.Box(self._buttons(), layout=wrap)
        return [main, self._ticks, buttons, ipywidgets.Box(others, layout=wrap).add_class("rnnlib-others")]

    def _extras(self) -> list[ipywidgets.Widget]:
        """Widgets of this lab alone, placed under the sentence."""
        return []

    def _buttons(self) -> list[ipywidgets.Widget]:
        def button(key: str, pressed: Callable[[], None]) -> ipywidgets.Button:
            made = ipywidgets.Button(description=text(key), layout=ipywidgets.Layout(width="auto"))
            made.on_click(lambda _: pressed())
            return made

        presets = [button(f"{self.name}.{name}", partial(self.apply, **these)) for name, these in self.presets.items()]
        offer = when_shown("offer", text("lab.save"))
        saved = {"save": handler("save", f"{self.name}.png"), "forbidden": text("lab.forbidden"), "offer": offer}
        save = ipywidgets.HTML(SAVE.format(**saved))
        return [*self._stepper(button), *presets, button("lab.reset", self.reset), save]

    def _stepper(self, button: Callable[[str, Callable[[], None]], ipywidgets.Button]) -> list[ipywidgets.Widget]:
        """Previous, next and play for the main control."""
        if not self.stepped:
            return []
        control = self.controls[self.main]

        def move(by: int) -> None:
            control.value += by  # the control keeps to its own range

        play = ipywidgets.Play(min=control.min, max=control.max, value=control.value, interval=1500, show_repeat=False)
        for trait in ("min", "max", "value"):
            ipywidgets.link((control, trait), (play, trait))
        return [button("lab.previous", partial(move, -1)), button("lab.next", partial(move, 1)), play]

    def _in_digits(self, values: Settings) -> Settings:
        """Values of controls as settings."""
        floats = {name: float(f"{value:.4g}") for name, value in values.items() if isinstance(value, float)}
        return values | {name: round(value, self.decimals) for name, value in floats.items()}

    def _set(self, settings: Settings) -> None:
        for name, value in settings.items():
            _check(name, value, self.controls)
        self._applying = True
        try:
            for name, value in settings.items():
                self.controls[name].value = _stop(self.controls[name], value)
        finally:
            self._applying = False

    def _on_change(self, change: Any) -> None:
        if not self._applying:
            self._refresh()

    def _refresh(self) -> None:
        if "figure" not in vars(self):
            raise RuntimeError("this lab is closed; run its cell for a new one")
        with self._drawing, speaking(self.language):
            try:
                views = self._show()
                self.figure.show(views)
                self._write()  # last: the browser sets the words while it decodes the picture
            except Exception as error:
                self.summary = text("lab.error", error=f"{type(error).__name__}: {error}")
                self._write()
                raise

    def _write(self) -> None:
        self._sentence.value = f'<span id="{self._words}">{html.escape(self.summary)}</span>'
        self._ticks.value = self._ruler()
        # Remark and code in one: each message takes the browser from the picture.
        remark = f'<div class="rnnlib-remark">{html.escape(self.remark)}</div>' if self.remark else ""
        self._more.value = f'{remark}<div class="rnnlib-code"><pre>{html.escape(self.code)}</pre></div>'

    def _ruler(self) -> str:
        """Ticks for the main control, if it is a slider: its ends, where presets put it, and the critical value."""
        control = self.controls[self.main]
        if hasattr(control, "options"):
            return ""
        low, high = _range(control)
        stops = {low, high, *(preset[self.main] for preset in self.presets.values() if self.main in preset)}
        ticks = [f'<span style="left:{_share(control, stop):.2%}">{stop:g}</span>' for stop in sorted(stops)]
        if self.critical is not None:
            place, words = _share(control, min(self.critical, high)), text("lab.critical", value=f"{self.critical:.3g}")
            sign = "▲" if self.critical <= high else "→"
            ticks.append(f'<span class="rnnlib-critical" style="left:{place:.2%}">{sign} {words}</span>')
        return "".join(ticks)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget, and a picture and a sentence for readers that have no kernel."""
        bundle, _ = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = self.summary
        shown = picture(self.figure.png(), self.figure.size[0], self.summary)
        with speaking(self.language):
            bundle["text/html"] = f"{shown}<p>{html.escape(self.summary)}</p><p><i>{text('lab.stored')}</i></p>"
        return bundle, {}


def _check(name: str, value: object, controls: Mapping[str, Any]) -> None:
    control = controls[validation.choice("setting", name, controls)]
    if isinstance(control, ipywidgets.Text):  # a combobox too, whose options are only offered
        if not isinstance(value, str):
            raise TypeError(f"{name}: expected text, got {value!r}")
    elif hasattr(control, "options"):
        options = [option[1] if isinstance(option, tuple) else option for option in control.options]
        if value not in options:
            raise ValueError(f"{name}: expected one of {', '.join(map(repr, options))}, got {value!r}")
    elif isinstance(control, ipywidgets.Checkbox):
        if not isinstance(value, bool):
            raise TypeError(f"{name}: expected True or False, got {value!r}")
    else:
        low, high = _range(control)
        check = validation.integer if isinstance(control.min, int) else validation.real
        if check(name, value, low) > high:
            raise ValueError(f"{name}: expected {low:g} to {high:g}, got {value}")


def _range(control: Any) -> tuple[Any, Any]:
    """The smallest and the largest value."""
    if isinstance(control, ipywidgets.FloatLogSlider):
        return control.base**control.min, control.base**control.max
    return control.min, control.max


def _share(control: Any, value: float) -> float:
    """Where on a slider's track the value stands, from 0 to 1."""
    place = math.log(value, control.base) if isinstance(control, ipywidgets.FloatLogSlider) else value
    return (place - control.min) / (control.max - control.min or 1)  # a word of one letter has one step


def _stop(control: Any, value: Any) -> Any:
    """The stop of a slider that is nearest to the value; of another control, the value."""
    if isinstance(control, ipywidgets.FloatLogSlider):
        exponent = math.log(value, control.base)
        return control.base ** (control.min + control.step * round((exponent - control.min) / control.step))
    if isinstance(control, (ipywidgets.FloatSlider, ipywidgets.IntSlider)):
        return min(control.max, control.min + control.step * round((value - control.min) / control.step))
    return value
