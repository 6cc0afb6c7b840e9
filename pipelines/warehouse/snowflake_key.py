"""The private key of Snowflake's key pair: from its file, or from the environment."""

import textwrap

from cryptography.hazmat.primitives import serialization

from pipelines.failures import ConfigurationError
from pipelines.warehouse_settings import Snowflake


def key_text(settings: Snowflake) -> str:
    """The key as PEM text, still under its passphrase.

    The environment may hold the text with escaped line ends, or only its base64 body. Raises ConfigurationError when
    the file cannot be read.
    """
    if settings.private_key is not None:
        text = settings.private_key.get_secret_value().replace("\\n", "\n").strip()
        if text.startswith("-----BEGIN"):
            return text + "\n"
        kind = "ENCRYPTED PRIVATE KEY" if settings.private_key_passphrase else "PRIVATE KEY"
        body = "\n".join(textwrap.wrap("".join(text.split()), 64))
        return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"
    path = settings.private_key_path
    if path is None:
        raise ConfigurationError(
            "Setting snowflake.private_key_path is missing: set BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PATH to its file."
        )
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no PEM text"
        raise ConfigurationError(
            f"Snowflake's private key {path} cannot be read ({why}): correct snowflake.private_key_path "
            f"(BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PATH)."
        ) from None


def key_bytes(settings: Snowflake) -> bytes:
    """The key as the client takes it (DER, no passphrase). Raises ConfigurationError when it cannot be opened."""
    secret = settings.private_key_passphrase
    where = f"file {settings.private_key_path}" if settings.private_key is None else "BOOMERANG_SNOWFLAKE__PRIVATE_KEY"
    try:
        key = serialization.load_pem_private_key(
            key_text(settings).encode(), secret.get_secret_value().encode() if secret else None
        )
    except TypeError:  # one of key and passphrase came without the other
        raise ConfigurationError(
            f"Snowflake's private key ({where}) is {'not ' if secret else ''}encrypted: "
            f"{'leave out' if secret else 'set'} BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PASSPHRASE."
        ) from None
    except ValueError:
        raise ConfigurationError(
            f"Snowflake's private key ({where}) cannot be opened: it must be an RSA key in PEM (PKCS 8)"
            f"{', and BOOMERANG_SNOWFLAKE__PRIVATE_KEY_PASSPHRASE must be its passphrase' if secret else ''}."
        ) from None
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
