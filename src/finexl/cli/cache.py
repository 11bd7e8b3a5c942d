"""finexl cache: what is kept between runs."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Embeddings kept between runs, so that no image is encoded twice.", no_args_is_help=True
)


@app.command("info")
def info() -> None:
    """Where the cache lies, how many embeddings it holds and how large it is."""
    from finexl.store import EmbeddingStore, default_cache_dir

    with EmbeddingStore(default_cache_dir() / "embeddings.sqlite") as store:
        typer.echo(str(store.info()))


@app.command("clear")
def clear() -> None:
    """Delete every kept embedding."""
    from finexl.store import EmbeddingStore, default_cache_dir

    with EmbeddingStore(default_cache_dir() / "embeddings.sqlite") as store:
        store.clear()
    typer.echo("The cache is empty.")
