"""Checkpoints by their names on the Hugging Face Hub: fetched, checked as every folder is, and published.

What is fetched is a folder's four files and nothing else, only after their sizes are known; it becomes a checkpoint
when it has been verified and run once. What is published was verified before. The library is
`pip install "loopscope[hub]"`; it finds a token where `hf auth login` left it.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from looped.catalogue.checkpoints import LARGEST, LONGEST, CheckpointError, verify
from looped.catalogue.upload import NEEDED, OTHERS, run_once

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
FILES = (*NEEDED, *OTHERS)
MISSING = 'huggingface_hub is not installed; install it with: pip install "loopscope[hub]"'
ENDPOINT: str | None = None  # the address of the Hub; None: as huggingface_hub says, or HF_ENDPOINT


def pull(name: str, out: Path, revision: str | None = None) -> int:
    """Fetch the checkpoint that the Hub knows by a name into a new folder; return the bytes of its files.

    revision: a branch, a tag or a commit; None: the newest. Raises CheckpointError with one sentence for a name that is
    not there, for what is no checkpoint, and where the Hub cannot be reached; then nothing is written.
    """
    if out.exists():
        raise CheckpointError(f"{out} is there already; give another --out.")
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".pull-", dir=out.parent))  # of which a catalogue takes no notice
    try:
        with _spoken(name, revision) as hub:
            found = hub.HfApi(endpoint=ENDPOINT, library_name="loopscope").model_info(
                name, revision=revision, files_metadata=True
            )
            size = _checked({file.rfilename: file.size for file in found.siblings or ()}, name)
            hub.snapshot_download(
                name,
                revision=found.sha,  # what was looked at, whatever is pushed meanwhile
                allow_patterns=list(FILES),
                local_dir=folder,
                endpoint=ENDPOINT,
                library_name="loopscope",
                tqdm_class=_silent(),
            )
        shutil.rmtree(folder / ".cache", ignore_errors=True)  # notes of the library
        verify(folder)
        run_once(folder)
        folder.chmod(0o755)
        folder.rename(out)
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(str(folder), name)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return size


def push(folder: Path, name: str, private: bool = False, message: str = "") -> str:
    """Publish a checkpoint's folder on the Hub under a name; return the address of what was published.

    Raises CheckpointError with one sentence for a folder that is no checkpoint, and where the Hub does not take it.
    """
    verify(folder)
    with _spoken(name) as hub:
        api = hub.HfApi(endpoint=ENDPOINT, library_name="loopscope")
        api.create_repo(name, private=private, exist_ok=True)
        done = api.upload_folder(
            repo_id=name,
            folder_path=folder,
            allow_patterns=list(FILES),
            commit_message=message or f"Checkpoint {folder.resolve().name}",
        )
    return str(done.commit_url)


def _checked(sizes: dict[str, int | None], name: str) -> int:
    """Return the bytes of a checkpoint's files. Raises CheckpointError where one is missing or too large to be read."""
    missing = [file for file in NEEDED if file not in sizes]
    if missing:
        raise CheckpointError(f"{name} is no checkpoint: it has no {missing[0]}.")
    known = {file: sizes.get(file) or 0 for file in FILES}
    for file, size in known.items():
        most = LARGEST if file == NEEDED[1] else LONGEST
        if size > most:
            raise CheckpointError(f"{name}: {file} has {size:,} bytes; at most {most:,} are read.")
    return sum(known.values())


@contextmanager
def _spoken(name: str, revision: str | None = None) -> Iterator[Any]:
    """Yield the library of the Hub; what goes wrong with it inside becomes a CheckpointError with one sentence."""
    if not NAME.fullmatch(name):
        raise CheckpointError(f"{name[:60]!r} is no name on the Hub, such as someone/sudoku9-tmlt.")
    try:
        import huggingface_hub as hub
        from huggingface_hub import errors
    except ImportError as error:
        raise CheckpointError(MISSING) from error
    try:
        yield hub
    except errors.GatedRepoError as error:
        raise CheckpointError(f"{name} asks for consent first; give it on its page, then: hf auth login.") from error
    except errors.RepositoryNotFoundError as error:
        said = f"the Hub has no {name}, or does not show it to you; log in with: hf auth login."
        raise CheckpointError(said) from error
    except errors.RevisionNotFoundError as error:
        raise CheckpointError(f"{name} has no revision {str(revision)[:60]!r}.") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            said = f"the Hub does not let you do this with {name}; log in with: hf auth login."
        else:
            said = f"the Hub answered {status} for {name}; try again later."
        raise CheckpointError(said) from error
    except (errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]
        if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
            raise  # of a disk
        raise CheckpointError(f"the Hub cannot be reached for {name}; is there a network?") from error


def _silent() -> Any:
    """Return a progress bar that shows nothing."""
    from tqdm.auto import tqdm

    class Silent(tqdm):  # type: ignore[misc]
        """Counts, and shows nothing."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*arguments, **options | {"disable": True})

    return Silent
