"""Scripts, styles and pictures of ours: read once, served under addresses that change with their content."""

import hashlib
import mimetypes
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HERE = Path(__file__).parent
_FOREVER = "public, max-age=31536000, immutable"
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".md": "text/plain"}


class Area:
    """One folder of files. Its version is of the whole folder, so files in it may name each other by relative paths."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        digest = hashlib.sha256()
        for path, content in self.files.items():
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
        self.version = digest.hexdigest()[:12]


class Assets:
    """What stands under `/static/<area>/<version>/<path>`; the foundation's own areas are `house` and `vendor`."""

    def __init__(self, *, under: str = "/static", **folders: Path) -> None:
        self._under = under
        areas = {"house": HERE / "static", "vendor": HERE / "vendor", **folders}
        self._areas = {name: Area(name, folder) for name, folder in areas.items()}

    def url(self, name: str) -> str:
        """The address of `<area>/<path>`. Raises KeyError for a file that is not there: a page with it is broken."""
        area_name, _, path = name.partition("/")
        area = self._areas[area_name]
        if path not in area.files:
            raise KeyError(name)
        return f"{self._under}/{area.name}/{area.version}/{path}"

    def route(self) -> Route:
        return Route(self._under + "/{area}/{version}/{path:path}", self._serve, name="static")

    async def _serve(self, request: Request) -> Response:
        area = self._areas.get(request.path_params["area"])
        path = request.path_params["path"]
        if area is None or path not in area.files:
            raise HTTPException(404)
        # A page opened before an update still finds its files; only the true address may be kept.
        current = request.path_params["version"] == area.version
        return Response(
            area.files[path],
            media_type=_media_type(path),
            headers={"Cache-Control": _FOREVER if current else "no-store"},
        )


def _media_type(path: str) -> str:
    suffix = Path(path).suffix
    return _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
