"""What users are told of what their cached functions display."""

from __future__ import annotations

from reprise.errors import CachedWidgetWarning


def show_widget_warning(name: str) -> None:
    """Say on the page that a cached function has a widget inside, and the two ways out."""
    import streamlit

    streamlit.exception(
        CachedWidgetWarning(
            f"`{name}` is a cached function with a widget inside. So that the widget appears and "
            f"its value counts, the function runs every time and nothing of it is cached.\n\n"
            f"Either move the widget out of the function and pass its value in as an argument, or "
            f"decorate the function with `experimental_allow_widgets=True`."
        )
    )


def lost_text(name: str) -> str:
    """That a container is nowhere to be found, and the ways out."""
    return (
        f"{name} displayed something in a container that was made outside of it and that is not "
        f"among its arguments, so that a later call could not find the container of its own run.\n"
        f"Pass the container in as an argument; one whose name begins with an underscore is left "
        f"out of the key:\n\n"
        f"    def {name.rpartition('.')[2]}(..., _container):\n"
        f"        _container.write(...)\n\n"
        f"Or make the container inside the function, or display the result outside of it."
    )
