-- One row per billing month x team of chargeback_phases.csv whose line holds on the month's first day: the phase
-- that it is to be in and the one it is in. A move up waits for the gate, which measures the last month that is
-- closed before: of the money that a request or credential can own (tax, credits, fees and rounding are nobody's
-- fault) enough has a team, and little of it is usage that nobody logged; enough months are closed; the team
-- disputes nothing. An override lets it pass. Until then the team stays in its phase of the last closed month, or
-- showback. Of a closed month it is what its ledger says.
{%- set phases = var('phases') %}
{%- set closed_needed, owned_needed, unlogged_most = 3, 95, '0.5' %}
with asked as (
    select * from {{ source('landing', 'chargeback_phases') }}
),

disputes as (
    select * from {{ source('landing', 'disputes') }}
),

closed_months as (
    select * from {{ source('ledger', 'closed_months') }}
),

closed_phases as (
    select * from {{ source('ledger', 'closed_phases') }}
),

closed_lines as (
    select * from {{ source('ledger', 'closed_lines') }}
),

months as (
    select distinct billing_month from {{ ref('mart_reconciliation_monthly') }}
),

open_months as (
    select
        months.billing_month,
        count(closed_months.billing_month) as closed_months,
        max(closed_months.billing_month) as measured_month
    from months
    left join closed_months on closed_months.billing_month < months.billing_month
    where months.billing_month not in (select billing_month from closed_months)
    group by months.billing_month
),

measured as (
    select
        billing_month,
        coalesce(cast(sum({{ to_pico('amount') }}) as decimal(38, 0)), 0) as total_pico,
        coalesce(
            cast(sum({{ to_pico('amount') }}) filter (where team <> '__unallocated__') as decimal(38, 0)), 0
        ) as owned_pico,
        coalesce(
            cast(
                sum({{ to_pico('amount') }}) filter (
                    where
                        team = '__unallocated__'
                        and residual_cause in ('outside_gateway', 'unlogged_usage', 'unparsed')
                ) as decimal(38, 0)
            ), 0
        ) as unlogged_pico
    from closed_lines
    where
        billing_month in (select measured_month from open_months)
        and component in ('direct', 'residual')
        and coalesce(residual_cause, '') not in ('tax', 'credit', 'fee', 'rounding')
    group by billing_month
),

disputed as (
    select
        lower(team_id) as team_key,
        count(*) as open_disputes
    from disputes
    where resolved_at is null
    group by lower(team_id)
),

in_force as (
    select
        open_months.*,
        asked.team_id as team,
        asked.phase as asked_phase,
        asked.override_by,
        asked.override_reason
    from open_months
    inner join asked on asked.valid_from <= open_months.billing_month
    qualify row_number() over (
        partition by open_months.billing_month, lower(asked.team_id) order by asked.valid_from desc nulls last
    ) = 1
),

before as (
    select
        in_force.billing_month,
        in_force.team,
        max_by(closed_phases.phase, closed_phases.billing_month) as phase
    from in_force
    inner join closed_phases
        on
            lower(in_force.team) = lower(closed_phases.team)
            and closed_phases.billing_month < in_force.billing_month
    group by in_force.billing_month, in_force.team
),

gated as (
    select
        in_force.*,
        coalesce(before.phase, '{{ phases[0] }}') as phase_before,
        coalesce(disputed.open_disputes, 0) as open_disputes,
        coalesce(measured.total_pico, 0) as total_pico,
        coalesce(measured.owned_pico, 0) as owned_pico,
        coalesce(measured.unlogged_pico, 0) as unlogged_pico,
        {{ percent_of('measured.owned_pico', 'measured.total_pico') }} as owned_percent,
        -- rounded up: what is printed as the limit keeps it
        100 - {{ percent_of('(measured.total_pico - measured.unlogged_pico)', 'measured.total_pico') }}
            as unlogged_percent
    from in_force
    left join before
        on in_force.billing_month = before.billing_month and in_force.team = before.team
    left join disputed on lower(in_force.team) = disputed.team_key
    left join measured on in_force.measured_month = measured.billing_month
),

told as (
    select
        *,
        nullif(concat_ws(
            '; ',
            case
                when closed_months < {{ closed_needed }}
                    then concat(closed_months, ' of {{ closed_needed }} months are closed')
            end,
            case
                when measured_month is not null and total_pico <= 0
                    then concat(strftime(measured_month, '%Y-%m'), ' has no money that a team could own')
                when measured_month is not null and owned_pico * 100 < total_pico * {{ owned_needed }}
                    then concat(
                        'of the dollars of ', strftime(measured_month, '%Y-%m'), ' ', owned_percent,
                        ' % have a team by request or credential, {{ owned_needed }} % are needed'
                    )
            end,
            case
                when measured_month is not null and total_pico > 0 and unlogged_pico * 100 > total_pico * {{ unlogged_most }}
                    then concat(
                        'of the dollars of ', strftime(measured_month, '%Y-%m'), ' ', unlogged_percent,
                        ' % are usage that no log has and no team owns, at most {{ unlogged_most }} % may be'
                    )
            end,
            case
                when open_disputes = 1 then 'the team has an open dispute'
                when open_disputes > 1 then concat('the team has ', open_disputes, ' open disputes')
            end
        ), '') as gate_says
    from gated
),

ranked as (
    select
        *,
        list_position({{ phases }}, asked_phase) > list_position({{ phases }}, phase_before) as moves_up
    from told
),

final as (
    select
        billing_month,
        team,
        asked_phase,
        case
            when moves_up and gate_says is not null and override_by is null then phase_before
            else asked_phase
        end as phase,
        case when moves_up then gate_says end as gate_says,
        override_by,
        override_reason,
        closed_months,
        measured_month,
        cast(owned_percent as decimal(18, 2)) as owned_percent,
        cast(unlogged_percent as decimal(18, 2)) as unlogged_percent,
        open_disputes
    from ranked
    union all
    select
        billing_month,
        team,
        asked_phase,
        phase,
        gate_says,
        override_by,
        override_reason,
        closed_months,
        measured_month,
        owned_percent,
        unlogged_percent,
        open_disputes
    from closed_phases
)

select * from final
