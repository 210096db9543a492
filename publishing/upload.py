"""A folder → a repository of the Hub: one commit if something changed, none if not."""

from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

# What an earlier upload may have left and a loader would read beside the new files; a page is replaced whole.
STALE = {"model": ["*.safetensors", "*.py"], "dataset": ["*.parquet"], "space": ["*"]}
_MESSAGES = {
    "model": "Publish weights, code and card",
    "dataset": "Publish shards and card",
    "space": "Publish the page",
}


@dataclass(frozen=True)
class Upload:
    """What an upload did: the address, and the commit's address if there was a commit."""

    address: str
    commit: str | None


def login(api: HfApi, namespace: str) -> None:
    """Check before any work that the Hub knows the token and that it may write to the namespace.

    Raises:
        PermissionError: no token, one that the Hub does not know, or one of somebody else.
    """
    help_text = "make a token with write access on the Hub's settings page and run `hf auth login` or set HF_TOKEN"
    try:
        me = api.whoami()
    except LocalTokenNotFoundError as error:
        raise PermissionError(f"no token of the Hub was found: {help_text}") from error
    except HfHubHTTPError as error:
        if error.response.status_code != 401:
            raise
        raise PermissionError(f"the Hub does not know this token: {help_text}") from error
    spaces = [me["name"], *(organization["name"] for organization in me.get("orgs", []))]
    if namespace not in spaces:
        raise PermissionError(
            f"this token is for {', '.join(spaces)}, not for {namespace}: change --namespace or token"
        )


def upload(
    api: HfApi, folder: Path, repository: str, kind: str, revision: str = "main", private: bool = False
) -> Upload:
    """Make `repository` hold the files of `folder`. Run again after a failure: what arrived is not sent twice.

    Args:
        folder: its hidden files stay here. Files of other names that the repository holds stay there, save `STALE`
            ones.
        kind: `"model"`, `"dataset"` or `"space"` (a static one).
        revision: branch, made from main if it does not exist.
        private: for a repository that does not exist yet.

    Raises:
        RuntimeError: somebody else changed the repository at the same time.
    """
    try:
        sdk = "static" if kind == "space" else None
        api.create_repo(repository, repo_type=kind, private=private, space_sdk=sdk, exist_ok=True)
        if revision != "main":
            api.create_branch(repository, branch=revision, repo_type=kind, exist_ok=True)
        before = api.repo_info(repository, repo_type=kind, revision=revision).sha
        commit = api.upload_folder(
            repo_id=repository,
            repo_type=kind,
            folder_path=folder,
            revision=revision,
            parent_commit=before,
            ignore_patterns=[".*", "*/.*"],
            delete_patterns=STALE[kind],
            commit_message=_MESSAGES[kind],
        )
    except HfHubHTTPError as error:
        if error.response.status_code not in (409, 412):
            raise
        raise RuntimeError(
            f"{repository} was changed by somebody else during the upload: look at it, then run this again"
        ) from error
    return Upload(_address(api, repository, kind, revision), None if commit.oid == before else commit.commit_url)


def upload_script(api: HfApi, script: Path, repository: str) -> Upload:
    """Put a loading script for `datasets` 3 on the branch `script`; later versions refuse a main branch with one."""
    api.create_branch(repository, branch="script", repo_type="dataset", exist_ok=True)
    before = api.repo_info(repository, repo_type="dataset", revision="script").sha
    commit = api.upload_file(
        path_or_fileobj=script,
        path_in_repo=script.name,
        repo_id=repository,
        repo_type="dataset",
        revision="script",
        parent_commit=before,
        commit_message="Loading script for datasets 3",
    )
    return Upload(_address(api, repository, "dataset", "script"), None if commit.oid == before else commit.commit_url)


def _address(api: HfApi, repository: str, kind: str, revision: str) -> str:
    prefix = "" if kind == "model" else f"{kind}s/"
    return f"{api.endpoint}/{prefix}{repository}" + (f"/tree/{revision}" if revision != "main" else "")
