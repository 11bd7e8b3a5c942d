"""finexl cache: what is kept between runs."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Images, embeddings and replies kept between runs, so that nothing is drawn, encoded or paid for twice.",
    no_args_is_help=True,
)


@app.command("info")
def info() -> None:
    """Where the cache lies, what it holds and how large it is.

    Generated images take up to 20 GB, beside those of the last day; set FINEXL_CACHE_GB for another limit.
    """
    from finexl.store import EmbeddingStore, ImageStore, default_cache_dir
    from finexl.store.replies import ReplyStore

    with EmbeddingStore(default_cache_dir() / "embeddings.sqlite") as store:
        typer.echo(str(store.info()))
    typer.echo(str(ImageStore(default_cache_dir() / "images").info()))
    replies = ReplyStore(default_cache_dir() / "replies.sqlite")
    typer.echo(f"{replies.path}: {replies.count()} replies")


@app.command("clear")
def clear() -> None:
    """Delete everything that is kept."""
    from finexl.errors import InputError
    from finexl.store import EmbeddingStore, ImageStore, default_cache_dir
    from finexl.store.replies import ReplyStore

    folder = default_cache_dir()
    try:
        with EmbeddingStore(folder / "embeddings.sqlite") as store:
            store.clear()
            kept = store.info()
        ImageStore(folder / "images").clear()
        ReplyStore(folder / "replies.sqlite").clear()
        for damaged in folder.glob("*.damaged*"):
            damaged.unlink()
    except OSError as error:
        raise InputError(
            f"{str(folder)!r} cannot be emptied ({error.strerror}). Give yourself permission."
        ) from error
    if kept.path is None and (folder / "embeddings.sqlite").exists():
        raise InputError(f"the embeddings in {str(folder)!r} cannot be deleted. Give yourself permission.")
    typer.echo("The cache is empty.")
