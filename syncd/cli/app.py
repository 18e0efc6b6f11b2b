"""The command line: which commands there are, and how an error becomes text and an exit code. Each group of commands
is a module of its own and is imported only when one of them runs, so that --help is instant."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from syncd.errors import SyncdError

app = typer.Typer(
    name="syncd",
    help="Keeps Propstreet and a CRM telling the same truth, in both directions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
conflicts_app = typer.Typer(help="What both sides changed and policy leaves to a person.", no_args_is_help=True)
held_app = typer.Typer(help="What was not written, and why.", no_args_is_help=True)
db_app = typer.Typer(help="The state store.", no_args_is_help=True)
app.add_typer(conflicts_app, name="conflicts")
app.add_typer(held_app, name="held")
app.add_typer(db_app, name="db")

Config = Annotated[
    Path, typer.Option("--config", "-c", envvar="SYNCD_CONFIG", help="The configuration file.", show_default=True)
]
Connection = Annotated[str | None, typer.Option("--connection", help="Only this connection.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log every step to standard error.")]
Crm = Annotated[str, typer.Option("--crm", help="Which CRM's twin.")]

DEFAULT = Path("syncd.toml")


@app.command()
def demo(crm: Crm = "hubspot") -> None:
    """Show the main job on sandboxes: a first load, edits on both sides, a conflict, a deletion."""
    from .demo import run_demo

    raise typer.Exit(run_demo(crm))


@app.command()
def sandbox(
    crm: Crm = "hubspot",
    projects: Annotated[int, typer.Option(help="Projects to begin with.")] = 25,
    port: Annotated[int, typer.Option(help="First port; 0 takes free ones.")] = 8410,
) -> None:
    """Serve the twins of both systems on loopback, for trying a configuration."""
    from .sandbox import run_sandbox

    raise typer.Exit(run_sandbox(crm, projects, port))


@app.command()
def check(
    config: Config = DEFAULT, connection: Connection = None, json: Json = False, verbose: Verbose = False
) -> None:
    """Check configuration, credentials, scopes, and the mapping against the live schemas."""
    from .health import run_check

    raise typer.Exit(run_check(config, connection, json=json, verbose=verbose))


@app.command()
def setup(
    config: Config = DEFAULT,
    connection: Connection = None,
    apply: Annotated[bool, typer.Option("--apply", help="Create what is missing.")] = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show the fields that syncd needs in the CRM; with --apply, create those that are missing."""
    from .health import run_setup

    raise typer.Exit(run_setup(config, connection, apply=apply, json=json, verbose=verbose))


@app.command()
def plan(
    config: Config = DEFAULT,
    connection: Connection = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Keep the plan, for: syncd apply FILE")] = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Show what a pass would do, per record and field. Writes nothing to either system."""
    from .plans import run_plan

    raise typer.Exit(run_plan(config, connection, output, json=json, verbose=verbose))


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A plan that `syncd plan --output` kept.")],
    config: Config = DEFAULT,
    connection: Connection = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Carry out a reviewed plan and nothing else; what has moved since is skipped with a reason."""
    from .plans import run_apply

    raise typer.Exit(run_apply(config, connection, file, json=json, verbose=verbose))


@app.command()
def backfill(
    config: Config = DEFAULT, connection: Connection = None, json: Json = False, verbose: Verbose = False
) -> None:
    """One-shot first load: read everything on both sides, pair, and write what differs. Safe to repeat."""
    from .passes import run_passes

    raise typer.Exit(run_passes("backfill", config, connection, json=json, verbose=verbose))


@app.command()
def delta(
    config: Config = DEFAULT, connection: Connection = None, json: Json = False, verbose: Verbose = False
) -> None:
    """One incremental pass: what changed since the last one."""
    from .passes import run_passes

    raise typer.Exit(run_passes("delta", config, connection, json=json, verbose=verbose))


@app.command()
def status(config: Config = DEFAULT, connection: Connection = None, json: Json = False) -> None:
    """In sync, pending, held, conflicts, lag, last run."""
    from .standing import run_status

    raise typer.Exit(run_status(config, connection, json=json))


@app.command()
def explain(
    id: Annotated[str, typer.Argument(help="A Propstreet or CRM record id; of an investor PROJECT/PROSPECT.")],
    config: Config = DEFAULT,
    connection: Connection = None,
    json: Json = False,
) -> None:
    """Why this record is as it is, and what to do next."""
    from .explaining import run_explain

    raise typer.Exit(run_explain(config, connection, id, json=json))


@conflicts_app.command("list")
def conflicts_list(config: Config = DEFAULT, connection: Connection = None, json: Json = False) -> None:
    """What waits for a decision."""
    from .people import run_conflicts

    raise typer.Exit(run_conflicts(config, connection, json=json))


@conflicts_app.command("resolve")
def conflicts_resolve(
    id: Annotated[int, typer.Argument(help="The conflict's number, from: syncd conflicts list")],
    config: Config = DEFAULT,
    connection: Connection = None,
    take: Annotated[str | None, typer.Option(help="propstreet or crm: whose value it shall be.")] = None,
    value: Annotated[str | None, typer.Option(help="A value of your own instead, as `explain` prints them.")] = None,
) -> None:
    """Decide a conflict; the next pass carries it out."""
    from .people import run_resolve

    raise typer.Exit(run_resolve(config, connection, id, take=take, value=value))


Ids = Annotated[list[int] | None, typer.Argument(help="Numbers from: syncd held list", show_default=False)]
Guard = Annotated[str | None, typer.Option(help="The whole set that this guard parked.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Everything that is held.")]


@held_app.command("list")
def held_list(config: Config = DEFAULT, connection: Connection = None, json: Json = False) -> None:
    """What was not written, why, and what to do about it."""
    from .people import run_held

    raise typer.Exit(run_held(config, connection, json=json))


@held_app.command("retry")
def held_retry(
    ids: Ids = None, config: Config = DEFAULT, connection: Connection = None, guard: Guard = None, all: All = False
) -> None:
    """Let held writes go out with the next pass; for a guard's set, this approves it."""
    from .people import run_release

    raise typer.Exit(run_release("retry", config, connection, ids or [], guard=guard, all=all))


@held_app.command("drop")
def held_drop(
    ids: Ids = None, config: Config = DEFAULT, connection: Connection = None, guard: Guard = None, all: All = False
) -> None:
    """Give held writes up; they are planned again only when their records change."""
    from .people import run_release

    raise typer.Exit(run_release("drop", config, connection, ids or [], guard=guard, all=all))


@db_app.command("upgrade")
def db_upgrade(config: Config = DEFAULT) -> None:
    """Bring the state store up to date. Every command does so on start; this one does only that."""
    from .database import run_upgrade

    raise typer.Exit(run_upgrade(config))


def main() -> None:
    """The console script."""
    try:
        app()
    except SyncdError as error:
        from .trouble import report

        report(error)
        sys.exit(error.exit_code)
