{#-
    The days that a fact's rows lie on are noted whenever the fact changes: those of the rows it deletes, since nobody
    knows them afterwards, and those of the rows it writes. What is summed by day is then summed anew for these days.

    The notes stand beside the fact as `<fact>__changed_days` (shop, day, noted_at: when the run began). They are written
    before rows are deleted, so that a run that is interrupted has noted too much rather than too little. A full build
    begins them anew with all days; whoever has read older notes only then reads everything.

    Used in a fact as `changed_orders_hooks(marks, day='<column>')` and `post_hook=note_days_hook('<column>')`, and in a
    report as `pre_hook=changed_days_hooks(['<fact>', ...], '<column>')` with a column `built_at`.
-#}
{% macro changed_days_of(fact) -%}
    {{ return(fact.incorporate(path={'identifier': fact.identifier ~ '__changed_days'}, type='table')) }}
{%- endmacro %}


{% macro note_days_hook(day) -%}
    {{ return("{{ note_changed_days('" ~ day ~ "') }}") }}
{%- endmacro %}


{#- On an increment the days of changed orders, as the fact holds them now; on a full build all. -#}
{% macro note_changed_days(day) -%}
    {%- if is_incremental() %}
    insert into {{ changed_days_of(this) }} (shop, day, noted_at)
    {%- else %}
    create or replace table {{ changed_days_of(this) }} as
    {%- endif %}
    select distinct
        shop,
        {{ day }} as day,
        {{ built_now() }} as noted_at
    from {{ this }}
    where {{ day }} is not null and {{ is_of_changed_order(this.identifier) }}
{%- endmacro %}


{% macro changed_days_hooks(facts, day) -%}
    {%- for fact in facts -%}
    {%- do ref(fact) -%}
    {%- endfor -%}
    {{ return([
        "{{ collect_changed_days(" ~ (facts | tojson) ~ ", '" ~ day ~ "') }}",
        "{{ delete_changed_days('" ~ day ~ "') }}",
    ]) }}
{%- endmacro %}


{#- All days that this report or the facts have, if the facts were built in full since the report read them. -#}
{% macro collect_changed_days(facts, day) -%}
    {%- if is_incremental() %}
    {%- set read_until = newest(this, 'built_at') %}
    {{ create_scratch(changed_days_table()) }}
    select distinct
        shop,
        day
    from (
    {%- for fact in facts %}
        select
            shop,
            day
        from {{ changed_days_of(ref(fact)) }}
        where noted_at > {{ read_until }}
        union all
    {%- endfor %}
        select
            shop,
            {{ day }} as day
        from {{ this }}
        where
            {%- for fact in facts %}
            {{ read_until }} < {{ newest(changed_days_of(ref(fact)), 'noted_at', 'min') }}
            {{- ' or' if not loop.last }}
            {%- endfor %}
    ) as changes
    {%- endif %}
{%- endmacro %}


{% macro delete_changed_days(day) -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where exists (
        select 1
        from {{ changed_days_table() }} as changed
        where changed.shop = {{ this.identifier }}.shop and changed.day = {{ this.identifier }}.{{ day }}
    )
    {%- endif %}
{%- endmacro %}


{#- Whether a row lies on a changed day; true for all on a full build. -#}
{% macro is_on_changed_day(rows, day) -%}
    {%- if is_incremental() -%}
    exists (
        select 1
        from {{ changed_days_table() }} as changed_days
        where changed_days.shop = {{ rows }}.shop and changed_days.day = {{ rows }}.{{ day }}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{% macro changed_days_table() -%}
    {{ return(scratch_relation('days_to_sum')) }}
{%- endmacro %}
