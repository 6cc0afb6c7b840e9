"""A contract's rules compiled to SQL predicates over a relation that has the table's typed columns.

The check is one scan whatever the number of rules: `any_broken` for the usual case in which no row breaks any. Only the
rows that do are asked rule by rule.
"""

from dataclasses import dataclass

import duckdb

from pipelines.contracts.odcs import Column, Contract, Table
from pipelines.contracts.sql import identifier, text, texts
from pipelines.contracts.types import duckdb_type
from pipelines.failures import ContractError, first_line


@dataclass(frozen=True)
class Rule:
    """One rule: `broken` is SQL that is true for a row that breaks it, `message` is SQL of the sentence for that row.

    `requires` is the column that the rule wants to be there, if that is the rule.
    """

    name: str
    broken: str
    message: str
    requires: str | None = None


def rules_of(table: Table) -> tuple[Rule, ...]:
    """All rules of a table: required, pattern, allowed values and minimum by column, then the rules of the row."""
    rules: list[Rule] = []
    for column in table.columns:
        rules += _column_rules(column)
    for rule in table.quality:
        rules.append(Rule(rule.name, f"not ({rule.implementation})", text(rule.description.rstrip("."))))
    return tuple(rules)


def any_broken(rules: tuple[Rule, ...]) -> str:
    """SQL that is true for a row that breaks a rule; a comparison with null breaks none."""
    return " or ".join(f"coalesce({rule.broken}, false)" for rule in rules) or "false"


def check_rules(contract: Contract) -> None:
    """Bind every rule to its table's columns, or raise a ContractError that names object, rule and what is wrong."""
    with duckdb.connect() as connection:
        for table in contract.tables:
            rules = rules_of(table)
            # All at once: one by one, the rules of a whole contract cost every run a fifth of a second.
            if not rules or _refusal(connection, table, rules) is None:
                continue
            for rule in rules:
                refusal = _refusal(connection, table, (rule,))
                if refusal is not None:
                    raise ContractError(
                        f"Contract {contract.id}, object '{table.name}', rule '{rule.name}' is not a predicate over "
                        f"its properties: {refusal}"
                    )


def _refusal(connection: duckdb.DuckDBPyConnection, table: Table, rules: tuple[Rule, ...]) -> str | None:
    """What DuckDB says against these rules over the table's columns, or None."""
    columns = ", ".join(f"cast(null as {duckdb_type(c)}) as {identifier(c.name)}" for c in table.columns)
    asked = ", ".join(f"{rule.broken}, {rule.message}" for rule in rules)
    try:
        connection.execute(f"explain select {asked} from (select {columns}) where false")
    except duckdb.Error as error:
        return first_line(error)
    return None


def _column_rules(column: Column) -> list[Rule]:
    name, rules = identifier(column.name), []
    if column.required:
        missing = text(f"{column.name} is missing")
        rules.append(Rule(f"{column.name}_required", f"{name} is null", missing, requires=column.name))
    if column.limits.pattern is not None:
        pattern = column.limits.pattern
        broken = f"not regexp_matches({name}, {text(pattern)})"
        rules.append(Rule(f"{column.name}_pattern", broken, _given(column, f"does not match {pattern}")))
    if column.limits.minimum is not None:
        least = column.limits.minimum
        rules.append(Rule(f"{column.name}_minimum", f"{name} < {least}", _given(column, f"is below {least}")))
    for rule in column.quality:
        allowed = rule.arguments.valid_values
        broken = f"{name} not in ({texts(allowed)})"
        rules.append(Rule(f"{column.name}_allowed", broken, _given(column, f"is not one of {', '.join(allowed)}")))
    return rules


def _given(column: Column, complaint: str) -> str:
    value = f"coalesce(cast({identifier(column.name)} as varchar), 'null')"
    return f"{text(column.name + ' ')} || {value} || {text(' ' + complaint)}"
