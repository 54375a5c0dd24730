"""Build the wheel: `pyproject.toml` names `BuildWithData` as the command that collects the files of the package.

The files that are not code stay where they are in the repository and are copied into the wheel under `looped/_data/`.
`looped.places` finds them there. An editable installation copies nothing, because it reads the repository itself.
"""

from __future__ import annotations

from pathlib import Path

from setuptools.command.build_py import build_py

SHIPPED = (
    "app.py",
    "pages/*.py",
    ".streamlit/config.toml",
    "assets/docs/*.md",
    "assets/lessons/*.md",
    "assets/quiz/*.md",
    "assets/microscope/**/*",
    "assets/theory/*.jsonl",
    "assets/*.txt",
    "checkpoints/*/*",
)


def shipped(root: Path = Path()) -> list[str]:
    """Return the names of the files that a wheel holds beside the code, relative to the repository `root`."""
    found = {file for pattern in SHIPPED for file in root.glob(pattern) if file.is_file()}
    return sorted(file.relative_to(root).as_posix() for file in found if "__pycache__" not in file.parts)


class BuildWithData(build_py):
    """Copy the package as setuptools does, then add the files of `shipped`."""

    def run(self) -> None:
        """Copy the package and, but for an editable install, the data."""
        super().run()
        if self.editable_mode:
            return
        for source, target in self.copies():
            self.mkpath(str(Path(target).parent))
            self.copy_file(source, target, preserve_mode=False)

    def copies(self) -> list[tuple[str, str]]:
        """Return pairs of a source file and its place in the build folder."""
        return [(name, str(Path(self.build_lib, "looped", "_data", name))) for name in shipped()]

    def get_source_files(self) -> list[str]:
        """Add the data to the source distribution, from which a wheel can be built in turn."""
        return [*super().get_source_files(), *shipped()]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return the files that a build writes, those of the data among them."""
        outputs = super().get_outputs(include_bytecode)
        return outputs if self.editable_mode else [*outputs, *(target for _, target in self.copies())]
