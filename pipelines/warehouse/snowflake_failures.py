"""What Snowflake and its client say when something is wrong, in one sentence for a person."""

import re

from pipelines.config import Settings
from pipelines.failures import ConfigurationError, WarehouseConflict, WarehouseError, shortened

# Numbers of the service (https://docs.snowflake.com, and the client's errorcode.py); text is matched where the client
# drops the number and keeps the words.
_NO_WAREHOUSE = 606
_SUSPENDED = (608, 90073)
_CANCELLED_BY_LIMIT = (604, 630)
_NOT_THERE = (2003, 2043)
_NOT_ALLOWED = (3001, 3540)
_ACCOUNT_SUSPENDED = (666, 667)
_STAGE = (253003, 253006, 253007, 253001, 253002)
_LOST = (250003, 250001, 250002, 390112, 390114, 390111)
_NOT_A_VALUE = (100035, 100038, 100040, 100046, 100069, 100071, 100078, 100096, 100097, 100132)
_CONFLICT = (625, 200003)


def connecting(error: Exception, settings: Settings) -> ConfigurationError | WarehouseError:
    """Why no connection could be made."""
    it, said = settings.snowflake, _words(error)
    number = getattr(error, "errno", None)
    where = f"account {it.account}" + (f" at {it.host}" if it.host else "")
    if "role" in said.lower() and "connect string" in said:
        return ConfigurationError(
            f"Snowflake does not let user {it.user} take role {it.role}: grant it to the user, or correct "
            f"snowflake.role (BOOMERANG_SNOWFLAKE__ROLE)."
        )
    if "jwt" in said.lower() or number == 390144:
        return ConfigurationError(
            f"Snowflake refused the key of user {it.user}, or there is no such user in {where}: check snowflake.user "
            f"and that the public half of the key is set on it (alter user .. set rsa_public_key)."
        )
    if "incorrect username" in said.lower() or "user temporarily locked" in said.lower():
        return ConfigurationError(
            f"Snowflake does not know user {it.user} in {where}, or has locked it: check snowflake.user and "
            f"snowflake.account."
        )
    if number == 290404 or re.search(r"\b404\b", said) or "name resolution" in said.lower():
        return ConfigurationError(
            f"There is no Snowflake {where}: check snowflake.account, which is written 'organisation-account'"
            f"{', and snowflake.host' if it.host else ''}."
        )
    if number in _ACCOUNT_SUSPENDED or "suspended" in said.lower():
        return WarehouseError(f"Snowflake has suspended {where} ({said}); settle that with Snowflake, then run again.")
    if number == 290403 or re.search(r"\b403\b", said) or "not allowed to access snowflake" in said.lower():
        return ConfigurationError(
            f"Snowflake {where} does not let this machine in ({said}): check the account's network policy, "
            f"snowflake.account and snowflake.host."
        )
    return WarehouseError(f"Snowflake {where} cannot be reached ({said}); check the network, then run again.")


def choosing(error: Exception, settings: Settings, what: str) -> ConfigurationError | WarehouseError:
    """Why a `warehouse` or `database` of the settings cannot be used."""
    if getattr(error, "errno", None) not in (*_NOT_THERE, *_NOT_ALLOWED):
        return running(error, settings, f"use {what}")
    name, role = getattr(settings.snowflake, what), settings.snowflake.role
    return ConfigurationError(
        f"Snowflake has no {what} {name}, or {f'role {role}' if role else 'the default role of the user'} may not use "
        f"it: create it or grant usage on it, or correct snowflake.{what} (BOOMERANG_SNOWFLAKE__{what.upper()})."
    )


def running(error: Exception, settings: Settings, statement: str) -> WarehouseError:
    """Why a statement did not run. What its transaction had written is undone."""
    it, said, number = settings.snowflake, _words(error), getattr(error, "errno", None)
    doing = shortened(statement)
    if number in _SUSPENDED or ("suspended" in said.lower() and "warehouse" in said.lower()):
        return WarehouseError(
            f"Snowflake's warehouse {it.warehouse} is suspended or over its quota ({said}); raise the quota of its "
            f"resource monitor or resume it, then run again."
        )
    if number == _NO_WAREHOUSE:
        return WarehouseError(
            f"Snowflake's warehouse {it.warehouse} does not run and may not be resumed by role {it.role}: grant usage "
            f"and operate on it, or set auto_resume, then run again."
        )
    if number in _CANCELLED_BY_LIMIT:
        return WarehouseError(
            f"Snowflake cancelled a statement ({doing}): {said}; raise snowflake.statement_timeout_seconds or the "
            f"warehouse's own limit, or take a larger warehouse, then run again."
        )
    if number in _ACCOUNT_SUSPENDED:
        return WarehouseError(f"Snowflake has suspended account {it.account} ({said}); settle that, then run again.")
    if number in _STAGE or doing.lower().startswith("put"):
        return WarehouseError(
            f"Snowflake's stage refused a file ({said}); check that the role may write to it"
            f"{f' (snowflake.stage = {it.stage})' if it.stage else ''}, then run again."
        )
    if number in _NOT_ALLOWED:
        return WarehouseError(
            f"Role {it.role or 'of the user'} may not do this in database {it.database} ({doing}): {said}; grant it, "
            f"then run again."
        )
    if number in _NOT_THERE:
        return WarehouseError(
            f"Snowflake finds no such object in database {it.database}, or the role may not see it ({doing}): {said}."
        )
    if number in _NOT_A_VALUE:
        return WarehouseError(f"Snowflake cannot hold a value in the column's type ({doing}): {said}.")
    if number in _CONFLICT:
        return WarehouseConflict(
            f"Another run holds rows that this one was to write ({doing}): {said}; nothing of it is written, run again."
        )
    if number in _LOST:
        return WarehouseError(
            f"The connection to Snowflake was lost ({said}); what was not committed is undone, run again."
        )
    return WarehouseError(f"Snowflake refused a statement ({doing}): {said}.")


def _words(error: Exception) -> str:
    """What was said, on one line and without the numbers in front and the ids behind."""
    text = str(getattr(error, "msg", None) or error)
    text = " ".join(line.strip() for line in text.splitlines() if line.strip())
    text = re.sub(r"^(\d{6} \(\w+\): )+", "", text)
    text = re.sub(r"^[0-9a-f-]{36}: ", "", text)
    return text[:400].rstrip(".")
