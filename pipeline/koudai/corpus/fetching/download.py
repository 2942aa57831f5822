"""One original, brought over HTTP by pooch and compared with the hash that is pinned.

Promises: what does not have the hash is never returned and leaves nothing behind; a server that is silent, too slow,
endless, or sends elsewhere without encryption ends in a `FetchError` that says so. Wherever a redirection leads, the
hash decides.

Source: pooch, https://www.fatiando.org/pooch.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

from koudai.errors import FetchError, LimitExceeded
from koudai.limits import ORIGINAL_BYTES

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]{1,256}@")


class _Counted:
    """A file that takes no more than ORIGINAL_BYTES, and hashes them on the way."""

    def __init__(self, file: BinaryIO, url: str) -> None:
        self._file = file
        self._url = url
        self.size = 0
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > ORIGINAL_BYTES.value:
            raise LimitExceeded(
                what="this original is larger than any that is known",
                where=self._url,
                expected=f"at most {ORIGINAL_BYTES.value} {ORIGINAL_BYTES.unit}",
                happened="the download was stopped; nothing was kept",
            )
        self.sha256.update(data)
        self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def download(url: str, *, sha256: str, folder: Path, timeout: float) -> bytes:
    """Return the content of the file at `url`.

    Parameters
    ----------
    url
        Its address, http or https.
    sha256
        The hash that it must have.
    folder
        Where it lies while it is being brought; left as it was.
    timeout
        Seconds that the server may stay silent.

    Raises
    ------
    FetchError
        If it cannot be brought, or is another file.
    LimitExceeded
        If it is larger than ORIGINAL_BYTES.
    OSError
        If the disk refuses.
    """
    import pooch
    import requests

    shown = _CREDENTIALS.sub("***@", url)
    pooch.get_logger().setLevel("CRITICAL")
    answers: list[Any] = []
    came: list[_Counted] = []

    def watch(answer: Any, **_: Any) -> None:
        answers.append(answer)
        refuse_downgrade(answer)

    def bring(address: str, path: str, pup: Any) -> None:
        with Path(path).open("wb") as file:
            came.append(_Counted(file, shown))
            pooch.HTTPDownloader(timeout=timeout, hooks={"response": watch})(address, came[-1], pup)

    try:
        path = Path(pooch.retrieve(url, f"sha256:{sha256}", fname="original", path=folder, downloader=bring))
        content = path.read_bytes()
        path.unlink()
    except requests.RequestException as error:
        raise FetchError(
            what="this original could not be brought",
            where=shown,
            got=_brief(error, timeout),
            happened="nothing was kept",
            todo="look whether the address answers, then try again; `mirror` names another server",
        ) from error
    except ValueError as error:
        raise FetchError(
            what="the file that came is not the one that is pinned",
            where=shown,
            expected=f"sha256 {sha256}",
            got=f"sha256 {came[-1].sha256.hexdigest()}, {came[-1].size:,} bytes" if came else error,
            happened="it was deleted; nothing was kept",
            todo="try again, for a file cut short has another hash; if it stays so, it was changed after it was pinned",
        ) from error
    finally:
        for answer in answers:
            answer.close()
    return content


def refuse_downgrade(answer: Any) -> None:
    """Raise `FetchError` if an answer over https sends on to an address that is not https."""
    target = urljoin(answer.url, answer.headers.get("location", ""))
    if answer.is_redirect and urlsplit(answer.url).scheme == "https" and urlsplit(target).scheme != "https":
        raise FetchError(
            what="the server sends on to an address without encryption",
            where=_CREDENTIALS.sub("***@", answer.url),
            expected="https",
            got=_CREDENTIALS.sub("***@", target),
            happened="it was not followed; nothing was kept",
            todo="look at what stands between this machine and the server, or name another with `mirror`",
        )


def _brief(error: Any, timeout: float) -> str:
    import requests

    if isinstance(error, requests.HTTPError):
        return f"status {error.response.status_code}"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"no answer within {timeout:g} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer was cut short"
    if isinstance(error, requests.exceptions.SSLError):
        return "the encryption could not be trusted"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
