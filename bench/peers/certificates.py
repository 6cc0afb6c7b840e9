"""A throw-away certificate authority: it vouches for the stand-in and only the measured trust it."""

from pathlib import Path

import trustme

HOSTS = "*.myshopify.com"


def make(folder: Path) -> tuple[Path, Path]:
    """Write the authority's certificate and the server's key with its certificate; the paths of both."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="Boomerang bench, valid on this machine for one run")
    trusted, server = folder / "authority.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(trusted))
    authority.issue_cert(HOSTS).private_key_and_cert_chain_pem.write_to_path(str(server))
    return trusted, server
