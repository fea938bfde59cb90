"""``reprise run``: an existing Streamlit app on Reprise's decorators, without an edit."""

from __future__ import annotations

from typing import Any, Final

import click

import reprise
from reprise.hosts.streamlit import internals

_INTRODUCTION: Final = "Runs a Streamlit app on Reprise's decorators. All else is `streamlit run`:"

_HELP: Final = """Run a Streamlit app on Reprise's decorators.

\b
    reprise run app.py [options of `streamlit run`] [-- arguments of the app]

st.cache_data, st.cache_resource and st.cache are Reprise's in the app. Nothing else differs from
`streamlit run`, whose options, environment variables and exit codes apply.
"""


class PassedOn(click.Command):
    """A command that takes all its arguments as they are, ``--help`` and ``--`` among them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave the arguments in ``ctx.args``."""
        ctx.args = list(args)
        return []


@click.command(
    cls=PassedOn,
    add_help_option=False,
    options_metavar="",
    help=_HELP,
    short_help="Run a Streamlit app on Reprise's decorators.",
)
@click.pass_context
def run(context: click.Context) -> None:
    """Hand over to Streamlit's own command, once our decorators are in Streamlit.

    Raises:
        ClickException: Streamlit is not installed.
        SystemExit: Streamlit's command has ended.
    """
    wants_help = _wants_help(context.args)
    try:
        streamlit = _streamlit()
    except ImportError as error:
        if error.name != "streamlit":
            raise
        if wants_help:
            click.echo(f"{context.get_help()}\n\nIts options are listed once it is installed.")
            return
        raise click.ClickException(str(error)) from error
    if wants_help:
        click.echo(f"{_INTRODUCTION}\n")
    # Under our name: what its messages tell the user to type is what the user can type.
    streamlit.main(["run", *context.args], prog_name="reprise")


def _wants_help(arguments: list[str]) -> bool:
    """Whether help is asked for; what stands behind ``--`` is the app's own."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return "--help" in arguments[:end]


def _streamlit() -> Any:
    """Streamlit's command, with our decorators in Streamlit.

    Raises:
        ImportError: Streamlit is not installed, which is its ``name`` then, or it is broken.
    """
    reprise.install()
    return internals.command()
