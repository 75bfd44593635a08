"""Pages from templates: self-contained HTML, with style and figures inside."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

__all__ = ["filled", "image_markup"]


def filled(template: str, **values: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template : str
        File beside this module.
    **values
        What it shows; text is escaped.

    Returns
    -------
    str
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)


def image_markup(image: bytes, says: str) -> str:
    """Return the element that shows a PNG in a page.

    Parameters
    ----------
    image : bytes
    says : str
        What is to be seen, for those who do not see it.

    Returns
    -------
    markupsafe.Markup
    """
    from markupsafe import Markup

    source = b64encode(image).decode()
    return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(source, Markup.escape(says))
